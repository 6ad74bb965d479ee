"""Free times: within hours, notice and horizon, never over what is taken."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jours_feries_france import JoursFeries

from copilot.agenda.rules import BadAgendaError, VisitType, checked, read_rules, rules_values
from copilot.agenda.slots import Busy, Slot, cells_of, free_slots, kept_time, merged, nearest
from copilot.agenda.wish import Window, read_wish, written_when
from copilot.drafting.calendar import holidays
from copilot.waiting.hours import OpeningHours, SpecialDay, is_open
from tests.agenda.examples import CHECKUP, LONG, NOW, PARIS, RULES, VASSEUR, WEEK


def window(first: datetime, days: float) -> Window:
    return Window(begins=first, ends=first + timedelta(days=days))


def free(busy: list[Busy] = [], visit: VisitType = CHECKUP, days: float = 1) -> list[Slot]:  # noqa: B006
    found = free_slots(RULES, visit, VASSEUR, busy, window=window(NOW, days), now=NOW, zone=PARIS)
    return list(found)


def clocks(slots: list[Slot]) -> list[str]:
    return [slot.begins.astimezone(PARIS).strftime("%H:%M") for slot in slots]


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS).astimezone(UTC)


def test_a_morning_with_notice_and_lunch() -> None:
    found = clocks(free(days=0.6))
    assert found[0] == "10:00"  # an hour's notice
    assert "11:30" in found and "11:45" not in found  # whole within the hours
    assert found[-1] == "17:30" and "13:00" not in found


def test_what_is_kept_around_a_visit_counts() -> None:
    taken = Busy(begins=paris("2026-03-16T11:00"), ends=paris("2026-03-16T11:30"))
    found = clocks(free([taken], days=0.2))
    # Ten minutes after each visit: 10:15 to 10:45 and to 10:55 is free, 10:30 to 11:10 is not.
    assert found == ["10:00", "10:15", "11:30"]
    assert clocks(free([taken], LONG, days=0.2)) == ["10:00"]  # from 9:45


@st.composite
def busy_times(draw: st.DrawFn) -> Busy:
    begins = NOW + timedelta(minutes=draw(st.integers(-600, 7 * 1440)))
    return Busy(begins=begins, ends=begins + timedelta(minutes=draw(st.integers(0, 600))))


@given(
    st.lists(busy_times(), max_size=12),
    st.integers(1, 36).map(lambda n: n * 5),
    st.integers(0, 6).map(lambda n: n * 5),
    st.integers(0, 6).map(lambda n: n * 5),
    st.sampled_from(["Europe/Paris", "Indian/Reunion", "America/Cayenne", "Asia/Kathmandu"]),
)
@settings(max_examples=60)
def test_no_time_is_offered_that_is_taken_or_closed(
    busy: list[Busy], length: int, before: int, after: int, zone_name: str
) -> None:
    visit = VisitType(id="v", name="v", duration_min=length, before_min=before, after_min=after)
    zone = ZoneInfo(zone_name)
    found = list(free_slots(RULES, visit, VASSEUR, busy, window=window(NOW, 7), now=NOW, zone=zone))
    assert [slot.begins for slot in found] == sorted({slot.begins for slot in found})
    for slot in found:
        first, last = kept_time(visit, slot.begins)
        assert not any(
            one.begins < last and one.ends > first and one.begins < one.ends for one in busy
        )
        assert is_open(WEEK, slot.begins, zone)
        assert is_open(WEEK, slot.ends - timedelta(seconds=1), zone)
        assert slot.begins >= NOW + timedelta(minutes=RULES.notice_min)
        assert slot.ends - slot.begins == timedelta(minutes=length)


@given(st.lists(busy_times(), max_size=12))
@settings(max_examples=40)
def test_nothing_that_is_free_is_left_out(busy: list[Busy]) -> None:
    """Against asking every step by itself."""
    offered = {slot.begins for slot in free(busy, days=3)}
    step = timedelta(minutes=RULES.step_min)
    at = NOW
    while at <= NOW + timedelta(days=3):
        first, last = kept_time(CHECKUP, at)
        visit_open = is_open(WEEK, at, PARIS) and is_open(
            WEEK, at + timedelta(minutes=29, seconds=59), PARIS
        )
        same_half = (at.astimezone(PARIS).hour < 12) == (
            (at + timedelta(minutes=29)).astimezone(PARIS).hour < 12
        )
        clear = all(not (begin < last and end > first) for begin, end in merged(busy))
        expected = visit_open and same_half and clear and at >= NOW + timedelta(hours=1)
        assert (at in offered) == expected, at
        at += step


@pytest.mark.parametrize(("day", "opened_h"), [(date(2026, 3, 29), 3), (date(2026, 10, 25), 5)])
def test_the_night_when_clocks_change_has_the_hours_it_has(day: date, opened_h: int) -> None:
    """Open from midnight to four: three hours in spring, five in autumn."""
    rules = replace(
        RULES, hours=OpeningHours(week=(((0, 240),),) * 7), notice_min=0, horizon_days=300
    )
    visit = VisitType(id="v", name="v", duration_min=60)
    begins = datetime.combine(day, datetime.min.time(), tzinfo=PARIS).astimezone(UTC)
    found = list(
        free_slots(rules, visit, VASSEUR, [], window=window(begins, 0.5), now=NOW, zone=PARIS)
    )
    assert len(found) == (opened_h - 1) * 4 + 1
    assert found[-1].ends.astimezone(PARIS).strftime("%H:%M") == "04:00"


def test_hours_past_midnight_and_special_days() -> None:
    hours = OpeningHours(
        week=(((1320, 60),),) * 7,
        special=(SpecialDay(day=date(2026, 3, 17), spans=()),),
    )
    rules = replace(RULES, hours=hours, step_min=60)
    visit = VisitType(id="v", name="v", duration_min=60)
    found = list(
        free_slots(rules, visit, VASSEUR, [], window=window(NOW, 2.9), now=NOW, zone=PARIS)
    )
    assert [slot.begins.astimezone(PARIS).strftime("%d %H") for slot in found] == [
        "16 22", "16 23", "17 00", "18 22", "18 23", "19 00",
    ]  # fmt: skip


def test_public_holidays_are_closed_and_are_those_of_the_state_s_own_list() -> None:
    rules = replace(RULES, horizon_days=366, notice_min=0)
    easter_monday = paris("2026-04-06T00:00")
    shut = free_slots(
        rules, CHECKUP, VASSEUR, [], window=window(easter_monday, 0.99), now=NOW, zone=PARIS
    )
    assert list(shut) == []
    for year in range(2020, 2045):
        official = set(JoursFeries.for_year(year).values())
        # Easter Sunday and Whit Sunday are on no weekday list.
        ours = {day for day in holidays(year).values() if day.weekday() < 6}
        assert {day for day in official if day.weekday() < 6} == ours, year


def test_the_horizon_ends_with_its_last_day() -> None:
    rules = replace(RULES, horizon_days=1, notice_min=0)
    found = list(
        free_slots(rules, CHECKUP, VASSEUR, [], window=window(NOW, 9), now=NOW, zone=PARIS)
    )
    assert {slot.begins.astimezone(PARIS).day for slot in found} == {16, 17}


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ("2026-03-18", "2026-03-18T00:00", "2026-03-18T23:59"),
        ("2026-03-18T14:30", "2026-03-18T14:30", "2026-03-18T14:30"),
        ("2026-03-18T14:00/18:00", "2026-03-18T14:00", "2026-03-18T18:00"),
        ("2026-06-16/2026-06-19", "2026-06-16T00:00", "2026-06-19T23:59"),
    ],
)
def test_what_the_caller_said(said: str, first: str, last: str) -> None:
    wish = read_wish(said, PARIS)
    assert wish == Window(begins=paris(first), ends=paris(last))


@given(st.text(max_size=30))
@settings(max_examples=100)
def test_what_is_no_time_is_none(text: str) -> None:
    wish = read_wish(text, PARIS)
    assert wish is None or wish.begins <= wish.ends


def test_nonsense_days_are_none() -> None:
    for text in (
        "2026-02-30",
        "2026-03-18T25:00",
        "2026-03-18T18:00/14:00",
        "0001-01-01",
        "9999-12-31",
        None,
        "mardi",
    ):
        assert read_wish(text, PARIS) is None


def test_the_nearest_to_the_wish_come_in_order() -> None:
    wish = read_wish("2026-03-17T15:00", PARIS)
    found = nearest(free(days=3), wish, 3)
    assert clocks(found) == ["14:45", "15:00", "15:15"]
    assert written_when(found[1].begins, PARIS) == "2026-03-17T15:00"
    assert len(nearest(free(days=3), None, 5)) == 5


@given(st.integers(0, 10**6), st.integers(1, 600), st.integers(0, 10**6), st.integers(1, 600))
@settings(max_examples=100)
def test_overlapping_times_share_a_cell(a: int, for_a: int, b: int, for_b: int) -> None:
    def cells(begin: int, length: int) -> set[int]:
        at = datetime.fromtimestamp(begin * 60, tz=UTC)
        return set(cells_of(at, at + timedelta(minutes=length)))

    overlap = a < b + for_b and b < a + for_a
    shared = bool(cells(a, for_a) & cells(b, for_b))
    assert shared or not overlap
    whole = all(value % 5 == 0 for value in (a, for_a, b, for_b))
    assert not whole or shared == overlap


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"notice_min": -1}, "notice_min"),
        ({"horizon_days": 0}, "horizon_days"),
        ({"step_min": 7}, "step_min"),
        ({"visits": (replace(CHECKUP, duration_min=12),)}, "visits.0.duration_min"),
        ({"visits": (replace(CHECKUP, duration_min=0),)}, "visits.0.duration_min"),
        ({"visits": (CHECKUP, replace(CHECKUP, after_min=3))}, "visits.1.name"),
        ({"visits": (replace(CHECKUP, practitioners=("nobody",)),)}, "visits.0.practitioners"),
        ({"practitioners": (VASSEUR, replace(VASSEUR, id="b"))}, "practitioners.1.name"),
        ({"practitioners": (replace(VASSEUR, id="B !"),)}, "practitioners.0.id"),
        ({"practitioners": (replace(VASSEUR, name=" "),)}, "practitioners.0.name"),
        ({"practitioners": (replace(VASSEUR, account="x"),)}, "practitioners.0.account"),
        ({"hours": OpeningHours(week=())}, "hours"),
    ],
)
def test_rules_that_make_no_sense_say_where(change: dict[str, object], place: str) -> None:
    with pytest.raises(BadAgendaError) as error:
        checked(replace(RULES, **change))  # type: ignore[arg-type]
    assert error.value.place == place


def test_rules_are_kept_as_they_are() -> None:
    whole = replace(RULES, practitioners=(replace(VASSEUR, hours=WEEK, account="a", calendar="c"),))
    kept = checked(replace(whole, visits=()), accounts=("a",))
    assert read_rules(rules_values(kept)) == kept
