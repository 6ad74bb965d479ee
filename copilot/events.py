"""The vocabulary of a call: everything that happens in it, in order.

Every event carries its `call_id` and a `seq` that grows by at least one within the call. Events
but `PartialHeard` are appended to the call's log, which is the transcript and the review.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from copilot.appointmentevents import AppointmentChanged
from copilot.callevent import CallEvent as CallEvent
from copilot.inboxevents import InboxChanged
from copilot.lineevents import CallMoved
from copilot.messageevents import (
    EscalationMoved,
    MessageAcknowledged,
    MessageApproved,
    MessageDelivered,
    MessageFailed,
    MessageHeld,
    TextDecided,
    WritingChanged,
)
from copilot.recordingevents import RecordingChanged

LegRole = Literal["caller", "operator"]
Urgency = Literal["normal", "urgent", "critique"]
Part = Literal[
    "audio", "line", "recognition", "knowledge", "drafting", "store", "delivery", "recording"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRinging(CallEvent):
    """A call came in for a client and waits for an operator."""

    client_id: str
    client_name: str
    dialled: str
    """The DID, E.164 where it can be told."""
    caller_number: str | None
    """E.164, or null when the caller hides it."""
    caller_name: str | None
    forwarded_from: str | None
    """The number that forwarded the call here (Diversion, History-Info), E.164."""
    source: Literal[
        "sip", "webrtc", "siprec", "audiosocket", "mediastream", "mediacopy", "replay", "outgoing"
    ]
    """`outgoing`: an operator calls `caller_number` for the client, whose number is `dialled`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundPlayed(CallEvent):
    """The caller was played one of the client's sounds, before anybody listened."""

    sound: Literal["greeting", "announcement", "closed"]
    whole: bool
    """Heard to its end; an announcement always is, unless the caller hung up."""
    heard_s: float
    early: bool
    """Before the call was picked up: not charged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallWaiting(CallEvent):
    """The caller was welcomed and waits in the line."""

    group_id: str
    """The ring group that is rung first; empty: every operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAnswered(CallEvent):
    """An operator took the call."""

    operator_id: str
    operator_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnded(CallEvent):
    """The call is over on every side."""

    ended_by: Literal["caller", "operator", "system"]
    reason: str
    duration_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardWord:
    """One word of an utterance, seconds on the call's clock."""

    text: str
    start_s: float
    end_s: float
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialHeard(CallEvent):
    """What is heard so far. Replaced by the next, never logged."""

    leg: LegRole
    utterance_id: str
    settled: str
    provisional: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class UtteranceHeard(CallEvent):
    """A finished stretch of one leg's speech; a later one with its number replaces it."""

    leg: LegRole
    utterance_id: str
    """Unique in the call: `caller-3`."""
    text: str
    heard: str
    start_s: float
    end_s: float
    language: str
    confidence: float
    words: tuple[HeardWord, ...] = ()
    endpoint_s: float | None = None
    """Where on the leg's clock the utterance was known to be over."""
    redacted: tuple[str, ...] = ()
    """What was taken out of the text before anyone saw it: `card`, `nir`, `iban`."""


Span = tuple[int, int]
"""Characters from the first, included, to the second, excluded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Where the matched words stand."""

    said: tuple[Span, ...] = ()
    """In the utterance's text."""
    question: tuple[Span, ...] = ()
    answer: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageChanged(CallEvent):
    """A leg speaks another language, from this utterance on."""

    leg: LegRole
    language: str
    """ISO 639-1."""
    utterance_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Openable:
    """Something the operator can open: the document's place, a page, an attachment."""

    label: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One answer offered, with its source."""

    entry_id: str
    question: str
    answer: str
    source: str
    """Where it comes from, readable: "FAQ · Horaires"."""
    confidence: float
    """Calibrated, 0 to 1."""
    matched: tuple[str, ...] = ()
    """The words of the utterance that support it."""
    marks: Marks = Marks()
    weight: float = 0.0
    """What operators' use adds to its log-odds, within bounds."""
    note: str = ""
    """For the operator alone ("ne pas donner au téléphone")."""
    place: str = ""
    """Where in the document."""
    links: tuple[Openable, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionOffered(CallEvent):
    """Answers for an utterance, best first. Never empty: silence is no event."""

    suggestion_id: str
    utterance_id: str
    cards: tuple[Card, ...]
    alternatives: tuple[Card, ...] = ()
    """The next best, for whoever unfolds them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftField:
    """One field of the message as it stands."""

    name: str
    value: str | None
    confidence: float
    utterance_id: str | None = None
    """The utterance it came from; null when the operator typed it."""
    read_back: bool = False
    """Digits or spelling to be read back to the caller."""
    edited: bool = False
    """Typed by the operator: never overwritten."""
    doubt: str | None = None
    """Heard but not whole (a phone with a digit missing), or unsure: never sent by itself."""
    doubt_utterance_id: str | None = None
    doubt_whole: bool = False
    """The doubt is a whole value, which the operator may take as it is."""
    evidence: str | None = None
    """For the urgency: the words that triggered it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftChanged(CallEvent):
    """The message's fields, whole, after a change."""

    fields: tuple[DraftField, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistItem:
    """One thing the client's consignes say to ask."""

    item_id: str
    text: str
    field: str | None
    """The field that answers it, if one does."""
    done: bool
    utterance_id: str | None = None
    """Where it was answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """What could be done next: proposed, never taken alone."""

    action: Literal["message", "appointment", "transfer", "escalation"]
    because: Literal["emergency", "instruction", "appointment", "complete", "wrong_number", "sales"]
    contact: str | None = None
    """Whom to transfer to or to wake: the name of one of the client's contacts."""
    detail: str | None = None
    """The consigne that says so, or the words that told the emergency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidanceChanged(CallEvent):
    """What is missing, what to ask and what could be next, whole, after a change."""

    missing: tuple[str, ...]
    """Required fields without a value, for this kind of call."""
    checklist: tuple[ChecklistItem, ...]
    next_step: NextStep | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeChanged(CallEvent):
    """A client's entries changed. Of no call (`call_id` empty, `seq` 0), and in no log: it tells
    every process that its index is out of date."""

    client_id: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PresenceChanged(CallEvent):
    """An operator's presence, whole. Of no call, and in no log, as `KnowledgeChanged`."""

    operator_id: str
    state: Literal["available", "pause", "wrap_up"]
    since: datetime
    until: datetime | None
    """When wrap-up is over by itself."""
    at_desk: bool
    """A desk of theirs is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorChanged(CallEvent):
    """Ring groups or skills changed. Of no call, and in no log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptionPaused(CallEvent):
    """The operator paused transcription, or let it go on: nothing said meanwhile is heard."""

    paused: bool
    operator_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallHeld(CallEvent):
    """The operator put the call on hold, or took it back: held, nobody hears or is heard."""

    held: bool
    operator_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferChanged(CallEvent):
    """Where a transfer stands. The caller waits until all three talk (`together`), or it is
    `completed`, `returned` to the operator, or `abandoned` by the caller."""

    transfer_id: str
    state: Literal[
        "dialling",
        "ringing",
        "announcing",
        "consulting",
        "together",
        "completed",
        "returned",
        "abandoned",
    ]
    mode: Literal["blind", "consult", "announced"]
    number: str
    """E.164, or an extension."""
    name: str
    """Of the client's contact, "" for a number typed."""
    operator_id: str
    reason: str = ""
    """Why the caller is back: busy, no_answer, refused, hung_up, taken_back..."""
    via: Literal["bridge", "refer"] = "bridge"
    """Whether the voices still pass through us, or the other side took the call over."""
    transcribed: bool = False
    """Completed: whether what is said goes on being transcribed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorMuted(CallEvent):
    """The operator's voice is neither sent nor transcribed, or is again."""

    muted: bool
    operator_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSupervised(CallEvent):
    """A supervisor is on the call: heard by nobody, by the operator, by everybody; null: no longer.

    Where the client wants silent listening, listening is not told; what is said always is."""

    part: Literal["listen", "whisper", "barge"] | None
    supervisor_id: str
    supervisor_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysPressed(CallEvent):
    """The operator pressed telephone keys. Which ones is told nowhere: they may be a secret."""

    operator_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble(CallEvent):
    """A part of the copilot stopped working on this call, or works again (`recovered`)."""

    part: Part
    code: str
    detail: str
    recovered: bool = False


Event: TypeAlias = (
    CallRinging
    | SoundPlayed
    | CallWaiting
    | CallAnswered
    | CallEnded
    | PartialHeard
    | UtteranceHeard
    | LanguageChanged
    | SuggestionOffered
    | DraftChanged
    | GuidanceChanged
    | MessageApproved
    | MessageDelivered
    | MessageFailed
    | MessageAcknowledged
    | EscalationMoved
    | KnowledgeChanged
    | PresenceChanged
    | FloorChanged
    | InboxChanged
    | TranscriptionPaused
    | RecordingChanged
    | AppointmentChanged
    | CallMoved
    | CallHeld
    | TransferChanged
    | OperatorMuted
    | CallSupervised
    | KeysPressed
    | WritingChanged
    | TextDecided
    | MessageHeld
    | Trouble
)
