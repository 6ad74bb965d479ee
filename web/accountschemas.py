"""The JSON of accounts, links and administration."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from copilot.apitokens import Scope
from copilot.privacy.presets import Preset
from web.schemas import Role, Schema

Language = Literal["fr", "en"]
Email = Annotated[str, Field(min_length=3, max_length=254, pattern=r"^[^\s@]+@[^\s@]+\.[^\s@]+$")]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
Password = Annotated[str, Field(max_length=1024)]
Token = Annotated[str, Field(min_length=8, max_length=128)]
Redaction = Literal["card", "nir", "iban", "health"]
Tongue = Annotated[str, Field(pattern=r"^[a-z]{2}$")]
Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]


class LinkToken(Schema):
    token: Token


class LinkView(Schema):
    """What a one-time link is for."""

    kind: Literal["setup", "invitation", "reset"]
    email: str | None
    name: str | None
    language: Language
    expires_at: datetime


class RedeemLink(Schema):
    token: Token
    password: Password


class FirstAdministrator(Schema):
    token: Token
    email: Email
    name: Name
    password: Password
    language: Language = "fr"


class Forgotten(Schema):
    email: str = Field(max_length=254)


class ChangePassword(Schema):
    current: Password
    new: Password


class ConfirmPassword(Schema):
    password: Password


class SessionView(Schema):
    """A browser signed in."""

    id: str
    current: bool
    created_at: datetime
    last_seen_at: datetime | None
    expires_at: datetime
    address: str
    agent: str


class EnrolmentView(Schema):
    """For an authenticator application; shown once."""

    secret: str
    uri: str
    picture: str
    """The same as a QR code, `data:image/svg+xml`."""


class Code(Schema):
    code: str = Field(min_length=6, max_length=16)


class RecoveryCodes(Schema):
    codes: list[str]
    """Each lets in once without the application; shown once."""


class PersonView(Schema):
    id: str
    email: str
    name: str
    role: Role
    client_id: str | None
    client_name: str | None
    language: Language
    disabled: bool
    invited: bool
    """Has not chosen a password yet."""
    second_factor: bool
    signs_on: bool
    """An identity at the house's provider opens the account."""
    created_at: datetime


class NewPerson(Schema):
    email: Email
    name: Name
    role: Role
    client_id: str | None = Field(default=None, max_length=64)
    language: Language = "fr"


class PersonChange(Schema):
    """What is absent stays."""

    name: Name | None = None
    role: Role | None = None
    language: Language | None = None
    disabled: bool | None = None


class LinkIssued(Schema):
    """A one-time link, shown once."""

    link: str
    kind: Literal["setup", "invitation", "reset"]
    expires_at: datetime
    emailed: bool
    """The letter was handed to the mail server."""
    email_problem: str
    """Why not, readable; empty when it was, or when there is no mail server."""


class Invited(Schema):
    person: PersonView
    link: LinkIssued


class ClientAccount(Schema):
    """A client company, as the administrator sets it up."""

    id: str
    name: str
    sector: str
    colour: str
    greeting: str
    disabled: bool
    numbers: list[str]
    """Its own DIDs, E.164."""
    forwarding: list[str]
    """Numbers that forward to a shared line, E.164."""
    recipients: list[str]
    languages: list[str]
    required_fields: list[str]
    urgent_rules: list[str]
    never: list[str]
    vocabulary: list[str]
    time_zone: str
    redact: list[Redaction]
    supervision: Literal["shown", "hidden", "forbidden"]
    transcript_days: int
    call_days: int
    shown_number: str | None
    """Shown to who is called for the client, E.164; null: its first number."""
    transfer_shows: Literal["client", "caller"]
    transfer_transcribed: bool


Numbers = Annotated[list[Annotated[str, Field(max_length=32)]], Field(max_length=100)]
Lines = Annotated[list[Annotated[str, Field(min_length=1, max_length=300)]], Field(max_length=200)]


class ClientChange(Schema):
    """What is absent stays."""

    name: Name | None = None
    sector: str | None = Field(default=None, max_length=100)
    colour: Colour | None = None
    greeting: str | None = Field(default=None, max_length=2000)
    disabled: bool | None = None
    numbers: Numbers | None = None
    forwarding: Numbers | None = None
    recipients: Annotated[list[Email], Field(max_length=20)] | None = None
    languages: Annotated[list[Tongue], Field(min_length=1, max_length=10)] | None = None
    required_fields: Lines | None = None
    urgent_rules: Lines | None = None
    never: Lines | None = None
    vocabulary: Lines | None = None
    time_zone: str | None = Field(default=None, max_length=64)
    redact: Annotated[list[Redaction], Field(max_length=4)] | None = None
    supervision: Literal["shown", "hidden", "forbidden"] | None = None
    """Supervisors may listen: shown on the operator's desk, not shown, or never."""
    transcript_days: int | None = Field(default=None, ge=1, le=365)
    call_days: int | None = Field(default=None, ge=1, le=1095)
    shown_number: str | None = Field(default=None, max_length=32)
    """Empty: the client's first number again."""
    transfer_shows: Literal["client", "caller"] | None = None
    transfer_transcribed: bool | None = None


class PrivacyPreset(Schema):
    preset: Preset


class NewClient(ClientChange):
    name: Name


class TokenView(Schema):
    """A program's token, without its secret."""

    id: str
    name: str
    client_id: str | None
    """Whose data it reaches; null: every client's."""
    scopes: list[Scope]
    created_at: datetime
    created_by_name: str
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None


class NewToken(Schema):
    name: Name
    client_id: str | None = Field(default=None, max_length=64)
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=9)]
    days: int = Field(default=90, ge=1, le=366)
    """How long it lasts."""


class TokenIssued(Schema):
    token: TokenView
    secret: str
    """Shown once: `Authorization: Bearer <secret>`."""


class AuditEntryView(Schema):
    seq: int
    at: datetime
    actor_id: str
    actor_name: str
    actor_role: str
    address: str
    action: str
    client_id: str | None
    subject: str
    reason: str
    detail: dict[str, Any]


class AuditCheck(Schema):
    """Whether the chain holds."""

    entries: int
    last_seq: int
    last_digest: str
    broken_at: int | None
