"""Appointments in the database: kept once, whoever books; moved, cancelled, written, told."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from copilot.agenda.rules import AgendaRules
from copilot.agenda.slots import cells_of
from copilot.store import ConflictError, NotFoundError, Store
from copilot.store.appointments import AppointmentOverError, HoldOverError, SlotTakenError
from copilot.store.records.agenda import Appointment, NoticeChannel
from copilot.store.tables.agenda import calendar_accounts
from tests.agenda.examples import NOW, PERSON, RULES, act, held
from tests.store.examples import MAIN, OTHER, ringing

HALF_HOUR = timedelta(minutes=30)
E_MAIL: list[tuple[NoticeChannel, str]] = [("email", "claire@example.fr")]


@pytest.fixture
async def ready(store: Store) -> Store:
    for client in (MAIN, OTHER):
        await store.for_client(client).create_call(ringing(f"call-{client}"))
    return store


async def booked(store: Store, begins=NOW, **values) -> Appointment:  # type: ignore[no-untyped-def]
    scope = store.for_client(MAIN)
    kept = await scope.hold_slot(held(MAIN, f"call-{MAIN}", begins, **values), at=NOW)
    return await scope.book_appointment(kept.id, person=PERSON, tell=E_MAIL, at=NOW, act=act(MAIN))


async def test_a_time_is_kept_once_per_practitioner(ready: Store) -> None:
    scope, other = ready.for_client(MAIN), ready.for_client(OTHER)
    first = await scope.hold_slot(held(MAIN, f"call-{MAIN}"), at=NOW)
    for begins in (NOW, NOW + timedelta(minutes=15), NOW - timedelta(minutes=25)):
        with pytest.raises(SlotTakenError):
            await scope.hold_slot(held(MAIN, f"call-{MAIN}", begins), at=NOW)
    await scope.hold_slot(held(MAIN, f"call-{MAIN}", NOW + HALF_HOUR), at=NOW)
    await scope.hold_slot(held(MAIN, f"call-{MAIN}", practitioner_id="leroy"), at=NOW)
    await other.hold_slot(held(OTHER, f"call-{OTHER}"), at=NOW)
    cells = cells_of(NOW - HALF_HOUR, NOW + 2 * HALF_HOUR)
    assert len(await scope.kept_cells("vasseur", cells, at=NOW)) == 12
    assert len(await scope.kept_cells("vasseur", cells, at=NOW, but=first.id)) == 6
    await scope.release_slot(first.id)
    await scope.hold_slot(held(MAIN, f"call-{MAIN}"), at=NOW)


async def test_somebody_whom_pages_of_others_precede_is_found(
    ready: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("copilot.store.appointments.MOST_OF_A_LIST", 2)
    made = [await booked(ready, NOW + n * HALF_HOUR) for n in range(3)]
    made += [await booked(ready, made[2].begins_at, practitioner_id="leroy")]
    scope, end = ready.for_client(MAIN), NOW + timedelta(days=1)
    for wanted in made:

        def chosen(one: Appointment, wanted: str = wanted.id) -> bool:
            return one.id == wanted

        found = await scope.appointments_between(NOW, end, chosen=chosen)
        assert [one.id for one in found] == [wanted.id]
    assert len(await scope.appointments_between(NOW, end)) == 2


async def test_what_is_kept_around_a_visit_is_nobody_else_s(ready: Store) -> None:
    scope = ready.for_client(MAIN)
    await scope.hold_slot(held(MAIN, f"call-{MAIN}", after_min=15), at=NOW)
    with pytest.raises(SlotTakenError):
        await scope.hold_slot(held(MAIN, f"call-{MAIN}", NOW + HALF_HOUR), at=NOW)
    late = held(MAIN, f"call-{MAIN}", NOW + timedelta(minutes=40), before_min=10)
    with pytest.raises(SlotTakenError):
        await scope.hold_slot(late, at=NOW)


async def test_a_hold_that_ran_out_is_let_go_only_when_somebody_wants_it(ready: Store) -> None:
    scope = ready.for_client(MAIN)
    first = await scope.hold_slot(held(MAIN, f"call-{MAIN}"), at=NOW)
    late = NOW + timedelta(minutes=6)
    # The caller took long to answer, nobody else asked: it is still theirs.
    await scope.book_appointment(first.id, person=PERSON, tell=[], at=late, act=act(MAIN))
    begins = NOW + HALF_HOUR
    second = await scope.hold_slot(held(MAIN, f"call-{MAIN}", begins, held_until=late), at=NOW)
    assert not await scope.kept_cells("vasseur", cells_of(begins, begins + HALF_HOUR), at=late)
    await scope.hold_slot(held(MAIN, f"call-{MAIN}", begins), at=late)
    with pytest.raises(HoldOverError):
        await scope.book_appointment(second.id, person=PERSON, tell=[], at=late, act=act(MAIN))


async def test_moved_and_cancelled_with_the_sequence_of_the_standard(ready: Store) -> None:
    scope = ready.for_client(MAIN)
    one = await booked(ready)
    other = await booked(ready, NOW + HALF_HOUR)
    with pytest.raises(SlotTakenError):
        await scope.move_appointment(
            one.id, begins=other.begins_at, ends=other.ends_at, tell=[], at=NOW, act=act(MAIN)
        )
    assert await scope.appointment(one.id) == one  # nothing half-done
    # Over its own time is fine.
    begins = NOW - timedelta(minutes=15)
    moved = await scope.move_appointment(
        one.id, begins=begins, ends=begins + HALF_HOUR, tell=E_MAIL, at=NOW, act=act(MAIN)
    )
    assert (moved.sequence, moved.begins_at, moved.person) == (1, begins, PERSON)
    gone = await scope.cancel_appointment(one.id, tell=E_MAIL, at=NOW, act=act(MAIN))
    assert (gone.sequence, gone.state) == (2, "cancelled")
    assert await scope.cancel_appointment(one.id, tell=[], at=NOW, act=act(MAIN)) == gone
    with pytest.raises(AppointmentOverError):
        await scope.move_appointment(
            one.id, begins=NOW, ends=NOW + HALF_HOUR, tell=[], at=NOW, act=act(MAIN)
        )
    notices = (await scope.appointment_notices([one.id]))[one.id]
    assert [(n.occasion, n.sequence, n.state) for n in notices] == [
        ("booked", 0, "cancelled"), ("moved", 1, "cancelled"), ("cancelled", 2, "pending"),
    ]  # fmt: skip
    listed = await scope.appointments_of_call(f"call-{MAIN}")
    assert {found.id for found in listed} == {one.id, other.id}
    day = await scope.appointments_between(NOW - HALF_HOUR, NOW + 2 * HALF_HOUR)
    assert [found.id for found in day] == [other.id]


async def test_what_changes_while_it_is_written_stays_to_be_written(ready: Store) -> None:
    scope, queue = ready.for_client(MAIN), ready.agendas
    one = await booked(ready, account_id="a", calendar="c")
    assert await queue.claim_notices(at=NOW, lease_s=60, limit=9) == ()  # not in its calendar yet
    (claimed,) = await queue.claim_writes(at=NOW, lease_s=60, limit=9)
    assert claimed.person == PERSON
    assert await queue.claim_writes(at=NOW, lease_s=60, limit=9) == ()
    begins = NOW + timedelta(hours=2)
    await scope.move_appointment(
        one.id, begins=begins, ends=begins + HALF_HOUR, tell=E_MAIL, at=NOW, act=act(MAIN)
    )
    assert await queue.written(claimed, place={"id": "x", "etag": "1"})
    (again,) = await queue.claim_writes(at=NOW, lease_s=60, limit=9)
    assert (again.sequence, again.written, again.place) == (1, 0, {"id": "x", "etag": "1"})
    assert not await queue.written(claimed, place=None)  # of a claim that is over
    assert await queue.written(again, place={"id": "x", "etag": "2"})
    ((notice, whose),) = await queue.claim_notices(at=NOW, lease_s=60, limit=9)
    assert (notice.occasion, notice.recipient, whose.id) == ("moved", "claire@example.fr", one.id)
    assert await queue.finish_notice(notice, state="delivered", delivered_at=NOW)
    assert await queue.next_due() is None


async def test_a_claim_of_a_worker_that_died_runs_out(ready: Store) -> None:
    await booked(ready, account_id="a", calendar="c")
    queue = ready.agendas
    (dead,) = await queue.claim_writes(at=NOW, lease_s=60, limit=9)
    assert await queue.next_due() == NOW + timedelta(seconds=60)
    (again,) = await queue.claim_writes(at=NOW + timedelta(seconds=61), lease_s=60, limit=9)
    assert again.attempts == 2
    assert not await queue.written(dead, place=None)
    assert await queue.refuse_write(again, conflict=True, fault="calendar_conflict")
    stuck = await ready.for_client(MAIN).appointment(again.id)
    assert (stuck.sync, stuck.fault) == ("conflict", "calendar_conflict")
    assert await queue.claim_notices(at=NOW, lease_s=60, limit=9) == ()
    forced = await ready.for_client(MAIN).force_appointment(again.id, at=NOW, act=act(MAIN))
    assert (forced.sync, forced.forced) == ("pending", True)


async def test_the_agenda_is_changed_by_one_at_a_time(store: Store) -> None:
    scope = store.for_client(MAIN)
    assert (await scope.agenda()).rules == AgendaRules()
    await scope.save_agenda(RULES, latest=0, at=NOW)
    with pytest.raises(ConflictError):
        await scope.save_agenda(AgendaRules(), latest=0, at=NOW)
    kept = await scope.agenda()
    assert (kept.rules, kept.version) == (RULES, 1)


async def test_an_account_s_secrets_are_sealed_and_it_stays_while_needed(store: Store) -> None:
    scope = store.for_client(MAIN)
    access = {"address": "https://dav.example.fr", "user": "u", "password": "tartempion"}
    await scope.save_calendar_account(
        "a", provider="caldav", name="Nextcloud", access=access, at=NOW
    )
    async with store.database.reading() as connection:
        (row,) = (await connection.execute(calendar_accounts.select())).all()
    assert "tartempion" not in str(tuple(row))
    assert (await scope.calendar_account("a")).access == access
    assert "tartempion" not in repr(await scope.calendar_account("a"))
    with pytest.raises(NotFoundError):
        await store.for_client(OTHER).calendar_account("a")
    with pytest.raises(ConflictError):
        await scope.save_calendar_account("a", provider="google", name="x", access={}, at=NOW)
    told = replace(RULES.practitioners[0], account="a", calendar="c")
    rules = replace(RULES, practitioners=(told, *RULES.practitioners[1:]))
    await scope.save_agenda(rules, latest=0, at=NOW)
    with pytest.raises(ConflictError):
        await scope.drop_calendar_account("a")
    await scope.save_agenda(RULES, latest=1, at=NOW)
    await scope.drop_calendar_account("a")
    assert await scope.calendar_accounts() == ()


async def test_a_call_stays_until_its_appointment_is_over(ready: Store) -> None:
    scope = ready.for_client(MAIN)
    await scope.mark_ended(f"call-{MAIN}", ended_by="caller", reason="r", at=NOW)
    one = await booked(ready, NOW + timedelta(days=40))

    async def purge(days: int) -> int:
        at = NOW + timedelta(days=days)
        before = at - timedelta(days=30)
        return (
            await scope.purge(
                transcripts_before=before, calls_before=before, recordings_before=before, at=at
            )
        ).calls

    assert await purge(35) == 0
    assert await purge(41) == 1
    with pytest.raises(NotFoundError):
        await scope.appointment(one.id)


BOOK = """
import asyncio, sys
from datetime import timedelta
from copilot.store import Store
from copilot.store.appointments import SlotTakenError
from tests.agenda.examples import NOW, PERSON, act, held
from tests.keys import KEYS

async def one(store, number):
    scope = store.for_client("delorme")
    begins = NOW + timedelta(minutes=5 * (number % 3))
    try:
        kept = await scope.hold_slot(held("delorme", "call-delorme", begins), at=NOW)
    except SlotTakenError:
        return 0
    await scope.book_appointment(kept.id, person=PERSON, tell=[], at=NOW, act=act("delorme"))
    return 1

async def main():
    async with Store(sys.argv[1], keyring=KEYS) as store:
        print(sum(await asyncio.gather(*(one(store, n) for n in range(10)))))

asyncio.run(main())
"""


async def test_twenty_bookings_at_once_by_two_processes_get_one_time(
    ready: Store, url: str
) -> None:
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", BOOK, url, stdout=asyncio.subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        for _ in range(2)
    ]  # fmt: skip
    said = [await process.communicate() for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert sum(int(out) for out, _ in said) == 1
    listed = await ready.for_client(MAIN).appointments_between(NOW, NOW + timedelta(hours=3))
    assert len(listed) == 1
