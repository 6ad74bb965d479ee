"""People a client knows by their number: VIPs, blocked and expected callers, and their changes.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "known_callers",
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("company", sa.String(200), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("emails", JSON, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("standing", sa.String(16), nullable=False),
        sa.Column("expected_from", MOMENT, nullable=True),
        sa.Column("expected_until", MOMENT, nullable=True),
        sa.Column("consigne", sa.Text(), nullable=False),
        _of_client("known_callers"),
        sa.PrimaryKeyConstraint("client_id", "id", name=op.f("pk_known_callers")),
    )
    op.create_index(op.f("ix_known_callers_client_id_name"), "known_callers", ["client_id", "name"])
    op.create_table(
        "known_numbers",
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("caller_id", sa.String(64), nullable=False),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id", "caller_id"],
            ["known_callers.client_id", "known_callers.id"],
            name=op.f("fk_known_numbers_client_id_caller_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("client_id", "caller_id", "number", name=op.f("pk_known_numbers")),
    )
    op.create_index(
        op.f("ix_known_numbers_client_id_number"), "known_numbers", ["client_id", "number"]
    )
    op.create_table(
        "known_caller_versions",
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("made_by", sa.String(64), nullable=True),
        sa.Column("made_by_name", sa.String(200), nullable=True),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("label", sa.String(300), nullable=False),
        _of_client("known_caller_versions"),
        sa.PrimaryKeyConstraint("client_id", "number", name=op.f("pk_known_caller_versions")),
    )
    op.create_table(
        "known_caller_changes",
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("caller_id", sa.String(64), nullable=False),
        sa.Column("before", JSON, nullable=False),
        sa.Column("after", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id", "version"],
            ["known_caller_versions.client_id", "known_caller_versions.number"],
            name=op.f("fk_known_caller_changes_client_id_version"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "client_id", "version", "caller_id", name=op.f("pk_known_caller_changes")
        ),
    )
    op.create_index(
        op.f("ix_known_caller_changes_client_id_caller_id"),
        "known_caller_changes",
        ["client_id", "caller_id"],
    )


def _of_client(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["client_id"], ["clients.id"], name=op.f(f"fk_{table}_client_id"), ondelete="CASCADE"
    )


def downgrade() -> None:
    for table in (
        "known_caller_changes",
        "known_caller_versions",
        "known_numbers",
        "known_callers",
    ):
        op.drop_table(table)
