"""Wordings of entries that a language model wrote or a caller said, for the client to approve.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "entry_wordings",
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("entry_id", sa.String(200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("origin", sa.String(16), nullable=False),
        sa.Column("writer", sa.String(200), nullable=False, server_default=""),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("call_id", sa.String(64), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by_name", sa.String(200), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["clients.id"],
            name=op.f("fk_entry_wordings_client_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["client_id", "call_id"],
            ["calls.client_id", "calls.id"],
            name=op.f("fk_entry_wordings_client_id_call_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("client_id", "id", name=op.f("pk_entry_wordings")),
    )
    op.create_index(
        op.f("ix_entry_wordings_client_id_entry_id"), "entry_wordings", ["client_id", "entry_id"]
    )


def downgrade() -> None:
    op.drop_table("entry_wordings")
