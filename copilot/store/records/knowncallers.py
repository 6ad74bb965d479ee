"""People a client knows: who they are when their number shows, and what was changed of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Standing = Literal["usual", "vip", "blocked"]
KnownAction = Literal["import", "create", "edit", "merge", "remove", "undo"]

EARLY = timedelta(hours=1)
"""Somebody expected at two who calls at half past one is the one who was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCaller:
    """Somebody who calls a client. Several people may share a number."""

    id: str
    name: str
    company: str = ""
    numbers: tuple[str, ...] = ()
    """E.164, the usual one first."""
    emails: tuple[str, ...] = ()
    """Lower case."""
    note: str = ""
    """For the operator alone."""
    standing: Standing = "usual"
    expected_from: datetime | None = None
    expected_until: datetime | None = None
    consigne: str = ""
    """What to do when they call: shown at the first ring."""

    def is_expected(self, at: datetime) -> bool:
        """Whether a call at that moment is the one that was said to come."""
        if self.expected_from is None or self.expected_until is None:
            return False
        return self.expected_from - EARLY <= at <= self.expected_until + EARLY


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownChange:
    """One person before and after; null where they were not, or are no longer."""

    before: KnownCaller | None
    after: KnownCaller | None

    @property
    def caller_id(self) -> str:
        one = self.after or self.before
        assert one is not None  # noqa: S101 - a change has a side
        return one.id


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownVersion:
    """One change of the client's known callers. Numbers grow by one."""

    number: int
    at: datetime
    made_by_name: str | None
    action: KnownAction
    label: str
    """The file, or the name of whom it is about."""
    people: int
    """How many it is about."""
    reversible: bool
    """All of them are as it made them: it can be undone."""
