"""The tables of the people a client knows by their number, and of the changes made to them."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from copilot.store.tables.base import SEALED, Json, Moment, client_id, metadata, of_client, own_id

known_callers = Table(
    "known_callers",
    metadata,
    client_id(),
    own_id(),
    Column("name", String(200), nullable=False),
    Column("company", String(200), nullable=False),
    # Name, company, addresses and numbers, folded: what a search looks in.
    Column("folded", Text, nullable=False),
    Column("emails", Json, nullable=False),
    Column("note", Text, nullable=False, info=SEALED),
    Column("standing", String(16), nullable=False),
    Column("expected_from", Moment),
    Column("expected_until", Moment),
    Column("consigne", Text, nullable=False, info=SEALED),
    PrimaryKeyConstraint("client_id", "id"),
    of_client(),
    Index(None, "client_id", "name"),
)

known_numbers = Table(
    "known_numbers",
    metadata,
    client_id(),
    Column("caller_id", String(64), nullable=False),
    Column("number", String(20), nullable=False),
    Column("position", Integer, nullable=False),
    PrimaryKeyConstraint("client_id", "caller_id", "number"),
    ForeignKeyConstraint(
        ["client_id", "caller_id"],
        ["known_callers.client_id", "known_callers.id"],
        ondelete="CASCADE",
    ),
    Index(None, "client_id", "number"),
)

known_caller_versions = Table(
    "known_caller_versions",
    metadata,
    client_id(),
    Column("number", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("made_by", String(64)),
    Column("made_by_name", String(200)),
    Column("action", String(16), nullable=False),
    Column("label", String(300), nullable=False),
    PrimaryKeyConstraint("client_id", "number"),
    of_client(),
)

known_caller_changes = Table(
    "known_caller_changes",
    metadata,
    client_id(),
    Column("version", Integer, nullable=False),
    # Of somebody who may be gone: erasing a person erases their rows here too.
    Column("caller_id", String(64), nullable=False),
    Column("before", Json, nullable=False, info=SEALED),
    Column("after", Json, nullable=False, info=SEALED),
    PrimaryKeyConstraint("client_id", "version", "caller_id"),
    ForeignKeyConstraint(
        ["client_id", "version"],
        ["known_caller_versions.client_id", "known_caller_versions.number"],
        ondelete="CASCADE",
    ),
    Index(None, "client_id", "caller_id"),
)
