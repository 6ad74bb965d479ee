"""A call in a few sentences, made of the message's fields and of what was done. Pure.

It changes with them, in words that need no agreement in gender or number: what nobody said cannot
slip in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from copilot.delivery import wording
from copilot.wrapup.done import Done, Outcome

NOTHING_DONE = Done()
Fields = Mapping[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """How one language tells a call."""

    called: str
    unnamed: str
    called_out: str
    called_out_to: str
    on_behalf: str
    recipient: str
    reason: str
    appointments: Mapping[str, str]
    """To be made, moved, cancelled by the client."""
    settled: Mapping[str, str]
    """Done during the call."""
    transfers: Mapping[Outcome, str]
    callback: str
    at_number: str
    reachable: str
    no_callback: str
    reference: str
    address: str
    urgencies: Mapping[str, str]
    colon: str
    moment: Callable[[str], str]


def summary_of(fields: Fields, *, done: Done = NOTHING_DONE, language: str = "fr") -> str | None:
    """The summary of a message as it stands; None when it says nothing yet."""
    say = ENGLISH if language == "en" else FRENCH
    parts = [
        _urgency(fields, say),
        _called_out(fields, say) if done.outgoing else _who(fields, say),
        _labelled(say.recipient, fields.get("recipient"), say),
        _labelled(say.reason, fields.get("reason"), say),
        *_transfers(done, say),
        _appointment(fields, done, say),
        _callback(fields, say),
        _labelled(say.reference, fields.get("file_number"), say),
        _labelled(say.address, fields.get("address"), say),
    ]
    told = " ".join(part for part in parts if part)
    said = any(value for name, value in fields.items() if name != "urgency")
    return told if said or _transfers(done, say) else None


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _labelled(label: str, value: str | None, say: Phrases) -> str:
    return _sentence(f"{label}{say.colon}{value}") if value else ""


def _urgency(fields: Fields, say: Phrases) -> str:
    return say.urgencies.get(fields.get("urgency") or "", "")


def _who(fields: Fields, say: Phrases) -> str:
    who = _named(fields)
    if who is None:
        return say.unnamed
    behalf = fields.get("on_behalf_of")
    return f"{who} {say.called}{f' {say.on_behalf} {behalf}' if behalf else ''}."


def _called_out(fields: Fields, say: Phrases) -> str:
    who = _named(fields)
    return f"{say.called_out_to} {who}." if who else say.called_out


def _named(fields: Fields) -> str | None:
    name, company = fields.get("caller_name"), fields.get("company")
    return f"{name} ({company})" if name and company else name or company


def _transfers(done: Done, say: Phrases) -> list[str]:
    """Whom the caller was passed to, or could not be."""
    return [
        f"{say.transfers[made.outcome]} {_person(made.to)}."
        for made in done.transfers
        if made.outcome is not None
    ]


def _person(to: str) -> str:
    return wording.telephone(to) if to.startswith("+") else to


def _appointment(fields: Fields, done: Done, say: Phrases) -> str:
    wanted = fields.get("appointment_action") or ""
    reached = "cancelled" if wanted == "annuler" else "booked"
    settled = any(one.state == reached for one in done.appointments)
    action = (say.settled if settled else say.appointments).get(wanted)
    if action is None:
        return ""
    when = fields.get("appointment_when")
    return _sentence(f"{action}{say.colon}{say.moment(when)}" if when else action)


def _callback(fields: Fields, say: Phrases) -> str:
    phone, wanted = fields.get("phone"), fields.get("callback")
    number = wording.telephone(phone) if phone else None
    if wanted == "false":
        told = f"{say.no_callback}."
        return f"{told} {say.reachable}{say.colon}{number}." if number else told
    if wanted != "true":
        return f"{say.reachable}{say.colon}{number}." if number else ""
    when = fields.get("callback_when")
    told = f"{say.callback} {say.at_number} {number}" if number else say.callback
    return _sentence(f"{told}{say.colon}{say.moment(when)}" if when else told)


def _english_moment(value: str) -> str:
    """`2026-03-18T14:00/18:00` to `Wednesday 18 March 2026, 14:00 to 18:00`."""
    first, _, last = value.partition("/")
    told = _english_day(first)
    if not last:
        return told
    return f"{told} to {_english_day(last) if '-' in last else last}"


def _english_day(value: str) -> str:
    day, _, hour = value.partition("T")
    try:
        on = date.fromisoformat(day)
    except ValueError:
        return value
    told = f"{DAYS[on.weekday()]} {on.day} {MONTHS[on.month - 1]} {on.year}"
    return f"{told}, {hour}" if hour else told


DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip

FRENCH = Phrases(
    called="a appelé",
    unnamed="Appel sans nom.",
    called_out="Appel passé.",
    called_out_to="Appel passé à",
    on_behalf="pour",
    recipient="À l'attention de",
    reason="Motif",
    appointments={
        "prendre": "Rendez-vous à prendre",
        "déplacer": "Rendez-vous à déplacer",
        "annuler": "Rendez-vous à annuler",
    },
    settled={
        "prendre": "Rendez-vous pris",
        "déplacer": "Rendez-vous déplacé",
        "annuler": "Rendez-vous annulé",
    },
    transfers={
        "transferred": "Appel transféré à",
        "consulted": "Échange pendant l'appel avec",
        "transfer_failed": "Transfert sans succès à",
    },
    callback="À rappeler",
    at_number="au",
    reachable="Téléphone",
    no_callback="Pas de rappel demandé",
    reference="Référence",
    address="Adresse",
    urgencies={"urgent": "Urgent.", "critique": "Urgence critique."},
    colon=" : ",
    moment=wording.moment,
)
ENGLISH = Phrases(
    called="called",
    unnamed="Call without a name.",
    called_out="Call placed.",
    called_out_to="Call placed to",
    on_behalf="for",
    recipient="For the attention of",
    reason="Reason",
    appointments={
        "prendre": "Appointment to make",
        "déplacer": "Appointment to move",
        "annuler": "Appointment to cancel",
    },
    settled={
        "prendre": "Appointment made",
        "déplacer": "Appointment moved",
        "annuler": "Appointment cancelled",
    },
    transfers={
        "transferred": "Call transferred to",
        "consulted": "Spoken to during the call:",
        "transfer_failed": "Transfer failed to",
    },
    callback="To be called back",
    at_number="at",
    reachable="Telephone",
    no_callback="No call back wanted",
    reference="Reference",
    address="Address",
    urgencies={"urgent": "Urgent.", "critique": "Critical emergency."},
    colon=": ",
    moment=_english_moment,
)
