"""Accounts and audit: one-time links, second factors, where sessions are, the audit trail.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from copilot.store.migrations.appendonly import guard_audit, unguard_audit

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OLD_CHECK = "(role = 'client') = (client_id IS NOT NULL)"
NEW_CHECK = "(role IN ('client', 'reader')) = (client_id IS NOT NULL)"
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("clients") as clients:
        clients.add_column(
            sa.Column("disabled", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    _require_client_of_roles(NEW_CHECK)
    op.add_column("users", sa.Column("totp_secret", sa.Text(), nullable=True))
    op.add_column("users", sa.Column("totp_since", MOMENT, nullable=True))
    op.add_column("users", sa.Column("totp_last_step", sa.Integer(), nullable=True))
    with op.batch_alter_table("web_sessions") as sessions:
        sessions.add_column(sa.Column("last_seen_at", MOMENT, nullable=True))
        sessions.add_column(sa.Column("address", sa.String(64), server_default="", nullable=False))
        sessions.add_column(sa.Column("agent", sa.String(300), server_default="", nullable=False))
    _create_tables()
    op.execute(
        sa.text("INSERT INTO audit_base (id, seq, digest) VALUES (1, 0, :digest)").bindparams(
            digest="0" * 64
        )
    )
    guard_audit()


def _require_client_of_roles(check: str) -> None:
    """Change the rule about which users have a client."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_users_client_role_has_client"), "users", type_="check")
        op.create_check_constraint(op.f("ck_users_client_role_has_client"), "users", check)
        return
    # SQLite makes the table anew, and dropping the old one signs everybody out: kept aside.
    op.execute("CREATE TABLE kept_sessions AS SELECT * FROM web_sessions")
    with op.batch_alter_table("users", recreate="always") as users:
        users.drop_constraint(op.f("ck_users_client_role_has_client"), type_="check")
        users.create_check_constraint(op.f("ck_users_client_role_has_client"), check)
    op.execute("INSERT INTO web_sessions SELECT * FROM kept_sessions")
    op.execute("DROP TABLE kept_sessions")


def _create_tables() -> None:
    op.create_table(
        "one_time_links",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(64), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_one_time_links_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_one_time_links_token_hash")),
    )
    op.create_index(op.f("ix_one_time_links_user_id"), "one_time_links", ["user_id"])
    op.create_table(
        "recovery_codes",
        sa.Column("user_id", sa.String(64), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_recovery_codes_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "code_hash", name=op.f("pk_recovery_codes")),
    )
    json = sa.JSON().with_variant(sa.dialects.postgresql.JSONB(), "postgresql")
    op.create_table(
        "audit_entries",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor_id", sa.String(64), nullable=False),
        sa.Column("actor_name", sa.String(200), nullable=False),
        sa.Column("actor_role", sa.String(16), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("client_id", sa.String(64), nullable=True),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", json, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_entries")),
    )
    op.create_index(op.f("ix_audit_entries_client_id_seq"), "audit_entries", ["client_id", "seq"])
    op.create_index(op.f("ix_audit_entries_at"), "audit_entries", ["at"])
    op.create_table(
        "audit_base",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_base")),
    )


def downgrade() -> None:
    unguard_audit()
    for table in ("audit_base", "audit_entries", "recovery_codes", "one_time_links"):
        op.drop_table(table)
    with op.batch_alter_table("web_sessions") as sessions:
        for column in ("agent", "address", "last_seen_at"):
            sessions.drop_column(column)
    for column in ("totp_last_step", "totp_since", "totp_secret"):
        op.drop_column("users", column)
    op.execute("DELETE FROM users WHERE role = 'reader'")
    _require_client_of_roles(OLD_CHECK)
    with op.batch_alter_table("clients") as clients:
        clients.drop_column("disabled")
