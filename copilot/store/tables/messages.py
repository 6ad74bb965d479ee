"""The tables of messages: each, what carries it, and to whom it is taken until acknowledged."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from copilot.store.tables.base import SEALED, Json, Moment, client_id, metadata, of_call, own_id

messages = Table(
    "messages",
    metadata,
    Column("id", String(64), primary_key=True),
    client_id(),
    Column("call_id", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("fields", Json, nullable=False, info=SEALED),
    Column("note", Text, nullable=False, info=SEALED),
    Column("urgency", String(16), nullable=False),
    Column("approved_at", Moment, nullable=False),
    Column("approved_by", String(64), nullable=False),
    Column("approved_by_name", String(200), nullable=False),
    Column("delivered_at", Moment),
    Column("acknowledged_at", Moment),
    Column("acknowledged_by", String(64)),
    Column("acknowledged_by_name", String(254)),
    Column("failure", Text),
    # How much of what was proposed was changed: lengths and distances by field, no text.
    Column("edits", Json, nullable=False, server_default="[]"),
    # What reports count; null for messages of before, and for a category that is none of ours.
    Column("category", String(32)),
    # Whether the client was well served: its own answer.
    Column("well_served", Boolean),
    UniqueConstraint("client_id", "id"),
    UniqueConstraint("call_id"),
    of_call(),
    Index(None, "client_id", "approved_at"),
    Index(None, "approved_at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", String(64), primary_key=True),
    client_id(),
    Column("message_id", String(64), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("recipient", String(254), nullable=False),
    Column("idempotency_key", String(64), nullable=False, unique=True),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("next_attempt_at", Moment),
    Column("claim", String(64)),
    Column("last_error", Text),
    Column("delivered_at", Moment),
    # The rung of the escalation that it belongs to; 0: the client's recipients.
    Column("step", Integer, nullable=False, server_default="0"),
    Column("pace", String(8), nullable=False, server_default="now"),
    # The digest it left in, from the first try on.
    Column("bundle", String(64)),
    Column("read_at", Moment),
    Column("acknowledged_at", Moment),
    Column("revoked_at", Moment),
    # The last code that opened its link: each counts once.
    Column("code_slot", Integer),
    UniqueConstraint("message_id", "channel", "recipient", "step"),
    ForeignKeyConstraint(
        ["client_id", "message_id"], ["messages.client_id", "messages.id"], ondelete="CASCADE"
    ),
    Index(None, "state", "next_attempt_at"),
)

escalations = Table(
    "escalations",
    metadata,
    client_id(),
    own_id(),
    Column("message_id", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("rungs", Json, nullable=False),
    Column("step", Integer, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("next_at", Moment),
    Column("ended_at", Moment),
    Column("ended_by", String(254)),
    PrimaryKeyConstraint("client_id", "id"),
    UniqueConstraint("message_id"),
    ForeignKeyConstraint(
        ["client_id", "message_id"], ["messages.client_id", "messages.id"], ondelete="CASCADE"
    ),
    Index(None, "state", "next_at"),
)
