"""Appointments: times offered, held, booked, moved, cancelled, seen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from copilot.accounts import SignedIn
from copilot.agenda.booking import Wanted
from copilot.agenda.wish import written_when
from copilot.store.records.agenda import Appointment
from copilot.store.store import ClientScope
from knowledge.wording import plain
from web import agenda_views as views
from web import agendaschemas as shapes
from web.access import Anybody, call_in_sight, client_filter, only
from web.house import House, InHouse
from web.routes.agenda import scope_of

router = APIRouter(tags=["agenda"])

Booker = Annotated[SignedIn, Depends(only("operator", "supervisor", "client"))]
LONGEST_LIST = timedelta(days=400)


@router.get("/api/clients/{client_id}/slots")
async def slots(
    client_id: str,
    person: Booker,
    house: InHouse,
    visit_id: Annotated[str, Query(max_length=40)],
    practitioner_id: Annotated[str | None, Query(max_length=40)] = None,
    when: Annotated[str | None, Query(max_length=60)] = None,
    limit: Annotated[int, Query(ge=1, le=60)] = 8,
) -> shapes.SlotOffer:
    """Free times nearest to `when` (the message's field), asked of the calendars now."""
    scope = scope_of(client_id, person, house)
    await scope.client()
    wanted = Wanted(visit_id=visit_id, practitioner_id=practitioner_id, when=when, limit=limit)
    found = await house.appointments.booking.offer(scope.client_id, wanted)
    return views.offer(found, (await scope.agenda()).rules)


@router.get("/api/clients/{client_id}/appointments")
async def appointments(
    client_id: str,
    person: Anybody,
    house: InHouse,
    first: AwareDatetime,
    last: AwareDatetime,
    q: Annotated[str, Query(max_length=100)] = "",
) -> list[shapes.AppointmentView]:
    """Booked ones between two moments, in order; `q`: whose name or number has it."""
    scope = scope_of(client_id, person, house)
    await scope.client()
    if last - first > LONGEST_LIST:
        last = first + LONGEST_LIST
    found = await scope.appointments_between(first, last, chosen=lambda one: _about(one, q))
    return await _views(scope, found)


@router.get("/api/appointments/stuck")
async def stuck(
    person: Anybody, house: InHouse, client_id: Annotated[str | None, Query(max_length=64)] = None
) -> list[shapes.StuckAppointment]:
    """Those to come that the practitioner's calendar does not have: somebody has to look at them,
    since whoever booked them may be long gone from the call."""
    found = await house.store.agendas.stuck(
        house.journal.now(), client_id=client_filter(person, client_id)
    )
    scopes = {one.client_id: house.store.for_client(one.client_id) for _, one in found}
    zones = {
        client_id: (await scope.client()).settings.time_zone for client_id, scope in scopes.items()
    }
    return [
        shapes.StuckAppointment(
            client_name=name,
            time_zone=zones[one.client_id],
            appointment=await _view(scopes[one.client_id], one),
        )
        for name, one in found
    ]


@router.post("/api/clients/{client_id}/appointments", status_code=201)
async def hold(
    client_id: str, wanted: shapes.SlotWanted, person: Booker, house: InHouse
) -> shapes.AppointmentView:
    """Keep a time while the caller is asked."""
    scope = scope_of(client_id, person, house)
    held = await house.appointments.booking.hold(
        scope.client_id,
        call_id=wanted.call_id,
        visit_id=wanted.visit_id,
        practitioner_id=wanted.practitioner_id,
        begins=wanted.begins,
        actor=person.actor,
    )
    return await _view(scope, held)


@router.delete("/api/clients/{client_id}/appointments/{appointment_id}/hold", status_code=204)
async def release(client_id: str, appointment_id: str, person: Booker, house: InHouse) -> None:
    """Let a held time go."""
    await scope_of(client_id, person, house).release_slot(appointment_id)


@router.post("/api/clients/{client_id}/appointments/{appointment_id}/book")
async def book(
    client_id: str,
    appointment_id: str,
    edit: shapes.BookingEdit,
    person: Booker,
    house: InHouse,
) -> shapes.AppointmentView:
    """Make a held time the caller's; they are told as the operator says here."""
    scope = scope_of(client_id, person, house)
    await scope.client()
    booked = await house.appointments.booking.book(
        scope.client_id,
        appointment_id,
        person=views.person_of(edit.person),
        tell=house.appointments.checked(views.told(edit.tell)),
        actor=person.actor,
    )
    await _write_down(house, person, scope, booked, booked.call_id, "prendre")
    return await _view(scope, booked)


@router.post("/api/clients/{client_id}/appointments/{appointment_id}/move")
async def move(
    client_id: str, appointment_id: str, edit: shapes.MoveEdit, person: Booker, house: InHouse
) -> shapes.AppointmentView:
    """To another time of the same practitioner."""
    scope = scope_of(client_id, person, house)
    moved = await house.appointments.booking.move(
        scope.client_id,
        appointment_id,
        begins=edit.begins,
        tell=house.appointments.checked(views.told(edit.tell)),
        actor=person.actor,
    )
    await _write_down(house, person, scope, moved, edit.call_id, "déplacer")
    return await _view(scope, moved)


@router.post("/api/clients/{client_id}/appointments/{appointment_id}/cancel")
async def cancel(
    client_id: str, appointment_id: str, edit: shapes.CancelEdit, person: Booker, house: InHouse
) -> shapes.AppointmentView:
    """Give the time back."""
    scope = scope_of(client_id, person, house)
    gone = await house.appointments.booking.cancel(
        scope.client_id,
        appointment_id,
        tell=house.appointments.checked(views.told(edit.tell)),
        actor=person.actor,
    )
    await _write_down(house, person, scope, gone, edit.call_id, "annuler")
    return await _view(scope, gone)


@router.post("/api/clients/{client_id}/appointments/{appointment_id}/insist")
async def insist(
    client_id: str, appointment_id: str, person: Booker, house: InHouse
) -> shapes.AppointmentView:
    """Write it into the calendar whatever else is there, or try once more."""
    scope = scope_of(client_id, person, house)
    again = await house.appointments.booking.insist(
        scope.client_id, appointment_id, actor=person.actor
    )
    return await _view(scope, again)


@router.get("/api/calls/{call_id}/appointments")
async def of_call(call_id: str, person: Anybody, house: InHouse) -> list[shapes.AppointmentView]:
    """Those taken during a call, and what became of them."""
    record = await call_in_sight(house, person, call_id)
    scope = house.store.for_client(record.client_id)
    return await _views(scope, await scope.appointments_of_call(call_id))


async def _write_down(
    house: House,
    person: SignedIn,
    scope: ClientScope,
    one: Appointment,
    call_id: str | None,
    action: str,
) -> None:
    """Into the message of the call it was done in, while that is not approved."""
    if call_id is None:
        return
    record = await scope.call(call_id)
    if await scope.message_of_call(call_id) is not None:
        return
    zone = ZoneInfo((await scope.client()).settings.time_zone)
    edit: dict[str, str | None] = {
        "appointment_action": action,
        "appointment_when": written_when(one.begins_at, zone),
    }
    await scope.save_draft_edits(call_id, edit, edited_by=person.user.id, at=house.journal.now())
    draft = await house.reception.drafts.of(record.client_id, call_id)
    draft.edit(edit)


def _about(one: Appointment, words: str) -> bool:
    person = one.person
    if not words.strip() or person is None:
        return not words.strip()
    digits = "".join(sign for sign in words if sign.isdigit()).removeprefix("0")
    if len(digits) >= 4 and person.phone and digits in person.phone:
        return True
    folded = plain(person.name)
    wanted = plain(words).split()
    return bool(wanted) and all(word in folded for word in wanted)


async def _view(scope: ClientScope, one: Appointment) -> shapes.AppointmentView:
    return (await _views(scope, [one]))[0]


async def _views(scope: ClientScope, found: Sequence[Appointment]) -> list[shapes.AppointmentView]:
    zone = ZoneInfo((await scope.client()).settings.time_zone)
    notices = await scope.appointment_notices([one.id for one in found])
    return [views.appointment(one, notices.get(one.id, ()), zone) for one in found]
