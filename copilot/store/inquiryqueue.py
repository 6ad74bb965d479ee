"""What is written, across clients: for the door it comes in by, operators and workers."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Update, or_, select, update

from copilot.store.database import Database
from copilot.store.inlets import inlet_of
from copilot.store.inquiries import inquiry_of, inquiry_query
from copilot.store.records.inquiries import Inlet, Inquiry, ReplyState
from copilot.store.tables.clients import clients
from copilot.store.tables.inquiries import inlets, inquiries

PAGE = 100
OPEN_AGAIN = ("closed_at", "taken_by", "taken_by_name", "taken_at")


class Inquiries:
    """Every client's inquiries."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def inlet(self, value: str) -> Inlet | None:
        """Whose address or form it is; null for nobody's, and for a disabled client's."""
        query = (
            select(inlets)
            .join(clients, clients.c.id == inlets.c.client_id)
            .where(inlets.c.value == value, clients.c.disabled.is_(False))
        )
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else inlet_of(row)

    async def open_ones(self, *, limit: int = PAGE) -> tuple[Inquiry, ...]:
        """What nobody has handled, the longest waiting first."""
        query = (
            inquiry_query()
            .where(inquiries.c.closed_at.is_(None))
            .order_by(inquiries.c.received_at, inquiries.c.call_id)
            .limit(limit)
        )
        async with self._database.reading() as connection:
            rows = await self._database.vault.open(
                connection, inquiries, (await connection.execute(query)).all()
            )
        return tuple(inquiry_of(row) for row in rows)

    async def claim_unprepared(self, *, at: datetime, lease_s: float) -> tuple[str, str] | None:
        """The client and call of something nobody has drafted yet, for `lease_s`."""
        waits = (
            select(inquiries.c.client_id, inquiries.c.call_id)
            .where(
                inquiries.c.prepared_at.is_(None),
                or_(inquiries.c.claim_until.is_(None), inquiries.c.claim_until < at),
            )
            .order_by(inquiries.c.received_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        async with self._database.writing() as connection:
            row = (await connection.execute(waits)).one_or_none()
            if row is None:
                return None
            until = at + timedelta(seconds=lease_s)
            await connection.execute(_row(row.client_id, row.call_id).values(claim_until=until))
        return row.client_id, row.call_id

    async def mark_prepared(self, client_id: str, call_id: str, *, at: datetime) -> None:
        async with self._database.writing() as connection:
            await connection.execute(_row(client_id, call_id).values(prepared_at=at))

    async def claim_reply(self, *, at: datetime, lease_s: float) -> Inquiry | None:
        """A reply that is due, for `lease_s`."""
        due = (
            select(inquiries.c.client_id, inquiries.c.call_id, inquiries.c.reply_attempts)
            .where(inquiries.c.reply_state == "pending", inquiries.c.reply_next_at <= at)
            .order_by(inquiries.c.reply_next_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        async with self._database.writing() as connection:
            row = (await connection.execute(due)).one_or_none()
            if row is None:
                return None
            claimed = {
                "reply_next_at": at + timedelta(seconds=lease_s),
                "reply_attempts": row.reply_attempts + 1,
            }
            await connection.execute(_row(row.client_id, row.call_id).values(**claimed))
            query = inquiry_query().where(
                inquiries.c.client_id == row.client_id, inquiries.c.call_id == row.call_id
            )
            rows = await self._database.vault.open(
                connection, inquiries, (await connection.execute(query)).all()
            )
        return inquiry_of(rows[0])

    async def settle_reply(
        self,
        inquiry: Inquiry,
        state: ReplyState,
        *,
        at: datetime,
        error: str | None = None,
        again_at: datetime | None = None,
    ) -> None:
        """What became of a try. One that another worker took over meanwhile is left alone."""
        mine = _row(inquiry.client_id, inquiry.call_id).where(
            inquiries.c.reply_attempts == inquiry.reply_attempts
        )
        values = {
            "reply_state": state,
            "reply_error": error,
            "reply_next_at": again_at,
            "replied_at": at if state == "sent" else None,
            # Nobody was answered: it is in the list again, for anybody.
            **(dict.fromkeys(OPEN_AGAIN) if state == "dead" else {}),
        }
        async with self._database.writing() as connection:
            await connection.execute(mine.values(**values))


def _row(client_id: str, call_id: str) -> Update:
    return update(inquiries).where(
        inquiries.c.client_id == client_id, inquiries.c.call_id == call_id
    )
