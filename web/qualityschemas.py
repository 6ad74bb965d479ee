"""The JSON of looking after calls: remarks, grids, evaluations, alert rules."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from copilot.quality.grid import Mark
from web.schemas import Schema

Identifier = Annotated[str, Field(min_length=1, max_length=64)]


class MomentEdit(Schema):
    """Where in a transcript."""

    utterance_id: Identifier
    span: tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0, le=20_000)]] | None = None
    """Characters of its text; null: all of it."""


class RemarkEdit(Schema):
    kind: Literal["flag", "comment", "coaching"]
    """`coaching` is for the call's operator, who sees it."""
    text: str = Field(max_length=4000)
    """May be empty for a flag."""
    moment: MomentEdit | None = None


class RemarkView(Schema):
    id: str
    call_id: str
    kind: Literal["flag", "comment", "coaching"]
    moment: MomentEdit | None
    text: str
    author_name: str
    at: datetime
    resolved_at: datetime | None
    resolved_by_name: str | None


class Settled(Schema):
    resolved: bool


class CriterionView(Schema):
    id: Identifier
    """Kept when the criterion is reworded: a trend follows it."""
    text: str = Field(min_length=1, max_length=300)
    weight: int = Field(default=1, ge=1, le=100)
    critical: bool = False
    """Answered `no`, the whole call scores zero."""


class GridEdit(Schema):
    name: str = Field(min_length=1, max_length=200)
    criteria: list[CriterionView] = Field(min_length=1, max_length=60)
    retired: bool = False
    over: int = Field(ge=0, le=100_000)
    """The version that was edited; 0 for a new grid."""


class GridView(Schema):
    id: str
    version: int
    name: str
    criteria: list[CriterionView]
    retired: bool


class EvaluationEdit(Schema):
    grid_id: Identifier
    grid_version: int = Field(ge=1, le=100_000)
    marks: dict[str, Mark] = Field(max_length=60)
    """By criterion; each has one."""
    comment: str = Field(default="", max_length=4000)
    calibrating: bool = False
    """One of several of this call, each given without seeing the others'."""


class EvaluationView(Schema):
    id: str
    call_id: str
    grid: GridView
    """In the version it was made with."""
    evaluator_name: str
    own: bool
    at: datetime
    calibrating: bool
    marks: dict[str, Mark]
    comment: str
    score: float | None
    """0 to 100; null when nothing applied."""


class DifferenceView(Schema):
    criterion_id: str
    text: str
    marks: list[Mark]
    """In the order of the calibrating evaluations."""


class EvaluationsView(Schema):
    """What the reader may see of a call's evaluations."""

    evaluations: list[EvaluationView]
    hidden: int
    """Blind ones that open once the reader has given their own."""
    differences: list[DifferenceView]
    """Between calibrations with one version of a grid."""


class TrendPoint(Schema):
    month: str
    criterion_id: str
    evaluated: int
    met: float
    """Mean: 1 always met, 0 never."""


class TrendView(Schema):
    """Over every operator together."""

    evaluations: int
    score: float | None
    """Mean."""
    points: list[TrendPoint]


class CoachingView(Schema):
    """What was noted for an operator about their own calls."""

    remarks: list[RemarkView]
    evaluations: list[EvaluationView]


class AlertRulesView(Schema):
    """What calls a supervisor. A delay of 0 switches its alert off."""

    words: list[Annotated[str, Field(max_length=80)]] = Field(default=[], max_length=100)
    long_wait_s: int = Field(default=60, ge=0, le=1800)
    long_silence_s: int = Field(default=45, ge=0, le=1800)
    unacknowledged_s: int = Field(default=900, ge=0, le=86_400)
