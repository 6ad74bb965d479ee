"""What is told of a call's message: who writes it, its texts, where it went. Part of
`copilot.events.Event`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from copilot.callevent import CallEvent

TextName = Literal["reason", "summary", "reply"]
"""Texts a language model may propose; it reaches no other part of a message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageHeld(CallEvent):
    """This operator writes the message from now on, and everybody else reads it."""

    operator_id: str
    operator_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextDecided(CallEvent):
    """The operator took a text that was proposed, or refused it."""

    name: TextName
    taken: bool
    operator_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageApproved(CallEvent):
    """The operator approved the message; the intention to send is durable."""

    message_id: str
    operator_id: str
    recipients: int | None = None
    """The client's own, whose tries decide how the message stands; with none, those of whoever is
    on call. Unknown of calls told before it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDelivered(CallEvent):
    """A channel took the message."""

    message_id: str
    channel: str
    recipient: str
    step: int = 0
    """The rung of the escalation that it was for; 0: one of the client's own recipients."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFailed(CallEvent):
    """A channel refused the message; `final` when it will not be tried again."""

    message_id: str
    channel: str
    recipient: str
    detail: str
    final: bool
    step: int = 0
    """As of `MessageDelivered`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageAcknowledged(CallEvent):
    """Somebody at the client took the message."""

    message_id: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationMoved(CallEvent):
    """The escalation (astreinte) of a message tries the next contact, or is over."""

    message_id: str
    state: Literal["running", "acknowledged", "exhausted", "stopped"]
    step: int
    """Rungs tried so far."""
    steps: int
    contact: str | None
    """Whose turn it is."""
    next_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenText:
    """A text a language model proposes: nothing until the operator takes it."""

    name: TextName
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedText:
    """A text it wrote that nobody sees: it said what was not said."""

    name: TextName
    why: str
    """`number`, `name`, `promise`, ... (`copilot.languagemodel.faithful.Why`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WritingChanged(CallEvent):
    """Where a language model stands with the texts of this call, whole, after a change."""

    state: Literal["writing", "written", "failed"]
    texts: tuple[WrittenText, ...] = ()
    rejected: tuple[RejectedText, ...] = ()
    model: str = ""
    failure: str | None = None
    """A stable code, when there is no answer: `language_model_slow`, ..."""
