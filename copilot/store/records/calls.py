"""Calls: as they start, as they stand, what was said in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from copilot.store.records.messages import Message

CallState = Literal["ringing", "live", "ended"]
RungSource = Literal[
    "sip", "webrtc", "siprec", "audiosocket", "mediastream", "mediacopy", "replay", "outgoing"
]
CallSource = Literal[RungSource, "email", "form"]
"""What is written is a call that was over when it came."""
EndedBy = Literal["caller", "operator", "system"]
CallMessageState = Literal["none", "draft", "approved", "delivered", "acknowledged", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCall:
    """What is known when a call starts to ring."""

    id: str
    dialled: str
    source: RungSource
    ringing_at: datetime
    caller_number: str | None = None
    caller_name: str | None = None
    forwarded_from: str | None = None
    names: tuple[str, ...] = ()
    """How other systems know it: SIP's Call-ID, Session-ID."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call as it stands."""

    id: str
    client_id: str
    client_name: str
    client_colour: str
    state: CallState
    source: CallSource
    dialled: str
    caller_number: str | None
    caller_name: str | None
    forwarded_from: str | None
    ringing_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    duration_s: float | None
    """From the answer to the end; zero when nobody answered; null until the end."""
    operator_id: str | None
    operator_name: str | None
    ended_by: EndedBy | None
    end_reason: str | None
    message_state: CallMessageState


@dataclass(frozen=True, slots=True, kw_only=True)
class PastCall:
    """An earlier call of the same caller, and the message it made."""

    call: Call
    message: Message | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidLine:
    """An utterance found in a transcript, with what tells its call."""

    call_id: str
    seq: int
    client_id: str
    client_name: str
    client_colour: str
    caller_number: str | None
    caller_name: str | None
    operator_name: str | None
    ringing_at: datetime
    leg: Literal["caller", "operator"]
    utterance_id: str
    text: str
    start_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """One line of a call's log, as JSON values (see copilot/codec.py)."""

    call_id: str
    seq: int
    kind: str
    at: datetime
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """The operator who writes the message of a call."""

    operator_id: str
    operator_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPiece:
    """Part of a call's log, in order."""

    events: tuple[StoredEvent, ...]
    earlier: int | None
    """More was said before this seq; null: the first words are here."""
