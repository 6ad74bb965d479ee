"""What a report says: counts and times of a period's calls. Never of one operator among others.

An operator has their own figures; a supervisor has a client's, or the house's. Nobody gets a list
of operators with figures beside their names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

ANSWER_WITHIN_S = 20
"""Seconds agreed with a client that set none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whose calls are counted."""

    client_id: str | None = None
    """Null: of every client."""
    operator_id: str | None = None
    """Answered by this operator alone."""
    within_s: Mapping[str, int]
    """By client, the seconds agreed to answer; `ANSWER_WITHIN_S` for others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Of the calls that began in the period and are over; outgoing ones only in `outgoing`."""

    calls: int
    answered: int
    answered_within: int
    """Within the agreed seconds, from the first ring to the operator."""
    abandoned: int
    """The caller hung up before anybody answered."""
    turned_away: int
    """Nobody could answer: closed, refused, or the service stopped. In no rate."""
    outgoing: int
    talk_s: float
    """From the answer to the end, of answered calls."""
    wait_p50_s: float | None
    """Of answered calls, nearest rank; null without one."""
    wait_p95_s: float | None
    handling_p50_s: float | None
    handling_p95_s: float | None

    @property
    def answer_rate(self) -> float | None:
        """Of the calls that could be answered."""
        return _share(self.answered, self.answered + self.abandoned)

    @property
    def service_level(self) -> float | None:
        """Answered within the agreed seconds, of the calls that could be answered."""
        return _share(self.answered_within, self.answered + self.abandoned)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFigures:
    """One local day."""

    day: date
    calls: int
    answered: int
    answered_within: int
    abandoned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CopilotUse:
    """Of the calls whose transcript is still kept."""

    calls: int
    offered: int
    """Times that answers were offered."""
    used: int
    """Of them, how many the operator said to have used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFigures:
    """Messages approved for these calls."""

    messages: int
    categories: Mapping[str, int]
    """By category of the form; "" where none of ours was given."""
    urgencies: Mapping[str, int]
    fields_proposed: int
    fields_changed: int
    """Of the fields proposed, how many were not approved as they were."""
    marked: int
    """By the client: well served or not."""
    well_served: int

    @property
    def edit_rate(self) -> float | None:
        return _share(self.fields_changed, self.fields_proposed)

    @property
    def satisfaction(self) -> float | None:
        return _share(self.well_served, self.marked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A report."""

    totals: Totals
    days: tuple[DayFigures, ...]
    """Every day of the period, those without a call too."""
    heat: Mapping[tuple[int, int], int]
    """Calls by weekday (0 is Monday) and local hour."""
    messages: MessageFigures
    copilot: CopilotUse


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
