"""Who signs in, and how a browser stays signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Role = Literal["administrator", "supervisor", "operator", "client", "reader"]
"""`client` manages its company's knowledge and messages; `reader` only reads them."""
CLIENT_ROLES: tuple[Role, ...] = ("client", "reader")
LinkKind = Literal["setup", "invitation", "reset"]
Language = Literal["fr", "en"]


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
    two_factors: bool = False
    """Opened by a passkey, or by a password and a code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A key pair of a person's device (WebAuthn level 3); we know the public half."""

    id: str
    user_id: str
    credential_id: str
    """Base64url, without padding."""
    public_key: bytes
    """COSE."""
    sign_count: int
    name: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OneTimeLink:
    """The right to choose a password once. A `setup` link makes the first administrator."""

    id: str
    kind: LinkKind
    user_id: str | None
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
