"""Remarks on calls, evaluations, alerts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from copilot.quality.grid import Mark

RemarkKind = Literal["flag", "comment", "coaching"]
"""`coaching` is for the call's operator, who sees it; the others are among supervisors."""
AlertKind = Literal["word", "wait", "silence", "urgency"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Where in a transcript."""

    utterance_id: str
    span: tuple[int, int] | None = None
    """Characters of its text; null: all of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What a supervisor noted about a call."""

    id: str
    client_id: str
    call_id: str
    kind: RemarkKind
    moment: Moment | None
    """Null: the whole call."""
    text: str
    author_id: str
    author_name: str
    at: datetime
    resolved_at: datetime | None = None
    resolved_by_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """One person's answers to a grid about a call."""

    id: str
    client_id: str
    call_id: str
    grid_id: str
    grid_version: int
    operator_id: str | None
    evaluator_id: str
    evaluator_name: str
    at: datetime
    calibrating: bool
    """One of several of this call, given without seeing the others'; counts in no trend."""
    marks: Mapping[str, Mark]
    comment: str
    score: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Something in a call that a supervisor should know now."""

    id: str
    client_id: str
    client_name: str
    call_id: str
    kind: AlertKind
    about: str
    """The utterance of a word or of a silence, the message of an urgency."""
    words: str
    """What was said, or how long."""
    at: datetime
    acknowledged_at: datetime | None = None
    acknowledged_by_name: str | None = None
