"""When a client's calls are answered: a week, public holidays, days that are different. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, Literal
from zoneinfo import ZoneInfo

from copilot.drafting.calendar import holidays

DAY_MINUTES = 24 * 60
MOST_SPANS = 4
MOST_EXCEPTIONS = 200
LOOK_AHEAD_DAYS = 366

Span = tuple[int, int]
"""Minutes of the day: from the first, included, to the second, excluded. An end that is not after
the beginning is the next day's; the hours belong to the day they begin on."""


class BadHoursError(ValueError):
    """Hours that make no sense; the message says which."""

    code = "bad_hours"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialDay:
    """A day with hours of its own; none: closed."""

    day: date
    spans: tuple[Span, ...] = ()
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningHours:
    """A week of local time, Monday first, and what departs from it."""

    week: tuple[tuple[Span, ...], ...]
    """Seven days."""
    holidays: Literal["closed", "open"] = "closed"
    """Public holidays of metropolitan France; `open`: like any other day."""
    special: tuple[SpecialDay, ...] = ()


def is_open(hours: OpeningHours | None, at: datetime, zone: ZoneInfo) -> bool:
    """Whether calls are answered at an aware moment; without hours, always."""
    if hours is None:
        return True
    local = at.astimezone(zone)
    minute = local.hour * 60 + local.minute
    today, yesterday = local.date(), local.date() - timedelta(days=1)
    return any(_holds(span, minute) for span in spans_of(hours, today)) or any(
        end <= begin and minute < end for begin, end in spans_of(hours, yesterday)
    )


def next_opening(hours: OpeningHours | None, at: datetime, zone: ZoneInfo) -> datetime | None:
    """When calls are answered again, at that moment if they are now; None: not within a year."""
    if is_open(hours, at, zone) or hours is None:
        return at
    first = at.astimezone(zone).date()
    for ahead in range(LOOK_AHEAD_DAYS):
        day = first + timedelta(days=ahead)
        for begin, _ in sorted(spans_of(hours, day)):
            begins = datetime.combine(day, time(begin // 60, begin % 60), tzinfo=zone)
            # Hours that the change to summer time skips begin when the clock goes on.
            begins = begins.astimezone(at.tzinfo or zone)
            if begins > at and is_open(hours, begins, zone):
                return begins
    return None


def spans_of(hours: OpeningHours, day: date) -> tuple[Span, ...]:
    """The hours that begin on a day."""
    for special in hours.special:
        if special.day == day:
            return special.spans
    if hours.holidays == "closed" and day in holidays(day.year).values():
        return ()
    return hours.week[day.weekday()]


def checked_hours(hours: OpeningHours) -> OpeningHours:
    """The hours in order. Raises `BadHoursError`."""
    if len(hours.week) != 7:
        raise BadHoursError("a week has seven days, Monday first")
    if len(hours.special) > MOST_EXCEPTIONS:
        raise BadHoursError(f"at most {MOST_EXCEPTIONS} days can have hours of their own")
    days = [special.day for special in hours.special]
    if twice := next((day for day in days if days.count(day) > 1), None):
        raise BadHoursError(f"{twice} is there twice")
    return OpeningHours(
        week=tuple(_in_order(spans) for spans in hours.week),
        holidays=hours.holidays,
        special=tuple(
            SpecialDay(day=item.day, spans=_in_order(item.spans), label=item.label.strip()[:100])
            for item in sorted(hours.special, key=lambda item: item.day)
        ),
    )


def _in_order(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    if len(spans) > MOST_SPANS:
        raise BadHoursError(f"a day has at most {MOST_SPANS} openings")
    ordered = tuple(sorted((begin, end) for begin, end in spans))
    for begin, end in ordered:
        if not 0 <= begin < DAY_MINUTES or not 0 <= end <= DAY_MINUTES or begin == end:
            raise BadHoursError(f"{_clock(begin)}-{_clock(end)} are no hours of a day")
    for (begin, end), (following, _) in pairwise(ordered):
        if end <= begin or following < end:
            raise BadHoursError(
                f"{_clock(begin)}-{_clock(end)} and the hours from {_clock(following)} overlap"
            )
    return ordered


def _holds(span: Span, minute: int) -> bool:
    begin, end = span
    return minute >= begin and (minute < end or end <= begin)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def read_hours(value: Mapping[str, Any] | None) -> OpeningHours | None:
    """What `hours_values` wrote."""
    if value is None:
        return None
    return OpeningHours(
        week=tuple(tuple((a, b) for a, b in spans) for spans in value["week"]),
        holidays=value["holidays"],
        special=tuple(
            SpecialDay(
                day=date.fromisoformat(item["day"]),
                spans=tuple((a, b) for a, b in item["spans"]),
                label=item["label"],
            )
            for item in value["special"]
        ),
    )


def hours_values(hours: OpeningHours | None) -> dict[str, Any] | None:
    """As JSON values."""
    if hours is None:
        return None
    return {
        "week": [[list(span) for span in spans] for spans in hours.week],
        "holidays": hours.holidays,
        "special": [
            {
                "day": item.day.isoformat(),
                "spans": [list(span) for span in item.spans],
                "label": item.label,
            }
            for item in hours.special
        ],
    }
