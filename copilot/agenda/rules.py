"""What a client's agenda is made of: practitioners, kinds of visits, hours, notice. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from copilot.store.numbering import e164
from copilot.waiting.hours import (
    BadHoursError,
    OpeningHours,
    checked_hours,
    hours_values,
    read_hours,
)

CELL_MIN = 5
"""Every time of an agenda is a multiple of it: what two appointments may not share."""

LONGEST_VISIT_MIN = 8 * 60
LONGEST_BUFFER_MIN = 4 * 60
LONGEST_NOTICE_MIN = 30 * 24 * 60
LONGEST_HORIZON_DAYS = 366
ADDRESS_CHARS = 200
STEPS_MIN = (5, 10, 15, 20, 30, 60)
MOST = 50
"""Practitioners, and kinds of visits, of one client."""

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class BadAgendaError(ValueError):
    """Rules that make no sense. `place`: which field, as `visits.0.duration_min`."""

    code = "bad_agenda"

    def __init__(self, place: str, why: str) -> None:
        super().__init__(f"{place}: {why}")
        self.place = place


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitType:
    """What somebody comes for, and how long it keeps the practitioner."""

    id: str
    name: str
    duration_min: int
    before_min: int = 0
    """Kept free before it: travel, preparation."""
    after_min: int = 0
    practitioners: tuple[str, ...] = ()
    """Who does it; none: everybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Practitioner:
    """Somebody, or a room, with a calendar of their own."""

    id: str
    name: str
    hours: OpeningHours | None = None
    """Null: the agenda's."""
    account: str | None = None
    """The calendar account that is told; null: this agenda alone counts."""
    calendar: str = ""
    """Which calendar of the account: an address, or the provider's identifier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaRules:
    """A client's agenda, whole."""

    hours: OpeningHours | None = None
    """When visits take place; null: never, unless a practitioner has hours of their own."""
    practitioners: tuple[Practitioner, ...] = ()
    visits: tuple[VisitType, ...] = ()
    notice_min: int = 120
    """No visit begins sooner than that from now."""
    horizon_days: int = 60
    """None begins later than so many days from today."""
    step_min: int = 15
    """How far apart offered times are."""
    address: str = ""
    """Where visits take place, for whoever comes; empty: not told."""
    phone: str = ""
    """What callers dial to move or cancel, as it is shown to them; empty: not told."""

    def visit(self, visit_id: str) -> VisitType | None:
        return next((one for one in self.visits if one.id == visit_id), None)

    def practitioner(self, practitioner_id: str) -> Practitioner | None:
        return next((one for one in self.practitioners if one.id == practitioner_id), None)

    def who_does(self, visit: VisitType) -> tuple[Practitioner, ...]:
        """In the order of the agenda."""
        return tuple(
            one
            for one in self.practitioners
            if not visit.practitioners or one.id in visit.practitioners
        )


def checked(rules: AgendaRules, accounts: Sequence[str] = ()) -> AgendaRules:
    """The rules in order. `accounts`: the calendar accounts there are. Raises `BadAgendaError`."""
    _within("notice_min", rules.notice_min, 0, LONGEST_NOTICE_MIN)
    _within("horizon_days", rules.horizon_days, 1, LONGEST_HORIZON_DAYS)
    if rules.step_min not in STEPS_MIN:
        raise BadAgendaError("step_min", f"one of {', '.join(map(str, STEPS_MIN))}")
    if len(rules.address) > ADDRESS_CHARS:
        raise BadAgendaError("address", f"at most {ADDRESS_CHARS} characters")
    if rules.phone and e164(rules.phone) is None:
        raise BadAgendaError("phone", "no telephone number")
    _distinct("practitioners", [(one.id, one.name) for one in rules.practitioners])
    _distinct("visits", [(one.id, one.name) for one in rules.visits])
    known = {one.id for one in rules.practitioners}
    for number, visit in enumerate(rules.visits):
        _check_visit(f"visits.{number}", visit, known)
    return AgendaRules(
        hours=_hours("hours", rules.hours),
        practitioners=tuple(
            _practitioner(f"practitioners.{number}", one, accounts)
            for number, one in enumerate(rules.practitioners)
        ),
        visits=rules.visits,
        notice_min=rules.notice_min,
        horizon_days=rules.horizon_days,
        step_min=rules.step_min,
        address=" ".join(rules.address.split()),
        phone=" ".join(rules.phone.split()),
    )


def _check_visit(place: str, visit: VisitType, known: set[str]) -> None:
    _within(f"{place}.duration_min", visit.duration_min, CELL_MIN, LONGEST_VISIT_MIN)
    _within(f"{place}.before_min", visit.before_min, 0, LONGEST_BUFFER_MIN)
    _within(f"{place}.after_min", visit.after_min, 0, LONGEST_BUFFER_MIN)
    for name in ("duration_min", "before_min", "after_min"):
        if getattr(visit, name) % CELL_MIN:
            raise BadAgendaError(f"{place}.{name}", f"a multiple of {CELL_MIN} minutes")
    if unknown := set(visit.practitioners) - known:
        raise BadAgendaError(f"{place}.practitioners", f"unknown: {', '.join(sorted(unknown))}")


def _practitioner(place: str, one: Practitioner, accounts: Sequence[str]) -> Practitioner:
    if one.account is not None and one.account not in accounts:
        raise BadAgendaError(f"{place}.account", "no such calendar account")
    if one.account is not None and not one.calendar:
        raise BadAgendaError(f"{place}.calendar", "which calendar of the account is not said")
    return Practitioner(
        id=one.id,
        name=one.name,
        hours=_hours(f"{place}.hours", one.hours),
        account=one.account,
        calendar=one.calendar if one.account else "",
    )


def _hours(place: str, hours: OpeningHours | None) -> OpeningHours | None:
    try:
        return checked_hours(hours) if hours else None
    except BadHoursError as error:
        raise BadAgendaError(place, str(error)) from error


def _distinct(place: str, named: Sequence[tuple[str, str]]) -> None:
    if len(named) > MOST:
        raise BadAgendaError(place, f"at most {MOST}")
    ids: set[str] = set()
    names: set[str] = set()
    for number, (identifier, name) in enumerate(named):
        if not _ID.fullmatch(identifier):
            raise BadAgendaError(f"{place}.{number}.id", "small letters, digits and hyphens")
        if not name.strip():
            raise BadAgendaError(f"{place}.{number}.name", "missing")
        if identifier in ids or name.strip().lower() in names:
            raise BadAgendaError(f"{place}.{number}.name", "there is another of that name")
        ids.add(identifier)
        names.add(name.strip().lower())


def _within(place: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise BadAgendaError(place, f"from {least} to {most}")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRules:
    """Rules as they were kept; `version` goes up with each change, 0 before the first."""

    rules: AgendaRules = field(default_factory=AgendaRules)
    version: int = 0


def read_rules(value: Mapping[str, Any]) -> AgendaRules:
    """What `rules_values` wrote."""
    return AgendaRules(
        hours=read_hours(value["hours"]),
        practitioners=tuple(
            Practitioner(**{**one, "hours": read_hours(one["hours"])})
            for one in value["practitioners"]
        ),
        visits=tuple(
            VisitType(**{**one, "practitioners": tuple(one["practitioners"])})
            for one in value["visits"]
        ),
        notice_min=value["notice_min"],
        horizon_days=value["horizon_days"],
        step_min=value["step_min"],
        address=value.get("address", ""),
        phone=value.get("phone", ""),
    )


def rules_values(rules: AgendaRules) -> dict[str, Any]:
    """As JSON values."""
    return {
        "hours": hours_values(rules.hours),
        "practitioners": [
            {
                "id": one.id,
                "name": one.name,
                "hours": hours_values(one.hours),
                "account": one.account,
                "calendar": one.calendar,
            }
            for one in rules.practitioners
        ],
        "visits": [
            {
                "id": one.id,
                "name": one.name,
                "duration_min": one.duration_min,
                "before_min": one.before_min,
                "after_min": one.after_min,
                "practitioners": list(one.practitioners),
            }
            for one in rules.visits
        ],
        "notice_min": rules.notice_min,
        "horizon_days": rules.horizon_days,
        "step_min": rules.step_min,
        "address": rules.address,
        "phone": rules.phone,
    }
