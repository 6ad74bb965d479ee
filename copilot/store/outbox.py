"""Intentions to send, seen by the worker that sends them for every client.

An item is claimed for a while (the lease). A worker that dies while it holds one simply lets the
lease run out: the next worker sends again, with the same idempotency key.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from copilot.store.database import Database
from copilot.store.records import MessageState, OutboxItem, new_id
from copilot.store.tables import messages, outbox

NO_RECIPIENT = "Aucun destinataire n'est configuré pour ce client."


def message_state(outbox_states: Sequence[str]) -> MessageState:
    """What a message's intentions amount to. One that nobody was to receive has failed."""
    if not outbox_states or "dead" in outbox_states:
        return "failed"
    return "delivered" if set(outbox_states) == {"delivered"} else "approved"


async def settle_message(connection: AsyncConnection, client_id: str, message_id: str) -> None:
    """Bring a message's state in line with its intentions. An acknowledged one stays so."""
    mine = (messages.c.client_id == client_id, messages.c.id == message_id)
    # Locked first: two workers that finish two intentions at once must see each other's.
    message = (await connection.execute(select(messages).where(*mine).with_for_update())).one()
    found = await connection.execute(
        select(outbox.c.state, outbox.c.last_error, outbox.c.delivered_at)
        .where(outbox.c.client_id == client_id, outbox.c.message_id == message_id)
        .order_by(outbox.c.state)  # "dead" first: its error is the one to show
    )
    rows = found.all()
    state = message_state([row.state for row in rows])
    errors = [row.last_error for row in rows if row.last_error and row.state != "delivered"]
    values: dict[str, Any] = {
        "state": "acknowledged" if message.acknowledged_at is not None else state,
        "failure": errors[0] if errors else (None if rows else NO_RECIPIENT),
        "delivered_at": (max(row.delivered_at for row in rows) if state == "delivered" else None),
    }
    await connection.execute(update(messages).where(*mine).values(**values))


class Outbox:
    """The queue of every client's intentions to send."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(
        self, *, at: datetime, lease_s: float, limit: int = 10
    ) -> tuple[OutboxItem, ...]:
        """Take what is due, oldest first, for `lease_s`. Each item goes to one worker."""
        claim = new_id()
        due = (
            select(outbox.c.id)
            .where(outbox.c.state.in_(("pending", "sending")), outbox.c.next_attempt_at <= at)
            .order_by(outbox.c.next_attempt_at, outbox.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        async with self._database.writing() as connection:
            ids = (await connection.execute(due)).scalars().all()
            if not ids:
                return ()
            taken = (
                update(outbox)
                .where(outbox.c.id.in_(ids))
                .values(
                    state="sending",
                    claim=claim,
                    attempts=outbox.c.attempts + 1,
                    next_attempt_at=at + timedelta(seconds=lease_s),
                )
            )
            await connection.execute(taken)
            rows = await connection.execute(
                select(outbox, messages.c.call_id)
                .join(messages, messages.c.id == outbox.c.message_id)
                .where(outbox.c.claim == claim)
            )
            by_id = {row.id: _item_of(row) for row in rows}
        return tuple(by_id[item_id] for item_id in ids)

    async def complete(self, item: OutboxItem, *, at: datetime) -> bool:
        """The channel took it. False when the claim had run out and another worker has it."""
        return await self._finish(
            item,
            state="delivered",
            delivered_at=at,
            next_attempt_at=None,
            last_error=None,
        )

    async def postpone(self, item: OutboxItem, *, detail: str, until: datetime) -> bool:
        """The channel may take it later. False as for `complete`."""
        return await self._finish(item, state="pending", next_attempt_at=until, last_error=detail)

    async def give_up(self, item: OutboxItem, *, detail: str) -> bool:
        """The channel will not take it: a dead letter, for people. False as for `complete`."""
        return await self._finish(item, state="dead", next_attempt_at=None, last_error=detail)

    async def next_due(self) -> datetime | None:
        """When there is something to claim next; null when nothing waits."""
        query = select(func.min(outbox.c.next_attempt_at)).where(
            outbox.c.state.in_(("pending", "sending"))
        )
        async with self._database.reading() as connection:
            due: datetime | None = (await connection.execute(query)).scalar()
        return due

    async def _finish(self, item: OutboxItem, **values: Any) -> bool:
        held = update(outbox).where(outbox.c.id == item.id, outbox.c.claim == item.claim)
        async with self._database.writing() as connection:
            changed = await connection.execute(held.values(claim=None, **values))
            if changed.rowcount == 0:
                return False
            await settle_message(connection, item.client_id, item.message_id)
        return True


def _item_of(row: Any) -> OutboxItem:
    return OutboxItem(
        id=row.id,
        client_id=row.client_id,
        call_id=row.call_id,
        message_id=row.message_id,
        channel=row.channel,
        recipient=row.recipient,
        idempotency_key=row.idempotency_key,
        attempts=row.attempts,
        claim=row.claim,
    )
