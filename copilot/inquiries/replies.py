"""Replies to what was written: proposed from the client's own answers, sent once approved."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from copilot.delivery.backoff import Backoff
from copilot.delivery.channel import PermanentFailureError, TemporaryFailureError
from copilot.delivery.letter import Sender, one_line, recipient
from copilot.delivery.smtp import EmailChannel
from copilot.store.errors import ConflictError, StoreError
from copilot.store.records.inquiries import Inquiry, ReplyState
from copilot.store.store import Store

logger = logging.getLogger(__name__)

LEASE_S = 120.0
LONGEST_SLEEP_S = 15.0
TEXTS = {
    "fr": ("Bonjour{name},", "Cordialement,"),
    "en": ("Hello{name},", "Kind regards,"),
}


def proposed_reply(answers: Iterable[str], *, name: str, client_name: str, language: str) -> str:
    """The client's own answers between a greeting and its name: for the operator to correct."""
    hello, goodbye = TEXTS.get(language, TEXTS["fr"])
    once = list(dict.fromkeys(answer.strip() for answer in answers))
    greeting = hello.format(name=f" {name}" if name else "")
    return "\n\n".join([greeting, *once, f"{goodbye}\n{client_name}"])


def write_reply(inquiry: Inquiry, sender: Sender) -> EmailMessage:
    """The letter, always the same for the same reply.

    Raises `PermanentFailureError` when the address is none.
    """
    letter = EmailMessage(policy=SMTP)
    subject = one_line(inquiry.subject)
    again = subject if subject.lower().startswith("re:") else f"Re: {subject}"
    letter["Subject"] = again[:200] if subject else f"Re: {one_line(inquiry.client_name)}"
    letter["From"] = Address(one_line(inquiry.client_name), addr_spec=sender.address)
    letter["To"] = recipient(inquiry.sender)
    if inquiry.channel == "email":
        letter["Reply-To"] = Address(addr_spec=inquiry.inlet)
    letter["Date"] = format_datetime(inquiry.closed_at or inquiry.received_at)
    letter["Message-ID"] = f"<reply-{inquiry.call_id}@{sender.domain}>"
    if inquiry.reference:
        letter["In-Reply-To"] = inquiry.reference
        letter["References"] = inquiry.reference
    letter.set_content(f"{inquiry.reply or ''}\n")
    return letter


class NoMailServerError(ConflictError):
    """No reply can leave."""

    code = "no_mail_server"


class ReplySender:
    """Sends approved replies until they are taken or given up. Use as `async with`."""

    def __init__(
        self,
        store: Store,
        channel: EmailChannel | None,
        sender: Sender,
        *,
        now: Callable[[], datetime],
        backoff: Backoff | None = None,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        """`channel`: null without a mail server: no reply can be approved. `changed` is told what
        became of each try; it must not block."""
        self._store = store
        self._channel = channel
        self._sender = sender
        self._now = now
        self._backoff = backoff or Backoff()
        self._changed = changed
        self._work = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def require_way_out(self) -> None:
        """Raises `NoMailServerError` when an approved reply would wait for ever."""
        if self._channel is None:
            raise NoMailServerError("no mail server is set up")

    def wake(self) -> None:
        """A reply was approved: look now."""
        self._work.set()

    async def __aenter__(self) -> ReplySender:
        if self._channel is not None:
            self._task = asyncio.create_task(self._run(self._channel), name="replies")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self, channel: EmailChannel) -> None:
        while True:
            self._work.clear()
            try:
                if await self._send_next(channel):
                    continue
            except StoreError:
                logger.exception("replies wait: the database does not answer")
            except Exception:  # whatever it is, the next is sent; this one when its lease ends
                logger.exception("replies wait after an unexpected error")
            try:
                async with asyncio.timeout(LONGEST_SLEEP_S):
                    await self._work.wait()
            except TimeoutError:
                continue

    async def _send_next(self, channel: EmailChannel) -> bool:
        at = self._now()
        inquiry = await self._store.inquiries.claim_reply(at=at, lease_s=LEASE_S)
        if inquiry is None:
            return False
        settle = self._store.inquiries.settle_reply
        try:
            async with asyncio.timeout(LEASE_S * 0.8):
                await channel.post(write_reply(inquiry, self._sender))
        except PermanentFailureError as error:
            await settle(inquiry, "dead", at=self._now(), error=str(error))
        except (TemporaryFailureError, TimeoutError) as error:
            again = self._backoff.next_try(
                attempts=inquiry.reply_attempts, key=inquiry.call_id, at=self._now()
            )
            state: ReplyState = "dead" if again is None else "pending"
            said = str(error) or "le serveur d'envoi ne répond pas"
            await settle(inquiry, state, at=self._now(), error=said, again_at=again)
        else:
            await settle(inquiry, "sent", at=self._now())
        self._changed()
        return True
