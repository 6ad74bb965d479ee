"""Answers to delivered messages: whoever answers the letter has taken the message.

The letter's Reply-To names the intention to send it, with a mark that only this house makes. That
is not enough: the answer must also come from whom the letter went to, or from a person of that
client who signs in here, and be somebody's, not a machine's.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Literal

from copilot.delivery.links import LinkOverError, MessageLinks, require_live
from copilot.inquiries.automatic import written_by_somebody
from copilot.inquiries.letter import Letter
from copilot.store.audit import Act, Actor
from copilot.store.errors import NotFoundError
from copilot.store.records.inquiries import MessageReply
from copilot.store.records.messages import Message, OutboxRow
from copilot.store.store import Store

logger = logging.getLogger(__name__)

Outcome = Literal["acknowledged", "ignored", "refused"]
TEXT_CHARS = 5_000


class Acknowledgements:
    """Takes answers to delivered messages."""

    def __init__(
        self,
        store: Store,
        links: MessageLinks,
        *,
        now: Callable[[], datetime],
        told: Callable[[Message], Awaitable[None]],
    ) -> None:
        """`told` is awaited with each message that was just acknowledged."""
        self._store = store
        self._links = links
        self._now = now
        self._told = told

    async def letter_of(self, address: str) -> OutboxRow | None:
        """The intention that an address answers; null for one that is none, or too old."""
        try:
            row = await self._store.receipts.find(self._links.answered(address))
            client = await self._store.for_client(row.client_id).client()
            require_live(row, days=client.settings.delivery.link_days, at=self._now())
        except (LinkOverError, NotFoundError):
            return None
        return None if client.disabled else row

    async def take(self, row: OutboxRow, letter: Letter, envelope_sender: str) -> Outcome:
        """Acknowledge with what was written, durable when this returns. Raises StoreError."""
        if not written_by_somebody(letter, envelope_sender):
            logger.info("an answer of a machine to message %s is left out", row.message_id)
            return "ignored"
        scope = self._store.for_client(row.client_id)
        if not await self._may_answer(row, letter.sender):
            actor = Actor(id=row.id, name=row.recipient, role="link")
            act = Act(actor=actor, action="reply.refused", at=self._now(),
                      client_id=row.client_id, subject=row.message_id)  # fmt: skip
            await self._store.audit.record(act)
            return "refused"
        at = self._now()
        actor = Actor(id=row.id, name=letter.sender, role="link")
        for one in await self._store.receipts.bundled(row):
            before = await scope.message(one.message_id)
            message = await scope.acknowledge_message(
                one.message_id, actor=actor, at=at, item_id=one.id
            )
            reply = MessageReply(
                message_id=one.message_id,
                sender=letter.sender,
                text=letter.text[:TEXT_CHARS],
                at=at,
            )
            if letter.text:
                await scope.add_message_reply(reply, origin=f"{letter.origin[:32]}{one.id[:32]}")
            if before.acknowledged_at is None:
                await self._told(message)
        return "acknowledged"

    async def _may_answer(self, row: OutboxRow, sender: str) -> bool:
        if sender and sender == row.recipient.lower():
            return True
        known = await self._store.people.by_email(sender) if sender else None
        return known is not None and known.user.client_id == row.client_id
