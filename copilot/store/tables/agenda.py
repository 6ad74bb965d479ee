"""The tables of appointments: rules, calendar accounts, appointments and what they keep taken."""

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
)

from copilot.store.tables.base import (
    SEALED,
    Json,
    Moment,
    client_id,
    metadata,
    of_call,
    of_client,
    own_id,
)

agendas = Table(
    "agendas",
    metadata,
    client_id(),
    Column("rules", Json, nullable=False),
    Column("version", Integer, nullable=False),
    Column("changed_at", Moment, nullable=False),
    PrimaryKeyConstraint("client_id"),
    of_client(),
)

calendar_accounts = Table(
    "calendar_accounts",
    metadata,
    client_id(),
    own_id(),
    Column("provider", String(16), nullable=False),
    Column("name", String(100), nullable=False),
    # Address, user, passwords, tokens: whatever the provider wants.
    Column("access", Text, nullable=False, info=SEALED),
    # Why it cannot be used; null: it could, when last tried.
    Column("fault", String(32)),
    Column("tried_at", Moment),
    PrimaryKeyConstraint("client_id", "id"),
    of_client(),
)

appointments = Table(
    "appointments",
    metadata,
    client_id(),
    own_id(),
    Column("call_id", String(64), nullable=False),
    Column("practitioner_id", String(40), nullable=False),
    Column("practitioner_name", String(100), nullable=False),
    # What somebody comes for may tell of their health.
    Column("visit_name", Text, nullable=False, info=SEALED),
    Column("duration_min", Integer, nullable=False),
    Column("before_min", Integer, nullable=False),
    Column("after_min", Integer, nullable=False),
    Column("begins_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("state", String(16), nullable=False),
    Column("held_until", Moment),
    # For whom: name, telephone, e-mail, note.
    Column("person", Text, info=SEALED),
    Column("sequence", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("created_by", String(64), nullable=False),
    Column("created_by_name", String(200), nullable=False),
    Column("changed_at", Moment, nullable=False),
    # The calendar that is told; null: none.
    Column("account_id", String(64)),
    Column("calendar", Text, nullable=False),
    # Where it has it, as we left it; and which sequence that was.
    Column("place", Json),
    Column("written", Integer, nullable=False),
    Column("sync", String(16), nullable=False),
    Column("fault", String(32)),
    Column("forced", Boolean, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", Moment),
    Column("claim", String(64)),
    Column("claimed_until", Moment),
    PrimaryKeyConstraint("client_id", "id"),
    of_call(),
    Index(None, "client_id", "begins_at"),
    Index(None, "sync", "next_attempt_at"),
    Index(None, "client_id", "call_id"),
)

appointment_cells = Table(
    "appointment_cells",
    metadata,
    client_id(),
    Column("practitioner_id", String(40), nullable=False),
    # Five minutes, numbered from 1970: what no two appointments of somebody share.
    Column("cell", Integer, nullable=False),
    Column("appointment_id", String(64), nullable=False),
    PrimaryKeyConstraint("client_id", "practitioner_id", "cell"),
    ForeignKeyConstraint(
        ["client_id", "appointment_id"],
        ["appointments.client_id", "appointments.id"],
        ondelete="CASCADE",
    ),
    Index(None, "client_id", "appointment_id"),
)

appointment_notices = Table(
    "appointment_notices",
    metadata,
    client_id(),
    own_id(),
    Column("appointment_id", String(64), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("recipient", Text, nullable=False, info=SEALED),
    Column("occasion", String(16), nullable=False),
    Column("sequence", Integer, nullable=False),
    # As it was when the operator approved it: every try says the same.
    Column("begins_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("approved_by", String(64), nullable=False),
    Column("approved_by_name", String(200), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", Moment),
    Column("claim", String(64)),
    Column("last_error", Text),
    Column("delivered_at", Moment),
    PrimaryKeyConstraint("client_id", "id"),
    ForeignKeyConstraint(
        ["client_id", "appointment_id"],
        ["appointments.client_id", "appointments.id"],
        ondelete="CASCADE",
    ),
    Index(None, "state", "next_attempt_at"),
    Index(None, "client_id", "appointment_id"),
)
