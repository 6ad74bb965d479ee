"""The tables of trust: one-time links, second factors, programs' tokens, the audit trail, keys."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from copilot.store.tables import Json, Moment, metadata

one_time_links = Table(
    "one_time_links",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("user_id", String(64), ForeignKey("users.id", ondelete="CASCADE")),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
    Index(None, "user_id"),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("client_id", String(64), ForeignKey("clients.id", ondelete="CASCADE")),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("scopes", Json, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("created_by", String(64), nullable=False),
    Column("created_by_name", String(200), nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    Column("last_used_at", Moment),
)
"""Of a client, or of the provider."""

master_keys = Table(
    "master_keys",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("probe", Text, nullable=False),  # a known word sealed with it
    Column("first_used_at", Moment, nullable=False),
)
"""The master keys that sealed something here: their names, never the keys."""

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("user_id", String(64), ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("code_hash", String(64), primary_key=True),
    Column("used_at", Moment),
)

audit_entries = Table(
    "audit_entries",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("actor_id", String(64), nullable=False),
    Column("actor_name", String(200), nullable=False),
    Column("actor_role", String(16), nullable=False),
    Column("address", String(64), nullable=False),
    Column("action", String(40), nullable=False),
    # No foreign key: the trail outlives the client, and says that it was wiped.
    Column("client_id", String(64)),
    Column("subject", String(200), nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Json, nullable=False),
    Column("digest", String(64), nullable=False),
    Index(None, "client_id", "seq"),
    Index(None, "at"),
)

audit_base = Table(
    "audit_base",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
)
"""One row: the last entry that retention removed, where the chain now begins."""
