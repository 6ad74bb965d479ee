"""Browsers that a client's people let us notify."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PushSubscription:
    """One browser, as its `PushSubscription` says (Push API, section 8)."""

    id: str
    user_id: str
    browser: str
    """How the person tells it from their others: "Firefox, Windows"."""
    address: str = field(repr=False)
    """At the push service: whoever has it, and the keys, can notify the browser."""
    keys: str = field(repr=False)
    """`P256DH.AUTH`, each in base64url without padding (RFC 8291)."""
    created_at: datetime
    reached_at: datetime | None = None
    """When the push service last took something for it."""
