"""Reports and months in money against the same counted by hand, on either database."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.exc import DBAPIError

from copilot.events import TransferChanged
from copilot.reporting.figures import Figures, Scope
from copilot.reporting.period import Period, month_of
from copilot.reporting.tariff import Tariff
from copilot.store import ConflictError, NotFoundError, Store
from copilot.store.audit import Actor
from copilot.store.records.learning import SuggestionFeedback
from copilot.store.reports import figures
from copilot.store.tables.calls import calls
from copilot.store.tables.messages import messages
from copilot.store.usage import MonthOpenError
from copilot.wrapup.edits import FieldEdit
from tests.store.examples import MAIN, NOON, OTHER, ringing, suggestion

PARIS = ZoneInfo("Europe/Paris")
ZONES = ("Europe/Paris", "America/New_York", "Asia/Kathmandu", "Africa/Casablanca")
LEA = Actor(id="u1", name="Léa", role="supervisor")


@dataclass(frozen=True)
class Made:
    """A call as it was written, to be counted by hand."""

    client_id: str
    ringing_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    ended_by: str | None
    source: str
    operator_id: str | None


def made(random_: random.Random, period: Period) -> Made:
    """A call near the edges and the leaps of a period more often than elsewhere."""
    edges = [period.begins, period.ends, *(piece.until for piece in period.pieces())]
    span_s = (period.ends - period.begins).total_seconds()
    around = random_.choice([*edges, period.begins + timedelta(seconds=random_.random() * span_s)])
    at = around + timedelta(microseconds=random_.randint(-7_200_000_000, 7_200_000_000))
    answered = at + timedelta(microseconds=random_.randint(0, 60_000_000))
    ended = answered + timedelta(microseconds=random_.randint(0, 900_000_000))
    kind = random_.choice(["answered", "answered", "abandoned", "closed", "open"])
    took = kind in ("answered", "open")
    return Made(
        client_id=random_.choice([MAIN, OTHER]),
        ringing_at=at,
        answered_at=answered if took else None,
        ended_at=None if kind == "open" else ended,
        ended_by=None if kind == "open" else "system" if kind == "closed" else "caller",
        source=random_.choice(["sip", "sip", "sip", "outgoing"]),
        operator_id=random_.choice(["op-1", "op-2"]) if took else None,
    )


async def write(store: Store, every: Sequence[Made]) -> None:
    rows = [
        {
            **vars(one), "id": f"c{number}", "dialled": "+33199001234", "has_draft": False,
        }
        for number, one in enumerate(every)
    ]  # fmt: skip
    async with store.database.writing() as connection:
        await connection.execute(insert(calls).values(rows))


def ms(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def nearest_rank(values: Sequence[int], share: float) -> float | None:
    ordered = sorted(values)
    return ordered[ceil(share * len(ordered)) - 1] / 1000 if ordered else None


def compare(found: Figures, every: Sequence[Made], period: Period, scope: Scope) -> None:
    """Everything about calls, counted call by call."""
    here = [
        one
        for one in every
        if period.first <= one.ringing_at.astimezone(period.zone).date() <= period.last
        and one.ended_at is not None
        and scope.client_id in (None, one.client_id)
        and scope.operator_id in (None, one.operator_id)
    ]
    incoming = [one for one in here if one.source != "outgoing"]
    answered = [one for one in incoming if one.answered_at]
    waits = {
        id(one): ms(one.answered_at) - ms(one.ringing_at) for one in answered if one.answered_at
    }
    talks = [
        ms(one.ended_at) - ms(one.answered_at)
        for one in answered
        if one.answered_at and one.ended_at
    ]
    within = {
        id(one)
        for one in answered
        if waits[id(one)] <= scope.within_s.get(one.client_id, 20) * 1000
    }
    abandoned = [one for one in incoming if not one.answered_at and one.ended_by == "caller"]
    totals = found.totals
    assert totals.calls == len(incoming)
    assert totals.answered == len(answered)
    assert totals.answered_within == len(within)
    assert totals.abandoned == len(abandoned)
    assert totals.turned_away == len(incoming) - len(answered) - len(abandoned)
    assert totals.outgoing == len(here) - len(incoming)
    assert totals.talk_s == pytest.approx(sum(talks) / 1000)
    assert totals.wait_p50_s == nearest_rank([*waits.values()], 0.50)
    assert totals.wait_p95_s == nearest_rank([*waits.values()], 0.95)
    assert totals.handling_p95_s == nearest_rank(talks, 0.95)
    local = [one.ringing_at.astimezone(period.zone) for one in incoming]
    assert found.heat == Counter((at.weekday(), at.hour) for at in local)
    by_day = Counter(at.date() for at in local)
    assert {day.day: day.calls for day in found.days} == {day: by_day[day] for day in period.days()}
    assert sum(day.answered_within for day in found.days) == len(within)


@pytest.mark.parametrize("seed", range(6))
async def test_a_report_is_what_counting_by_hand_gives(store: Store, seed: int) -> None:
    random_ = random.Random(seed)
    zone = ZoneInfo(random_.choice(ZONES))
    first = date(2026, random_.choice([2, 3, 10, 11]), random_.randint(1, 28))
    period = Period(first=first, last=first + timedelta(days=random_.randint(0, 60)), zone=zone)
    every = [made(random_, period) for _ in range(random_.choice([0, 1, 19, 120]) or 20)]
    await write(store, every)
    for client_id in (None, MAIN):
        for operator_id in (None, "op-1"):
            scope = Scope(client_id=client_id, operator_id=operator_id, within_s={MAIN: 5})
            found = await figures(store.database, period=period, scope=scope)
            compare(found, every, period, scope)


async def test_the_hour_that_happens_twice_is_counted_twice_over(store: Store) -> None:
    """25 October 2026 in Paris: 2:30 comes at 0:30 and at 1:30 UTC."""
    at = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    base = Made(MAIN, at, at, at + timedelta(seconds=60), "caller", "sip", "op-1")
    later = timedelta(hours=1)
    again = replace(base, ringing_at=at + later, answered_at=at + later, ended_at=at + 2 * later)
    await write(store, [base, again])
    day = Period(first=date(2026, 10, 25), last=date(2026, 10, 25), zone=PARIS)
    found = await figures(store.database, period=day, scope=Scope(within_s={}))
    assert found.heat == {(6, 2): 2}
    assert (day.ends - day.begins) == timedelta(hours=25)


async def test_messages_edits_marks_and_answers_used(store: Store) -> None:
    scope = store.for_client(MAIN)
    for number, category in enumerate(("rendez-vous", "devis", "de la main de l'opérateur")):
        call_id = f"c{number}"
        await scope.create_call(ringing(call_id, NOON + timedelta(minutes=number)))
        await scope.append_events(call_id, [suggestion(call_id, 1), suggestion(call_id, 2)])
        await scope.record_feedback(
            SuggestionFeedback(
                call_id=call_id,
                suggestion_id="s1",
                entry_id="1",
                action="used",
                user_id="o",
                at=NOON,
            )
        )
        await scope.record_feedback(
            SuggestionFeedback(
                call_id=call_id,
                suggestion_id="s1",
                entry_id="2",
                action="used",
                user_id="o",
                at=NOON,
            )
        )
        edits = [
            FieldEdit(field="reason", proposed_chars=9, approved_chars=9, distance=number),
            FieldEdit(field="phone", proposed_chars=0, approved_chars=9, distance=9),
        ]
        await scope.approve_message(
            call_id, fields={"category": category}, note="", urgency="urgent", approved_by="o",
            approved_by_name="n", at=NOON, edits=edits,
        )  # fmt: skip
        await scope.mark_ended(call_id, ended_by="caller", reason="r", at=NOON)
    message = await scope.message_of_call("c0")
    assert message is not None
    async with store.database.writing() as connection:
        marked = update(messages).where(messages.c.id == message.id).values(well_served=True)
        await connection.execute(marked)
    period = month_of("2026-03", PARIS)
    found = await figures(store.database, period=period, scope=Scope(client_id=MAIN, within_s={}))
    told = found.messages
    assert told.categories == {"rendez-vous": 1, "devis": 1, "": 1}
    assert told.urgencies == {"urgent": 3}
    assert (told.fields_proposed, told.fields_changed) == (3, 2)
    assert (told.marked, told.well_served, told.satisfaction) == (1, 1, 1.0)
    assert (found.copilot.calls, found.copilot.offered, found.copilot.used) == (3, 6, 3)
    other = await figures(store.database, period=period, scope=Scope(client_id=OTHER, within_s={}))
    assert other.messages.messages == other.copilot.offered == 0
    assert other.totals.wait_p50_s is None and other.totals.answer_rate is None


async def priced(store: Store, tariff: Tariff) -> Any:
    scope = store.for_client(MAIN)
    await scope.save_settings(replace((await scope.client()).settings, tariff=tariff))
    return scope


@pytest.mark.parametrize("seed", range(3))
async def test_a_month_in_money_is_what_counting_by_hand_gives(store: Store, seed: int) -> None:
    random_ = random.Random(seed)
    period = month_of("2026-10", PARIS)
    every = [made(random_, period) for _ in range(60)]
    await write(store, every)
    step_s = random_.choice([1, 6, 30, 60])
    tariff = Tariff(
        monthly=Decimal("49.90"), included={"minute": 7, "call": 3}, step_s=step_s,
        prices={"minute": Decimal("0.3333"), "call": Decimal("1.05")},
    )  # fmt: skip
    scope = await priced(store, tariff)
    here = [
        one for one in every
        if one.client_id == MAIN and one.answered_at and one.ended_at
        and one.ringing_at.astimezone(PARIS).strftime("%Y-%m") == "2026-10"
    ]  # fmt: skip
    steps = sum(
        ceil((ms(one.ended_at) - ms(one.answered_at)) / (step_s * 1000))
        for one in here if one.answered_at and one.ended_at
    )  # fmt: skip
    incoming = sum(one.source != "outgoing" for one in here)
    found = {line.item: line for line in (await scope.month_usage("2026-10")).lines}
    per_minute = 60 // step_s
    minutes = max(0, steps - 7 * per_minute)
    assert found["minute"].amount == round_half_up(Decimal("0.3333") * minutes / per_minute)
    assert found["call"].billed == max(0, incoming - 3)
    statement = await scope.month_usage("2026-10")
    assert statement.net == Decimal("49.90") + sum(line.amount for line in found.values())
    assert statement.gross == statement.net + round_half_up(statement.net / 5)


def round_half_up(value: Decimal) -> Decimal:
    return (value * 100 + Decimal("0.5")).to_integral_value("ROUND_FLOOR") / 100


async def test_a_closed_month_never_changes(store: Store) -> None:
    october = month_of("2026-10", PARIS)
    running = Made(MAIN, october.begins, october.begins, None, None, "sip", "op-1")
    await write(store, [running, *(made(random.Random(7), october) for _ in range(30))])
    scope = await priced(store, Tariff(prices={"call": Decimal("1.10")}))
    over = datetime(2026, 11, 1, 12, tzinfo=UTC)
    with pytest.raises(MonthOpenError):
        await scope.close_month("2026-11", actor=LEA, at=over)
    with pytest.raises(MonthOpenError):  # a call is still in progress
        await scope.close_month("2026-10", actor=LEA, at=over)
    await store.provider.end_interrupted_calls(reason="test")
    so_far = await scope.month_usage("2026-10")
    closed = await scope.close_month("2026-10", actor=LEA, at=over)
    assert closed.lines == so_far.lines and closed.closed_by_name == "Léa"
    await priced(store, Tariff(prices={"call": Decimal(99)}))
    async with store.database.writing() as connection:
        await connection.execute(text("DELETE FROM calls"))
    assert await scope.month_usage("2026-10") == closed
    with pytest.raises(ConflictError):
        await scope.close_month("2026-10", actor=LEA, at=over)
    with pytest.raises(DBAPIError, match="never changes"):
        async with store.database.writing() as connection:
            await connection.execute(text("UPDATE statements SET month = '2026-09'"))
    assert (await store.audit.entries(client_id=MAIN))[0].act.action == "usage.closed"
    with pytest.raises(NotFoundError):
        await store.for_client("nobody").month_usage("2026-10")


async def test_transfers_texts_and_appointments_are_acts(store: Store) -> None:
    scope = await priced(store, Tariff(prices={"transfer": Decimal(2), "appointment": Decimal(3)}))
    await scope.create_call(ringing("c1"))
    states = ("dialling", "completed", "completed")
    await scope.append_events(
        "c1",
        [
            TransferChanged(
                call_id="c1", seq=number, at=NOON, transfer_id="t1", state=state,  # type: ignore[arg-type]
                mode="blind", number="+33639981234", name="", operator_id="o",
            )
            for number, state in enumerate(states, 1)
        ],
    )  # fmt: skip
    await scope.approve_message(
        "c1", fields={"category": "rendez-vous"}, note="", urgency="normal", approved_by="o",
        approved_by_name="n", at=NOON,
    )  # fmt: skip
    found = {line.item: line.amount for line in (await scope.month_usage("2026-03")).lines}
    assert found == {"message": 0, "transfer": 2, "appointment": 3}
