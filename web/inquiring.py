"""The parts that take in what is written to clients, draft it and send the replies."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta

from copilot.agenda.reaching import Reach
from copilot.attempts import AttemptLimiter
from copilot.bus import Bus
from copilot.inboxevents import InboxChanged
from copilot.inquiries.acknowledging import Acknowledgements
from copilot.inquiries.intake import Intake
from copilot.inquiries.mailboxes import MailboxDoor, MailboxReader
from copilot.inquiries.mailroom import Mailroom, open_mailroom
from copilot.inquiries.preparing import Preparer
from copilot.inquiries.replies import ReplySender
from copilot.journal import Journal
from copilot.messageevents import MessageAcknowledged
from copilot.reception import Assistance
from copilot.settings import Settings
from copilot.store.records.messages import Message
from copilot.store.store import Store
from copilot.viruses import Scanner
from web.appointments import mailbox_tokens
from web.delivering import Outgoing
from web.line import networks
from web.sipaccounts import LineSettingError

POSTS_OF_ONE, POSTS_OF_ALL = 5, 60
"""Posts of a form that cost nothing: from one address, and altogether."""


@dataclass(frozen=True, kw_only=True)
class Inquiries:
    """The parts that routes ask for."""

    intake: Intake
    replies: ReplySender
    mailboxes: MailboxReader
    changed: Callable[[], None]
    """To be told whenever what is written changed: every desk is."""
    domain: str
    """Of clients' addresses; empty where no e-mail comes in."""
    posts_of_one: AttemptLimiter
    posts_of_all: AttemptLimiter


async def open_inquiries(
    settings: Settings,
    stack: AsyncExitStack,
    store: Store,
    journal: Journal,
    assistance: Assistance,
    outgoing: Outgoing,
    bus: Bus,
    *,
    scanner: Scanner | None,
    telephony: bool,
) -> Inquiries:
    """Begin to draft and to send; with `telephony`, open the door for e-mail."""
    now = journal.now

    def changed() -> None:
        bus.publish(InboxChanged(call_id="", seq=0, at=now()))

    preparer = Preparer(store, journal, assistance, now=now, changed=changed)

    def kept() -> None:
        preparer.wake()
        changed()

    intake = Intake(store, now=now, kept=kept, scanner=scanner)
    replies = ReplySender(store, outgoing.email, outgoing.sender, now=now, changed=changed)
    mailboxes = open_mailboxes(settings, store, intake, now=now, changed=changed)
    if telephony:
        await stack.enter_async_context(preparer)
        await stack.enter_async_context(replies)
        await stack.enter_async_context(mailboxes)
        if settings.inbox_port:
            acknowledgements = Acknowledgements(
                store, outgoing.links, now=now, told=lambda one: acknowledged(journal, one)
            )
            await stack.enter_async_context(
                open_mailroom(
                    Mailroom(store, intake, acknowledgements),
                    host=settings.inbox_host,
                    port=settings.inbox_port,
                    most_bytes=settings.inbox_mb * 1024 * 1024,
                )
            )
    return Inquiries(
        intake=intake,
        replies=replies,
        mailboxes=mailboxes,
        changed=changed,
        domain=settings.inbox_domain.lower() if settings.inbox_port else "",
        posts_of_one=AttemptLimiter(free=POSTS_OF_ONE),
        posts_of_all=AttemptLimiter(free=POSTS_OF_ALL, longest_wait=timedelta(minutes=1)),
    )


def open_mailboxes(
    settings: Settings,
    store: Store,
    intake: Intake,
    *,
    now: Callable[[], datetime],
    changed: Callable[[], None],
) -> MailboxReader:
    """The reader of clients' mailboxes; it starts when it is entered. Raises LineSettingError."""
    allowed = networks(settings.mailbox_networks, setting="MAILBOX_NETWORKS")
    door = MailboxDoor(
        most_bytes=settings.inbox_mb * 1024 * 1024,
        permits=Reach(allowed=tuple(allowed)).permits,
        tls=_trusting(settings.mailbox_ca) if settings.mailbox_ca else None,
    )
    tokens = mailbox_tokens(settings, store)
    return MailboxReader(store, door, intake.take_letter, now=now, tokens=tokens, changed=changed)


def _trusting(authority: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=authority)
    except (OSError, ssl.SSLError) as error:
        raise LineSettingError(f"SOUFFLEUR_MAILBOX_CA: {authority}: {error}") from error


async def acknowledged(journal: Journal, message: Message) -> None:
    """Say it in the call's log; the desk and the portal follow it."""
    log = await journal.reopen(message.client_id, message.call_id)
    log.tell(
        MessageAcknowledged(
            **log.stamp(), message_id=message.id, by=message.acknowledged_by_name or ""
        )
    )
