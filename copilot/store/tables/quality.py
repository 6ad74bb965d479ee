"""The tables of supervision: remarks on calls, grids and evaluations, alerts, what is searched."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from copilot.store.tables.base import (
    SEALED,
    Json,
    Moment,
    client_id,
    metadata,
    of_call,
    own_id,
)

remarks = Table(
    "remarks",
    metadata,
    client_id(),
    own_id(),
    Column("call_id", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("utterance_id", String(64)),
    # Characters of the utterance's text, when it is about some of them.
    Column("span_from", Integer),
    Column("span_until", Integer),
    Column("text", Text, nullable=False, info=SEALED),
    Column("author_id", String(64), nullable=False),
    Column("author_name", String(200), nullable=False),
    Column("at", Moment, nullable=False),
    Column("resolved_at", Moment),
    Column("resolved_by_name", String(200)),
    PrimaryKeyConstraint("client_id", "id"),
    of_call(),
    Index(None, "client_id", "call_id"),
)

quality_grids = Table(
    "quality_grids",
    metadata,
    Column("id", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", String(200), nullable=False),
    Column("criteria", Json, nullable=False),
    Column("retired", Boolean, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("made_by_name", String(200), nullable=False),
    PrimaryKeyConstraint("id", "version"),
)
"""Of the house. A version never changes once kept; a change is the next one."""

evaluations = Table(
    "evaluations",
    metadata,
    client_id(),
    own_id(),
    Column("call_id", String(64), nullable=False),
    Column("grid_id", String(64), nullable=False),
    Column("grid_version", Integer, nullable=False),
    Column("operator_id", String(64)),
    Column("evaluator_id", String(64), nullable=False),
    Column("evaluator_name", String(200), nullable=False),
    Column("at", Moment, nullable=False),
    # One of several of the same call, given without seeing the others'.
    Column("calibrating", Boolean, nullable=False),
    Column("marks", Json, nullable=False),
    Column("comment", Text, nullable=False, info=SEALED),
    Column("score", Float),
    PrimaryKeyConstraint("client_id", "id"),
    UniqueConstraint("call_id", "grid_id", "evaluator_id"),
    of_call(),
    Index(None, "client_id", "at"),
)

alerts = Table(
    "alerts",
    metadata,
    client_id(),
    own_id(),
    Column("call_id", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    # What makes two of one kind in one call two: the utterance, the message, the moment's bucket.
    Column("about", String(64), nullable=False),
    Column("words", Text, nullable=False, info=SEALED),
    Column("at", Moment, nullable=False),
    Column("acknowledged_at", Moment),
    Column("acknowledged_by_name", String(200)),
    PrimaryKeyConstraint("client_id", "id"),
    UniqueConstraint("call_id", "kind", "about"),
    of_call(),
    Index(None, "acknowledged_at", "at"),
)

house_rules = Table(
    "house_rules",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", Json, nullable=False),
    Column("changed_at", Moment, nullable=False),
)
"""What the provider set for every client, by subject."""

saved_searches = Table(
    "saved_searches",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("user_id", String(64), ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(100), nullable=False),
    Column("query", Json, nullable=False),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("user_id", "name"),
)
