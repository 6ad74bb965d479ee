"""What was said, folded, beside each utterance: searched without case or accents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from knowledge.wording import plain

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BATCH = 1000


def upgrade() -> None:
    op.add_column("call_events", sa.Column("folded", sa.Text(), nullable=True))
    events = sa.table(
        "call_events",
        sa.column("call_id", sa.String),
        sa.column("seq", sa.Integer),
        sa.column("kind", sa.String),
        sa.column("payload", sa.JSON().with_variant(JSONB(), "postgresql")),
        sa.column("folded", sa.Text),
    )
    heard = sa.select(events.c.call_id, events.c.seq, events.c.payload).where(
        events.c.kind == "utterance_heard", events.c.folded.is_(None)
    )
    fold = (
        sa.update(events)
        .where(events.c.call_id == sa.bindparam("of_call"), events.c.seq == sa.bindparam("at_seq"))
        .values(folded=sa.bindparam("text"))
    )
    connection = op.get_bind()
    while rows := connection.execute(heard.limit(BATCH)).all():
        connection.execute(
            fold,
            [
                {"of_call": row.call_id, "at_seq": row.seq, "text": plain(row.payload["text"])}
                for row in rows
            ],
        )


def downgrade() -> None:
    op.drop_column("call_events", "folded")
