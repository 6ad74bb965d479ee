"""The tables of the floor: who answers what, and who is present. Of the house, of no client."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, String, Table

from copilot.store.tables.base import Json, Moment, metadata

ring_groups = Table(
    "ring_groups",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("skills", Json, nullable=False),
    Column("languages", Json, nullable=False),
    Column("strategy", String(16), nullable=False),
    Column("step_s", Integer, nullable=False),
    # No foreign key: groups are saved whole, and may overflow to each other.
    Column("overflow_to", String(64)),
    Column("overflow_after_s", Integer, nullable=False),
    Column("position", Integer, nullable=False),
)

operator_skills = Table(
    "operator_skills",
    metadata,
    Column("user_id", String(64), ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("skills", Json, nullable=False),
    Column("languages", Json, nullable=False),
)

presences = Table(
    "presences",
    metadata,
    Column("user_id", String(64), ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("since", Moment, nullable=False),
    Column("until", Moment),
)
