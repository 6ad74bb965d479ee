"""What a link in a letter leads to: one intention to send, seen by whoever holds the link.

The link is made from the intention's own identifier and a key that is not in the database
(`copilot.delivery.links`): nothing about it is kept but what became of it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update

from copilot.store.audit import Act, Actor
from copilot.store.database import Database
from copilot.store.errors import NotFoundError
from copilot.store.records.messages import OutboxRow
from copilot.store.scope import Scoped
from copilot.store.tables.messages import outbox


class Receipts:
    """Intentions by identifier, across clients."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, item_id: str) -> OutboxRow:
        """Raises `NotFoundError`: whoever was sent it may be erased since."""
        query = select(outbox).where(outbox.c.id == item_id)
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise NotFoundError("no such link")
        return outbox_row_of(row)

    async def bundled(self, row: OutboxRow) -> tuple[OutboxRow, ...]:
        """Every intention that left in the same letter: of a digest all."""
        mine = select(outbox.c.bundle).where(outbox.c.id == row.id)
        async with self._database.reading() as connection:
            bundle = (await connection.execute(mine)).scalar_one_or_none()
            if bundle is None:
                return (row,)
            same = select(outbox).where(
                outbox.c.client_id == row.client_id, outbox.c.bundle == bundle
            )
            return tuple(outbox_row_of(one) for one in await connection.execute(same))

    async def opened(self, item_id: str, *, at: datetime) -> None:
        """Idempotent: the first time stays."""
        unread = update(outbox).where(outbox.c.id == item_id, outbox.c.read_at.is_(None))
        async with self._database.writing() as connection:
            await connection.execute(unread.values(read_at=at))

    async def take_code(self, item_id: str, slot: int) -> bool:
        """Use up the code of a slot of time; false when it, or a later one, was used."""
        unused = update(outbox).where(
            outbox.c.id == item_id,
            or_(outbox.c.code_slot.is_(None), outbox.c.code_slot < slot),
        )
        async with self._database.writing() as connection:
            return (await connection.execute(unused.values(code_slot=slot))).rowcount == 1


class ReceiptQueries(Scoped):
    """The intentions to send of the client's messages."""

    async def outbox_rows(self, message_id: str) -> tuple[OutboxRow, ...]:
        """The intentions to send a message, as they stand: recipients, then rung by rung."""
        query = (
            self._select(outbox)
            .where(outbox.c.message_id == message_id)
            .order_by(outbox.c.step, outbox.c.channel, outbox.c.recipient)
        )
        async with self._database.reading() as connection:
            rows = await connection.execute(query)
        return tuple(outbox_row_of(row) for row in rows)

    async def mark_read(self, message_id: str, *, at: datetime) -> None:
        """Somebody of the client opened the message on its own page. The first time stays."""
        unread = self._update(outbox).where(
            outbox.c.message_id == message_id, outbox.c.step == 0, outbox.c.read_at.is_(None)
        )
        async with self._database.writing() as connection:
            await connection.execute(unread.values(read_at=at))

    async def revoke_links(self, message_id: str, *, actor: Actor, at: datetime) -> int:
        """No link sent so far opens this message any more; how many did."""
        act = Act(
            actor=actor, action="links.revoked", at=at, client_id=self.client_id, subject=message_id
        )
        live = self._update(outbox).where(
            outbox.c.message_id == message_id, outbox.c.revoked_at.is_(None)
        )
        async with self._database.writing(act) as connection:
            return (await connection.execute(live.values(revoked_at=at))).rowcount


def outbox_row_of(row: Any) -> OutboxRow:
    return OutboxRow(
        id=row.id,
        client_id=row.client_id,
        message_id=row.message_id,
        channel=row.channel,
        recipient=row.recipient,
        state=row.state,
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at,
        last_error=row.last_error,
        delivered_at=row.delivered_at,
        step=row.step,
        pace=row.pace,
        created_at=row.created_at,
        read_at=row.read_at,
        acknowledged_at=row.acknowledged_at,
        revoked_at=row.revoked_at,
    )
