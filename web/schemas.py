"""The JSON the browsers see. Only `web` knows JSON; these models are its contract.

Times are ISO 8601 with offset. Unknown fields in requests are refused.
"""

from __future__ import annotations

from datetime import datetime, time
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, WithJsonSchema

Role = Literal["administrator", "supervisor", "operator", "client", "reader"]
CallState = Literal["ringing", "live", "ended"]
SupervisorPart = Literal["listen", "whisper", "barge"]
"""Heard by nobody, by the operator alone, by everybody."""


class Schema(BaseModel):
    """Base of every request and response."""

    model_config = ConfigDict(extra="forbid", frozen=True)


LocalTime = Annotated[
    time, WithJsonSchema({"type": "string", "pattern": r"^\d\d:\d\d(:\d\d(\.\d+)?)?$"})
]
"""A time of day where the client is: "time" of JSON Schema would have an offset."""


class Problem(Schema):
    """Every refusal: a stable code and a sentence for people."""

    code: str
    message: str


class Credentials(Schema):
    email: str = Field(max_length=254)
    password: str = Field(max_length=1024)
    code: str | None = Field(default=None, max_length=32)
    """Of the second factor, for those who have one."""


class Me(Schema):
    id: str
    email: str
    name: str
    role: Role
    client_id: str | None
    client_name: str | None
    language: Literal["fr", "en"]
    second_factor: bool
    has_password: bool
    """False: what asks for it again takes a sign-in of a few minutes ago."""
    must_enrol: bool
    """Nothing but one's own account opens before a second factor is set up."""
    csrf: str
    """To be sent as `X-CSRF` with every request that is not GET."""


class ConsigneView(Schema):
    id: str
    title: str
    body: str
    kind: Literal["accueil", "consigne", "transfert", "interdit"]
    topic: str = ""
    """Of several in force on one topic (else one title) only the most specific is shown."""
    valid_from: datetime | None
    valid_until: datetime | None
    """Exclusive."""
    weekdays: list[int] = []
    """1 (Monday) to 7; empty: every day."""
    from_time: LocalTime | None = None
    until_time: LocalTime | None = None
    """Local, exclusive; before `from_time`: past midnight."""
    holidays: Literal["any", "only", "except"] = "any"
    """`only`: on public holidays; `except`: never on them."""
    precision: Literal["day", "range", "schedule", "default"] = "default"
    """What made it the most specific: a single day beats a range, a range a schedule."""
    version: int = 0
    """To be sent back with an edit or a deletion."""


class ConsigneChange(Schema):
    """What an operator has not seen yet."""

    kind: Literal["added", "changed", "removed"]
    at: datetime
    title: str
    before: str | None
    """The former text."""
    after: str | None


class ContactView(Schema):
    id: str
    name: str
    role: str
    email: str | None
    phone: str | None
    vip: bool


class FormFieldView(Schema):
    """One field of a form, in the order of reading."""

    name: str
    """A field of the message, or the client's own: lower case, digits, underscores."""
    required: bool = False
    categories: list[str] = []
    """Kinds of call that have this field; empty for all of them."""
    label: str | None = None
    """Shown instead of the usual label; a client's own field has one."""


class FormView(Schema):
    """The form in force."""

    fields: list[FormFieldView]
    trade: str | None
    """The trade it is the default of; null when it is the client's own."""


class FormEdit(Schema):
    """A client's own form; null brings its trade's back."""

    fields: list[FormFieldView] | None


class ClientCard(Schema):
    """What the operator must know before the first word."""

    id: str
    name: str
    sector: str
    colour: str
    greeting: str
    consignes: list[ConsigneView]
    consignes_version: int = 0
    """To be sent to `POST /api/clients/{id}/consignes/seen` once read."""
    consignes_changed: list[ConsigneChange] = []
    """Since this operator last saw them, newest first; empty for other people."""
    contacts: list[ContactView]
    languages: list[str]
    """ISO 639-1: the one callers are answered in, then those they may turn out to speak."""
    required_fields: list[str]
    """Names of the message's fields that this client always wants."""
    form: FormView
    """The fields of its messages; what is missing comes with `guidance_changed` events."""


class CallSummary(Schema):
    id: str
    state: CallState
    client_id: str
    client_name: str
    client_colour: str
    caller_number: str | None
    caller_name: str | None
    source: Literal[
        "sip",
        "webrtc",
        "siprec",
        "audiosocket",
        "mediastream",
        "mediacopy",
        "replay",
        "outgoing",
        "email",
        "form",
    ]
    ringing_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    duration_s: float | None
    operator_id: str | None
    operator_name: str | None
    message_state: Literal["none", "draft", "approved", "delivered", "acknowledged", "failed"]
    transcript_lag_s: float = 0.0
    held: bool = False
    """On hold now; told of calls in progress on the board, like what follows."""
    transfer: Literal["under_way", "completed"] | None = None
    """Somebody else is being called for the caller, or has them."""
    supervised: SupervisorPart | None = None
    """A supervisor listens, whispers or has barged in."""
    recording: Literal["recording", "paused"] | None = None
    """Whether its sound is kept now."""
    troubles: list[str] = []
    """What does not work on this call now, or was refused once: codes of `trouble` events."""


class DraftFieldView(Schema):
    name: str
    value: str | None
    confidence: float
    utterance_id: str | None
    read_back: bool
    edited: bool
    doubt: str | None
    """Heard but not whole, or unsure: never sent by itself."""
    doubt_utterance_id: str | None
    doubt_whole: bool = False
    """The doubt is a whole value, which the operator may take as it is."""
    evidence: str | None = None
    """For the urgency: the words that triggered it."""


class DraftView(Schema):
    """The message as it stands."""

    fields: list[DraftFieldView]
    seq: int
    """The call's log up to here is in it: an older `draft_changed` says less."""


class MessageView(Schema):
    id: str
    call_id: str
    client_id: str
    state: Literal["draft", "approved", "delivered", "acknowledged", "failed"]
    fields: dict[str, str | None]
    note: str
    urgency: str
    approved_at: datetime | None
    approved_by: str | None
    delivered_at: datetime | None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    """The name of who did."""
    failure: str | None


class EventView(Schema):
    """One event of a call; `data` holds the event's own fields (see copilot/events.py)."""

    kind: str
    """Class name in snake case: `utterance_heard`."""
    call_id: str
    seq: int
    at: datetime
    data: dict[str, Any]


class CallDetail(Schema):
    call: CallSummary
    client: ClientCard
    draft: list[DraftFieldView]
    message: MessageView | None
    writer: str | None = None
    """The language model that may be asked to write about this call; null: none is set."""
    events: list[EventView]
    """The log so far, ordered by seq; follow with the call socket from the last seq."""
    feedback: list[FeedbackGiven] = []
    """The reader's own."""
    earlier: int | None = None
    """Of its end alone: more was said before this seq (`/log?before=`); null: it is whole."""


class SaidView(Schema):
    """An utterance found in a transcript."""

    call_id: str
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


class SearchResult(Schema):
    """Utterances that have every word asked for, newest call first."""

    lines: list[SaidView]
    more: bool
    """There are others: ask for more words."""


class SessionDescription(Schema):
    """A WebRTC offer or answer, complete (no trickle)."""

    type: Literal["offer", "answer"]
    sdp: str = Field(max_length=65536)


class Pause(Schema):
    paused: bool


class Hold(Schema):
    held: bool


class Mute(Schema):
    muted: bool


class Supervise(Schema):
    """A supervisor joins a call, or joins it again after a reload."""

    offer: SessionDescription
    part: SupervisorPart
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=200)]
    """Why: kept in the audit trail."""


class SuperviseChange(Schema):
    part: SupervisorPart


class Keys(Schema):
    """Telephone keys, pressed one after the other."""

    keys: str = Field(pattern=r"^[0-9*#A-Da-d]{1,32}$")


class TransferWish(Schema):
    """Whom to call for the caller: a contact of the client's, or a number."""

    mode: Literal["blind", "consult", "announced"]
    contact_id: str | None = Field(default=None, max_length=64)
    number: str | None = Field(default=None, max_length=32)


class OutgoingCallWish(Schema):
    """A call in a client's name."""

    client_id: str = Field(max_length=64)
    number: str = Field(max_length=32)
    offer: SessionDescription


class OutgoingCallView(Schema):
    call_id: str
    answer: SessionDescription


class IceServer(Schema):
    """As RTCIceServer has it."""

    urls: list[str]
    username: str
    credential: str


class LineAccess(Schema):
    """What a desk needs to know of the line."""

    ice_servers: list[IceServer]
    """TURN servers, with a password that expires."""
    expires_s: int | None
    """Seconds after which to ask again; null: never."""
    calls_out: bool
    """Whether calls can go out: transfers, calls back."""


class DraftEdit(Schema):
    """Fields the operator typed; null empties a field."""

    fields: dict[str, str | None]


class ApproveMessage(Schema):
    fields: dict[str, str | None]
    """All fields as the operator sees them."""
    note: str = Field(default="", max_length=4000)


class CardView(Schema):
    entry_id: str
    question: str
    answer: str
    source: str
    confidence: float
    matched: list[str]
    """The words of what was said (or typed) that support it."""
    marks: CardMarks = Field(default_factory=lambda: CardMarks())
    weight: float = 0.0
    """What operators' use adds to it, or their refusals take away; see `EntryUse`."""
    note: str = ""
    """For the operator alone ("ne pas donner au téléphone")."""
    place: str = ""
    """Where in the document."""
    links: list[CardLink] = []


class CardMarks(Schema):
    """Why a card was chosen: matched words, as `[start, end)` in characters of each text."""

    said: list[tuple[int, int]] = []
    """In the utterance's `text`, or in what was typed."""
    question: list[tuple[int, int]] = []
    answer: list[tuple[int, int]] = []


class CardLink(Schema):
    """Something the operator can open: the document's place, an attachment, a page."""

    label: str
    address: str


class Feedback(Schema):
    action: Literal["shown", "opened", "copied", "used", "dismissed", "not_this"]
    """`shown`: of what was found by asking; what is offered is shown by that."""
    entry_id: str
    withdrawn: bool = False
    """They take it back: it counts no more."""


class FeedbackGiven(Schema):
    """What the reader said of an answer in this call, and has not taken back."""

    suggestion_id: str
    """`ask`: found by asking."""
    entry_id: str
    action: Literal["used", "not_this"]


class DemoLine(Schema):
    number: str
    client_name: str


class DemoCallRequest(Schema):
    number: str
    caller_number: str | None = None
    offer: SessionDescription


class DemoCall(Schema):
    call_id: str
    answer: SessionDescription


class DemoCallState(Schema):
    state: CallState
