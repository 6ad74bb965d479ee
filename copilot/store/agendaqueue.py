"""What calendars are still to be told and callers to be sent, seen by the worker, for every client.

An appointment's row says what its calendar should have (`sequence`) and what it has (`written`);
the worker brings the second to the first. A claim is for a while: a worker that dies lets it run
out, and the next one writes the same again. What is changed meanwhile stays to be written.

A caller is told once the calendar has it: never of a time that turned out to be taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, func, or_, select, update

from copilot.store.appointments import appointment_of, notice_of
from copilot.store.database import Database
from copilot.store.records.agenda import Appointment, Notice
from copilot.store.records.identifiers import new_id
from copilot.store.tables.agenda import appointment_notices, appointments
from copilot.store.tables.clients import clients

SETTLED = ("none", "written")
MOST_STUCK = 100


class AgendaQueue:
    """Every client's appointments to write, and notices to send."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim_writes(
        self, *, at: datetime, lease_s: float, limit: int
    ) -> tuple[Appointment, ...]:
        """Take what is due, oldest first, for `lease_s`."""
        table = appointments
        async with self._database.writing() as connection:
            due = (
                select(table.c.client_id, table.c.id)
                .where(_writes_due(at))
                .order_by(table.c.next_attempt_at, table.c.id)
                .limit(limit)
                .with_for_update(skip_locked=True)
            )
            keys = [tuple(row) for row in await connection.execute(due)]
            if not keys:
                return ()
            which = _keyed(table, keys)
            taken = {
                "claim": new_id(),
                "claimed_until": at + timedelta(seconds=lease_s),
                "attempts": table.c.attempts + 1,
            }
            await connection.execute(update(table).where(which).values(**taken))
            found = (await connection.execute(select(table).where(which))).all()
            rows = await self._database.vault.open(connection, table, found)
        return tuple(appointment_of(row) for row in rows)

    async def written(self, one: Appointment, *, place: dict[str, Any] | None) -> bool:
        """The calendar has it as claimed. False when the claim had run out."""
        return await self._finish_write(
            one, sync="written", place=place, written=one.sequence, fault=None, forced=False
        )

    async def postpone_write(self, one: Appointment, *, fault: str, until: datetime) -> bool:
        """The calendar may take it later. False as for `written`."""
        return await self._finish_write(one, sync="pending", fault=fault, next_attempt_at=until)

    async def refuse_write(
        self,
        one: Appointment,
        *,
        conflict: bool,
        fault: str,
        place: dict[str, Any] | None = None,
    ) -> bool:
        """It is for people: something else is there (`conflict`), or it will not be taken."""
        values: dict[str, Any] = {"place": place, "written": one.sequence} if place else {}
        sync = "conflict" if conflict else "failed"
        return await self._finish_write(one, sync=sync, fault=fault, forced=False, **values)

    async def _finish_write(self, one: Appointment, *, sync: str, **values: Any) -> bool:
        """What was learnt of the place is kept; the rest only if nothing changed meanwhile."""
        table = appointments
        mine = and_(
            table.c.client_id == one.client_id, table.c.id == one.id, table.c.claim == one.claim
        )
        free: dict[str, Any] = {"claim": None, "claimed_until": None}
        async with self._database.writing() as connection:
            same = update(table).where(mine, table.c.sequence == one.sequence)
            if (await connection.execute(same.values(sync=sync, **free, **values))).rowcount:
                return True
            learnt = {name: values[name] for name in ("place", "written") if name in values}
            changed = await connection.execute(update(table).where(mine).values(**free, **learnt))
            return changed.rowcount > 0

    async def claim_notices(
        self, *, at: datetime, lease_s: float, limit: int
    ) -> tuple[tuple[Notice, Appointment], ...]:
        """Take what callers are due to be told, oldest first, for `lease_s`."""
        table = appointment_notices
        async with self._database.writing() as connection:
            due = (
                select(table.c.client_id, table.c.id)
                .join(appointments, _of_appointment())
                .where(_notices_due(at))
                .order_by(table.c.next_attempt_at, table.c.id)
                .limit(limit)
                .with_for_update(skip_locked=True, of=table)
            )
            keys = [tuple(row) for row in await connection.execute(due)]
            if not keys:
                return ()
            which = _keyed(table, keys)
            taken = {
                "claim": new_id(),
                "state": "sending",
                "attempts": table.c.attempts + 1,
                "next_attempt_at": at + timedelta(seconds=lease_s),
            }
            await connection.execute(update(table).where(which).values(**taken))
            found = (await connection.execute(select(table).where(which))).all()
            notices = [
                notice_of(row) for row in await self._database.vault.open(connection, table, found)
            ]
            wanted = _keyed(appointments, [(one.client_id, one.appointment_id) for one in notices])
            rows = (await connection.execute(select(appointments).where(wanted))).all()
            opened = await self._database.vault.open(connection, appointments, rows)
        whole = {(row.client_id, row.id): appointment_of(row) for row in opened}
        return tuple((one, whole[one.client_id, one.appointment_id]) for one in notices)

    async def finish_notice(
        self, one: Notice, *, state: str, until: datetime | None = None,
        error: str | None = None, delivered_at: datetime | None = None,
    ) -> bool:  # fmt: skip
        """What became of it. False when the claim had run out."""
        table = appointment_notices
        mine = update(table).where(
            table.c.client_id == one.client_id, table.c.id == one.id, table.c.claim == one.claim
        )
        async with self._database.writing() as connection:
            done = await connection.execute(
                mine.values(
                    claim=None,
                    state=state,
                    next_attempt_at=until,
                    last_error=error,
                    delivered_at=delivered_at,
                )
            )
        return done.rowcount > 0

    async def stuck(
        self, at: datetime, *, client_id: str | None = None
    ) -> tuple[tuple[str, Appointment], ...]:
        """Those to come that their calendar does not have as they are, each with its client's
        name: they are for people, soonest first; of all clients when null."""
        table = appointments
        query = (
            select(table, clients.c.name.label("client_name"))
            .join(clients, clients.c.id == table.c.client_id)
            .where(
                table.c.sync.in_(("conflict", "failed")),
                table.c.state != "held",
                table.c.ends_at > at,
            )
            .order_by(table.c.begins_at, table.c.id)
            .limit(MOST_STUCK)
        )
        if client_id is not None:
            query = query.where(table.c.client_id == client_id)
        async with self._database.reading() as connection:
            found = (await connection.execute(query)).all()
            rows = await self._database.vault.open(connection, table, found)
        return tuple((row.client_name, appointment_of(row)) for row in rows)

    async def next_due(self) -> datetime | None:
        """When there is something to claim next; null when nothing waits."""
        writes = select(
            func.min(func.coalesce(appointments.c.claimed_until, appointments.c.next_attempt_at))
        ).where(appointments.c.sync == "pending", appointments.c.state != "held")
        notices = (
            select(func.min(appointment_notices.c.next_attempt_at))
            .join(appointments, _of_appointment())
            .where(
                appointment_notices.c.state.in_(("pending", "sending")),
                appointments.c.sync.in_(SETTLED),
            )
        )
        async with self._database.reading() as connection:
            first: datetime | None = (await connection.execute(writes)).scalar()
            second: datetime | None = (await connection.execute(notices)).scalar()
        return min((one for one in (first, second) if one is not None), default=None)


def _writes_due(at: datetime) -> ColumnElement[bool]:
    table = appointments
    return and_(
        table.c.sync == "pending",
        table.c.state != "held",
        table.c.next_attempt_at <= at,
        or_(table.c.claimed_until.is_(None), table.c.claimed_until <= at),
    )


def _notices_due(at: datetime) -> ColumnElement[bool]:
    return and_(
        appointment_notices.c.state.in_(("pending", "sending")),
        appointment_notices.c.next_attempt_at <= at,
        appointments.c.sync.in_(SETTLED),
    )


def _of_appointment() -> ColumnElement[bool]:
    return and_(
        appointments.c.client_id == appointment_notices.c.client_id,
        appointments.c.id == appointment_notices.c.appointment_id,
    )


def _keyed(table: Table, keys: Sequence[tuple[Any, ...]]) -> ColumnElement[bool]:
    return or_(*(and_(table.c.client_id == client, table.c.id == one) for client, one in keys))
