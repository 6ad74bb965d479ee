"""The worker between appointments and calendars: late, refused, lost, in the way, never twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from copilot.agenda.accounts import CalendarDoor
from copilot.agenda.keeper import AgendaKeeper
from copilot.agenda.rules import AgendaRules
from copilot.delivery.backoff import Backoff
from copilot.delivery.channel import PermanentFailureError, TemporaryFailureError
from copilot.store import ClientScope, Store
from copilot.store.records.agenda import Appointment, Notice, StoredAccount
from copilot.store.records.clients import Client
from tests.agenda.examples import NOW, PERSON, act, held
from tests.agenda.published import Google, serving
from tests.agenda.servers import LOOPBACK
from tests.databases import migrated
from tests.keys import KEYS
from tests.store.examples import MAIN, client, ringing

CALL = "call-1"


@dataclass
class Post:
    """Takes what callers are told, or refuses it."""

    sent: list[Notice] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)

    async def send(
        self, notice: Notice, appointment: Appointment, client: Client, rules: AgendaRules
    ) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(notice)


@dataclass
class Bench:
    """A worker whose clock is the test's, between a store and a Google."""

    store: Store
    google: Google
    post: Post
    keeper: AgendaKeeper
    now: datetime = NOW

    @property
    def scope(self) -> ClientScope:
        return self.store.for_client(MAIN)

    async def booked(self) -> Appointment:
        kept = await self.scope.hold_slot(
            held(MAIN, CALL, account_id="a", calendar="vasseur@example.fr"), at=self.now
        )
        return await self.scope.book_appointment(
            kept.id, person=PERSON, tell=[("email", "claire@example.fr")], at=self.now,
            act=act(MAIN),
        )  # fmt: skip

    async def later(self, **wait: float) -> None:
        self.now += timedelta(**wait)
        while await self.keeper.keep_due():
            pass

    async def appointment(self, one: Appointment) -> Appointment:
        return await self.scope.appointment(one.id)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    url = migrated(tmp_path)
    async with Store(url, keyring=KEYS) as store, serving(Google) as google:
        await store.provider.save_client(client(MAIN, "Cabinet Vasseur"), at=NOW)
        scope = store.for_client(MAIN)
        await scope.create_call(ringing(CALL))
        access = {"client_id": "c", "client_secret": "s", "refresh_token": "refresh-1"}
        await scope.save_calendar_account("a", provider="google", name="n", access=access, at=NOW)

        async def keep(account: StoredAccount) -> None:
            await store.for_client(account.client_id).renew_access(account.id, account.access)

        async def nobody(_: Appointment) -> None:
            return

        post = Post()
        door = CalendarDoor(reach=LOOPBACK, keep=keep, providers=google.providers())
        made: list[Bench] = []
        keeper = AgendaKeeper(
            store, door, post, on_change=nobody, backoff=Backoff(first_s=30, tries=3),
            now=lambda: made[0].now,
        )  # fmt: skip
        made.append(Bench(store=store, google=google, post=post, keeper=keeper))
        yield made[0]


async def test_written_once_then_told(bench: Bench) -> None:
    one = await bench.booked()
    await bench.later()
    (event,) = bench.google.events.values()
    assert event["summary"] == "Bilan – Claire Fontaine"
    assert "06 39 98 12 34" in event["description"] or "+33639981234" in event["description"]
    assert [notice.occasion for notice in bench.post.sent] == ["booked"]
    assert (await bench.appointment(one)).sync == "written"
    await bench.later(days=1)
    assert len(bench.google.events) == len(bench.post.sent) == 1


async def test_a_calendar_that_is_asked_too_often_is_left_alone_as_long_as_it_says(
    bench: Bench,
) -> None:
    bench.google.refusals = [(429, {"Retry-After": "600"}, {})]
    one = await bench.booked()
    await bench.later()
    late = await bench.appointment(one)
    assert (late.sync, late.fault) == ("pending", "calendar_throttled")
    await bench.later(minutes=9)
    assert bench.google.events == {} and bench.post.sent == []
    await bench.later(minutes=2)
    assert len(bench.google.events) == len(bench.post.sent) == 1
    assert (await bench.appointment(one)).fault is None


async def test_an_answer_that_is_lost_makes_no_second_entry(bench: Bench) -> None:
    bench.google.lost = 1
    await bench.booked()
    await bench.later()
    assert len(bench.google.events) == 1 and bench.post.sent == []
    await bench.later(minutes=1)
    assert len(bench.google.events) == len(bench.post.sent) == 1


async def test_cancelled_after_a_lost_answer_nothing_is_left_there(bench: Bench) -> None:
    bench.google.lost = 1
    one = await bench.booked()
    await bench.later()
    await bench.scope.cancel_appointment(one.id, tell=[], at=bench.now, act=act(MAIN))
    await bench.later()
    assert bench.google.events == {} and bench.post.sent == []
    assert (await bench.appointment(one)).sync == "written"


async def test_after_so_many_tries_it_is_for_people(bench: Bench) -> None:
    bench.google.refusals = [(503, {}, {})] * 3
    one = await bench.booked()
    for _ in range(3):
        await bench.later(minutes=5)
    stuck = await bench.appointment(one)
    assert (stuck.sync, stuck.fault, stuck.state) == ("failed", "calendar_unreachable", "booked")
    await bench.scope.force_appointment(one.id, at=bench.now, act=act(MAIN))
    await bench.later()
    assert (await bench.appointment(one)).sync == "written"


async def test_what_was_entered_between_the_look_and_the_write_is_found(bench: Bench) -> None:
    bench.google.meanwhile = lambda google: google.book(
        "2026-03-16T08:10:00+00:00", "2026-03-16T08:20:00+00:00"
    )
    one = await bench.booked()
    await bench.later()
    stuck = await bench.appointment(one)
    assert (stuck.sync, stuck.fault) == ("conflict", "calendar_conflict")
    assert stuck.place is not None and bench.post.sent == []
    # Moved away from it: the same entry, elsewhere.
    begins = NOW + timedelta(hours=3)
    await bench.scope.move_appointment(
        one.id, begins=begins, ends=begins + timedelta(minutes=30),
        tell=[("email", "claire@example.fr")], at=bench.now, act=act(MAIN),
    )  # fmt: skip
    await bench.later()
    assert len(bench.google.events) == 2
    assert [notice.occasion for notice in bench.post.sent] == ["moved"]


async def test_what_the_practice_changed_is_written_over_only_by_insisting(bench: Bench) -> None:
    one = await bench.booked()
    await bench.later()
    bench.google.events[one.id]["etag"] = '"theirs"'
    await bench.scope.cancel_appointment(one.id, tell=[], at=bench.now, act=act(MAIN))
    await bench.later()
    stuck = await bench.appointment(one)
    assert (stuck.sync, stuck.fault) == ("conflict", "calendar_changed")
    assert one.id in bench.google.events
    await bench.scope.force_appointment(one.id, at=bench.now, act=act(MAIN))
    await bench.later()
    assert bench.google.events == {}


async def test_an_account_that_is_gone_says_so(bench: Bench) -> None:
    one = await bench.booked()
    async with bench.store.database.writing() as connection:
        await connection.execute(text("DELETE FROM calendar_accounts"))
    await bench.later()
    assert (await bench.appointment(one)).fault == "calendar_missing"


async def test_a_confirmation_that_cannot_go_is_tried_then_given_up(bench: Bench) -> None:
    bench.post.failures = [TemporaryFailureError("serveur absent")]
    one = await bench.booked()
    await bench.later()
    (notice,) = (await bench.scope.appointment_notices([one.id]))[one.id]
    assert (notice.state, notice.last_error) == ("pending", "serveur absent")
    bench.post.failures = [PermanentFailureError("refusé")]
    await bench.later(minutes=2)
    (notice,) = (await bench.scope.appointment_notices([one.id]))[one.id]
    assert (notice.state, notice.last_error) == ("dead", "refusé")


async def test_a_confirmation_that_is_late_says_nothing_of_a_time_that_is_no_longer(
    bench: Bench,
) -> None:
    one = await bench.booked()
    begins = one.begins_at + timedelta(days=1)

    async def moved_meanwhile(
        notice: Notice, appointment: Appointment, client: Client, rules: AgendaRules
    ) -> None:
        await bench.scope.move_appointment(
            one.id, begins=begins, ends=begins + timedelta(minutes=30),
            tell=[("email", "claire@example.fr")], at=bench.now, act=act(MAIN),
        )  # fmt: skip
        raise TemporaryFailureError("450")

    send = bench.post.send
    bench.post.send = moved_meanwhile  # type: ignore[method-assign]
    await bench.keeper.keep_due()
    await bench.keeper.keep_due()  # written, then told
    bench.post.send = send  # type: ignore[method-assign]
    await bench.later(hours=1)
    await bench.later(hours=1)
    assert [(said.occasion, said.begins_at) for said in bench.post.sent] == [("moved", begins)]
    notices = (await bench.scope.appointment_notices([one.id]))[one.id]
    assert [said.state for said in notices] == ["cancelled", "delivered"]


async def test_the_token_is_kept_from_one_use_to_the_next(bench: Bench) -> None:
    one = await bench.booked()
    await bench.later()
    await bench.scope.cancel_appointment(one.id, tell=[], at=bench.now, act=act(MAIN))
    await bench.later()
    assert len(bench.google.granted) == 1


async def test_it_runs_by_itself_and_stops(bench: Bench) -> None:
    async with bench.keeper:
        one = await bench.booked()
        bench.keeper.wake()
        while (await bench.appointment(one)).sync != "written":
            pass
    assert len(bench.google.events) == 1
