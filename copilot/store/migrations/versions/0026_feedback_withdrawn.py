"""Feedback that an operator takes back: kept, and counted no more.

Revision ID: 0026
Revises: 0025
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "suggestion_feedback", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True)
    )


def downgrade() -> None:
    # Without the moment, what was taken back would count again.
    op.execute("DELETE FROM suggestion_feedback WHERE withdrawn_at IS NOT NULL")
    op.drop_column("suggestion_feedback", "withdrawn_at")
