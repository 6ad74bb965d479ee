"""What a caller is told of an appointment: a letter with an .ics, or a text message. French.

Where nothing of what was said may travel (a health trade), neither is what the visit is for.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from copilot.agenda.icalendars import invitation
from copilot.agenda.rules import AgendaRules
from copilot.delivery.channel import PermanentFailureError
from copilot.delivery.letter import KEY_HEADER, Sender, message_id, one_line, recipient
from copilot.delivery.shortnote import LONGEST_TEXT, Note
from copilot.delivery.wording import instant
from copilot.store.records.agenda import Appointment, Notice
from copilot.store.records.clients import Client
from copilot.timing import content_of

if TYPE_CHECKING:
    from copilot.delivery.notify import TextMessageChannel
    from copilot.delivery.smtp import EmailChannel

HEADLINES = {
    "booked": "Rendez-vous confirmé",
    "moved": "Rendez-vous déplacé",
    "cancelled": "Rendez-vous annulé",
}
SENTENCES = {
    "booked": "Votre rendez-vous est noté :",
    "moved": "Votre rendez-vous a changé d'heure. Il est maintenant noté :",
    "cancelled": "Votre rendez-vous est annulé :",
}


class NoticePost(Protocol):
    """Takes what callers are told."""

    async def send(
        self, notice: Notice, appointment: Appointment, client: Client, rules: AgendaRules
    ) -> None:
        """Raises `TemporaryFailureError`, `PermanentFailureError`."""
        ...


@dataclass(frozen=True, kw_only=True)
class NoticeChannels:
    """The house's own ways: its mail server, its provider of text messages."""

    email: EmailChannel | None
    sms: TextMessageChannel | None
    sender: Sender

    async def send(
        self, notice: Notice, appointment: Appointment, client: Client, rules: AgendaRules
    ) -> None:
        """Raises `TemporaryFailureError`, `PermanentFailureError`."""
        if notice.channel == "email" and self.email is not None:
            await self.email.post(letter(notice, appointment, client, rules, self.sender))
        elif notice.channel == "sms" and self.sms is not None:
            await self.sms.text(notice.recipient, text(notice, appointment, client, rules))
        else:
            raise PermanentFailureError(f"aucun envoi n'est configuré pour « {notice.channel} »")


def letter(
    notice: Notice, appointment: Appointment, client: Client, rules: AgendaRules, sender: Sender
) -> EmailMessage:
    """The same content for every try. Raises `PermanentFailureError` on no e-mail address."""
    name, when = one_line(client.name), _when(notice, client)
    cancelled = notice.occasion == "cancelled"
    where = () if cancelled or not rules.address else (one_line(rules.address),)
    to_call = f"appelez le {one_line(rules.phone)}" if rules.phone else "appelez-nous"
    purpose = "reprendre un rendez-vous" if cancelled else "déplacer ou annuler ce rendez-vous"
    written = EmailMessage(policy=SMTP)
    written["Subject"] = one_line(f"{HEADLINES[notice.occasion]} – {when} – {name}")
    written["From"] = Address(name, addr_spec=sender.address)
    written["To"] = recipient(notice.recipient)
    written["Date"] = format_datetime(notice.created_at)
    written["Message-ID"] = message_id(notice.id, sender.domain)
    written[KEY_HEADER] = notice.id
    written["Auto-Submitted"] = "auto-generated"
    lines = [
        "Bonjour,",
        SENTENCES[notice.occasion],
        "\n".join(f"  {line}" for line in (when, *_what(appointment, client), name, *where)),
        f"Pour {purpose}, {to_call}.",
        "Cet e-mail est envoyé automatiquement : inutile d'y répondre.",
    ]
    written.set_content("\n\n".join(lines) + "\n")
    method, calendar = invitation(
        notice,
        title=_title(appointment, client),
        organiser=sender.address,
        organiser_name=name,
        place=rules.address,
    )
    written.add_alternative(calendar.decode(), subtype="calendar", params={"method": method})
    written.add_attachment(
        calendar, maintype="application", subtype="ics", filename="rendez-vous.ics"
    )
    return written


def text(notice: Notice, appointment: Appointment, client: Client, rules: AgendaRules) -> Note:
    """For a telephone."""
    coming = notice.occasion != "cancelled"
    parts = [
        f"{one_line(client.name)} : {HEADLINES[notice.occasion].lower()}",
        _when(notice, client),
        *_what(appointment, client),
        *([rules.address] if rules.address and coming else []),
        *([f"pour changer : {rules.phone}" if coming else rules.phone] if rules.phone else []),
    ]
    said = one_line(", ".join(parts)) + "."
    return Note(
        title="", body=said if len(said) <= LONGEST_TEXT else said[: LONGEST_TEXT - 1] + "…"
    )


def _when(notice: Notice, client: Client) -> str:
    return instant(notice.begins_at, ZoneInfo(client.settings.time_zone))


def _what(appointment: Appointment, client: Client) -> tuple[str, ...]:
    if _discreet(client):
        return ()
    return (f"avec {one_line(appointment.practitioner_name)}", one_line(appointment.visit_name))


def _title(appointment: Appointment, client: Client) -> str:
    what = "Rendez-vous" if _discreet(client) else appointment.visit_name
    return one_line(f"{what} – {client.name}")


def _discreet(client: Client) -> bool:
    return content_of(client.settings.delivery, client.sector) == "link"
