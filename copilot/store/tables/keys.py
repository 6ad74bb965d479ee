"""The tables of keys: wrapped ones, and the names of those that wrap."""

from __future__ import annotations

from sqlalchemy import Column, PrimaryKeyConstraint, String, Table, Text

from copilot.store.tables.base import Moment, client_id, metadata, of_client, own_id

client_keys = Table(
    "client_keys",
    metadata,
    client_id(),
    own_id(),
    Column("wrapped", Text, nullable=False),  # sealed with the master key, which is elsewhere
    Column("created_at", Moment, nullable=False),
    Column("retired_at", Moment),
    PrimaryKeyConstraint("client_id", "id"),
    of_client(),
)

master_keys = Table(
    "master_keys",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("probe", Text, nullable=False),  # a known word sealed with it
    Column("first_used_at", Moment, nullable=False),
)
"""The master keys that sealed something here: their names, never the keys."""
