"""The parts of the agenda that pages ask for, and what becomes of appointments in calls' logs."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot.agenda.accounts import Application, CalendarDoor, Providers
from copilot.agenda.booking import Booking, BookingError
from copilot.agenda.consent import Consents
from copilot.agenda.keeper import AgendaKeeper
from copilot.agenda.letters import NoticeChannels
from copilot.agenda.reaching import Reach
from copilot.appointmentevents import AppointmentChanged
from copilot.delivery.channel import PermanentFailureError
from copilot.delivery.letter import recipient
from copilot.delivery.notify import TextMessageChannel
from copilot.inquiries.mailboxconsent import MailboxTokens
from copilot.store.numbering import e164
from copilot.store.records.agenda import NoticeChannel, Provider
from web.composition.places import public_url
from web.cookies import CONSENT_PATH
from web.line import networks

if TYPE_CHECKING:
    from copilot.journal import Journal
    from copilot.settings import Settings
    from copilot.store.records.agenda import Appointment, StoredAccount
    from copilot.store.records.mailboxes import Mailbox
    from copilot.store.store import Store
    from web.delivering import Outgoing


class BadNoticeError(BookingError):
    """The caller cannot be told like that."""

    code = "bad_notice"


@dataclass(frozen=True, kw_only=True)
class Appointments:
    """Booking, the worker behind it, and what calendars are opened with."""

    booking: Booking
    keeper: AgendaKeeper
    door: CalendarDoor
    consents: Consents
    channels: tuple[NoticeChannel, ...]
    """By which callers can be told."""

    def checked(self, tell: Sequence[tuple[NoticeChannel, str]]) -> list[tuple[NoticeChannel, str]]:
        """To whom a confirmation goes, each once. Raises `BadNoticeError`."""
        kept: dict[tuple[NoticeChannel, str], None] = {}
        for channel, to in tell:
            if channel not in self.channels:
                raise BadNoticeError(f"aucun envoi n'est configuré pour « {channel} »")
            kept[channel, _reached(channel, to)] = None
        return list(kept)


def applications(settings: Settings) -> dict[Provider, Application]:
    """The house's own at each provider that it has one at."""
    found: dict[Provider, Application] = {}
    if settings.google_client_id:
        found["google"] = Application(
            client_id=settings.google_client_id, client_secret=settings.google_client_secret
        )
    if settings.microsoft_client_id:
        found["microsoft"] = Application(
            client_id=settings.microsoft_client_id,
            client_secret=settings.microsoft_client_secret,
            tenant=settings.microsoft_tenant,
        )
    return found


def mailbox_tokens(settings: Settings, store: Store) -> MailboxTokens:
    """What mailboxes that are read by consent are opened with. Raises `LineSettingError`."""

    async def keep(mailbox: Mailbox, refresh_token: str) -> None:
        await store.for_client(mailbox.client_id).renew_mailbox_token(mailbox.id, refresh_token)

    return MailboxTokens(
        reach=_reach(settings),
        keep=keep,
        providers=Providers(),
        applications=applications(settings),
    )


def _reach(settings: Settings) -> Reach:
    allowed = networks(settings.agenda_networks, setting="AGENDA_NETWORKS")
    return Reach(allowed=tuple(allowed))


def _reached(channel: NoticeChannel, to: str) -> str:
    if channel == "email":
        try:
            return recipient(to).addr_spec
        except PermanentFailureError as error:
            raise BadNoticeError(str(error)) from error
    number = e164(to)
    if number is None:
        raise BadNoticeError(f"numéro de téléphone incomplet : {to}")
    return number


async def open_appointments(
    settings: Settings,
    stack: AsyncExitStack,
    store: Store,
    journal: Journal,
    outgoing: Outgoing,
) -> Appointments:
    """The worker runs until the stack is left."""

    async def keep(account: StoredAccount) -> None:
        await store.for_client(account.client_id).renew_access(account.id, account.access)

    door = CalendarDoor(
        reach=_reach(settings),
        keep=keep,
        providers=Providers(),
        applications=applications(settings),
    )
    texts = outgoing.channels.get("sms")
    post = NoticeChannels(
        email=outgoing.email,
        sms=texts if isinstance(texts, TextMessageChannel) else None,
        sender=outgoing.sender,
    )

    async def changed(one: Appointment) -> None:
        """Into the log of the call it was taken in."""
        if one.state == "held":
            return
        log = await journal.reopen(one.client_id, one.call_id)
        log.tell(
            AppointmentChanged(
                **log.stamp(),
                appointment_id=one.id,
                state=one.state,
                sync=one.sync,
                begins_at=one.begins_at,
                practitioner=one.practitioner_name,
                visit=one.visit_name,
            )
        )

    keeper = await stack.enter_async_context(
        AgendaKeeper(store, door, post, on_change=changed, now=journal.now)
    )
    channels: list[NoticeChannel] = []
    if post.email is not None:
        channels.append("email")
    if post.sms is not None:
        channels.append("sms")
    return Appointments(
        booking=Booking(
            store=store, door=door, now=journal.now, wake=keeper.wake, on_change=changed
        ),
        keeper=keeper,
        door=door,
        consents=Consents(
            store,
            door,
            key=outgoing.keyring.derived("calendar-consent"),
            redirect_uri=f"{public_url(settings)}{CONSENT_PATH}/answer",
            now=journal.now,
        ),
        channels=tuple(channels),
    )
