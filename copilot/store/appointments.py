"""A client's appointments: held, booked, moved, cancelled, each in one transaction.

Two appointments of one practitioner never share a cell of five minutes: the cells are rows whose
primary key says so, on both databases and however many processes book.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, insert, or_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from copilot.agenda.slots import cells_of
from copilot.store.audit import Act, append
from copilot.store.errors import ConflictError, NotFoundError
from copilot.store.records.agenda import (
    Appointment,
    Notice,
    NoticeChannel,
    Occasion,
    Person,
)
from copilot.store.records.identifiers import new_id
from copilot.store.scope import Scoped
from copilot.store.tables.agenda import appointment_cells, appointment_notices, appointments
from copilot.store.tables.calls import calls

MOST_OF_A_LIST = 500


class SlotTakenError(ConflictError):
    """Somebody else has that time."""

    code = "slot_taken"


class HoldOverError(ConflictError):
    """The time was held too long ago, and let go."""

    code = "hold_over"


class AppointmentOverError(ConflictError):
    """It is cancelled, or not booked yet."""

    code = "appointment_over"


def appointment_of(row: Any) -> Appointment:
    """A row as `Vault.open` gives it."""
    values = {name: getattr(row, name) for name in Appointment.__slots__ if name != "person"}
    return Appointment(**values, person=Person(**row.person) if row.person else None)


def notice_of(row: Any) -> Notice:
    """A row as `Vault.open` gives it."""
    return Notice(**{name: getattr(row, name) for name in Notice.__slots__})


class AppointmentQueries(Scoped):
    """The client's appointments."""

    async def hold_slot(self, appointment: Appointment, *, at: datetime) -> Appointment:
        """Keep a time while the caller is asked; holds that ran out are let go first.

        Raises `NotFoundError` without the call, `SlotTakenError`.
        """
        row = asdict(appointment)
        for name in ("client_id", "claim"):
            del row[name]
        kept = _kept(appointment)
        try:
            async with self._database.writing() as connection:
                call = self._select(calls, calls.c.id).where(calls.c.id == appointment.call_id)
                if (await connection.execute(call)).first() is None:
                    raise NotFoundError(f"no call {appointment.call_id!r}")
                await self._let_go(connection, at)
                sealed = await self._seal(connection, appointments, row)
                await connection.execute(insert(appointments).values(sealed))
                await self._take(connection, appointment, kept)
        except IntegrityError as error:
            raise SlotTakenError("somebody else has that time") from error
        return appointment

    async def release_slot(self, appointment_id: str) -> None:
        """Let a held time go. Raises `NotFoundError`, `AppointmentOverError` once it is booked."""
        async with self._database.writing() as connection:
            found = await self._locked(connection, appointment_id)
            if found.state != "held":
                raise AppointmentOverError("it is booked")
            mine = appointments.c.id == appointment_id
            await connection.execute(self._delete(appointments).where(mine))

    async def book_appointment(
        self,
        appointment_id: str,
        *,
        person: Person,
        tell: Sequence[tuple[NoticeChannel, str]],
        at: datetime,
        act: Act,
    ) -> Appointment:
        """Make a held time somebody's, with what is to be written and sent for it.

        Idempotent: booked already, it is given back as it is. Raises `HoldOverError`.
        """
        async with self._database.writing() as connection:
            try:
                found = await self._locked(connection, appointment_id)
            except NotFoundError as error:
                raise HoldOverError("the time was let go") from error
            if found.state != "held":
                return found
            named = {"id": appointment_id, "person": asdict(person)}
            (sealed,) = await self._seal(connection, appointments, named)
            await self._set(
                connection,
                found,
                state="booked",
                held_until=None,
                person=sealed["person"],
                changed_at=at,
                **_to_write(found, at),
            )
            await self._notify(connection, found, "booked", tell, act, at)
            booked = await self._appointment(connection, appointment_id)
            await self._audited(connection, act)
        return booked

    async def move_appointment(
        self,
        appointment_id: str,
        *,
        begins: datetime,
        ends: datetime,
        tell: Sequence[tuple[NoticeChannel, str]],
        at: datetime,
        act: Act,
    ) -> Appointment:
        """Another time with the same practitioner. Raises `NotFoundError`, `SlotTakenError`,
        `AppointmentOverError`: nothing is changed then."""
        try:
            async with self._database.writing() as connection:
                found = await self._locked(connection, appointment_id)
                if found.state != "booked":
                    raise AppointmentOverError("it is not booked")
                await self._let_go(connection, at)
                mine = appointment_cells.c.appointment_id == appointment_id
                await connection.execute(self._delete(appointment_cells).where(mine))
                await self._set(
                    connection,
                    found,
                    begins_at=begins,
                    ends_at=ends,
                    sequence=found.sequence + 1,
                    changed_at=at,
                    **_to_write(found, at),
                )
                moved = await self._appointment(connection, appointment_id)
                await self._take(connection, moved, _kept(moved))
                await self._notify(connection, moved, "moved", tell, act, at)
                await self._audited(connection, act)
        except IntegrityError as error:
            raise SlotTakenError("somebody else has that time") from error
        return moved

    async def cancel_appointment(
        self,
        appointment_id: str,
        *,
        tell: Sequence[tuple[NoticeChannel, str]],
        at: datetime,
        act: Act,
    ) -> Appointment:
        """Give the time back. Idempotent. Raises `NotFoundError`, `AppointmentOverError`."""
        async with self._database.writing() as connection:
            found = await self._locked(connection, appointment_id)
            if found.state == "cancelled":
                return found
            if found.state != "booked":
                raise AppointmentOverError("it is not booked")
            mine = appointment_cells.c.appointment_id == appointment_id
            await connection.execute(self._delete(appointment_cells).where(mine))
            await self._set(
                connection,
                found,
                state="cancelled",
                sequence=found.sequence + 1,
                changed_at=at,
                **_to_write(found, at),
            )
            gone = await self._appointment(connection, appointment_id)
            await self._notify(connection, gone, "cancelled", tell, act, at)
            await self._audited(connection, act)
        return gone

    async def force_appointment(
        self, appointment_id: str, *, at: datetime, act: Act
    ) -> Appointment:
        """Write it into the calendar whatever is there, or try again what failed.

        Raises `NotFoundError`, `AppointmentOverError` when nothing is in the way.
        """
        async with self._database.writing(act) as connection:
            found = await self._locked(connection, appointment_id)
            if found.sync not in ("conflict", "failed"):
                raise AppointmentOverError("its calendar has it")
            again = {**_to_write(found, at), "forced": found.sync == "conflict"}
            await self._set(connection, found, **again)
            return await self._appointment(connection, appointment_id)

    async def appointment(self, appointment_id: str) -> Appointment:
        """Raises `NotFoundError`."""
        async with self._database.reading() as connection:
            return await self._appointment(connection, appointment_id)

    async def appointments_of_call(self, call_id: str) -> tuple[Appointment, ...]:
        """Booked and cancelled ones, in order of time."""
        return await self._listed(
            appointments.c.call_id == call_id, appointments.c.state.in_(("booked", "cancelled"))
        )

    async def appointments_between(
        self,
        begins: datetime,
        ends: datetime,
        *,
        chosen: Callable[[Appointment], bool] = lambda _: True,
    ) -> tuple[Appointment, ...]:
        """Booked ones that touch a stretch of time, in order; the first `MOST_OF_A_LIST` chosen.
        Names are sealed: somebody whom a page of others precedes is found on the next."""
        found: list[Appointment] = []
        within = (
            appointments.c.state == "booked",
            appointments.c.begins_at < ends,
            appointments.c.ends_at > begins,
        )
        page = await self._listed(*within)
        while page:
            found += [one for one in page if chosen(one)]
            if len(page) < MOST_OF_A_LIST or len(found) >= MOST_OF_A_LIST:
                break
            page = await self._listed(*within, _after(page[-1]))
        return tuple(found[:MOST_OF_A_LIST])

    async def kept_cells(
        self, practitioner_id: str, cells: range, *, at: datetime, but: str | None = None
    ) -> set[int]:
        """Those of the cells that are taken by others than the appointment `but`; a hold that ran
        out takes none."""
        query = (
            self._select(appointment_cells, appointment_cells.c.cell)
            .join(
                appointments,
                (appointments.c.client_id == appointment_cells.c.client_id)
                & (appointments.c.id == appointment_cells.c.appointment_id),
            )
            .where(
                appointment_cells.c.practitioner_id == practitioner_id,
                appointment_cells.c.cell >= cells.start,
                appointment_cells.c.cell < cells.stop,
                or_(appointments.c.held_until.is_(None), appointments.c.held_until > at),
            )
        )
        if but is not None:
            query = query.where(appointment_cells.c.appointment_id != but)
        async with self._database.reading() as connection:
            return set((await connection.execute(query)).scalars())

    async def appointment_notices(self, ids: Sequence[str]) -> dict[str, list[Notice]]:
        """What was to be told of appointments, each oldest first."""
        query = (
            self._select(appointment_notices)
            .where(appointment_notices.c.appointment_id.in_(ids))
            .order_by(appointment_notices.c.sequence, appointment_notices.c.id)
        )
        async with self._database.reading() as connection:
            rows = await self._opened(connection, appointment_notices, query)
        found: dict[str, list[Notice]] = {}
        for row in rows:
            found.setdefault(row.appointment_id, []).append(notice_of(row))
        return found

    async def _listed(self, *which: ColumnElement[bool]) -> tuple[Appointment, ...]:
        query: Select[Any] = self._select(appointments).where(*which)
        query = query.order_by(appointments.c.begins_at, appointments.c.id).limit(MOST_OF_A_LIST)
        async with self._database.reading() as connection:
            rows = await self._opened(connection, appointments, query)
        return tuple(appointment_of(row) for row in rows)

    async def _appointment(
        self, connection: AsyncConnection, appointment_id: str, *, lock: bool = False
    ) -> Appointment:
        query = self._select(appointments).where(appointments.c.id == appointment_id)
        rows = await self._opened(
            connection, appointments, query.with_for_update() if lock else query
        )
        if not rows:
            raise NotFoundError(f"no appointment {appointment_id!r}")
        return appointment_of(rows[0])

    async def _locked(self, connection: AsyncConnection, appointment_id: str) -> Appointment:
        return await self._appointment(connection, appointment_id, lock=True)

    async def _set(self, connection: AsyncConnection, found: Appointment, **values: Any) -> None:
        mine = appointments.c.id == found.id
        await connection.execute(self._update(appointments).where(mine).values(**values))

    async def _let_go(self, connection: AsyncConnection, at: datetime) -> None:
        over = self._delete(appointments).where(
            appointments.c.state == "held", appointments.c.held_until <= at
        )
        await connection.execute(over)

    async def _take(
        self, connection: AsyncConnection, appointment: Appointment, cells: Iterable[int]
    ) -> None:
        rows = [
            {
                "practitioner_id": appointment.practitioner_id,
                "cell": cell,
                "appointment_id": appointment.id,
            }
            for cell in cells
        ]
        await connection.execute(self._insert(appointment_cells, *rows))

    async def _notify(
        self,
        connection: AsyncConnection,
        appointment: Appointment,
        occasion: Occasion,
        tell: Sequence[tuple[NoticeChannel, str]],
        act: Act,
        at: datetime,
    ) -> None:
        """Intend to tell the caller; what was not sent yet of an older state is not sent."""
        older = self._update(appointment_notices).where(
            appointment_notices.c.appointment_id == appointment.id,
            appointment_notices.c.state == "pending",
        )
        await connection.execute(older.values(state="cancelled", next_attempt_at=None))
        rows = [
            {
                "id": new_id(),
                "appointment_id": appointment.id,
                "channel": channel,
                "recipient": recipient,
                "occasion": occasion,
                "sequence": appointment.sequence,
                "begins_at": appointment.begins_at,
                "ends_at": appointment.ends_at,
                "approved_by": act.actor.id,
                "approved_by_name": act.actor.name,
                "created_at": at,
                "state": "pending",
                "attempts": 0,
                "next_attempt_at": at,
            }
            for channel, recipient in tell
        ]
        if rows:
            sealed = await self._seal(connection, appointment_notices, *rows)
            await connection.execute(insert(appointment_notices).values(sealed))

    async def _audited(self, connection: AsyncConnection, act: Act) -> None:
        await append(connection, self._database.audit_key, act)


def _after(last: Appointment) -> ColumnElement[bool]:
    """What follows in the order of lists."""
    here = appointments.c
    same = and_(here.begins_at == last.begins_at, here.id > last.id)
    return or_(here.begins_at > last.begins_at, same)


def _kept(appointment: Appointment) -> range:
    before = timedelta(minutes=appointment.before_min)
    after = timedelta(minutes=appointment.after_min)
    return cells_of(appointment.begins_at - before, appointment.ends_at + after)


def _to_write(found: Appointment, at: datetime) -> dict[str, Any]:
    """That the calendar is to be told, if there is one."""
    if found.account_id is None:
        return {"sync": "none"}
    return {
        "sync": "pending",
        "fault": None,
        "forced": False,
        "attempts": 0,
        "next_attempt_at": at,
    }
