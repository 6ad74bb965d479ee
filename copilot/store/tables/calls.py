"""The tables of calls: each, its log, and the draft of its message."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from copilot.store.tables.base import SEALED, Json, Moment, client_id, metadata, of_call, of_client

calls = Table(
    "calls",
    metadata,
    Column("id", String(64), primary_key=True),
    client_id(),
    Column("source", String(16), nullable=False),
    Column("dialled", String(64), nullable=False),
    Column("caller_number", String(64)),
    Column("caller_name", String(200)),
    Column("forwarded_from", String(64)),
    Column("ringing_at", Moment, nullable=False),
    Column("answered_at", Moment),
    Column("ended_at", Moment),
    Column("duration_s", Float),
    Column("operator_id", String(64)),
    Column("operator_name", String(200)),
    Column("ended_by", String(16)),
    Column("end_reason", Text),
    Column("has_draft", Boolean, nullable=False),
    UniqueConstraint("client_id", "id"),
    of_client(),
    Index(None, "client_id", "ringing_at"),
    Index(None, "ringing_at"),
)

call_names = Table(
    "call_names",
    metadata,
    client_id(),
    Column("call_id", String(64), nullable=False),
    # SIP's Call-ID and the like: what the provider's other software knows the call by.
    Column("name", String(255), nullable=False),
    PrimaryKeyConstraint("call_id", "name"),
    of_call(),
    Index(None, "name"),
)

call_events = Table(
    "call_events",
    metadata,
    client_id(),
    Column("call_id", String(64), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("at", Moment, nullable=False),
    Column("payload", Json, nullable=False, info=SEALED),
    # What an utterance is found by: keyed tokens of its words. Null for what is no utterance.
    Column("tokens", Text),
    PrimaryKeyConstraint("call_id", "seq"),
    of_call(),
)

drafts = Table(
    "drafts",
    metadata,
    client_id(),
    Column("call_id", String(64), primary_key=True),
    Column("fields", Json, nullable=False, info=SEALED),
    Column("edited_at", Moment, nullable=False),
    Column("edited_by", String(64), nullable=False),
    of_call(),
)
