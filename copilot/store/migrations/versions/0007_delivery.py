"""Delivery: paces and digests, links in letters, escalations.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ONE_EACH = ["message_id", "channel", "recipient"]


def upgrade() -> None:
    op.add_column("messages", sa.Column("acknowledged_by_name", sa.String(254), nullable=True))
    with op.batch_alter_table("outbox") as outbox:
        outbox.add_column(sa.Column("step", sa.Integer(), server_default="0", nullable=False))
        outbox.add_column(sa.Column("pace", sa.String(8), server_default="now", nullable=False))
        outbox.add_column(sa.Column("bundle", sa.String(64), nullable=True))
        outbox.add_column(sa.Column("read_at", MOMENT, nullable=True))
        outbox.add_column(sa.Column("acknowledged_at", MOMENT, nullable=True))
        outbox.add_column(sa.Column("revoked_at", MOMENT, nullable=True))
        outbox.add_column(sa.Column("code_slot", sa.Integer(), nullable=True))
        outbox.drop_constraint(op.f("uq_outbox_message_id_channel_recipient"), type_="unique")
        outbox.create_unique_constraint(
            op.f("uq_outbox_message_id_channel_recipient_step"), [*ONE_EACH, "step"]
        )
    op.create_table(
        "escalations",
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("message_id", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("rungs", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("next_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", sa.String(254), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id", "message_id"],
            ["messages.client_id", "messages.id"],
            name=op.f("fk_escalations_client_id_message_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("client_id", "id", name=op.f("pk_escalations")),
        sa.UniqueConstraint("message_id", name=op.f("uq_escalations_message_id")),
    )
    op.create_index(op.f("ix_escalations_state_next_at"), "escalations", ["state", "next_at"])


def downgrade() -> None:
    op.drop_table("escalations")
    op.execute("DELETE FROM outbox WHERE step > 0")
    with op.batch_alter_table("outbox") as outbox:
        outbox.drop_constraint(op.f("uq_outbox_message_id_channel_recipient_step"), type_="unique")
        outbox.create_unique_constraint(op.f("uq_outbox_message_id_channel_recipient"), ONE_EACH)
        for name in ("step", "pace", "bundle", "read_at", "acknowledged_at", "revoked_at"):
            outbox.drop_column(name)
        outbox.drop_column("code_slot")
    with op.batch_alter_table("messages") as messages:
        messages.drop_column("acknowledged_by_name")
