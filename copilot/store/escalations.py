"""Escalations (astreintes): read by client; moved on for every client.

A move and the intentions to send that it makes are one transaction, under a lock on the row: of
several processes one makes it, and one that dies before the end has made nothing.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from copilot.escalation import Escalation, advanced, ended
from copilot.oncall import ON_CALL_CHANNEL, Rung, read_rung, rung_values
from copilot.store.audit import Act, Actor, append
from copilot.store.database import Database
from copilot.store.errors import NotFoundError, UnavailableError
from copilot.store.oncallbrowsers import has_browsers
from copilot.store.outbox import settle_message
from copilot.store.queueing import Target, queue
from copilot.store.records.identifiers import new_id
from copilot.store.scope import Scoped
from copilot.store.tables.messages import escalations, messages, outbox

logger = logging.getLogger(__name__)

AT_ONCE = 20


async def start_escalation(
    connection: AsyncConnection,
    client_id: str,
    message_id: str,
    rungs: tuple[Rung, ...],
    at: datetime,
) -> None:
    """In the transaction that approves the message; due at once."""
    await connection.execute(
        insert(escalations).values(
            client_id=client_id,
            id=new_id(),
            message_id=message_id,
            state="running",
            rungs=[rung_values(rung) for rung in rungs],
            step=0,
            started_at=at,
            next_at=at,
        )
    )


async def restart_escalation(
    connection: AsyncConnection,
    client_id: str,
    message_id: str,
    rungs: tuple[Rung, ...],
    at: datetime,
) -> None:
    """Begin at the first rung again when the ladder is over and reached nobody; begin one when
    there was none. Keys stay, so that a receiver can tell a repeat."""
    mine = (escalations.c.client_id == client_id, escalations.c.message_id == message_id)
    tries = (
        outbox.c.client_id == client_id,
        outbox.c.message_id == message_id,
        outbox.c.step > 0,
    )
    found = await connection.execute(select(escalations.c.state).where(*mine).with_for_update())
    state = found.scalar_one_or_none()
    arrived = select(outbox.c.id).where(*tries, outbox.c.state == "delivered")
    if state in ("running", "acknowledged") or (await connection.execute(arrived)).first():
        return
    await connection.execute(delete(outbox).where(*tries, outbox.c.state != "sending"))
    await connection.execute(delete(escalations).where(*mine))
    await start_escalation(connection, client_id, message_id, rungs, at)


async def end_escalation(
    connection: AsyncConnection,
    client_id: str,
    message_id: str,
    *,
    acknowledged: bool,
    by: str,
    at: datetime,
) -> bool:
    """End it, with every try not yet made. Whether there was one to end."""
    mine = (escalations.c.client_id == client_id, escalations.c.message_id == message_id)
    query = _query().where(*mine).with_for_update(of=escalations)
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return False
    before = escalation_of(row)
    after = ended(before, "acknowledged" if acknowledged else "stopped", by=by, at=at)
    if after == before:
        return False
    await _save(connection, after)
    await connection.execute(
        update(outbox)
        .where(
            outbox.c.client_id == client_id,
            outbox.c.message_id == message_id,
            outbox.c.step > 0,
            outbox.c.state == "pending",
        )
        .values(state="cancelled", next_attempt_at=None)
    )
    return True


class EscalationQueries(Scoped):
    """The client's escalations."""

    async def escalation_of_message(self, message_id: str) -> Escalation | None:
        query = _query().where(
            escalations.c.client_id == self.client_id, escalations.c.message_id == message_id
        )
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else escalation_of(row)

    async def stop_escalation(self, message_id: str, *, actor: Actor, at: datetime) -> Escalation:
        """Nobody else is tried. Raises `NotFoundError` when the message has no escalation."""
        act = Act(
            actor=actor,
            action="escalation.stopped",
            at=at,
            client_id=self.client_id,
            subject=message_id,
        )
        async with self._database.writing() as connection:
            stopped = await end_escalation(
                connection, self.client_id, message_id, acknowledged=False, by=actor.name, at=at
            )
            if stopped:
                await settle_message(connection, self.client_id, message_id)
                await append(connection, self._database.audit_key, act)
        found = await self.escalation_of_message(message_id)
        if found is None:
            raise NotFoundError("this message has no escalation")
        return found


class Ladders:
    """Every client's escalations, for the worker that moves them on."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def advance(self, *, at: datetime) -> tuple[Escalation, ...]:
        """Make every move that is due, each in a transaction of its own; those moved.

        One that cannot be made ends its ladder as exhausted, for people to look at: it must not
        hold up the others.
        """
        query = (
            select(escalations.c.client_id, escalations.c.id)
            .where(escalations.c.state == "running", escalations.c.next_at <= at)
            .order_by(escalations.c.next_at)
            .limit(AT_ONCE)
        )
        async with self._database.reading() as connection:
            due = (await connection.execute(query)).all()
        moved = [await self._try_to_advance(row.client_id, row.id, at) for row in due]
        return tuple(escalation for escalation in moved if escalation is not None)

    async def _try_to_advance(
        self, client_id: str, escalation_id: str, at: datetime
    ) -> Escalation | None:
        try:
            return await self._advance(client_id, escalation_id, at)
        except UnavailableError:
            raise
        except Exception:  # what is kept of it cannot be read: not by the next process either
            logger.exception("escalation %s cannot be moved on: it ends here", escalation_id)
        return await self._set_aside(client_id, escalation_id, at)

    async def _set_aside(
        self, client_id: str, escalation_id: str, at: datetime
    ) -> Escalation | None:
        mine = (escalations.c.client_id == client_id, escalations.c.id == escalation_id)
        unreadable = update(escalations).where(*mine, escalations.c.state == "running")
        ended = {"state": "exhausted", "rungs": [], "step": 0, "next_at": None, "ended_at": at}
        async with self._database.writing() as connection:
            if (await connection.execute(unreadable.values(**ended))).rowcount == 0:
                return None
            row = (await connection.execute(_query().where(*mine))).one()
            await settle_message(connection, client_id, row.message_id)
        return escalation_of(row)

    async def _advance(self, client_id: str, escalation_id: str, at: datetime) -> Escalation | None:
        mine = (escalations.c.client_id == client_id, escalations.c.id == escalation_id)
        query = _query().where(*mine).with_for_update(of=escalations, skip_locked=True)
        async with self._database.writing() as connection:
            row = (await connection.execute(query)).one_or_none()
            if row is None:
                return None
            before = escalation_of(row)
            after = advanced(before, at)
            if after == before:
                return None
            await _save(connection, after)
            if after.step > before.step and after.rung is not None:
                targets = list(after.rung.targets)
                if await has_browsers(connection, client_id, after.rung.name):
                    targets.append((ON_CALL_CHANNEL, after.rung.name))
                await queue(
                    connection,
                    client_id,
                    after.message_id,
                    [Target(channel=kind, to=to, due=at) for kind, to in targets],
                    step=after.step,
                    at=at,
                )
            await settle_message(connection, client_id, after.message_id)
        return after

    async def next_due(self) -> datetime | None:
        """When one moves on next; null when none runs."""
        query = select(func.min(escalations.c.next_at)).where(escalations.c.state == "running")
        async with self._database.reading() as connection:
            due: datetime | None = (await connection.execute(query)).scalar()
        return due


def _query() -> Any:
    return select(escalations, messages.c.call_id).join(
        messages, messages.c.id == escalations.c.message_id
    )


async def _save(connection: AsyncConnection, escalation: Escalation) -> None:
    await connection.execute(
        update(escalations)
        .where(escalations.c.client_id == escalation.client_id, escalations.c.id == escalation.id)
        .values(
            state=escalation.state,
            step=escalation.step,
            next_at=escalation.next_at,
            ended_at=escalation.ended_at,
            ended_by=escalation.ended_by,
        )
    )


def escalation_of(row: Any) -> Escalation:
    return Escalation(
        id=row.id,
        client_id=row.client_id,
        call_id=row.call_id,
        message_id=row.message_id,
        state=row.state,
        rungs=tuple(read_rung(rung) for rung in row.rungs),
        step=row.step,
        started_at=row.started_at,
        next_at=row.next_at,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
    )
