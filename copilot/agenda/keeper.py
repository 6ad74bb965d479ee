"""The worker that brings calendars to what was booked, and tells callers what was approved.

    book ── one transaction ──> appointment + notices ──> calendar ──> mark ──> caller

A process may die anywhere on that line: what is not marked is claimed again when its lease runs
out, and written with the same identifier. Before an entry is written, and after, its time is looked
at in the calendar: something else there is a conflict, for people, and the caller is not told.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from copilot.agenda.accounts import CalendarDoor
from copilot.agenda.calendar import (
    Calendar,
    CalendarError,
    ChangedError,
    Entry,
    MissingError,
    Place,
    ThrottledError,
    UnreachableError,
    uid_of,
)
from copilot.agenda.letters import NoticePost
from copilot.delivery.backoff import Backoff
from copilot.delivery.channel import PermanentFailureError, TemporaryFailureError
from copilot.duework import DueWork
from copilot.store.errors import NotFoundError, StoreError

if TYPE_CHECKING:
    from copilot.store.records.agenda import Appointment, Notice, StoredAccount
    from copilot.store.store import Store

logger = logging.getLogger(__name__)

LEASE_S = 180.0
"""Longer than the slowest conversation with a calendar."""
AT_ONCE = 8
CONFLICT = "calendar_conflict"

OnChange = Callable[["Appointment"], Awaitable[None]]


class AgendaKeeper:
    """Use as `async with AgendaKeeper(...)`. Any number of processes may run one."""

    def __init__(
        self,
        store: Store,
        door: CalendarDoor,
        post: NoticePost,
        *,
        on_change: OnChange,
        backoff: Backoff | None = None,
        lease_s: float = LEASE_S,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`on_change` is awaited after each try whose outcome is kept; what it raises is logged."""
        self._store = store
        self._door = door
        self._post = post
        self._on_change = on_change
        self._backoff = backoff or Backoff()
        self._lease_s = lease_s
        self._now = now
        self._work = DueWork(
            "agenda",
            begin_due=self._start_due,
            next_due=store.agendas.next_due,
            now=now,
            at_once=AT_ONCE,
        )

    def wake(self) -> None:
        """Something was booked, moved or cancelled: look now."""
        self._work.wake()

    async def __aenter__(self) -> AgendaKeeper:
        await self._work.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._work.__aexit__()

    async def keep_due(self) -> int:
        """Do what is due now, once; how much was tried. Raises `StoreError`."""
        started = await self._start_due()
        await self._work.settled()
        return started

    async def _start_due(self) -> int:
        """Begin what is due, as far as there is room. Raises `StoreError`."""
        queue, at = self._store.agendas, self._now()
        started = 0
        if (room := self._work.room) > 0:
            for one in await queue.claim_writes(at=at, lease_s=self._lease_s, limit=room):
                self._work.begin(self._write_and_mark(one))
                started += 1
        if (room := self._work.room) > 0:
            due = await queue.claim_notices(at=at, lease_s=self._lease_s, limit=room)
            for notice, appointment in due:
                self._work.begin(self._tell_and_mark(notice, appointment))
                started += 1
        return started

    async def _write_and_mark(self, one: Appointment) -> None:
        queue = self._store.agendas
        try:
            async with asyncio.timeout(self._lease_s * 0.8):
                place, fault = await self._write(one)
        except ChangedError as error:
            held = await queue.refuse_write(one, conflict=True, fault=error.code)
        except CalendarError as error:
            held = await self._fail(one, error)
        except TimeoutError:
            held = await self._fail(one, UnreachableError("no answer in time"))
        except (StoreError, asyncio.CancelledError):
            raise
        except Exception as error:  # a fault of ours must not stop the other appointments
            logger.exception("writing appointment %s failed in an unexpected way", one.id)
            held = await self._fail(one, UnreachableError(type(error).__name__))
        else:
            if fault is None:
                held = await queue.written(one, place=place)
            else:
                held = await queue.refuse_write(one, conflict=True, fault=fault, place=place)
        if held:
            await self._tell(one)

    async def _write(self, one: Appointment) -> tuple[dict[str, Any] | None, str | None]:
        """Where it is now, and what is in its way there. Raises `CalendarError`, `StoreError`."""
        scope = self._store.for_client(one.client_id)
        account = await self._account(one)
        zone = ZoneInfo((await scope.client()).settings.time_zone)
        async with self._door.opened(account, zone) as calendars:
            calendar = calendars.calendar(one.calendar)
            place = Place(**one.place) if one.place else None
            if one.state == "cancelled":
                await self._remove(calendar, one, place)
                return None, None
            if not one.forced and await self._others(calendar, one):
                return (place.values() if place else None), CONFLICT
            entry = _entry(one)
            if place is None:
                place = await calendar.add(entry)
            else:
                place = await calendar.change(entry, place, force=one.forced)
            late = not one.forced and await self._others(calendar, one)
            return place.values(), CONFLICT if late else None

    async def _account(self, one: Appointment) -> StoredAccount:
        scope = self._store.for_client(one.client_id)
        try:
            return await scope.calendar_account(str(one.account_id))
        except NotFoundError as error:
            raise MissingError("the account is gone") from error

    async def _remove(self, calendar: Calendar, one: Appointment, place: Place | None) -> None:
        if place is not None:
            await calendar.remove(place, force=one.forced)
        elif (left := await calendar.find(_entry(one))) is not None:
            await calendar.remove(left, force=True)

    async def _others(self, calendar: Calendar, one: Appointment) -> bool:
        """Whether something else takes that time in the calendar."""
        first = one.begins_at - timedelta(minutes=one.before_min)
        last = one.ends_at + timedelta(minutes=one.after_min)
        own = uid_of(one.id)
        return any(
            found.uid != own and found.begins < last and found.ends > first
            for found in await calendar.busy(first, last)
        )

    async def _fail(self, one: Appointment, error: CalendarError) -> bool:
        logger.warning("appointment %s is not in its calendar: %s", one.id, error.detail)
        scope = self._store.for_client(one.client_id)
        await scope.note_account(str(one.account_id), fault=error.code, at=self._now())
        until = self._backoff.next_try(attempts=one.attempts, key=one.id, at=self._now())
        if not error.passes or until is None:
            return await self._store.agendas.refuse_write(one, conflict=False, fault=error.code)
        if isinstance(error, ThrottledError):
            until = max(until, self._now() + timedelta(seconds=error.retry_after_s))
        return await self._store.agendas.postpone_write(one, fault=error.code, until=until)

    async def _tell_and_mark(self, notice: Notice, appointment: Appointment) -> None:
        queue, at = self._store.agendas, self._now()
        if notice.sequence != appointment.sequence:
            # Moved or cancelled between two tries: what it says is no longer so.
            await queue.finish_notice(notice, state="cancelled")
            return
        try:
            scope = self._store.for_client(notice.client_id)
            client, agenda = await scope.client(), await scope.agenda()
            async with asyncio.timeout(self._lease_s * 0.8):
                await self._post.send(notice, appointment, client, agenda.rules)
        except PermanentFailureError as error:
            held = await queue.finish_notice(notice, state="dead", error=str(error))
        except (TemporaryFailureError, TimeoutError) as error:
            said = str(error) or "le serveur d'envoi ne répond pas"
            until = self._backoff.next_try(attempts=notice.attempts, key=notice.id, at=at)
            state = "dead" if until is None else "pending"
            held = await queue.finish_notice(notice, state=state, until=until, error=said)
        else:
            held = await queue.finish_notice(notice, state="delivered", delivered_at=self._now())
        if held:
            await self._tell(appointment)

    async def _tell(self, one: Appointment) -> None:
        try:
            now = await self._store.for_client(one.client_id).appointment(one.id)
            await self._on_change(now)
        except Exception:  # what was kept is kept; whoever watches must not undo that
            logger.exception("nobody could be told what became of appointment %s", one.id)


def _entry(one: Appointment) -> Entry:
    """What the practitioner reads in their calendar."""
    person = one.person
    name = person.name if person else ""
    lines = [
        line
        for line in (
            f"Téléphone : {person.phone}" if person and person.phone else "",
            f"E-mail : {person.email}" if person and person.email else "",
            person.note if person else "",
            f"Pris par téléphone par {one.created_by_name} (Souffleur).",
        )
        if line
    ]
    return Entry(
        id=one.id,
        sequence=one.sequence,
        title=f"{one.visit_name} – {name}" if name else one.visit_name,
        details="\n".join(lines),
        begins=one.begins_at,
        ends=one.ends_at,
        changed=one.changed_at,
    )
