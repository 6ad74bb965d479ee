"""What is written to clients: kept whole before it is taken, handled by one person, answered once.

Something written is a call that was over when it came: its text is the transcript, and whatever
holds for calls (message, search, retention, erasure, separation) holds for it.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Update, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from copilot.events import Event
from copilot.store.audit import Act, Actor, append
from copilot.store.calls import CallQueries
from copilot.store.errors import ConflictError, NotFoundError
from copilot.store.records.identifiers import new_id
from copilot.store.records.inquiries import (
    Inquiry,
    InquiryFile,
    NewInquiry,
    ReceivedFile,
)
from copilot.store.tables.calls import calls
from copilot.store.tables.clients import clients
from copilot.store.tables.inquiries import inquiries, inquiry_files

TAKEN_FOR = timedelta(hours=1)
"""How long something taken and left is its taker's alone: nobody answers for whoever went home."""


def _nobody_else_s(user_id: str) -> ColumnElement[bool]:
    return or_(inquiries.c.taken_by.is_(None), inquiries.c.taken_by == user_id)


class InquiryQueries(CallQueries):
    """What was written to the client."""

    async def receive_inquiry(self, new: NewInquiry, events: Sequence[Event]) -> bool:
        """Keep it with its text and files, durable when this returns; false when the same was
        kept before."""
        try:
            async with self._database.writing() as connection:
                if await self._received(connection, new.origin):
                    return False
                await connection.execute(self._insert(calls, _call_row(new)))
                row = _inquiry_row(new)
                sealed = await self._seal(connection, inquiries, row)
                await connection.execute(self._insert(inquiries, *sealed))
                if new.files:
                    files = [_file_row(new.call_id, one) for one in new.files]
                    rows = await self._seal(connection, inquiry_files, *files)
                    await connection.execute(self._insert(inquiry_files, *rows))
                await self._log_events(connection, events)
        except IntegrityError:  # the same letter, taken by another process meanwhile
            return False
        return True

    async def inquiry(self, call_id: str) -> Inquiry:
        """Raises `NotFoundError`."""
        query = inquiry_query().where(
            inquiries.c.client_id == self.client_id, inquiries.c.call_id == call_id
        )
        async with self._database.reading() as connection:
            rows = await self._opened(connection, inquiries, query)
        if not rows:
            raise NotFoundError(f"nothing written is called {call_id!r}")
        return inquiry_of(rows[0])

    async def inquiry_files(self, call_id: str) -> tuple[InquiryFile, ...]:
        """What was attached."""
        query = self._select(inquiry_files).where(inquiry_files.c.call_id == call_id)
        query = query.order_by(inquiry_files.c.id)
        async with self._database.reading() as connection:
            rows = await self._opened(connection, inquiry_files, query)
        return tuple(
            InquiryFile(
                id=row.id, name=row.name, media_type=row.media_type, size_bytes=row.size_bytes
            )
            for row in rows
        )

    async def inquiry_file(self, call_id: str, file_id: str) -> ReceivedFile:
        """Raises `NotFoundError`."""
        query = self._select(inquiry_files).where(
            inquiry_files.c.call_id == call_id, inquiry_files.c.id == file_id
        )
        async with self._database.reading() as connection:
            rows = await self._opened(connection, inquiry_files, query)
        if not rows:
            raise NotFoundError("no such file")
        content = base64.b64decode(rows[0].content)
        return ReceivedFile(name=rows[0].name, media_type=rows[0].media_type, content=content)

    async def take_inquiry(
        self, call_id: str, *, user_id: str, user_name: str, at: datetime
    ) -> Inquiry:
        """One person has it, from another once they had it for `TAKEN_FOR`. Idempotent for them.
        Raises `NotFoundError`, `ConflictError`."""
        free = self._row_of_inquiry(call_id).where(
            _nobody_else_s(user_id) | (inquiries.c.taken_at < at - TAKEN_FOR)
        )
        async with self._database.writing() as connection:
            taken = await connection.execute(
                free.values(taken_by=user_id, taken_by_name=user_name, taken_at=at)
            )
            if taken.rowcount:
                answered = self._update(calls).where(
                    calls.c.id == call_id, calls.c.answered_at.is_(None)
                )
                await connection.execute(
                    answered.values(operator_id=user_id, operator_name=user_name, answered_at=at)
                )
        found = await self.inquiry(call_id)
        if found.taken_by != user_id:
            raise ConflictError(f"taken by {found.taken_by_name}")
        return found

    async def put_inquiry_back(self, call_id: str, *, user_id: str) -> Inquiry:
        """Whoever has it leaves it to others. Idempotent. Raises `NotFoundError`."""
        mine = self._row_of_inquiry(call_id).where(inquiries.c.taken_by == user_id)
        async with self._database.writing() as connection:
            await connection.execute(mine.values(taken_by=None, taken_by_name=None, taken_at=None))
        return await self.inquiry(call_id)

    async def close_inquiry(self, call_id: str, *, actor: Actor, at: datetime) -> Inquiry:
        """It is handled. Idempotent. Raises `NotFoundError`, `ConflictError` when somebody else
        has it."""
        open_ones = self._row_of_inquiry(call_id).where(
            inquiries.c.closed_at.is_(None), _nobody_else_s(actor.id)
        )
        async with self._database.writing() as connection:
            if (await connection.execute(open_ones.values(closed_at=at))).rowcount:
                await self._audit_inquiry(connection, "inquiry.closed", call_id, actor, at)
        found = await self.inquiry(call_id)
        if found.closed_at is None:
            raise ConflictError(f"taken by {found.taken_by_name}")
        return found

    async def approve_reply(
        self, call_id: str, text: str, *, actor: Actor, at: datetime
    ) -> Inquiry:
        """Keep the reply with the intention to send it, and who approved it; it is handled then.

        Idempotent: the first reply stays, unless it could not be sent. Raises `NotFoundError`;
        `ConflictError` when there is nobody to reply to, or somebody else has it.
        """
        before = await self.inquiry(call_id)
        if not before.sender:
            raise ConflictError("no address was given to reply to")
        async with self._database.writing() as connection:
            row = {"call_id": call_id, "reply": text}
            (sealed,) = await self._seal(connection, inquiries, row)
            unanswered = self._row_of_inquiry(call_id).where(
                or_(inquiries.c.reply_state.is_(None), inquiries.c.reply_state == "dead"),
                _nobody_else_s(actor.id),
            )
            changed = await connection.execute(
                unanswered.values(
                    reply=sealed["reply"],
                    reply_state="pending",
                    reply_next_at=at,
                    reply_error=None,
                    replied_by_name=actor.name,
                    closed_at=at,
                )
            )
            if changed.rowcount:
                await self._audit_inquiry(connection, "inquiry.replied", call_id, actor, at)
        found = await self.inquiry(call_id)
        if found.reply_state in (None, "dead"):
            raise ConflictError(f"taken by {found.taken_by_name}")
        return found

    def _row_of_inquiry(self, call_id: str) -> Update:
        return self._update(inquiries).where(inquiries.c.call_id == call_id)

    async def _received(self, connection: AsyncConnection, origin: str) -> bool:
        same = self._select(inquiries, inquiries.c.call_id).where(inquiries.c.origin == origin)
        return (await connection.execute(same)).first() is not None

    async def _audit_inquiry(
        self, connection: AsyncConnection, action: str, call_id: str, actor: Actor, at: datetime
    ) -> None:
        act = Act(actor=actor, action=action, at=at, client_id=self.client_id, subject=call_id)
        await append(connection, self._database.audit_key, act)


def inquiry_query() -> Select[Any]:
    """Inquiries with their client's name. The caller must filter it."""
    return select(
        inquiries,
        clients.c.name.label("client_name"),
        clients.c.colour.label("client_colour"),
    ).select_from(inquiries.join(clients, clients.c.id == inquiries.c.client_id))


def inquiry_of(row: Any) -> Inquiry:
    return Inquiry(**{name: getattr(row, name) for name in Inquiry.__dataclass_fields__})


def _call_row(new: NewInquiry) -> dict[str, Any]:
    return {
        "id": new.call_id,
        "source": new.channel,
        "dialled": "",
        "caller_number": new.phone,
        "caller_name": new.sender_name or new.sender or None,
        "forwarded_from": None,
        "ringing_at": new.received_at,
        "ended_at": new.received_at,
        "duration_s": 0.0,
        "ended_by": "caller",
        "end_reason": "written",
        "has_draft": False,
    }


def _inquiry_row(new: NewInquiry) -> dict[str, Any]:
    return {
        "call_id": new.call_id,
        "channel": new.channel,
        "inlet": new.inlet,
        "origin": new.origin,
        "sender": new.sender,
        "sender_name": new.sender_name,
        "subject": new.subject,
        "reference": new.reference,
        "received_at": new.received_at,
    }


def _file_row(call_id: str, file: ReceivedFile) -> dict[str, Any]:
    return {
        "id": new_id(),
        "call_id": call_id,
        "name": file.name,
        "media_type": file.media_type,
        "size_bytes": len(file.content),
        "content": base64.b64encode(file.content).decode(),
    }
