"""The JSON of the live board: calls, the waiting line, operators, alerts."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from web.schemas import CallSummary, Schema


class WaitingView(Schema):
    """A call in the waiting line; one that is still being welcomed is not in it."""

    call_id: str
    since: datetime
    group: str
    """Its ring group's name; empty: every operator."""
    overflowed_to: str | None
    """The last group that is rung as well."""
    rings: list[str]
    """User ids of the operators rung now; anybody may answer."""


class OperatorView(Schema):
    """An operator as colleagues see them."""

    user_id: str
    name: str
    state: Literal["available", "pause", "wrap_up", "in_call", "away"]
    since: datetime
    until: datetime | None
    """When wrap-up is over by itself."""
    call_id: str | None


class AlertView(Schema):
    """Something in a call that a supervisor should know now."""

    id: str
    client_id: str
    client_name: str
    call_id: str
    kind: Literal["word", "wait", "silence", "urgency"]
    about: str
    """The utterance of a word or before a silence; the message of an urgency."""
    words: str
    at: datetime


class Board(Schema):
    """Live calls as they stand: pushed whole on every change on the board socket."""

    calls: list[CallSummary]
    waiting: list[WaitingView]
    """The longest waiting first."""
    operators: list[OperatorView]
    transcription: Literal["ready", "loading", "interrupted"]
    inbox: str
    """Another value: ask for what is written to clients again."""
    alerts: list[AlertView]
    """That nobody took note of; for supervisors, empty for operators."""
