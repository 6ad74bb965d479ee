"""What every table is made of: the metadata, moments, JSON, and the keys that lead to a client."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    DateTime,
    Dialect,
    ForeignKeyConstraint,
    MetaData,
    String,
    TypeDecorator,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """An aware datetime, UTC on both databases. SQLite keeps it without its offset."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without its offset: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            return value.replace(tzinfo=UTC)
        return value.astimezone(UTC)


SEALED = {"sealed": True}
"""`info` of a column whose values are encrypted with the client's key (copilot/store/sealing)."""

Json = JSON().with_variant(JSONB(), "postgresql")


def own_id(length: int = 64) -> Column[Any]:
    """The row's own identifier."""
    return Column("id", String(length), nullable=False)


def client_id() -> Column[Any]:
    """Whose row it is."""
    return Column("client_id", String(64), nullable=False)


def of_client() -> ForeignKeyConstraint:
    """Goes when its client goes."""
    return ForeignKeyConstraint(["client_id"], ["clients.id"], ondelete="CASCADE")


def of_call() -> ForeignKeyConstraint:
    """Goes when its call, of the same client, goes."""
    return ForeignKeyConstraint(
        ["client_id", "call_id"], ["calls.client_id", "calls.id"], ondelete="CASCADE"
    )
