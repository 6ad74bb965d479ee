"""The tables of a client itself: its numbers, people, sounds and consignes."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    false,
)

from copilot.store.tables.base import Json, Moment, client_id, metadata, of_client, own_id

clients = Table(
    "clients",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("sector", String(100), nullable=False),
    Column("colour", String(16), nullable=False),
    Column("greeting", Text, nullable=False),
    Column("settings", Json, nullable=False),
    Column("disabled", Boolean, nullable=False, server_default=false()),
    Column("created_at", Moment, nullable=False),
)

client_numbers = Table(
    "client_numbers",
    metadata,
    Column("number", String(20), primary_key=True),
    client_id(),
    Column("kind", String(16), nullable=False),
    of_client(),
    Index(None, "client_id"),
)

contacts = Table(
    "contacts",
    metadata,
    client_id(),
    own_id(),
    Column("name", String(200), nullable=False),
    Column("role", String(200), nullable=False),
    Column("email", String(254)),
    Column("phone", String(20)),
    Column("vip", Boolean, nullable=False),
    Column("position", Integer, nullable=False),
    PrimaryKeyConstraint("client_id", "id"),
    of_client(),
)

sounds = Table(
    "sounds",
    metadata,
    client_id(),
    Column("kind", String(16), nullable=False),
    Column("file_name", String(255), nullable=False),
    Column("duration_s", Float, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("added_at", Moment, nullable=False),
    Column("added_by", String(64)),
    PrimaryKeyConstraint("client_id", "kind"),
    of_client(),
)

consignes = Table(
    "consignes",
    metadata,
    client_id(),
    own_id(),
    Column("title", String(200), nullable=False),
    Column("body", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("valid_from", Moment),
    Column("valid_until", Moment),
    Column("position", Integer, nullable=False),
    Column("topic", String(200), nullable=False, server_default=""),
    Column("weekdays", Json, nullable=False, server_default="[]"),
    Column("from_time", String(5)),
    Column("until_time", String(5)),
    Column("holidays", String(8), nullable=False, server_default="any"),
    Column("version", Integer, nullable=False, server_default="0"),
    PrimaryKeyConstraint("client_id", "id"),
    of_client(),
)

consigne_versions = Table(
    "consigne_versions",
    metadata,
    client_id(),
    Column("number", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("made_by", String(64)),
    Column("made_by_name", String(200)),
    Column("action", String(16), nullable=False),
    Column("label", String(2000), nullable=False),
    Column("before", Json, nullable=False),
    Column("after", Json, nullable=False),
    PrimaryKeyConstraint("client_id", "number"),
    of_client(),
)

consignes_seen = Table(
    "consignes_seen",
    metadata,
    client_id(),
    Column("user_id", String(64), nullable=False),
    Column("number", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("client_id", "user_id"),
    of_client(),
)
