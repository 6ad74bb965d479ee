"""Stretches of local days as the database can count them: edges in UTC, and offsets in between.

Databases disagree about time zones (SQLite knows none), so that the zone's rules are applied here:
a period is cut where its offset from UTC changes, and a query adds the offset of each piece.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONGEST_DAYS = 366
FIRST_YEAR, LAST_YEAR = 2000, 2199
"""Far enough from the ends of the calendar that every zone's midnights exist in UTC."""


class BadPeriodError(ValueError):
    """A period that cannot be: backwards, too long, or no month."""

    code = "bad_period"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of a period with one offset."""

    until: datetime
    """UTC, exclusive."""
    offset_s: int
    """Local time less UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Whole local days, both included. Raises BadPeriodError."""

    first: date
    last: date
    zone: ZoneInfo

    def __post_init__(self) -> None:
        if not FIRST_YEAR <= self.first.year <= self.last.year <= LAST_YEAR:
            raise BadPeriodError(f"between {FIRST_YEAR} and {LAST_YEAR}, the first day first")
        if self.last < self.first:
            raise BadPeriodError("the last day is before the first")
        if (self.last - self.first).days >= LONGEST_DAYS:
            raise BadPeriodError(f"at most {LONGEST_DAYS} days")

    @property
    def begins(self) -> datetime:
        """UTC, included."""
        return midnight(self.first, self.zone)

    @property
    def ends(self) -> datetime:
        """UTC, excluded."""
        return midnight(self.last + timedelta(days=1), self.zone)

    def days(self) -> Iterator[date]:
        """Each local day."""
        for number in range((self.last - self.first).days + 1):
            yield self.first + timedelta(days=number)

    def pieces(self) -> tuple[Piece, ...]:
        """In order; the last one ends with the period."""
        found: list[Piece] = []
        at, ends = self.begins, self.ends
        while at < ends:
            until = min(self._steady_until(at), ends)
            found.append(Piece(until=until, offset_s=offset_s(at, self.zone)))
            at = until
        return tuple(found)

    def _steady_until(self, at: datetime) -> datetime:
        """When the offset in force at a moment ends; the period's end if it does not before."""
        here = offset_s(at, self.zone)
        low, step = at, timedelta(hours=12)
        while low < self.ends and offset_s(low + step, self.zone) == here:
            low += step
        if low >= self.ends:
            return self.ends
        high = low + step
        while high - low > timedelta(seconds=1):
            middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
            if offset_s(middle, self.zone) == here:
                low = middle
            else:
                high = middle
        return high


def offset_s(at: datetime, zone: ZoneInfo) -> int:
    """Local time less UTC at a moment, in seconds."""
    offset = at.astimezone(zone).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a local day begins, UTC: where clocks leap over midnight, the moment of the leap."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def month_of(text: str, zone: ZoneInfo) -> Period:
    """A calendar month, `2026-10`. Raises BadPeriodError."""
    try:
        year, number = (int(part) for part in text.split("-"))
        first = date(year, number, 1)
        after = date(year + number // 12, number % 12 + 1, 1)
    except ValueError as error:
        raise BadPeriodError("a month is written 2026-10") from error
    return Period(first=first, last=after - timedelta(days=1), zone=zone)
