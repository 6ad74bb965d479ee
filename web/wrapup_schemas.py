"""Shapes of the end of a call: what was done, what a model proposes, what was changed."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from web.schemas import Schema


class ActionView(Schema):
    """One thing that was done during a call."""

    deed: Literal[
        "answered",
        "called",
        "held",
        "muted",
        "paused",
        "keys",
        "answer_given",
        "asked",
        "transferred",
        "consulted",
        "transfer_failed",
        "moved",
        "booked",
        "cancelled",
        "called_back",
        "approved",
        "ended",
    ]
    times: int
    lasted_s: float | None
    """Altogether, for what has a beginning and an end."""
    what: str | None
    """The question whose answer was given, what was asked, whom the call went to, who hung up."""
    why: str | None
    """Of a transfer that failed: busy, no_answer, refused..."""


class WrapUpView(Schema):
    """Beside the draft, whose `summary` field tells the call: what was done."""

    actions: list[ActionView]


class TextDecision(Schema):
    """What the operator makes of a proposed text."""

    taken: bool
    text: str = Field(max_length=4000)
    """As it was shown: another one proposed since answers 409."""


class FieldMeasureView(Schema):
    """How one field was proposed over many messages of a client. No text, nobody's name."""

    field: str
    messages: int
    kept: int
    changed: int
    added: int
    emptied: int
    changed_share: float
    """Of the characters of what was changed: 0 untouched, 1 written anew."""


class EditsView(Schema):
    """How much of what was proposed was changed before it was approved."""

    days: int
    fields: list[FieldMeasureView]
