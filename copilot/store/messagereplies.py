"""What a client's people answered to delivered messages."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError

from copilot.store.errors import NotFoundError
from copilot.store.records.identifiers import new_id
from copilot.store.records.inquiries import MessageReply
from copilot.store.scope import Scoped
from copilot.store.tables.inquiries import message_replies
from copilot.store.tables.messages import messages

PAGE = 100


class MessageReplyQueries(Scoped):
    """Answers to the client's messages."""

    async def add_message_reply(self, reply: MessageReply, *, origin: str) -> bool:
        """Keep what somebody answered to a message; false when it was kept before.

        Raises `NotFoundError`.
        """
        mine = self._select(messages, messages.c.call_id).where(messages.c.id == reply.message_id)
        try:
            async with self._database.writing() as connection:
                call_id = (await connection.execute(mine)).scalar_one_or_none()
                if call_id is None:
                    raise NotFoundError(f"no message {reply.message_id!r}")
                row = {
                    "id": new_id(),
                    "message_id": reply.message_id,
                    "call_id": call_id,
                    "origin": origin,
                    "sender": reply.sender,
                    "text": reply.text,
                    "at": reply.at,
                }
                sealed = await self._seal(connection, message_replies, row)
                await connection.execute(self._insert(message_replies, *sealed))
        except IntegrityError:
            return False
        return True

    async def message_replies(self, message_id: str) -> tuple[MessageReply, ...]:
        """What was answered to a message, oldest first."""
        query = self._select(message_replies).where(message_replies.c.message_id == message_id)
        query = query.order_by(message_replies.c.at, message_replies.c.id).limit(PAGE)
        async with self._database.reading() as connection:
            rows = await self._opened(connection, message_replies, query)
        return tuple(
            MessageReply(message_id=row.message_id, sender=row.sender, text=row.text, at=row.at)
            for row in rows
        )
