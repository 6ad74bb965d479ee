"""What is written to clients (e-mail, web forms), and answers to delivered messages.

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "inlets",
        sa.Column("value", sa.String(254), nullable=False),
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("origins", JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_inlets_client_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("value", name=op.f("pk_inlets")),
    )
    op.create_index(op.f("ix_inlets_client_id"), "inlets", ["client_id"])
    op.create_table(
        "inquiries",
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(8), nullable=False),
        sa.Column("inlet", sa.String(254), nullable=False),
        sa.Column("origin", sa.String(64), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("sender_name", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("prepared_at", MOMENT, nullable=True),
        sa.Column("claim_until", MOMENT, nullable=True),
        sa.Column("taken_by", sa.String(64), nullable=True),
        sa.Column("taken_by_name", sa.String(200), nullable=True),
        sa.Column("taken_at", MOMENT, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("reply_state", sa.String(8), nullable=True),
        sa.Column("reply_attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("reply_next_at", MOMENT, nullable=True),
        sa.Column("reply_error", sa.Text(), nullable=True),
        sa.Column("replied_at", MOMENT, nullable=True),
        sa.Column("replied_by_name", sa.String(200), nullable=True),
        _of_call("inquiries"),
        sa.PrimaryKeyConstraint("client_id", "call_id", name=op.f("pk_inquiries")),
        sa.UniqueConstraint("client_id", "origin", name=op.f("uq_inquiries_client_id_origin")),
    )
    op.create_index(
        op.f("ix_inquiries_closed_at_received_at"), "inquiries", ["closed_at", "received_at"]
    )
    op.create_index(
        op.f("ix_inquiries_reply_state_reply_next_at"),
        "inquiries",
        ["reply_state", "reply_next_at"],
    )
    op.create_table(
        "inquiry_files",
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        _of_call("inquiry_files"),
        sa.PrimaryKeyConstraint("client_id", "id", name=op.f("pk_inquiry_files")),
    )
    op.create_index(op.f("ix_inquiry_files_call_id"), "inquiry_files", ["call_id"])
    op.create_table(
        "message_replies",
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("message_id", sa.String(64), nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("origin", sa.String(64), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id", "message_id"],
            ["messages.client_id", "messages.id"],
            name=op.f("fk_message_replies_client_id_message_id"),
            ondelete="CASCADE",
        ),
        _of_call("message_replies"),
        sa.PrimaryKeyConstraint("client_id", "id", name=op.f("pk_message_replies")),
        sa.UniqueConstraint(
            "client_id", "origin", name=op.f("uq_message_replies_client_id_origin")
        ),
    )
    op.create_index(op.f("ix_message_replies_message_id"), "message_replies", ["message_id"])


def _of_call(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["client_id", "call_id"],
        ["calls.client_id", "calls.id"],
        name=op.f(f"fk_{table}_client_id_call_id"),
        ondelete="CASCADE",
    )


def downgrade() -> None:
    for table in ("message_replies", "inquiry_files", "inquiries", "inlets"):
        op.drop_table(table)
