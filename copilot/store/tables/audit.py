"""The tables of the audit trail."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text

from copilot.store.tables.base import Json, Moment, metadata

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
