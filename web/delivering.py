"""What approved messages leave by: channels, the worker, and the links in letters."""

from __future__ import annotations

import logging
from contextlib import AsyncExitStack
from dataclasses import dataclass
from email.utils import parseaddr
from typing import TYPE_CHECKING

from copilot.attempts import AttemptLimiter
from copilot.crm.looking_up import Crms
from copilot.delivery.channel import Channel
from copilot.delivery.letter import Sender
from copilot.delivery.links import MessageLinks
from copilot.delivery.notify import Notifier, NotifyChannel, TextMessageChannel
from copilot.delivery.push import Audience, PeopleOfTheClient, PushChannel, WhoeverIsOnCall
from copilot.delivery.pushkey import PushKey
from copilot.delivery.smtp import EmailChannel, SmtpServer
from copilot.delivery.webhook import WebhookChannel
from copilot.delivery.worker import DeliveryOutcome, DeliveryWorker
from copilot.messageevents import EscalationMoved, MessageDelivered, MessageFailed
from copilot.oncall import ON_CALL_CHANNEL

if TYPE_CHECKING:
    from copilot.escalation import Escalation
    from copilot.journal import Journal
    from copilot.keyfile import Keyring
    from copilot.settings import Settings
    from copilot.store.store import Store

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """The parts of delivery that pages ask for."""

    worker: DeliveryWorker
    teller: Teller
    channels: dict[str, Channel]
    crms: Crms
    links: MessageLinks
    notifier: Notifier
    push: PushChannel
    keyring: Keyring
    email: EmailChannel | None
    sender: Sender
    codes: AttemptLimiter
    """Wrong codes, by link."""
    asked: AttemptLimiter
    """Codes asked for, by link, and trial letters, by person."""


def open_outgoing(
    settings: Settings,
    store: Store,
    journal: Journal,
    keyring: Keyring,
    email: EmailChannel | None,
    public_url: str,
) -> Outgoing:
    """Build the channels; the worker starts when it is entered."""
    notifier = Notifier.open(allow_private=settings.webhook_private)
    channels: dict[str, Channel] = {
        "webhook": WebhookChannel(allow_private=settings.webhook_private),
        "notify": NotifyChannel(notifier, keyring),
    }
    crms = Crms(
        keyring,
        allow_private=settings.webhook_private,
        now=journal.now,
        hubspot=settings.hubspot_url,
    )
    channels["crm"] = crms
    push = channels["push"] = _pushing(PeopleOfTheClient(store=store), settings, keyring, journal)
    on_call = WhoeverIsOnCall(store=store)
    channels[ON_CALL_CHANNEL] = _pushing(on_call, settings, keyring, journal)
    if email:
        channels["email"] = email
    if settings.sms_address:
        channels["sms"] = TextMessageChannel(notifier, settings.sms_address)
    links = MessageLinks(
        key=keyring.derived("message-links"),
        public_url=public_url,
        mailbox=settings.inbox_domain.lower() if settings.inbox_port else "",
    )
    teller = Teller(journal)
    return Outgoing(
        worker=DeliveryWorker(
            store, channels, on_outcome=teller.outcome, on_move=teller.move, links=links
        ),
        teller=teller,
        channels=channels,
        crms=crms,
        links=links,
        notifier=notifier,
        push=push,
        keyring=keyring,
        email=email,
        sender=sender(settings),
        codes=AttemptLimiter(),
        asked=AttemptLimiter(),
    )


def _pushing(
    audience: Audience, settings: Settings, keyring: Keyring, journal: Journal
) -> PushChannel:
    contact = f"mailto:{sender(settings).address}"
    key = PushKey.made_from(keyring.derived("web-push"), contact=contact)
    return PushChannel(audience, key, allow_private=settings.webhook_private, now=journal.now)


class Teller:
    """Puts what became of messages into their calls' logs."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def outcome(self, outcome: DeliveryOutcome) -> None:
        """One try."""
        log = await self._journal.reopen(outcome.client_id, outcome.call_id)
        if outcome.delivered:
            log.tell(
                MessageDelivered(
                    **log.stamp(),
                    message_id=outcome.message_id,
                    channel=outcome.channel,
                    recipient=outcome.recipient,
                    step=outcome.step,
                )
            )
        else:
            log.tell(
                MessageFailed(
                    **log.stamp(),
                    message_id=outcome.message_id,
                    channel=outcome.channel,
                    recipient=outcome.recipient,
                    detail=outcome.detail,
                    final=outcome.final,
                    step=outcome.step,
                )
            )

    async def move(self, escalation: Escalation) -> None:
        """A rung of an escalation, or its end."""
        log = await self._journal.reopen(escalation.client_id, escalation.call_id)
        log.tell(
            EscalationMoved(
                **log.stamp(),
                message_id=escalation.message_id,
                state=escalation.state,
                step=escalation.step,
                steps=len(escalation.rungs),
                contact=escalation.rung.name if escalation.rung else None,
                next_at=escalation.next_at,
            )
        )


def sender(settings: Settings) -> Sender:
    """Whom letters come from."""
    name, address = parseaddr(settings.smtp_from)
    return Sender(address=address, name=name)


async def open_email(
    settings: Settings, stack: AsyncExitStack, *, demonstration: bool
) -> EmailChannel | None:
    """The way to the mail server; null without one."""
    server = await _smtp_server(settings, stack, demonstration=demonstration)
    return EmailChannel(server, sender(settings)) if server else None


async def _smtp_server(
    settings: Settings, stack: AsyncExitStack, *, demonstration: bool
) -> SmtpServer | None:
    if settings.smtp_host:
        return SmtpServer(
            host=settings.smtp_host,
            port=settings.smtp_port,
            username=settings.smtp_user or None,
            password=settings.smtp_password or None,
            security=settings.smtp_tls,
            authority=settings.smtp_ca or None,
        )
    if demonstration:
        from copilot.demo.mailbox import open_mailbox

        port = await stack.enter_async_context(open_mailbox(settings.data_dir / "mail"))
        return SmtpServer(host="127.0.0.1", port=port)
    logger.warning("no mail server is set (SOUFFLEUR_SMTP_HOST): approved messages will wait")
    return None
