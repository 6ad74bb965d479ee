"""Training: exercises, and what trainees made of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from copilot.drafting.draft import Speaker

ExerciseOrigin = Literal["written", "call"]
"""`call`: made from a reviewed call, in which nobody can be recognised any more."""
Grade = Literal["exact", "near", "wrong", "missing", "extra"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing said in an exercise."""

    speaker: Speaker
    text: str
    pause_s: float = 0.8
    """Silence before it."""
    sound: tuple[float, float] | None = None
    """Where it is heard in the exercise's recording, seconds of the file; null: in writing only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """A call to be answered, and the message that should come of it."""

    id: str
    title: str
    origin: ExerciseOrigin
    lines: tuple[Line, ...]
    expected: dict[str, str | None]
    """By field of the message; a field that is not named is not looked at."""
    points: tuple[str, ...]
    """What the reason must say, in any words."""
    target_s: int
    """Seconds from the caller's last word in which the message should be sent."""
    created_at: datetime
    created_by_name: str
    recorded_call_id: str | None = None
    """The reviewed call whose voices are played, as long as its recording is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldScore:
    """One field of a message taken down."""

    name: str
    grade: Grade
    expected: str | None
    given: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What a trainee's message is worth, and why."""

    percent: int
    fields: tuple[FieldScore, ...] = ()
    covered: tuple[str, ...] = ()
    """Points that the reason says."""
    uncovered: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    """What the consignes say to ask, and was asked or answered."""
    unasked: tuple[str, ...] = ()
    took_s: float = 0.0
    """From the caller's last word to the sending."""
    in_time: bool = True
    emergency_missed: bool = False
    """Less urgent than it was: this alone holds the score down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRun:
    """A trainee's turn at an exercise."""

    id: str
    client_id: str
    exercise_id: str
    title: str
    """Of the exercise when it was begun."""
    operator_id: str
    operator_name: str
    started_at: datetime
    sent_at: datetime | None = None
    fields: dict[str, str | None] = field(default_factory=dict)
    """Typed so far; the message once sent."""
    score: Score | None = None
