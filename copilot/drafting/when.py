"""A date, a time or both, and how it is written by the conventions of docs/drafting.md."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

DAY_START, NOON, AFTERNOON, AFTERNOON_END, EVENING_END = (
    time(8), time(12), time(14), time(18), time(20),
)  # fmt: skip
PARTS = {
    "matin": (DAY_START, NOON),
    "apres-midi": (AFTERNOON, AFTERNOON_END),
    "soir": (AFTERNOON_END, EVENING_END),
    "midi et deux": (NOON, AFTERNOON),
    "premiere heure": (DAY_START, time(10)),
    "debut de matinee": (DAY_START, time(10)),
    "fin de matinee": (time(10), NOON),
    "debut d'apres-midi": (AFTERNOON, time(16)),
    "fin d'apres-midi": (time(16), AFTERNOON_END),
    "fin de journee": (time(16), AFTERNOON_END),
}


@dataclass(frozen=True, slots=True)
class Days:
    """One day, or the first and the last of several."""

    first: date
    last: date

    @property
    def single(self) -> bool:
        return self.first == self.last


@dataclass(frozen=True, slots=True)
class Hours:
    """A point (`start` only), a slot, or an open bound until the day is known."""

    start: time | None = None
    end: time | None = None
    kind: str = "slot"
    """"point", "slot", "before" or "after"."""


@dataclass(frozen=True, slots=True)
class When:
    """A date, a time or both, where it was said."""

    start: int
    end: int
    days: Days | None = None
    hours: Hours | None = None
    part: str | None = None
    exact: datetime | None = None
    """"dans deux heures": counted from the call."""
    weekday: bool = False
    """The day was named by its weekday alone: an offer of the same day is more precise."""

    def over(self, earlier: When) -> When:
        """This, completed by what it leaves open and `earlier` said."""
        if self.exact:
            return self
        if self.days is None:
            part = self.part
            hours = self.hours
            if hours is not None and part is None and hours.kind != "slot":
                part = earlier.part
            return replace(self, days=earlier.days, part=part, hours=hours)
        if earlier.days is None and not self.has_hours:
            # "Plutôt entre midi et deux", then "jeudi": of that day.
            return replace(self, part=earlier.part, hours=earlier.hours)
        return self

    @property
    def has_hours(self) -> bool:
        return self.hours is not None or self.part is not None or self.exact is not None

    def iso(self, at: datetime) -> str | None:
        """By the convention; None when nothing definite was said."""
        if self.exact:
            return self.exact.strftime("%Y-%m-%dT%H:%M")
        days = self.days or self._nearest(at)
        if days is None:
            return None
        if not days.single:
            return f"{days.first}/{days.last}"
        return _written(days.first, self._slot(days.first, at))

    def ahead(self, at: datetime) -> str | None:
        """As `iso`; None too once it is over: nobody calls this morning any more."""
        text = self.iso(at)
        if text is None:
            return None
        day, _, hours = text.partition("T")
        end = f"{day.split('/')[-1]}T{hours.split('/')[-1] or '24'}"
        return text if end > at.isoformat() else None

    def _slot(self, day: date, at: datetime) -> tuple[time, time | None] | None:
        named = PARTS.get(self.part) if self.part else None
        hours = self.hours
        if hours is None:
            return named
        if hours.kind == "point" and hours.start:
            return hours.start, None
        if hours.kind == "before" and hours.end:
            start = named[0] if named else DAY_START
            if day == at.date():
                start = at.time() if not named else max(at.time(), named[0])
            return (start.replace(second=0, microsecond=0), hours.end)
        if hours.kind == "after" and hours.start:
            end = named[1] if named and named[1] > hours.start else EVENING_END
            return (hours.start, end) if hours.start < end else (hours.start, None)
        if hours.start and hours.end:
            return hours.start, hours.end
        return named

    def _nearest(self, at: datetime) -> Days | None:
        """A time without a day is today while it lasts, else tomorrow."""
        if not self.has_hours:
            return None
        slot = self._slot(at.date(), at)
        if slot is None:
            return None
        limit = slot[1] or slot[0]
        day = at.date() if limit > at.time() else at.date() + timedelta(days=1)
        return Days(day, day)


def _written(day: date, slot: tuple[time, time | None] | None) -> str:
    if slot is None:
        return day.isoformat()
    start, end = slot
    if end is None:
        return f"{day}T{start:%H:%M}"
    return f"{day}T{start:%H:%M}/{end:%H:%M}"


def repeated(said: When, named: When | None) -> When:
    """A moment as the operator repeats it, with what only the caller said of it."""
    if named is None:
        return said
    if said.days == named.days and not said.has_hours:
        return named
    return said.over(named)


def picked(offers: list[When], when: When) -> When | None:
    """The offer a caller's short answer picks: "plutôt jeudi" among two proposals."""
    if when.days is None and when.has_hours and len(offers) == 1 and offers[0].days:
        return when.over(offers[0])
    if when.days is None and when.hours and when.hours.kind == "point":
        same = [offer for offer in offers if offer.hours and offer.hours.start == when.hours.start]
        return same[0] if len(same) == 1 else None
    if when.days is None or when.has_hours:
        return None
    same = [offer for offer in offers if offer.days == when.days]
    return same[0] if len(same) == 1 else None
