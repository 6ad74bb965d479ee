"""Mailboxes of clients that are read for what is written to them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

FOR_PEOPLE = 3
"""Failures in a row after which a server that does not answer is no passing trouble."""

WhyAside = Literal["unreadable", "too_large", "bounce", "auto-reply", "loop", "bulk", "empty"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AsideLetter:
    """A letter that was left in the mailbox and not taken in."""

    at: str
    """When it was left aside, ISO 8601."""
    sender: str
    subject: str
    why: WhyAside

    @property
    def id(self) -> str:
        """32 hexadecimal digits, the same for the same letter."""
        parts = "\0".join((self.at, self.sender, self.subject, self.why))
        return hashlib.sha256(parts.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """One mailbox, and how far it was read."""

    id: str
    client_id: str
    address: str
    """Where people write to it, lower case; replies ask for answers there."""
    access: Mapping[str, str] = field(repr=False)
    """Host, port, security, user, password, folder."""
    validity: int | None = None
    """The folder's UIDVALIDITY when it was last read; null before the first time."""
    last_uid: int = 0
    aside: tuple[AsideLetter, ...] = ()
    """The last ones, newest first."""
    fault: str | None = None
    """A stable code: why it could not be read last time."""
    failures: int = 0
    """In a row."""
    read_at: datetime | None = None
    """When it was last read to the end."""
    claim: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadMailbox:
    """A mailbox whose letters wait until somebody mends it."""

    client_id: str
    client_name: str
    client_colour: str
    address: str
    fault: str
    read_at: datetime | None
    """When it was last read to the end; null: never."""
