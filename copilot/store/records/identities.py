"""Who people are at an identity provider."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSession:
    """The session at a provider that opened one here."""

    issuer: str
    id: str | None
    """Its `sid`; null where the provider names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A person at a provider; `issuer` and `subject` together name one for ever."""

    issuer: str
    subject: str
    user_id: str
    """Whose account it opens; one identity of an issuer an account."""
    linked_at: datetime
    last_used_at: datetime
