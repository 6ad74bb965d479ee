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


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCallBrowser:
    """The browser of somebody on call, added from the link of their message."""

    id: str
    contact: str
    """Their name on the on-call list."""
    entry: str
    """`copilot.oncall.entry_digest` of their entry as it was then."""
    browser: str
    address: str = field(repr=False)
    keys: str = field(repr=False)
    """As of `PushSubscription`."""
    created_at: datetime
    reached_at: datetime | None = None


NotifiedBrowser = PushSubscription | OnCallBrowser
