"""Which version an undoing of knowledge went back before.

Revision ID: 0024
Revises: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("knowledge_versions", sa.Column("undoes", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("knowledge_versions", "undoes")
