"""Local days as the database counts them, against the zone's own rules."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from copilot.reporting.period import BadPeriodError, Period, month_of, offset_s

ZONES = ("Europe/Paris", "America/Sao_Paulo", "Africa/Cairo", "Australia/Lord_Howe", "Asia/Tehran")


@given(
    some.dates(date(2000, 1, 1), date(2030, 1, 1)),
    some.integers(0, 365),
    some.sampled_from(ZONES),
    some.floats(0, 1, exclude_max=True),
)
def test_every_moment_is_on_its_local_day(
    first: date, length: int, zone_name: str, where: float
) -> None:
    zone = ZoneInfo(zone_name)
    period = Period(first=first, last=first + timedelta(days=length), zone=zone)
    pieces = period.pieces()
    assert pieces[-1].until == period.ends
    assert all(one.until < other.until for one, other in pairwise(pieces))
    at = period.begins + timedelta(
        seconds=int(where * (period.ends - period.begins).total_seconds())
    )
    piece = next(one for one in pieces if at < one.until)
    assert piece.offset_s == offset_s(at, zone)
    assert period.first <= at.astimezone(zone).date() <= period.last


@pytest.mark.parametrize("text", ["2026-13", "2026", "oct 2026", "1999-01", "9999-12", "2026-1-1"])
def test_no_month(text: str) -> None:
    with pytest.raises(BadPeriodError):
        month_of(text, ZoneInfo("Europe/Paris"))


def test_december_ends_with_the_year() -> None:
    assert month_of("2026-12", ZoneInfo("Europe/Paris")).last == date(2026, 12, 31)
