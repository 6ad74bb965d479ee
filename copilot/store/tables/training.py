"""The tables of training: exercises on calls to a client, and trainees' turns at them."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
)

from copilot.store.tables.base import SEALED, Json, Moment, client_id, metadata, of_client, own_id

training_exercises = Table(
    "training_exercises",
    metadata,
    client_id(),
    own_id(),
    Column("title", String(200), nullable=False),
    Column("origin", String(16), nullable=False),
    Column("body", Json, nullable=False, info=SEALED),
    Column("target_s", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("created_by_name", String(200), nullable=False),
    PrimaryKeyConstraint("client_id", "id"),
    of_client(),
)

training_runs = Table(
    "training_runs",
    metadata,
    client_id(),
    own_id(),
    Column("exercise_id", String(64), nullable=False),
    Column("title", String(200), nullable=False),
    Column("operator_id", String(64), nullable=False),
    Column("operator_name", String(200), nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("sent_at", Moment),
    Column("fields", Json, nullable=False, info=SEALED),
    Column("score", Json, info=SEALED),
    PrimaryKeyConstraint("client_id", "id"),
    of_client(),
    ForeignKeyConstraint(
        ["client_id", "exercise_id"],
        ["training_exercises.client_id", "training_exercises.id"],
        ondelete="CASCADE",
    ),
    Index(None, "operator_id", "started_at"),
    Index(None, "client_id", "started_at"),
)
