"""Which consignes hold at a moment, and which of them are shown. Pure functions.

A single day beats a range of days, a range beats a schedule (weekdays, hours, public holidays),
a schedule beats what always holds. Among equals the narrower one wins; of several on one topic
only the winner is shown. A first day without a last one says since when, not how precisely: of two
that are equal otherwise the one that began last has taken the other's place.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from copilot.drafting.calendar import holidays
from copilot.store.records.consignes import Consigne
from knowledge.wording import plain

Precision = Literal["day", "range", "schedule", "default"]
PRECISIONS: tuple[Precision, ...] = ("day", "range", "schedule", "default")

_DAY_MINUTES = 24 * 60
_HOLIDAYS_A_YEAR = 11


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What an operator sees at a moment."""

    consignes: tuple[Consigne, ...]
    """The most specific first, then in the client's order."""
    overruled: tuple[Consigne, ...]
    """In force too, but a more specific one on the same topic is shown."""


def shown_at(consignes: Sequence[Consigne], at: datetime, zone: ZoneInfo) -> Shown:
    """What holds at an aware moment, in the client's time zone."""
    valid = sorted(
        (consigne for consigne in consignes if holds(consigne, at, zone)),
        key=lambda consigne: specificity(consigne, zone),
    )
    best = {topic_of(consigne): specificity(consigne, zone) for consigne in reversed(valid)}
    shown: list[Consigne] = []
    overruled: list[Consigne] = []
    for consigne in valid:
        wins = specificity(consigne, zone) == best[topic_of(consigne)]
        (shown if wins else overruled).append(consigne)
    return Shown(consignes=tuple(shown), overruled=tuple(overruled))


def holds(consigne: Consigne, at: datetime, zone: ZoneInfo) -> bool:
    """Whether a consigne is in force at a moment."""
    local = at.astimezone(zone)
    begin, end = consigne.from_time or time.min, consigne.until_time or time.max
    now, today = local.time(), local.date()
    if begin < end:
        in_hours = begin <= now and (now < end or consigne.until_time is None)
        return in_hours and _is_valid(consigne, at, zone) and _day_holds(consigne, today)
    # Past midnight: the hours belong to the day they begin on.
    if now >= begin and _is_valid(consigne, at, zone) and _day_holds(consigne, today):
        return True
    night = today - timedelta(days=1)
    if now >= end or not _day_holds(consigne, night):
        return False
    began = datetime.combine(night, begin, zone)
    return _is_valid(consigne, at, zone, night=began)


def _is_valid(
    consigne: Consigne, at: datetime, zone: ZoneInfo, *, night: datetime | None = None
) -> bool:
    """Whether a moment is within the dates. A date at midnight means days, and the night that
    began on the last of them is theirs: it is judged by when it began."""

    def judged(bound: datetime) -> datetime:
        is_day = bound.astimezone(zone).time() == time.min
        return night if night is not None and is_day else at

    begin, end = consigne.valid_from, consigne.valid_until
    return (begin is None or begin <= judged(begin)) and (end is None or judged(end) < end)


def precision(consigne: Consigne, zone: ZoneInfo) -> Precision:
    """What kind of limits a consigne has."""
    begin, end = consigne.valid_from, consigne.valid_until
    if begin is not None and end is not None:
        last = (end - timedelta(microseconds=1)).astimezone(zone).date()
        return "day" if last <= begin.astimezone(zone).date() else "range"
    if end is not None:
        return "range"
    scheduled = (
        consigne.weekdays
        or consigne.from_time is not None
        or consigne.until_time is not None
        or consigne.holidays != "any"
    )
    return "schedule" if scheduled else "default"


def specificity(consigne: Consigne, zone: ZoneInfo) -> tuple[int, float, float, float]:
    """Sorts the most specific first: kind of limits, length of the period, minutes a week; then,
    without an end, what began last."""
    begin, end = consigne.valid_from, consigne.valid_until
    bounded = begin is not None and end is not None
    period_s = (end - begin).total_seconds() if bounded and begin and end else math.inf
    since_s = -begin.timestamp() if begin is not None and end is None else math.inf
    kind = PRECISIONS.index(precision(consigne, zone))
    return kind, period_s, _minutes_a_week(consigne), since_s


def topic_of(consigne: Consigne) -> str:
    """What a consigne is about: greetings are one topic, else its topic, else its title."""
    if consigne.kind == "accueil":
        return "accueil"
    return f"{consigne.kind}:{' '.join(plain(consigne.topic or consigne.title).split())}"


def greeting_of(shown: Shown, usual: str) -> str:
    """The most specific greeting in force, else the client's own."""
    return next((item.body for item in shown.consignes if item.kind == "accueil"), usual)


def is_holiday(day: date) -> bool:
    """Whether it is a public holiday of metropolitan France (Easter Sunday included)."""
    return day in holidays(day.year).values()


def _day_holds(consigne: Consigne, day: date) -> bool:
    if consigne.weekdays and day.isoweekday() not in consigne.weekdays:
        return False
    return consigne.holidays == "any" or is_holiday(day) == (consigne.holidays == "only")


def _minutes_a_week(consigne: Consigne) -> float:
    begin = _minutes(consigne.from_time or time.min)
    end = _minutes(consigne.until_time) if consigne.until_time else _DAY_MINUTES
    a_day = end - begin if begin < end else end - begin + _DAY_MINUTES
    week = float(a_day * (len(set(consigne.weekdays)) or 7))
    share = _HOLIDAYS_A_YEAR / 365
    return week * {"any": 1.0, "only": share, "except": 1 - share}[consigne.holidays]


def _minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute
