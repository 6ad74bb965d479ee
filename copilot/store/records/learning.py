"""What calls teach: feedback, questions that found nothing, wordings proposed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

FeedbackAction = Literal["shown", "opened", "copied", "used", "dismissed", "not_this"]
ONCE: frozenset[FeedbackAction] = frozenset({"shown", "used", "dismissed", "not_this"})
"""Said again while it stands, it is the same; what is opened or copied twice is two times."""

ASKED = "ask"
"""In the place of a suggestion's id: the operator typed a question and found the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionFeedback:
    """What an operator did with an answer offered or found, and has not taken back."""

    call_id: str
    suggestion_id: str
    entry_id: str
    action: FeedbackAction
    user_id: str
    at: datetime


GapState = Literal["open", "answered", "dismissed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GapQuestion:
    """A question that found nothing, as it was put."""

    gap_id: str
    call_id: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Questions of one meaning that no entry answered."""

    id: str
    state: GapState
    entry_id: str | None
    questions: tuple[GapQuestion, ...]
    """Oldest first."""


WordingOrigin = Literal["machine", "call"]
WordingState = Literal["proposed", "approved", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryWording:
    """Another way to ask an entry's question, which the client did not write."""

    id: str
    entry_id: str
    text: str
    origin: WordingOrigin
    """A language model wrote it, or a caller said it and the entry was used."""
    writer: str
    """The language model; empty for a caller's."""
    state: WordingState
    """Only what is approved is looked up."""
    at: datetime
    decided_by_name: str | None = None
