"""When a calendar's events take place: recurring ones one by one, with what departs from the rule.

RFC 5545: RRULE, RDATE, EXDATE (section 3.8.5), an occurrence moved or called off on its own
(RECURRENCE-ID, section 3.8.4.4). Wall-clock rules stay at their hour when clocks change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from copilot.agenda.slots import Busy

if TYPE_CHECKING:
    from icalendar import Calendar as ICalendar

Event = Any
"""icalendar's own types name every kind of value that any property may have."""

MOST_OCCURRENCES = 5000
"""Of one event between two instants: more is a rule that would never end."""


class UnreadableCalendarError(ValueError):
    """A calendar object that is none."""


def parsed(content: bytes | str) -> ICalendar:
    """Raises `UnreadableCalendarError`."""
    from icalendar import Calendar

    try:
        found = Calendar.from_ical(content)
    except (ValueError, KeyError, IndexError, AttributeError, TypeError) as error:
        raise UnreadableCalendarError(str(error)[:200]) from error
    assert isinstance(found, Calendar)  # noqa: S101 - one object is asked for
    return found


def busy_times(
    calendar: ICalendar, begins: datetime, ends: datetime, zone: ZoneInfo
) -> Iterator[Busy]:
    """What its events take between two instants. `zone`: of times that name none.

    Raises `UnreadableCalendarError`.
    """
    try:
        by_uid: dict[str, list[Event]] = {}
        for event in calendar.walk("VEVENT"):
            by_uid.setdefault(str(event.get("UID", "")), []).append(event)
        for uid, events in by_uid.items():
            yield from _of_one(uid, events, begins, ends, zone)
    except (ValueError, KeyError, AttributeError, TypeError, OverflowError) as error:
        raise UnreadableCalendarError(str(error)[:200]) from error


def _of_one(
    uid: str, events: Sequence[Event], begins: datetime, ends: datetime, zone: ZoneInfo
) -> Iterator[Busy]:
    apart = [event for event in events if event.get("RECURRENCE-ID") is not None]
    departed = {_instant(event["RECURRENCE-ID"].dt, zone) for event in apart}
    for event in events:
        if not _takes_time(event):
            continue
        length = _length(event)
        alone = event in apart
        starts = [event["DTSTART"].dt] if alone else _starts(event, begins - length, ends, zone)
        for start in starts:
            at = _instant(start, zone)
            if not alone and at in departed:
                continue
            over = _end(start, length, zone)
            if at < ends and over > begins:
                yield Busy(begins=at, ends=over, uid=uid or None)


def _takes_time(event: Event) -> bool:
    """Neither called off nor marked as free time (TRANSP, section 3.8.2.7)."""
    cancelled = str(event.get("STATUS", "")).upper() == "CANCELLED"
    free = str(event.get("TRANSP", "")).upper() == "TRANSPARENT"
    return not cancelled and not free and event.get("DTSTART") is not None


def _length(event: Event) -> timedelta:
    start = event["DTSTART"].dt
    if event.get("DTEND") is not None:
        end = event["DTEND"].dt
        if isinstance(start, datetime) and isinstance(end, datetime):
            if (start.tzinfo is None) != (end.tzinfo is None):
                end = end.replace(tzinfo=start.tzinfo)
            if start.tzinfo is not None:
                return end.astimezone(UTC) - start.astimezone(UTC)
        return timedelta(seconds=(end - start).total_seconds())
    if event.get("DURATION") is not None:
        length: timedelta = event["DURATION"].dt
        return length
    return timedelta(0) if isinstance(start, datetime) else timedelta(days=1)


def _starts(event: Event, begins: datetime, ends: datetime, zone: ZoneInfo) -> Iterator[date]:
    """Beginnings of an event by its own rule, as its calendar writes them."""
    from dateutil.rrule import rruleset, rrulestr

    start = event["DTSTART"].dt
    rules = _listed(event.get("RRULE"))
    added = list(_dates(event.get("RDATE")))
    if not rules and not added:
        yield start
        return
    whole_days = not isinstance(start, datetime)
    first = datetime.combine(start, datetime.min.time()) if whole_days else start
    first = first if first.tzinfo is not None or whole_days else first.replace(tzinfo=zone)
    every = rruleset()
    every.rdate(first)
    for rule in rules:
        text = rule.to_ical().decode()
        every.rrule(rrulestr(_aligned(text, first), dtstart=first))
    for one in added:
        every.rdate(_like(one, first, zone))
    for one in _dates(event.get("EXDATE")):
        every.exdate(_like(one, first, zone))
    lower = _like(begins - timedelta(days=1), first, zone)
    upper = _like(ends + timedelta(days=1), first, zone)
    for count, occurrence in enumerate(every.xafter(lower, inc=True)):
        if occurrence > upper or count > MOST_OCCURRENCES:
            return
        yield occurrence.date() if whole_days else occurrence


def _aligned(rule: str, first: datetime) -> str:
    """UNTIL as the rule's reader wants it: UTC with a zone, plain for whole days."""
    parts = []
    for part in rule.split(";"):
        name, _, value = part.partition("=")
        if name.upper() == "UNTIL":
            day, _, clock = value.rstrip("Zz").partition("T")
            value = f"{day}T{clock or '235959'}" + ("Z" if first.tzinfo is not None else "")
        parts.append(f"{name}={value}")
    return ";".join(parts)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _dates(value: Any) -> Iterator[date]:
    for line in _listed(value):
        for one in line.dts:
            yield one.dt[0] if isinstance(one.dt, tuple) else one.dt


def _like(moment: date, first: datetime, zone: ZoneInfo) -> datetime:
    """A moment in the terms of the rule: its zone, or none for whole days."""
    if not isinstance(moment, datetime):
        return datetime.combine(moment, first.time(), tzinfo=first.tzinfo)
    if first.tzinfo is None:
        return moment.astimezone(zone).replace(tzinfo=None) if moment.tzinfo else moment
    if moment.tzinfo is None:
        return moment.replace(tzinfo=first.tzinfo)
    return moment.astimezone(first.tzinfo)


def _instant(moment: date, zone: ZoneInfo) -> datetime:
    """A day is its first instant; a time without a zone is of `zone`."""
    if not isinstance(moment, datetime):
        return datetime.combine(moment, datetime.min.time(), tzinfo=zone).astimezone(UTC)
    local = moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
    return local.astimezone(UTC)


def _end(start: date, length: timedelta, zone: ZoneInfo) -> datetime:
    """Whole days end at midnight, whatever the clocks did."""
    if not isinstance(start, datetime):
        return _instant(start + timedelta(days=max(length.days, 1)), zone)
    return _instant(start, zone) + length
