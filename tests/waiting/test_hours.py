"""Opening hours: weeks, holidays, days of their own, midnight and summer time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.waiting.hours import (
    BadHoursError,
    OpeningHours,
    Span,
    SpecialDay,
    checked_hours,
    hours_values,
    is_open,
    next_opening,
    read_hours,
)

PARIS = ZoneInfo("Europe/Paris")
OFFICE: tuple[Span, ...] = ((9 * 60, 12 * 60), (14 * 60, 18 * 60))
WEEK: tuple[tuple[Span, ...], ...] = (*[OFFICE] * 5, (), ())
HOURS = OpeningHours(
    week=WEEK,
    special=(
        SpecialDay(day=date(2026, 12, 24), spans=((9 * 60, 11 * 60),), label="Réveillon"),
        SpecialDay(day=date(2026, 11, 11), spans=((10 * 60, 12 * 60),)),
        SpecialDay(day=date(2026, 11, 30)),
    ),
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-23T08:59:59", False),  # Monday
        ("2026-11-23T09:00", True),
        ("2026-11-23T11:59:59", True),
        ("2026-11-23T12:00", False),
        ("2026-11-23T17:59", True),
        ("2026-11-22T10:00", False),  # Sunday
        ("2026-05-14T10:00", False),  # Ascension
        ("2026-11-11T10:30", True),  # Armistice, but that day has hours of its own
        ("2026-11-11T15:00", False),
        ("2026-12-24T11:30", False),
        ("2026-11-30T10:00", False),
    ],
)
def test_a_french_office_week(moment: str, expected: bool) -> None:
    assert is_open(HOURS, at(moment), PARIS) is expected
    assert is_open(HOURS, at(moment).astimezone(UTC), PARIS) is expected


def test_without_hours_it_is_always_open() -> None:
    assert is_open(None, at("2026-12-25T03:00"), PARIS)


def test_a_night_belongs_to_the_day_it_begins_on() -> None:
    night = OpeningHours(week=((), (), (), (), ((22 * 60, 6 * 60),), (), ()), holidays="open")
    assert is_open(night, at("2026-11-27T23:00"), PARIS)
    assert is_open(night, at("2026-11-28T05:59"), PARIS)
    assert not is_open(night, at("2026-11-28T06:00"), PARIS)
    assert not is_open(night, at("2026-11-28T23:00"), PARIS)


def test_when_it_opens_next() -> None:
    assert next_opening(HOURS, at("2026-11-22T10:00"), PARIS) == at("2026-11-23T09:00")
    assert next_opening(HOURS, at("2026-11-23T12:30"), PARIS) == at("2026-11-23T14:00")
    assert next_opening(HOURS, at("2026-11-23T15:00"), PARIS) == at("2026-11-23T15:00")
    # Friday evening, and the Monday has no hours.
    assert next_opening(HOURS, at("2026-11-27T19:00"), PARIS) == at("2026-12-01T09:00")
    assert next_opening(OpeningHours(week=((),) * 7), at("2026-11-22T10:00"), PARIS) is None


def test_hours_that_summer_time_skips_begin_when_the_clock_goes_on() -> None:
    early = OpeningHours(week=(*[()] * 6, ((150, 240),)), holidays="open")  # Sunday 02:30-04:00
    opens = next_opening(early, at("2027-03-28T01:00").astimezone(UTC), PARIS)
    assert opens is not None
    assert is_open(early, opens, PARIS)


spans = st.lists(
    st.tuples(st.integers(0, 1439), st.integers(0, 1440)).filter(lambda s: s[0] != s[1]),
    max_size=4,
).map(tuple)
weeks = st.lists(spans, min_size=7, max_size=7).map(tuple)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)).map(
    lambda moment: moment.replace(tzinfo=UTC)
)


@given(weeks, moments, st.sampled_from(["closed", "open"]))
def test_it_is_open_when_it_says_that_it_opens(week, moment, holidays) -> None:  # type: ignore[no-untyped-def]
    hours = OpeningHours(week=week, holidays=holidays)
    opens = next_opening(hours, moment, PARIS)
    if opens is None:
        assert not is_open(hours, moment, PARIS)
        return
    assert opens >= moment
    assert is_open(hours, opens, PARIS)
    if opens - moment > timedelta(minutes=1):
        assert not is_open(hours, moment, PARIS)


@given(weeks)
def test_checked_hours_are_kept_as_they_are(week) -> None:  # type: ignore[no-untyped-def]
    try:
        hours = checked_hours(OpeningHours(week=week))
    except BadHoursError:
        return
    assert read_hours(hours_values(hours)) == hours == checked_hours(hours)


@pytest.mark.parametrize(
    "hours",
    [
        OpeningHours(week=WEEK[:6]),
        OpeningHours(week=(((540, 720), (700, 800)), *WEEK[1:])),
        OpeningHours(week=(((540, 540),), *WEEK[1:])),
        OpeningHours(week=(((1500, 1600),), *WEEK[1:])),
        OpeningHours(week=(((1200, 300), (1300, 1400)), *WEEK[1:])),
        OpeningHours(week=(((0, 1), (2, 3), (4, 5), (6, 7), (8, 9)), *WEEK[1:])),
        OpeningHours(week=WEEK, special=(SpecialDay(day=date(2026, 1, 2)),) * 2),
    ],
)
def test_hours_that_make_no_sense_are_refused(hours: OpeningHours) -> None:
    with pytest.raises(BadHoursError):
        checked_hours(hours)
