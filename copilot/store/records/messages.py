"""Messages, and what carries them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from copilot.timing import Pace

MessageState = Literal["approved", "delivered", "acknowledged", "failed"]
OutboxState = Literal["pending", "sending", "delivered", "dead", "cancelled"]


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
