"""Free times of a practitioner. Pure: hours, what is taken and the moment come as arguments.

A visit keeps its practitioner from `before_min` before it to `after_min` after it. The visit
itself lies within the opening hours; what is kept around it need not. All arithmetic is on
instants: on the night when clocks change an hour of opening is missing, or is there twice.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from copilot.agenda.rules import CELL_MIN, AgendaRules, Practitioner, VisitType
from copilot.agenda.wish import Window
from copilot.waiting.hours import DAY_MINUTES, OpeningHours, Span, spans_of

CELL_S = CELL_MIN * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Busy:
    """A time that is taken, from the first instant, included, to the second, excluded; UTC."""

    begins: datetime
    ends: datetime
    uid: str | None = None
    """The calendar's event; null: not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A time that is free for a visit; UTC."""

    practitioner_id: str
    begins: datetime
    ends: datetime


def kept_time(visit: VisitType, begins: datetime) -> tuple[datetime, datetime]:
    """From when to when a visit keeps its practitioner."""
    before, after = timedelta(minutes=visit.before_min), timedelta(minutes=visit.after_min)
    return begins - before, begins + timedelta(minutes=visit.duration_min) + after


def cells_of(begins: datetime, ends: datetime) -> range:
    """The cells (numbered from 1970) that a stretch of time touches."""
    return range(int(begins.timestamp()) // CELL_S, -(-int(ends.timestamp()) // CELL_S))


def free_slots(
    rules: AgendaRules,
    visit: VisitType,
    practitioner: Practitioner,
    busy: Iterable[Busy],
    *,
    window: Window,
    now: datetime,
    zone: ZoneInfo,
) -> Iterator[Slot]:
    """In order of time, those that begin within `window`, `rules`' notice and horizon.

    `busy` may be in any order and overlap.
    """
    hours = practitioner.hours or rules.hours
    if hours is None:
        return
    taken = merged(busy)
    starts = [begin for begin, _ in taken]
    first = max(window.begins, now + timedelta(minutes=rules.notice_min))
    last = min(window.ends, _horizon(rules, now, zone))
    length = timedelta(minutes=visit.duration_min)
    seen = first - timedelta(seconds=1)
    for opens, closes in openings(hours, first, last, zone):
        for begins in _steps(opens, closes - length, rules.step_min):
            if begins < first or begins > last or begins <= seen:
                continue
            if not _overlaps(taken, starts, *kept_time(visit, begins)):
                seen = begins
                yield Slot(practitioner_id=practitioner.id, begins=begins, ends=begins + length)


def nearest(slots: Iterable[Slot], wish: Window | None, limit: int) -> list[Slot]:
    """Those nearest to what the caller said, at most `limit`, in order of time."""
    if wish is None:
        chosen = sorted(slots, key=lambda slot: (slot.begins, slot.practitioner_id))[:limit]
    else:
        chosen = sorted(
            slots, key=lambda slot: (wish.distance(slot.begins), slot.begins, slot.practitioner_id)
        )[:limit]
    return sorted(chosen, key=lambda slot: (slot.begins, slot.practitioner_id))


def merged(busy: Iterable[Busy]) -> list[tuple[datetime, datetime]]:
    """What is taken, in order and without overlap."""
    found: list[tuple[datetime, datetime]] = []
    for one in sorted(busy, key=lambda one: (one.begins, one.ends)):
        if one.ends <= one.begins:
            continue
        if found and one.begins <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], one.ends))
        else:
            found.append((one.begins, one.ends))
    return found


def openings(
    hours: OpeningHours, first: datetime, last: datetime, zone: ZoneInfo
) -> Iterator[tuple[datetime, datetime]]:
    """Opening hours as instants, from the day before `first` to the day of `last`."""
    day = first.astimezone(zone).date() - timedelta(days=1)
    while day <= last.astimezone(zone).date():
        for span in sorted(spans_of(hours, day)):
            opens, closes = _instants(day, span, zone)
            if opens < closes:
                yield opens, closes
        day += timedelta(days=1)


def _instants(day: date, span: Span, zone: ZoneInfo) -> tuple[datetime, datetime]:
    begin, end = span
    return _at(day, begin, zone), _at(day, end if end > begin else end + DAY_MINUTES, zone)


def _at(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """A local time as an instant. One that clocks skip is as much later as they skip."""
    day += timedelta(days=minute // DAY_MINUTES)
    minute %= DAY_MINUTES
    return datetime.combine(day, time(minute // 60, minute % 60), tzinfo=zone).astimezone(UTC)


def _steps(opens: datetime, latest: datetime, step_min: int) -> Iterator[datetime]:
    """Offered times: counted from the opening, on whole cells."""
    late_s = int(opens.timestamp()) % CELL_S
    begins = opens + timedelta(seconds=CELL_S - late_s if late_s else 0)
    while begins <= latest:
        yield begins
        begins += timedelta(minutes=step_min)


def _overlaps(
    taken: Sequence[tuple[datetime, datetime]],
    starts: Sequence[datetime],
    begins: datetime,
    ends: datetime,
) -> bool:
    before_end = bisect_left(starts, ends)
    return before_end > 0 and taken[before_end - 1][1] > begins


def _horizon(rules: AgendaRules, now: datetime, zone: ZoneInfo) -> datetime:
    """The last instant of the last day that is offered."""
    day = now.astimezone(zone).date() + timedelta(days=rules.horizon_days + 1)
    return datetime.combine(day, time(0), tzinfo=zone).astimezone(UTC) - timedelta(seconds=1)
