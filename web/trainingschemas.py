"""What the pages of training send and get."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from web.schemas import Schema

Values = dict[str, Annotated[str, Field(max_length=1000)] | None]


class LineView(Schema):
    """One thing said."""

    speaker: Literal["caller", "operator"]
    text: Annotated[str, Field(max_length=600)]
    pause_s: Annotated[float, Field(ge=0, le=20)] = 0.8
    """Silence before it."""
    sound: tuple[float, float] | None = None
    """Where it is heard in the recording, seconds; null: it is told in writing alone."""


class ExerciseEdit(Schema):
    """An exercise as a supervisor writes it."""

    title: Annotated[str, Field(min_length=1, max_length=200)]
    lines: Annotated[list[LineView], Field(min_length=1, max_length=120)]
    expected: Values
    """By field of the message; a field that is not named is not looked at."""
    points: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=12)] = []
    """What the reason must say, in any words."""
    target_s: Annotated[int, Field(ge=10, le=1800)] = 60
    """Seconds from the caller's last word in which the message should be sent."""
    recorded_call_id: Annotated[str, Field(max_length=64)] | None = None
    """The call whose recording is heard, as long as it is kept; null: nothing is heard."""


class NewExercise(ExerciseEdit):
    client_id: Annotated[str, Field(max_length=64)]


class ExerciseView(ExerciseEdit):
    """As a supervisor sees it: with what is expected."""

    id: str
    client_id: str
    client_name: str
    origin: Literal["written", "call"]
    created_at: datetime
    created_by_name: str


class TrainingClient(Schema):
    id: str
    name: str


class ExerciseOffered(Schema):
    """As a trainee sees it: with nothing of what is expected."""

    id: str
    title: str
    client_id: str
    client_name: str
    client_colour: str
    lasts_s: int
    """About how long the call is."""
    target_s: int


class ExerciseFromCall(Schema):
    """A reviewed call to be made an exercise of."""

    call_id: Annotated[str, Field(max_length=64)]
    reason: Annotated[str, Field(min_length=3, max_length=200)]
    """Why: kept in the audit trail."""


class RunWish(Schema):
    exercise_id: Annotated[str, Field(max_length=64)]


class FieldScoreView(Schema):
    name: str
    grade: Literal["exact", "near", "wrong", "missing", "extra"]
    expected: str | None
    given: str | None


class ScoreView(Schema):
    """What a message taken down is worth, and why."""

    percent: int
    fields: list[FieldScoreView]
    covered: list[str]
    """Points that the reason says."""
    uncovered: list[str]
    asked: list[str]
    """What the consignes say to ask, and was."""
    unasked: list[str]
    took_s: float
    in_time: bool
    emergency_missed: bool
    """Taken for less urgent than it was: this alone holds the score down."""


class RunView(Schema):
    """A trainee's turn at an exercise."""

    id: str
    exercise_id: str
    client_id: str
    title: str
    operator_id: str
    operator_name: str
    started_at: datetime
    sent_at: datetime | None
    score: ScoreView | None
    voices: list[str] = []
    """Of a turn just begun: utterances that are heard (`.../voices/{utterance_id}`)."""


class RunSent(Schema):
    """What the trainee took down, as a message."""

    fields: Values
    ticked: Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=40)] = []
    """Identifiers of the checklist's items that they say they asked."""
