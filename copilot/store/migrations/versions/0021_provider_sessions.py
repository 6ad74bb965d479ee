"""Which session at a provider opened one here; recovery codes under a slow digest.

Revision ID: 0021
Revises: 0020
"""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("web_sessions", sa.Column("issuer", sa.String(300), nullable=True))
    op.add_column("web_sessions", sa.Column("provider_session", sa.String(255), nullable=True))
    _slow_down(op.get_bind())


def downgrade() -> None:
    op.drop_column("web_sessions", "provider_session")
    op.drop_column("web_sessions", "issuer")


def _slow_down(connection: sa.Connection) -> None:
    """The fast digests that are there, digested again: the codes that people kept go on."""
    codes = sa.table(
        "recovery_codes", sa.column("user_id", sa.String), sa.column("code_hash", sa.String)
    )
    for row in connection.execute(sa.select(codes.c.user_id, codes.c.code_hash)).all():
        slow = hashlib.scrypt(
            row.code_hash.encode(),
            salt=row.user_id.encode(),
            n=2**14,
            r=8,
            p=1,
            dklen=32,
        ).hex()
        which = sa.and_(codes.c.user_id == row.user_id, codes.c.code_hash == row.code_hash)
        connection.execute(sa.update(codes).where(which).values(code_hash=slow))
