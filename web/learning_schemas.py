"""The JSON of what is learnt from operators: use of entries, gaps; and of a client's threshold."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from web.knowledge_schemas import Answer, Question, Words
from web.schemas import Schema

Wording = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class GapWording(Schema):
    """A question that found nothing, as it was really put."""

    text: str
    count: int
    """How many times in these very words."""
    last_at: datetime
    last_call_id: str | None
    """Null once that call is forgotten."""


class GapView(Schema):
    """Questions of one meaning that no entry answered."""

    id: str
    label: str
    """The most frequent wording."""
    count: int
    """Times asked, all wordings together."""
    first_at: datetime
    last_at: datetime
    state: Literal["open", "answered", "dismissed"]
    entry_id: str | None
    """The entry written for it, once answered."""
    wordings: list[GapWording]
    """Most frequent first, at most 20."""


class GapAnswer(Schema):
    """Turns a gap into an entry of the FAQ."""

    question: Question
    answer: Answer
    tags: list[Words] = Field(default=[], max_length=50)
    alternatives: list[Wording] | None = Field(default=None, max_length=50)
    """Wordings to keep with the entry; absent or null: those of the gap."""


class GapAnswered(Schema):
    """The gap as it is now, and the entry it became."""

    gap: GapView
    entry_id: str


class WordingView(Schema):
    """Another way to ask an entry's question, which the client did not write."""

    id: str
    entry_id: str
    question: str
    """The entry's."""
    text: str
    origin: Literal["machine", "call"]
    """A language model wrote it, or a caller said it and the operator used the entry."""
    writer: str
    """The language model; empty for a caller's."""
    state: Literal["proposed", "approved", "refused"]
    """Only what is approved is looked up."""
    at: datetime
    decided_by: str | None


class WordingsDecision(Schema):
    """What becomes of some wordings."""

    ids: list[str] = Field(min_length=1, max_length=500)
    decision: Literal["approved", "refused", "proposed"]
    """`proposed` puts them back on the list."""


class EntryUse(Schema):
    """What operators did with an entry in the last 180 days, and what it changes."""

    entry_id: str
    shown: int
    opened: int
    copied: int
    used: int
    dismissed: int
    not_this: int
    weight: float
    """Added to the log-odds that the entry answers: from -0.75 to 0.75, 0 without use."""
    why: str
    """The same in words, in the reader's language."""


class SuggestionSettings(Schema):
    """When a client's answers are offered."""

    threshold: float | None
    """The client's own; null: the calibration's."""
    calibrated_threshold: float
    fitted_on: str
    """What the calibration in force was fitted on."""


class SuggestionSettingsEdit(Schema):
    threshold: Annotated[float, Field(ge=0.05, le=1.0)] | None
    """An answer is offered from this confidence up; 1 offers none; null: the calibration's."""
