"""What the store gives back: plain frozen values. Rows never leave the data layer.

Every moment is an aware datetime in UTC. Identifiers are opaque strings.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any, Literal

from copilot.drafting.form import Form
from copilot.oncall import OnCall
from copilot.routing import DeliveryRoute
from copilot.timing import DeliveryPolicy, Pace
from copilot.waiting.welcome import SoundKind, Welcome
from knowledge.passages import Entry

Role = Literal["administrator", "supervisor", "operator", "client", "reader"]
"""`client` manages its company's knowledge and messages; `reader` only reads them."""
CLIENT_ROLES: tuple[Role, ...] = ("client", "reader")
LinkKind = Literal["setup", "invitation", "reset"]
Language = Literal["fr", "en"]
CallState = Literal["ringing", "live", "ended"]
CallSource = Literal[
    "sip", "webrtc", "siprec", "audiosocket", "mediastream", "mediacopy", "replay", "outgoing"
]
Supervision = Literal["shown", "hidden", "forbidden"]
EndedBy = Literal["caller", "operator", "system"]
ConsigneKind = Literal["accueil", "consigne", "transfert", "interdit"]
NumberKind = Literal["did", "forwarding"]
MessageState = Literal["approved", "delivered", "acknowledged", "failed"]
CallMessageState = Literal["none", "draft", "approved", "delivered", "acknowledged", "failed"]
OutboxState = Literal["pending", "sending", "delivered", "dead", "cancelled"]
VersionAction = Literal["import", "create", "edit", "delete", "undo"]
ImportMode = Literal["replace", "merge"]
ImportState = Literal["reading", "ready", "applied", "failed", "discarded"]
ImportStage = Literal["waiting", "fetching", "reading", "comparing", "done"]
Holidays = Literal["any", "only", "except"]
FeedbackAction = Literal["opened", "copied", "used", "dismissed", "not_this"]

AT_ONCE = DeliveryPolicy()
NOBODY = OnCall()


def new_id() -> str:
    """A fresh opaque identifier, safe in addresses: 32 hexadecimal digits."""
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody who signs in. `client` and `reader` belong to one client, the others to none."""

    id: str
    email: str
    name: str
    role: Role
    client_id: str | None
    language: Language
    disabled: bool
    created_at: datetime
    second_factor: bool = False
    """A code is asked for beside the password."""
    invited: bool = False
    """Has no password yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSession:
    """A browser signed in. The token itself is known to the browser only."""

    id: str
    user_id: str
    csrf: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_seen_at: datetime | None = None
    address: str = ""
    """Network address of the sign-in."""
    agent: str = ""
    """What the browser calls itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OneTimeLink:
    """The right to choose a password once. A `setup` link makes the first administrator."""

    id: str
    kind: LinkKind
    user_id: str | None
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSettings:
    """How a client wants to be served."""

    recipients: tuple[str, ...] = ()
    """E-mail addresses that get the client's messages."""
    required_fields: tuple[str, ...] = ()
    """Names of `copilot.drafting.draft.FIELD_NAMES`."""
    urgent_rules: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    """What must never be said or promised."""
    vocabulary: tuple[str, ...] = ()
    """Names and jargon the recogniser should expect."""
    languages: tuple[str, ...] = ("fr", "en")
    """ISO 639-1: the one callers are answered in, then those they may turn out to speak."""
    time_zone: str = "Europe/Paris"
    form: Form | None = None
    """The client's own form; its trade's when null."""
    routes: tuple[DeliveryRoute, ...] = ()
    """Where messages go beside `recipients`."""
    delivery: DeliveryPolicy = AT_ONCE
    """When they leave, and whether what was said does."""
    on_call: OnCall = NOBODY
    """Whom urgent messages are taken to until somebody acknowledges."""
    suggestion_threshold: float | None = None
    """An answer is offered from this confidence up; null: the calibration's."""
    shown_number: str | None = None
    """E.164, shown to who is called for the client; null: the first it forwards from, else the
    first of its own."""
    transfer_shows: Literal["client", "caller"] = "client"
    """Whose number somebody sees to whom a call is transferred."""
    transfer_transcribed: bool = False
    """Whether a call goes on being transcribed once the operator has left it."""
    redact: tuple[str, ...] = ("card", "nir", "iban")
    """Numbers taken out of what is heard before it is shown or kept (`copilot.privacy`)."""
    supervision: Supervision = "shown"
    """Whether supervisors may listen to its calls, and whether the operator's desk shows it."""
    transcript_days: int = 30
    """How long what was said in a call is kept; at most a year."""
    call_days: int = 365
    """How long the call and its message are kept; at most three years."""
    welcome: Welcome = field(default_factory=Welcome)
    """How callers are received before an operator speaks."""

    @property
    def written_in(self) -> Literal["fr", "en"]:
        """The language of its messages: that of its callers, where it is one of ours."""
        return "en" if self.languages[:1] == ("en",) else "fr"


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A company answered for."""

    id: str
    name: str
    sector: str
    colour: str
    """`#rrggbb`."""
    greeting: str
    settings: ClientSettings
    disabled: bool = False
    """Its calls are refused and its people cannot sign in; its data stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientNumber:
    """A number that leads to a client: its own DID, or one that it forwards from."""

    number: str
    """E.164."""
    kind: NumberKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Consigne:
    """A client's standing instruction."""

    id: str
    title: str
    body: str
    kind: ConsigneKind = "consigne"
    topic: str = ""
    """Of several in force on one topic (else one title) only the most specific is shown."""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    """Exclusive."""
    weekdays: tuple[int, ...] = ()
    """1 (Monday) to 7; empty: every day."""
    from_time: time | None = None
    until_time: time | None = None
    """Local, exclusive; not after `from_time`: past midnight."""
    holidays: Holidays = "any"
    """`only` on public holidays, or `except` on them."""
    version: int = 0
    """The version of the consignes that gave it this content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsigneChange:
    """A consigne that changed; null before: new, null after: gone."""

    at: datetime
    before: Consigne | None
    after: Consigne | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Somebody at the client."""

    id: str
    name: str
    role: str = ""
    email: str | None = None
    phone: str | None = None
    vip: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSheet:
    """Everything about a client that matters to a call at one moment."""

    client: Client
    greeting: str
    """The most specific greeting in force, else the client's own."""
    numbers: tuple[ClientNumber, ...]
    contacts: tuple[Contact, ...]
    consignes: tuple[Consigne, ...]
    """In force at that moment and not overruled, the most specific first."""
    overruled: tuple[Consigne, ...] = ()
    """In force too, but a more specific one on the same topic is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where an incoming call leads."""

    client_id: str
    client_name: str
    number: str
    """The number that decided, E.164."""
    by: Literal["dialled", "forwarded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCall:
    """What is known when a call starts to ring."""

    id: str
    dialled: str
    source: CallSource
    ringing_at: datetime
    caller_number: str | None = None
    caller_name: str | None = None
    forwarded_from: str | None = None


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
class Message:
    """An approved message."""

    id: str
    client_id: str
    call_id: str
    state: MessageState
    fields: dict[str, str | None]
    note: str
    urgency: str
    approved_at: datetime
    approved_by: str
    """User id of the operator."""
    approved_by_name: str
    delivered_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    failure: str | None
    """Why the last try failed, readable; null when none did."""
    acknowledged_by_name: str | None = None


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
class Approval:
    """The outcome of approving: the message, and whether this call made it."""

    message: Message
    created: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxItem:
    """One intention to send, claimed by one worker until its lease runs out."""

    id: str
    client_id: str
    call_id: str
    message_id: str
    channel: str
    recipient: str
    idempotency_key: str
    attempts: int
    """Tries begun, this one included."""
    claim: str
    """Proof of the claim: an outcome under another claim is refused."""
    step: int = 0
    """The rung of the escalation it belongs to; 0: the client's recipients."""
    bundle: str | None = None
    """The digest it leaves in: all items of one are claimed and finished together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """One intention to send, as shown to people."""

    id: str
    message_id: str
    channel: str
    recipient: str
    state: OutboxState
    attempts: int
    next_attempt_at: datetime | None
    last_error: str | None
    delivered_at: datetime | None
    client_id: str
    step: int
    pace: Pace
    created_at: datetime
    read_at: datetime | None
    acknowledged_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOutcome:
    """What applying an import does, or did."""

    added: int
    changed: int
    removed: int
    unchanged: int

    @property
    def changes_nothing(self) -> bool:
        return not (self.added or self.changed or self.removed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who changes knowledge or consignes. `name` is kept beside the change."""

    user_id: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEntry:
    """An entry as the store keeps it."""

    entry: Entry
    position: int
    version: int
    """The version of the knowledge that gave it this content."""
    author: str | None
    revised_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryChange:
    """What a version does to one entry; null before: added, null after: removed."""

    before: StoredEntry | None
    after: StoredEntry | None

    @property
    def entry_id(self) -> str:
        return self.shown.entry.entry_id

    @property
    def shown(self) -> StoredEntry:
        """The entry as it becomes, or as it was when it goes."""
        known = self.after or self.before
        if known is None:
            raise ValueError("a change of nothing")
        return known

    @property
    def moves_only(self) -> bool:
        """The content stays, the place in the list changes."""
        return bool(self.before and self.after and self.before.entry == self.after.entry)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One change of a client's knowledge, or of its consignes. Numbers grow by one."""

    number: int
    at: datetime
    made_by: str | None
    made_by_name: str | None
    action: VersionAction
    label: str
    """The file, the address, or what was edited."""
    outcome: ImportOutcome
    reversible: bool
    """Whether what was before it is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file or page whose passages are entries."""

    id: str
    name: str
    kind: str
    """`pdf`, `docx`, `html`, `markdown`, `text`."""
    address: str | None
    """Of a page."""
    file_id: str
    """What was imported, in the client's files."""
    size_bytes: int
    imported_at: datetime
    imported_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file of a client, without its content."""

    id: str
    file_name: str
    media_type: str
    size_bytes: int
    added_at: datetime
    added_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSound:
    """A sound that callers hear, without its content: a WAV file, 16 kHz, mono."""

    kind: SoundKind
    file_name: str
    """As it was uploaded."""
    duration_s: float
    added_at: datetime
    added_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportJob:
    """An import on its way, visible to every process."""

    id: str
    name: str
    address: str | None
    mode: ImportMode
    state: ImportState
    stage: ImportStage
    done: int
    total: int | None
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    created_by_name: str | None
    base_version: int | None
    """The version that the preview compares with."""
    incoming: dict[str, Any] | None
    """What was read, as `copilot.imports` writes it."""
    summary: dict[str, Any] | None
    failure: dict[str, Any] | None
    file_id: str | None
    version: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """One line of a call's log, as JSON values (see copilot/codec.py)."""

    call_id: str
    seq: int
    kind: str
    at: datetime
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionFeedback:
    """What an operator did with an offered answer."""

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
