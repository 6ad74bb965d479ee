"""Versions of knowledge and consignes, documents, files, import jobs.

Imports made before become versions that cannot be undone: what they replaced was not kept.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

Json = sa.JSON().with_variant(JSONB(), "postgresql")
Moment = sa.DateTime(timezone=True)


def _client_id() -> sa.Column[str]:
    return sa.Column("client_id", sa.String(64), nullable=False)


def _of_client(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["client_id"], ["clients.id"], name=op.f(f"fk_{table}_client_id"), ondelete="CASCADE"
    )


def _of_file(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["client_id", "file_id"],
        ["files.client_id", "files.id"],
        name=op.f(f"fk_{table}_client_id_file_id"),
    )


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("client_id", *columns, name=op.f(f"pk_{table}"))


def upgrade() -> None:
    for column in (
        sa.Column("document_id", sa.String(64)),
        sa.Column("place", sa.Text(), nullable=False, server_default=""),
        sa.Column("anchor", sa.Text(), nullable=False, server_default=""),
        sa.Column("note", sa.Text(), nullable=False, server_default=""),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_until", sa.Date()),
        sa.Column("links", Json, nullable=False, server_default="[]"),
        sa.Column("attachments", Json, nullable=False, server_default="[]"),
        sa.Column("version", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("author", sa.String(200)),
        sa.Column("revised_at", Moment),
    ):
        op.add_column("entries", column)
    for column in (
        sa.Column("topic", sa.String(200), nullable=False, server_default=""),
        sa.Column("weekdays", Json, nullable=False, server_default="[]"),
        sa.Column("from_time", sa.String(5)),
        sa.Column("until_time", sa.String(5)),
        sa.Column("holidays", sa.String(8), nullable=False, server_default="any"),
        sa.Column("version", sa.Integer(), nullable=False, server_default="0"),
    ):
        op.add_column("consignes", column)
    _consigne_tables()
    _knowledge_tables()
    op.execute(
        "INSERT INTO knowledge_versions (client_id, number, at, made_by, made_by_name, action,"
        " label, added, changed, removed, unchanged, reversible, documents_before)"
        " SELECT client_id, ROW_NUMBER() OVER (PARTITION BY client_id ORDER BY imported_at, id),"
        " imported_at, imported_by, NULL, 'import', file_name, added, changed, removed, unchanged,"
        " false, '{}' FROM imports"
    )
    op.drop_table("imports")


def _version_columns() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("made_by", sa.String(64)),
        sa.Column("made_by_name", sa.String(200)),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("label", sa.String(2000), nullable=False),
    )


def _consigne_tables() -> None:
    op.create_table(
        "consigne_versions",
        _client_id(),
        *_version_columns(),
        sa.Column("before", Json, nullable=False),
        sa.Column("after", Json, nullable=False),
        _key("consigne_versions", "number"),
        _of_client("consigne_versions"),
    )
    op.create_table(
        "consignes_seen",
        _client_id(),
        sa.Column("user_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", Moment, nullable=False),
        _key("consignes_seen", "user_id"),
        _of_client("consignes_seen"),
    )


def _knowledge_tables() -> None:
    op.create_table(
        "knowledge_versions",
        _client_id(),
        *_version_columns(),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("reversible", sa.Boolean(), nullable=False),
        sa.Column("documents_before", Json, nullable=False),
        _key("knowledge_versions", "number"),
        _of_client("knowledge_versions"),
    )
    op.create_table(
        "knowledge_changes",
        _client_id(),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.String(200), nullable=False),
        sa.Column("before", Json),
        sa.Column("after", Json),
        _key("knowledge_changes", "number", "entry_id"),
        sa.ForeignKeyConstraint(
            ["client_id", "number"],
            ["knowledge_versions.client_id", "knowledge_versions.number"],
            name=op.f("fk_knowledge_changes_client_id_number"),
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "files",
        _client_id(),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("file_name", sa.String(255), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", Moment, nullable=False),
        sa.Column("added_by", sa.String(64)),
        _key("files", "id"),
        _of_client("files"),
    )
    op.create_table(
        "documents",
        _client_id(),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(2000), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("address", sa.String(2000)),
        sa.Column("file_id", sa.String(64), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("imported_at", Moment, nullable=False),
        sa.Column("imported_by", sa.String(200)),
        _key("documents", "id"),
        _of_file("documents"),
        _of_client("documents"),
    )
    op.create_table(
        "import_jobs",
        _client_id(),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(2000), nullable=False),
        sa.Column("address", sa.String(2000)),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer()),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("updated_at", Moment, nullable=False),
        sa.Column("created_by", sa.String(64)),
        sa.Column("created_by_name", sa.String(200)),
        sa.Column("base_version", sa.Integer()),
        sa.Column("incoming", Json),
        sa.Column("summary", Json),
        sa.Column("failure", Json),
        sa.Column("file_id", sa.String(64)),
        sa.Column("version", sa.Integer()),
        _key("import_jobs", "id"),
        _of_file("import_jobs"),
        _of_client("import_jobs"),
    )
    op.create_index(
        op.f("ix_import_jobs_client_id_created_at"), "import_jobs", ["client_id", "created_at"]
    )


def downgrade() -> None:
    raise NotImplementedError("versions of the knowledge would be lost: restore a backup instead")
