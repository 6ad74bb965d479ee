"""Training: exercises and trainees' turns at them.

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "training_exercises",
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("origin", sa.String(16), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("target_s", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by_name", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["clients.id"],
            name=op.f("fk_training_exercises_client_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("client_id", "id", name=op.f("pk_training_exercises")),
    )
    op.create_table(
        "training_runs",
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("exercise_id", sa.String(64), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("operator_id", sa.String(64), nullable=False),
        sa.Column("operator_name", sa.String(200), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("fields", JSON, nullable=False),
        sa.Column("score", JSON, nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["clients.id"],
            name=op.f("fk_training_runs_client_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["client_id", "exercise_id"],
            ["training_exercises.client_id", "training_exercises.id"],
            name=op.f("fk_training_runs_client_id_exercise_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("client_id", "id", name=op.f("pk_training_runs")),
    )
    for columns in (["operator_id", "started_at"], ["client_id", "started_at"]):
        op.create_index(op.f(f"ix_training_runs_{'_'.join(columns)}"), "training_runs", columns)


def downgrade() -> None:
    op.drop_table("training_runs")
    op.drop_table("training_exercises")
