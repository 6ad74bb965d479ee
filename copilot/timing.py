"""When a client's messages leave: at once, gathered by the hour or by the day, quiet hours.

Pure: the moment is an argument, and so is the client's time zone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, time, timedelta, tzinfo
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Pace = Literal["now", "hourly", "daily"]
PACES: tuple[Pace, ...] = ("now", "hourly", "daily")
Content = Literal["full", "link"]
CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
LONGEST_LINK_DAYS = 90

DISCREET = ("méd", "medi", "dent", "santé", "kiné", "infirm", "sage-femme", "psy", "ostéo",
            "avocat", "notaire", "juri", "huissier", "commissaire de justice")  # fmt: skip
"""What a trade's name has in it when its messages may not travel: health and law."""


class BadPolicyError(ValueError):
    """A policy that cannot be followed; the message says what and why."""

    code = "bad_delivery"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPolicy:
    """How a client wants its messages to leave. What is critical never waits."""

    normal: Pace = "now"
    urgent: Pace = "now"
    digest_at: str = "18:00"
    """Local time of the daily digest."""
    quiet_from: str | None = None
    """Local time; null: no quiet hours."""
    quiet_until: str | None = None
    """Not after `quiet_from`: the next morning."""
    quiet_urgent: bool = False
    """Urgent messages wait too."""
    content: Content | None = None
    """`link`: only a link leaves, never what was said; null: as the trade asks."""
    link_days: int = 14
    """How long links in letters open."""

    def pace(self, urgency: str) -> Pace:
        """Of a message of this urgency."""
        if urgency == "critique":
            return "now"
        return self.urgent if urgency == "urgent" else self.normal


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """When a message leaves, and whether with others."""

    at: datetime
    pace: Pace


def read_policy(value: Mapping[str, Any]) -> DeliveryPolicy:
    """The policy that `dataclasses.asdict` made; what it does not know is left out."""
    known = {field.name for field in fields(DeliveryPolicy)}
    return DeliveryPolicy(**{name: given for name, given in value.items() if name in known})


def checked_policy(policy: DeliveryPolicy) -> DeliveryPolicy:
    """Raises `BadPolicyError`."""
    for name in ("normal", "urgent"):
        if getattr(policy, name) not in PACES:
            raise BadPolicyError(f"{name}: {getattr(policy, name)!r} is no pace")
    for name in ("digest_at", "quiet_from", "quiet_until"):
        given = getattr(policy, name)
        if given is not None and not CLOCK.fullmatch(given):
            raise BadPolicyError(f"{name}: {given!r} is no time of the day (18:00)")
    if (policy.quiet_from is None) != (policy.quiet_until is None):
        raise BadPolicyError("quiet hours have a beginning and an end")
    if policy.quiet_from is not None and policy.quiet_from == policy.quiet_until:
        raise BadPolicyError("quiet hours cannot last all day")
    if not 1 <= policy.link_days <= LONGEST_LINK_DAYS:
        raise BadPolicyError(f"links open from 1 to {LONGEST_LINK_DAYS} days")
    return policy


def content_of(policy: DeliveryPolicy, sector: str) -> Content:
    """What may leave for a client of this trade."""
    if policy.content is not None:
        return policy.content
    trade = sector.lower()
    return "link" if any(part in trade for part in DISCREET) else "full"


def departure(policy: DeliveryPolicy, urgency: str, at: datetime, zone: tzinfo) -> Departure:
    """When a message approved `at` leaves. Never before `at`, never in quiet hours it keeps."""
    pace = policy.pace(urgency)
    leaves = at
    if pace == "hourly":
        leaves = _next_hour(at)
    elif pace == "daily":
        leaves = next_clock(clock(policy.digest_at), at, zone)
    waits = urgency == "normal" or (urgency == "urgent" and policy.quiet_urgent)
    return Departure(at=_after_quiet(policy, leaves, zone) if waits else leaves, pace=pace)


def zone_of(name: str) -> ZoneInfo:
    """A client's time zone; France's when there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("Europe/Paris")


def clock(value: str) -> time:
    """`18:00`."""
    hour, _, minute = value.partition(":")
    return time(int(hour), int(minute))


def next_clock(wanted: time, at: datetime, zone: tzinfo) -> datetime:
    """The first moment after `at` when clocks of the zone show `wanted`.

    Where the clocks jump over it, the moment they would have shown it (PEP 495); where they are
    put back, both moments count.
    """
    day = at.astimezone(zone).date()
    for ahead in range(3):
        shown = datetime.combine(day + timedelta(days=ahead), wanted, zone)
        first, again = (shown.replace(fold=fold).astimezone(at.tzinfo) for fold in (0, 1))
        if first > at:
            return first
        if again > at and again > first:
            return again
    raise AssertionError("three days without that time")


def within(start: time, end: time, moment: time) -> bool:
    """Whether a time of the day is in [start, end), which may pass midnight."""
    if start < end:
        return start <= moment < end
    return moment >= start or moment < end


def _next_hour(at: datetime) -> datetime:
    # Zones a half hour off have their own full hours; UTC's serve as well.
    return at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def _after_quiet(policy: DeliveryPolicy, at: datetime, zone: tzinfo) -> datetime:
    if policy.quiet_from is None or policy.quiet_until is None:
        return at
    start, end = clock(policy.quiet_from), clock(policy.quiet_until)
    if not within(start, end, at.astimezone(zone).time()):
        return at
    return next_clock(end, at, zone)
