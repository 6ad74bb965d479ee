"""A quality grid: weighted criteria, answered one by one; a critical one that fails costs all.

Pure. A grid has versions; an evaluation belongs to the version it was made with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

Mark = Literal["yes", "partly", "no", "na"]
MARKS: tuple[Mark, ...] = get_args(Mark)
WORTH: dict[Mark, float] = {"yes": 1.0, "partly": 0.5, "no": 0.0}
MOST_CRITERIA = 60
HEAVIEST = 100


class BadGridError(ValueError):
    """A grid, or marks, that cannot be; the message says which."""

    code = "bad_grid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One question about a call."""

    id: str
    """Kept from version to version, so that a trend can follow it."""
    text: str
    weight: int = 1
    critical: bool = False
    """Answered `no`, the whole call scores zero."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """One version of a grid."""

    id: str
    version: int
    name: str
    criteria: tuple[Criterion, ...]
    retired: bool = False


def check_grid(criteria: Sequence[Criterion]) -> None:
    """Raises BadGridError."""
    if not 1 <= len(criteria) <= MOST_CRITERIA:
        raise BadGridError(f"a grid has 1 to {MOST_CRITERIA} criteria")
    if len({one.id for one in criteria}) != len(criteria):
        raise BadGridError("two criteria have the same identifier")
    for one in criteria:
        if not 1 <= one.weight <= HEAVIEST:
            raise BadGridError(f"weights go from 1 to {HEAVIEST}: {one.text[:60]!r}")


def check_marks(grid: Grid, marks: Mapping[str, Mark]) -> None:
    """Every criterion is answered, and nothing else. Raises BadGridError."""
    wanted = {one.id for one in grid.criteria}
    if set(marks) != wanted:
        missing = next((one.text for one in grid.criteria if one.id not in marks), "")
        raise BadGridError(f"answer each criterion of the grid: {missing[:80]!r}")
    if unknown := [mark for mark in marks.values() if mark not in MARKS]:
        raise BadGridError(f"no answer: {unknown[0]!r}")


def score(grid: Grid, marks: Mapping[str, Mark]) -> float | None:
    """0 to 100: the weights of what was met over those of what applied; null when nothing did."""
    if any(one.critical and marks[one.id] == "no" for one in grid.criteria):
        return 0.0
    applied = [one for one in grid.criteria if marks[one.id] != "na"]
    whole = sum(one.weight for one in applied)
    met = sum(one.weight * WORTH[marks[one.id]] for one in applied)
    return round(100 * met / whole, 1) if whole else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A criterion that two evaluations of one call answer differently."""

    criterion: Criterion
    marks: tuple[Mark, ...]
    """In the order of the evaluations."""


def differences(grid: Grid, evaluations: Sequence[Mapping[str, Mark]]) -> tuple[Difference, ...]:
    """Where evaluations of one call, with one version of a grid, disagree."""
    return tuple(
        Difference(criterion=one, marks=tuple(marks[one.id] for marks in evaluations))
        for one in grid.criteria
        if len({marks[one.id] for marks in evaluations}) > 1
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionTrend:
    """One criterion over a month of evaluations."""

    month: str
    criterion_id: str
    evaluated: int
    """Not applicable left out."""
    met: float
    """Mean: 1 always, 0 never."""


def trend(evaluations: Sequence[tuple[str, Mapping[str, Mark]]]) -> tuple[CriterionTrend, ...]:
    """Month by month, criterion by criterion, of (month, marks)."""
    worths: dict[tuple[str, str], list[float]] = {}
    for month, marks in evaluations:
        for criterion_id, mark in marks.items():
            if mark != "na":
                worths.setdefault((month, criterion_id), []).append(WORTH[mark])
    return tuple(
        CriterionTrend(
            month=month,
            criterion_id=criterion_id,
            evaluated=len(found),
            met=round(sum(found) / len(found), 3),
        )
        for (month, criterion_id), found in sorted(worths.items())
    )
