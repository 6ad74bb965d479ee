"""What was said and written is sealed with a key of its client; words are found by tokens.

Every row of before is sealed here, in the transaction of the migration: all or none.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from copilot.keyfile import Keyring
from copilot.store.resealing import next_batch, write_sealed
from copilot.store.sealing import new_data_key, sealed_columns, wrapped

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
SEALED = {"sealed": True}


def _table(name: str, *columns: sa.Column[Any]) -> sa.Table:
    return sa.Table(name, sa.MetaData(), sa.Column("client_id", sa.String), *columns)


TABLES = (
    _table(
        "call_events",
        sa.Column("call_id", sa.String, primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String),
        sa.Column("payload", JSON, info=SEALED),
        sa.Column("tokens", sa.Text),
    ),
    _table(
        "drafts",
        sa.Column("call_id", sa.String, primary_key=True),
        sa.Column("fields", JSON, info=SEALED),
    ),
    _table(
        "messages",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("fields", JSON, info=SEALED),
        sa.Column("note", sa.Text, info=SEALED),
    ),
    _table(
        "gap_questions",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("text", sa.Text, info=SEALED),
    ),
)
"""As they are at this revision, whatever becomes of them later."""


def upgrade() -> None:
    op.create_table(
        "client_keys",
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("wrapped", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("retired_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["clients.id"],
            name=op.f("fk_client_keys_client_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("client_id", "id", name=op.f("pk_client_keys")),
    )
    op.create_table(
        "master_keys",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("probe", sa.Text(), nullable=False),
        sa.Column("first_used_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_master_keys")),
    )
    op.alter_column("call_events", "folded", new_column_name="tokens")
    keyring: Keyring = op.get_context().config.attributes["keyring"]  # type: ignore[union-attr]
    _seal_everything(op.get_bind(), keyring)


def _seal_everything(connection: sa.Connection, keyring: Keyring) -> None:
    keys = sa.table(
        "client_keys",
        sa.column("client_id", sa.String),
        sa.column("id", sa.String),
        sa.column("wrapped", sa.Text),
        sa.column("created_at", MOMENT),
    )
    for client_id in connection.execute(sa.text("SELECT id FROM clients")).scalars().all():
        key = new_data_key(client_id)
        row = {"client_id": client_id, "id": key.name, "wrapped": wrapped(key, keyring)}
        connection.execute(sa.insert(keys).values(**row, created_at=_now(connection)))
        for table in TABLES:
            rows, after = next_batch(connection, table, client_id, None)
            while rows:
                write_sealed(connection, table, rows, key, _as_it_is)
                rows, after = next_batch(connection, table, client_id, after)


def _as_it_is(table: sa.Table, row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in sealed_columns(table)}


def _now(connection: sa.Connection) -> datetime:
    now = datetime.now(UTC)
    return now.replace(tzinfo=None) if connection.dialect.name == "sqlite" else now


def downgrade() -> None:
    raise NotImplementedError("what is sealed stays sealed: restore the backup of before")
