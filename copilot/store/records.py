"""What the store gives back: plain frozen values. Rows never leave the data layer.

Every moment is an aware datetime in UTC. Identifiers are opaque strings.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Role = Literal["administrator", "supervisor", "operator", "client", "reader"]
"""`client` manages its company's knowledge and messages; `reader` only reads them."""
CLIENT_ROLES: tuple[Role, ...] = ("client", "reader")
LinkKind = Literal["setup", "invitation", "reset"]
Language = Literal["fr", "en"]
CallState = Literal["ringing", "live", "ended"]
CallSource = Literal["sip", "webrtc", "replay"]
EndedBy = Literal["caller", "operator", "system"]
ConsigneKind = Literal["accueil", "consigne", "transfert", "interdit"]
NumberKind = Literal["did", "forwarding"]
MessageState = Literal["approved", "delivered", "acknowledged", "failed"]
CallMessageState = Literal["none", "draft", "approved", "delivered", "acknowledged", "failed"]
OutboxState = Literal["pending", "sending", "delivered", "dead"]
FeedbackAction = Literal["opened", "copied", "used", "dismissed", "not_this"]


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
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    """Exclusive."""


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
    """In force at that moment, the most specific first."""


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
class Import:
    """An import that was applied."""

    id: str
    file_name: str
    imported_at: datetime
    imported_by: str | None
    outcome: ImportOutcome


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
