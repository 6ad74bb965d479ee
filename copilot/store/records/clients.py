"""A client: its settings, numbers, people and sounds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from copilot.drafting.form import Form
from copilot.oncall import OnCall
from copilot.recording.policy import RecordingPolicy
from copilot.reporting.figures import ANSWER_WITHIN_S
from copilot.reporting.tariff import Tariff
from copilot.routing import DeliveryRoute
from copilot.store.records.consignes import Consigne
from copilot.timing import DeliveryPolicy
from copilot.waiting.welcome import SoundKind, Welcome

Supervision = Literal["shown", "hidden", "forbidden"]
BlockedRule = Literal["shown", "announced", "refused"]
NumberKind = Literal["did", "forwarding"]
AT_ONCE = DeliveryPolicy()
NOBODY = OnCall()
NOTHING_RECORDED = RecordingPolicy()


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
    blocked_calls: BlockedRule = "shown"
    """What becomes of a blocked caller's call: it rings and is shown as such, the closed message is
    played, or it is refused. It is kept and audited in any case."""
    transcript_days: int = 30
    """How long what was said in a call is kept; at most a year."""
    call_days: int = 365
    """How long the call and its message are kept; at most three years."""
    recording: RecordingPolicy = NOTHING_RECORDED
    """Which of its calls are recorded."""
    welcome: Welcome = field(default_factory=Welcome)
    """How callers are received before an operator speaks."""
    answer_within_s: int = ANSWER_WITHIN_S
    """Agreed: calls are answered within so many seconds."""
    tariff: Tariff = field(default_factory=Tariff)
    """What the client pays."""
    alert_words: tuple[str, ...] = ()
    """Said in a call, they call a supervisor; beside the provider's own."""

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
class StoredSound:
    """A sound that callers hear, without its content: a WAV file, 16 kHz, mono."""

    kind: SoundKind
    file_name: str
    """As it was uploaded."""
    duration_s: float
    added_at: datetime
    added_by: str | None
