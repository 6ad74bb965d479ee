"""When the caller would like to come, from the message's field (docs/drafting.md). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_WISH = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)"
    r"(?:/(?P<last>\d{4}-\d\d-\d\d)|T(?P<from>\d\d:\d\d)(?:/(?P<until>\d\d:\d\d))?)?"
)


YEARS = (2000, 2200)
"""What else is written is a slip of the tongue, and beyond what arithmetic on times bears."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """From when to when a visit may begin, both included; UTC. A point: twice the same."""

    begins: datetime
    ends: datetime

    def distance(self, at: datetime) -> timedelta:
        """How far a moment is from it; nothing when it is within."""
        return max(self.begins - at, at - self.ends, timedelta(0))

    def widened(self, *, before: timedelta, after: timedelta) -> Window:
        return Window(begins=self.begins - before, ends=self.ends + after)


def read_wish(text: str | None, zone: ZoneInfo) -> Window | None:
    """`2026-03-18`, `2026-03-18T14:30`, `2026-03-18T14:00/18:00`, `2026-06-16/2026-06-19`.

    Null when nothing definite was said, or it is written otherwise.
    """
    found = _WISH.fullmatch((text or "").strip())
    if found is None:
        return None
    try:
        day = date.fromisoformat(found["day"])
        last = date.fromisoformat(found["last"] or found["day"])
        begin = time.fromisoformat(found["from"] or "00:00")
        end = time.fromisoformat(found["until"] or found["from"] or "23:59")
    except ValueError:
        return None
    if not YEARS[0] <= day.year <= last.year <= YEARS[1]:
        return None
    first_at = datetime.combine(day, begin, tzinfo=zone).astimezone(UTC)
    last_at = datetime.combine(last, end, tzinfo=zone).astimezone(UTC)
    return Window(begins=first_at, ends=last_at) if first_at <= last_at else None


def written_when(begins: datetime, zone: ZoneInfo) -> str:
    """A booked time as the message's field has it."""
    return begins.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
