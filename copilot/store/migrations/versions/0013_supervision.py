"""Remarks, quality grids and evaluations, alerts, searches kept, closed months.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")

CLOSED = "a closed month never changes"
SQLITE = f"""
    CREATE TRIGGER statements_closed BEFORE UPDATE ON statements
    BEGIN SELECT RAISE(ABORT, '{CLOSED}'); END
"""
POSTGRESQL = (
    f"""
    CREATE FUNCTION statements_closed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '{CLOSED}'; END $$
    """,
    """
    CREATE TRIGGER statements_closed BEFORE UPDATE ON statements
    FOR EACH ROW EXECUTE FUNCTION statements_closed()
    """,
)


def upgrade() -> None:
    op.add_column("messages", sa.Column("category", sa.String(32), nullable=True))
    op.add_column("messages", sa.Column("well_served", sa.Boolean(), nullable=True))
    _about_a_call(
        "remarks",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("utterance_id", sa.String(64), nullable=True),
        sa.Column("span_from", sa.Integer(), nullable=True),
        sa.Column("span_until", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author_id", sa.String(64), nullable=False),
        sa.Column("author_name", sa.String(200), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("resolved_at", MOMENT, nullable=True),
        sa.Column("resolved_by_name", sa.String(200), nullable=True),
        sa.PrimaryKeyConstraint("client_id", "id", name=op.f("pk_remarks")),
    )
    op.create_index(op.f("ix_remarks_client_id_call_id"), "remarks", ["client_id", "call_id"])
    op.create_table(
        "quality_grids",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("criteria", JSON, nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by_name", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_quality_grids")),
    )
    _about_a_call(
        "evaluations",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("grid_id", sa.String(64), nullable=False),
        sa.Column("grid_version", sa.Integer(), nullable=False),
        sa.Column("operator_id", sa.String(64), nullable=True),
        sa.Column("evaluator_id", sa.String(64), nullable=False),
        sa.Column("evaluator_name", sa.String(200), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("calibrating", sa.Boolean(), nullable=False),
        sa.Column("marks", JSON, nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("client_id", "id", name=op.f("pk_evaluations")),
        sa.UniqueConstraint(
            "call_id",
            "grid_id",
            "evaluator_id",
            name=op.f("uq_evaluations_call_id_grid_id_evaluator_id"),
        ),
    )
    op.create_index(op.f("ix_evaluations_client_id_at"), "evaluations", ["client_id", "at"])
    _about_a_call(
        "alerts",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("about", sa.String(64), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("acknowledged_at", MOMENT, nullable=True),
        sa.Column("acknowledged_by_name", sa.String(200), nullable=True),
        sa.PrimaryKeyConstraint("client_id", "id", name=op.f("pk_alerts")),
        sa.UniqueConstraint("call_id", "kind", "about", name=op.f("uq_alerts_call_id_kind_about")),
    )
    op.create_index(op.f("ix_alerts_acknowledged_at_at"), "alerts", ["acknowledged_at", "at"])
    op.create_table(
        "house_rules",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("value", JSON, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_house_rules")),
    )
    op.create_table(
        "saved_searches",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("query", JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_saved_searches_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_searches")),
        sa.UniqueConstraint("user_id", "name", name=op.f("uq_saved_searches_user_id_name")),
    )
    op.create_table(
        "statements",
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=False),
        sa.Column("closed_by_name", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_statements_client_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("client_id", "month", name=op.f("pk_statements")),
    )
    postgresql = op.get_bind().dialect.name == "postgresql"
    for statement in POSTGRESQL if postgresql else (SQLITE,):
        op.execute(statement)


def _about_a_call(table: str, *parts: Any) -> None:
    """A table whose rows go with their call, of the same client."""
    op.create_table(
        table,
        sa.Column("client_id", sa.String(64), nullable=False),
        *parts,
        sa.ForeignKeyConstraint(
            ["client_id", "call_id"],
            ["calls.client_id", "calls.id"],
            name=op.f(f"fk_{table}_client_id_call_id"),
            ondelete="CASCADE",
        ),
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER statements_closed ON statements")
        op.execute("DROP FUNCTION statements_closed()")
    for table in (
        "statements", "saved_searches", "house_rules", "alerts", "evaluations",
        "quality_grids", "remarks",
    ):  # fmt: skip
        op.drop_table(table)
    op.drop_column("messages", "well_served")
    op.drop_column("messages", "category")
