"""Booking at the desk: times offered, held while the caller is asked, booked, moved, cancelled.

A time is offered when this agenda and the practitioner's calendar both have it free, asked live. A
calendar that cannot be asked offers nothing and says why: no time is shown that nobody checked.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from copilot.agenda.accounts import CalendarDoor
from copilot.agenda.calendar import (
    UNREADABLE,
    CalendarError,
    MissingError,
    UnreachableError,
    logged,
)
from copilot.agenda.rules import LONGEST_HORIZON_DAYS, AgendaRules, Practitioner, VisitType
from copilot.agenda.slots import CELL_S, Busy, Slot, cells_of, free_slots, kept_time, nearest
from copilot.agenda.wish import Window, read_wish
from copilot.store.audit import Act, Actor
from copilot.store.errors import NotFoundError
from copilot.store.records.agenda import Appointment, NoticeChannel, Person
from copilot.store.records.identifiers import new_id

if TYPE_CHECKING:
    from copilot.store.store import ClientScope, Store

logger = logging.getLogger(__name__)

HOLD_S = 300.0
"""How long a time is kept while the caller is asked."""

ASK_S = 8.0
"""How long a calendar may take to say what is free: somebody is on the telephone."""

LOOK_BEFORE = timedelta(days=3)
LOOK_AFTER = timedelta(days=14)
"""Around what the caller said."""

FURTHEST = timedelta(days=LONGEST_HORIZON_DAYS + 1)

Tell = Sequence[tuple[NoticeChannel, str]]


class BookingError(Exception):
    """Base of the agenda's refusals."""

    code = "booking"


class SlotNotFreeError(BookingError):
    """Outside the hours, too soon, too late, or taken in the practitioner's calendar."""

    code = "slot_not_free"


class CalendarSilentError(BookingError):
    """The practitioner's calendar does not answer: nothing is booked unseen."""

    code = "calendar_silent"


class CalendarClosedError(CalendarSilentError):
    """Nor will it, until the client mends its access."""

    code = "calendar_closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A calendar that could not be asked, or not be read whole."""

    practitioner: str
    code: str
    passes: bool
    """Whether another try later may do; else it is the client's to mend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Times to propose, in order, and which practitioners' calendars are missing from them, or
    have entries that nobody could read (`calendar_unreadable`)."""

    slots: tuple[Slot, ...]
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is looked for."""

    visit_id: str
    practitioner_id: str | None = None
    when: str | None = None
    """As the message's field has it."""
    limit: int = 8


@dataclass(kw_only=True)
class Booking:
    """The agenda of every client, at the desk."""

    store: Store
    door: CalendarDoor
    now: Callable[[], datetime]
    wake: Callable[[], None]
    """Something is to be written or sent."""
    on_change: Callable[[Appointment], Awaitable[None]]
    """Told of each change once it is kept."""
    hold_s: float = HOLD_S
    ask_s: float = ASK_S

    async def offer(self, client_id: str, wanted: Wanted) -> Offer:
        """Raises `NotFoundError` on a visit or practitioner that is not there."""
        scope = self.store.for_client(client_id)
        rules, zone = (await scope.agenda()).rules, await self._zone(scope)
        visit = _visit(rules, wanted.visit_id)
        able = rules.who_does(visit)
        if wanted.practitioner_id is not None:
            able = tuple(one for one in able if one.id == wanted.practitioner_id)
            if not able:
                raise NotFoundError("no such practitioner")
        now = self.now()
        wish = read_wish(wanted.when, zone)
        window = (wish or Window(begins=now, ends=now)).widened(
            before=LOOK_BEFORE, after=LOOK_AFTER
        )
        unread: list[Practitioner] = []
        found = await asyncio.gather(
            *(
                self._free(scope, rules, visit, one, window, now, zone, unread=unread)
                for one in able
            )
        )
        slots = nearest(
            (slot for part in found if not isinstance(part, Fault) for slot in part),
            wish,
            wanted.limit,
        )
        faults = [part for part in found if isinstance(part, Fault)]
        faults += [Fault(practitioner=one.name, code=UNREADABLE, passes=False) for one in unread]
        return Offer(slots=tuple(slots), faults=tuple(faults))

    async def hold(
        self,
        client_id: str,
        *,
        call_id: str,
        visit_id: str,
        practitioner_id: str,
        begins: datetime,
        actor: Actor,
    ) -> Appointment:
        """Keep a time for some minutes. Raises `NotFoundError`, `SlotNotFreeError`,
        `CalendarSilentError`, `SlotTakenError`."""
        scope = self.store.for_client(client_id)
        rules = (await scope.agenda()).rules
        visit, practitioner = _visit(rules, visit_id), rules.practitioner(practitioner_id)
        if practitioner is None or practitioner not in rules.who_does(visit):
            raise NotFoundError("no such practitioner")
        slot = await self._still_free(scope, rules, visit, practitioner, begins)
        at = self.now()
        return await scope.hold_slot(
            Appointment(
                id=new_id(),
                client_id=client_id,
                call_id=call_id,
                practitioner_id=practitioner.id,
                practitioner_name=practitioner.name,
                visit_name=visit.name,
                duration_min=visit.duration_min,
                before_min=visit.before_min,
                after_min=visit.after_min,
                begins_at=slot.begins,
                ends_at=slot.ends,
                state="held",
                held_until=at + timedelta(seconds=self.hold_s),
                person=None,
                sequence=0,
                created_at=at,
                created_by=actor.id,
                created_by_name=actor.name,
                changed_at=at,
                account_id=practitioner.account,
                calendar=practitioner.calendar,
                place=None,
                written=-1,
                sync="none",
                fault=None,
                forced=False,
                attempts=0,
                claim=None,
            ),
            at=at,
        )

    async def book(
        self, client_id: str, appointment_id: str, *, person: Person, tell: Tell, actor: Actor
    ) -> Appointment:
        """Make a held time somebody's. Raises `HoldOverError`."""
        at = self.now()
        booked = await self.store.for_client(client_id).book_appointment(
            appointment_id,
            person=person,
            tell=tell,
            at=at,
            act=_act(actor, "appointment.booked", client_id, appointment_id, at),
        )
        return await self._changed(booked)

    async def move(
        self, client_id: str, appointment_id: str, *, begins: datetime, tell: Tell, actor: Actor
    ) -> Appointment:
        """To another time of the same practitioner. Raises as `hold`, `AppointmentOverError`."""
        scope = self.store.for_client(client_id)
        found = await scope.appointment(appointment_id)
        rules = (await scope.agenda()).rules
        practitioner = rules.practitioner(found.practitioner_id)
        if practitioner is None:
            raise NotFoundError("the practitioner is no longer in the agenda")
        visit = VisitType(
            id="moved",
            name=found.visit_name,
            duration_min=found.duration_min,
            before_min=found.before_min,
            after_min=found.after_min,
        )
        slot = await self._still_free(scope, rules, visit, practitioner, begins, but=found)
        at = self.now()
        moved = await scope.move_appointment(
            appointment_id,
            begins=slot.begins,
            ends=slot.ends,
            tell=tell,
            at=at,
            act=_act(actor, "appointment.moved", client_id, appointment_id, at),
        )
        return await self._changed(moved)

    async def cancel(
        self, client_id: str, appointment_id: str, *, tell: Tell, actor: Actor
    ) -> Appointment:
        """Raises `NotFoundError`, `AppointmentOverError`."""
        at = self.now()
        gone = await self.store.for_client(client_id).cancel_appointment(
            appointment_id,
            tell=tell,
            at=at,
            act=_act(actor, "appointment.cancelled", client_id, appointment_id, at),
        )
        return await self._changed(gone)

    async def insist(self, client_id: str, appointment_id: str, *, actor: Actor) -> Appointment:
        """Write it whatever the calendar has, or try once more. Raises `AppointmentOverError`."""
        at = self.now()
        again = await self.store.for_client(client_id).force_appointment(
            appointment_id,
            at=at,
            act=_act(actor, "appointment.insisted", client_id, appointment_id, at),
        )
        return await self._changed(again)

    async def _changed(self, one: Appointment) -> Appointment:
        self.wake()
        await self.on_change(one)
        return one

    async def _still_free(
        self,
        scope: ClientScope,
        rules: AgendaRules,
        visit: VisitType,
        practitioner: Practitioner,
        begins: datetime,
        but: Appointment | None = None,
    ) -> Slot:
        """The time, looked at again: what was offered may be minutes old."""
        if not self.now() <= begins <= self.now() + FURTHEST:
            raise SlotNotFreeError("the time is past, or too far away")
        zone = await self._zone(scope)
        window = Window(begins=begins, ends=begins)
        found = await self._free(
            scope, rules, visit, practitioner, window, self.now(), zone, but=but
        )
        if isinstance(found, Fault):
            raise (CalendarSilentError if found.passes else CalendarClosedError)(found.code)
        if not found:
            raise SlotNotFreeError("the time is not free")
        return found[0]

    async def _free(
        self,
        scope: ClientScope,
        rules: AgendaRules,
        visit: VisitType,
        practitioner: Practitioner,
        window: Window,
        now: datetime,
        zone: ZoneInfo,
        but: Appointment | None = None,
        unread: list[Practitioner] | None = None,
    ) -> list[Slot] | Fault:
        """`unread` takes the practitioner whose calendar has entries that cannot be read."""
        first, _ = kept_time(visit, max(window.begins, now))
        _, last = kept_time(visit, window.ends)
        if last <= first:
            return []
        try:
            busy, whole = await self._asked(scope, practitioner, first, last, zone, now)
        except CalendarError as error:
            return Fault(practitioner=practitioner.name, code=error.code, passes=error.passes)
        if not whole and unread is not None:
            unread.append(practitioner)
        if but is not None:
            # What the appointment itself keeps is free to it.
            busy = [one for one in busy if one.uid is None or not one.uid.startswith(but.id)]
        own = await scope.kept_cells(
            practitioner.id, cells_of(first, last), at=now, but=but.id if but else None
        )
        taken = [*busy, *(_cell(number) for number in own)]
        return list(
            free_slots(rules, visit, practitioner, taken, window=window, now=now, zone=zone)
        )

    async def _asked(
        self,
        scope: ClientScope,
        practitioner: Practitioner,
        first: datetime,
        last: datetime,
        zone: ZoneInfo,
        now: datetime,
    ) -> tuple[list[Busy], bool]:
        """What the practitioner's calendar has, and whether all could be read; it is noted how
        that went."""
        if practitioner.account is None:
            return [], True
        try:
            account = await scope.calendar_account(practitioner.account)
        except NotFoundError as error:
            raise MissingError("the account is gone") from error
        fault: str | None = None

        def unread(why: str) -> None:
            nonlocal fault
            fault = UNREADABLE
            logged(f"account {account.id}: {why}")

        try:
            async with (
                asyncio.timeout(self.ask_s),
                self.door.opened(account, zone) as calendars,
            ):
                calendar = calendars.calendar(practitioner.calendar)
                return list(await calendar.busy(first, last, unread=unread)), fault is None
        except TimeoutError as error:
            fault = UnreachableError.code
            raise UnreachableError("no answer in time") from error
        except CalendarError as error:
            fault = error.code
            logger.warning("calendar account %s: %s", account.id, error.detail)
            raise
        finally:
            if fault != account.fault:
                await scope.note_account(account.id, fault=fault, at=now)

    async def _zone(self, scope: ClientScope) -> ZoneInfo:
        return ZoneInfo((await scope.client()).settings.time_zone)


def _visit(rules: AgendaRules, visit_id: str) -> VisitType:
    visit = rules.visit(visit_id)
    if visit is None:
        raise NotFoundError("no such visit")
    return visit


def _cell(number: int) -> Busy:
    begins = datetime.fromtimestamp(number * CELL_S, tz=UTC)
    return Busy(begins=begins, ends=begins + timedelta(seconds=CELL_S))


def _act(actor: Actor, action: str, client_id: str, subject: str, at: datetime) -> Act:
    return Act(actor=actor, action=action, at=at, client_id=client_id, subject=subject)
