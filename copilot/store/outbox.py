"""Intentions to send, seen by the worker that sends them for every client.

An item is claimed for a while (the lease). A worker that dies while it holds one simply lets the
lease run out: the next worker sends again, with the same idempotency key.

Items that leave together (a digest) get their bundle when first claimed, before anything is sent:
from then on they are claimed, sent and marked together, so that every try has the same content.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from copilot.escalation import CALLED_OFF
from copilot.store.database import Database
from copilot.store.records.identifiers import new_id
from copilot.store.records.messages import MessageState, OutboxItem
from copilot.store.tables.clients import clients
from copilot.store.tables.messages import escalations, messages, outbox

NO_RECIPIENT = "Aucun destinataire n'est configuré pour ce client."
WAITING = ("pending", "sending")
MOST_IN_A_DIGEST = 200


def message_state(outbox_states: Sequence[str]) -> MessageState:
    """What a message's intentions amount to. One that nobody was to receive has failed."""
    if not outbox_states or "dead" in outbox_states:
        return "failed"
    return "delivered" if set(outbox_states) == {"delivered"} else "approved"


async def settle_message(connection: AsyncConnection, client_id: str, message_id: str) -> None:
    """Bring a message's state in line with its intentions. An acknowledged one stays so.

    The client's recipients count. Tries of an escalation tell only where there are none: one of
    them is enough then.
    """
    mine = (messages.c.client_id == client_id, messages.c.id == message_id)
    # Locked first: two workers that finish two intentions at once must see each other's.
    message = (await connection.execute(select(messages).where(*mine).with_for_update())).one()
    found = await connection.execute(
        select(outbox.c.state, outbox.c.last_error, outbox.c.delivered_at, outbox.c.step)
        .where(outbox.c.client_id == client_id, outbox.c.message_id == message_id)
        .order_by(outbox.c.state)  # "dead" first: its error is the one to show
    )
    tries = found.all()
    rows = [row for row in tries if row.step == 0]
    climbing = not rows and await _escalates(connection, client_id, message_id)
    if not rows:
        reached = [row for row in tries if row.state == "delivered"]
        rows = reached or [row for row in tries if row.state != "cancelled"]
        climbing = climbing and not reached
    state = "approved" if climbing else message_state([row.state for row in rows])
    errors = [row.last_error for row in rows if row.last_error and row.state != "delivered"]
    nobody = NO_RECIPIENT if state == "failed" and not rows else None
    values: dict[str, Any] = {
        "state": "acknowledged" if message.acknowledged_at is not None else state,
        "failure": errors[0] if errors else nobody,
        "delivered_at": (max(row.delivered_at for row in rows) if state == "delivered" else None),
    }
    await connection.execute(update(messages).where(*mine).values(**values))


async def _escalates(connection: AsyncConnection, client_id: str, message_id: str) -> bool:
    query = select(escalations.c.id).where(
        escalations.c.client_id == client_id,
        escalations.c.message_id == message_id,
        escalations.c.state == "running",
    )
    return (await connection.execute(query)).first() is not None


class Outbox:
    """The queue of every client's intentions to send."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(
        self, *, at: datetime, lease_s: float, limit: int = 10
    ) -> tuple[OutboxItem, ...]:
        """Take what is due, oldest first, for `lease_s`. Each item goes to one worker.

        `limit` counts what leaves alone; with it at most one digest, whole.
        """
        async with self._database.writing() as connection:
            alone = (
                select(outbox.c.id)
                .where(_due(at), outbox.c.pace == "now")
                .order_by(outbox.c.next_attempt_at, outbox.c.id)
                .limit(limit)
                .with_for_update(skip_locked=True)
            )
            ids = list((await connection.execute(alone)).scalars().all())
            together = await self._digest(connection, at)
            if not ids and not together:
                return ()
            await self._take([*ids, *together], connection, at=at, lease_s=lease_s)
            rows = await connection.execute(
                select(outbox, messages.c.call_id)
                .join(messages, messages.c.id == outbox.c.message_id)
                .where(outbox.c.id.in_([*ids, *together]))
            )
            by_id = {row.id: _item_of(row) for row in rows}
        return tuple(by_id[item_id] for item_id in (*ids, *together))

    async def _take(
        self, ids: Sequence[str], connection: AsyncConnection, *, at: datetime, lease_s: float
    ) -> None:
        taken = (
            update(outbox)
            .where(outbox.c.id.in_(ids))
            .values(
                state="sending",
                claim=new_id(),
                attempts=outbox.c.attempts + 1,
                next_attempt_at=at + timedelta(seconds=lease_s),
            )
        )
        await connection.execute(taken)

    async def _digest(self, connection: AsyncConnection, at: datetime) -> list[str]:
        """The items of one digest that is due, in a bundle; oldest message first."""
        first = (
            select(outbox)
            .where(_due(at), outbox.c.pace != "now")
            .order_by(outbox.c.next_attempt_at, outbox.c.id)
            .limit(1)
        )
        lead = (await connection.execute(first)).one_or_none()
        if lead is None or not await self._digests_of(connection, lead.client_id):
            return []
        alike = (
            select(outbox.c.id)
            .where(
                _due(at),
                outbox.c.client_id == lead.client_id,
                outbox.c.channel == lead.channel,
                outbox.c.recipient == lead.recipient,
                outbox.c.pace == lead.pace,
                outbox.c.bundle == lead.bundle if lead.bundle else outbox.c.bundle.is_(None),
            )
            .order_by(outbox.c.created_at, outbox.c.id)
            .limit(MOST_IN_A_DIGEST)
        )
        ids = list((await connection.execute(alike)).scalars().all())
        if ids and lead.bundle is None:
            named = update(outbox).where(outbox.c.id.in_(ids)).values(bundle=new_id())
            await connection.execute(named)
        return ids

    async def _digests_of(self, connection: AsyncConnection, client_id: str) -> bool:
        """Whether nobody else is gathering this client's digests: they must be whole."""
        mine = select(clients.c.id).where(clients.c.id == client_id)
        locked = mine.with_for_update(skip_locked=True, key_share=True)
        return (await connection.execute(locked)).first() is not None

    async def complete(self, *items: OutboxItem, at: datetime) -> bool:
        """The channel took it. False when the claim had run out and another worker has it.

        Of a digest all items are given: they are marked together or not at all.
        """
        return await self._finish(
            items,
            state="delivered",
            delivered_at=at,
            next_attempt_at=None,
            last_error=None,
        )

    async def postpone(
        self, *items: OutboxItem, detail: str, until: datetime, at: datetime
    ) -> bool:
        """The channel may take it later. False as for `complete`."""
        return await self._finish(
            items, failed_at=at, state="pending", next_attempt_at=until, last_error=detail
        )

    async def give_up(self, *items: OutboxItem, detail: str, at: datetime) -> bool:
        """The channel will not take it: a dead letter, for people. False as for `complete`."""
        return await self._finish(
            items, failed_at=at, state="dead", next_attempt_at=None, last_error=detail
        )

    async def cancel(self, item: OutboxItem) -> bool:
        """Nobody needs it any more: its escalation was called off. False as for `complete`."""
        return await self._finish((item,), state="cancelled", next_attempt_at=None)

    async def next_due(self) -> datetime | None:
        """When there is something to claim next; null when nothing waits."""
        query = select(func.min(outbox.c.next_attempt_at)).where(outbox.c.state.in_(WAITING))
        async with self._database.reading() as connection:
            due: datetime | None = (await connection.execute(query)).scalar()
        return due

    async def _finish(
        self, items: Sequence[OutboxItem], *, failed_at: datetime | None = None, **values: Any
    ) -> bool:
        async with self._database.writing() as connection:
            for item in sorted(items, key=lambda item: item.id):
                held = update(outbox).where(outbox.c.id == item.id, outbox.c.claim == item.claim)
                if (await connection.execute(held.values(claim=None, **values))).rowcount == 0:
                    await connection.rollback()
                    return False
            # Locks are taken in one order everywhere: intentions, escalation, message.
            for item in items:
                if failed_at is not None and item.step:
                    await _follow(connection, item, failed_at)
            of_messages = {(item.client_id, item.message_id) for item in items}
            for client_id, message_id in sorted(of_messages):
                await settle_message(connection, client_id, message_id)
        return True


async def _follow(connection: AsyncConnection, item: OutboxItem, at: datetime) -> None:
    """After a try of a rung failed: none is kept of a ladder called off meanwhile, and one that
    runs moves on at once when no way of this rung will be tried again in its time."""
    mine = (
        escalations.c.client_id == item.client_id,
        escalations.c.message_id == item.message_id,
    )
    # Locked first: two ways of one rung that fail at once must see each other's.
    query = select(escalations).where(*mine).with_for_update()
    ladder = (await connection.execute(query)).one_or_none()
    if ladder is None:
        return
    tries = (outbox.c.client_id == item.client_id, outbox.c.message_id == item.message_id)
    if ladder.state in CALLED_OFF:
        kept = update(outbox).where(*tries, outbox.c.step > 0, outbox.c.state == "pending")
        await connection.execute(kept.values(state="cancelled", next_attempt_at=None))
    elif ladder.state == "running" and ladder.step == item.step and ladder.next_at > at:
        in_time = (outbox.c.state == "pending") & (outbox.c.next_attempt_at < ladder.next_at)
        hopeful = outbox.c.state.in_(("sending", "delivered")) | in_time
        rung = select(outbox.c.id).where(*tries, outbox.c.step == item.step, hopeful)
        if (await connection.execute(rung)).first() is None:
            await connection.execute(update(escalations).where(*mine).values(next_at=at))


def _due(at: datetime) -> ColumnElement[bool]:
    return outbox.c.state.in_(WAITING) & (outbox.c.next_attempt_at <= at)


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
        step=row.step,
        bundle=row.bundle,
    )
