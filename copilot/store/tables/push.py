"""The tables of browsers that a client's people let us notify (web push)."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from copilot.store.tables.base import SEALED, Moment, client_id, metadata, of_client, own_id

push_subscriptions = Table(
    "push_subscriptions",
    metadata,
    client_id(),
    own_id(),
    # Whose browser it is: it goes when their account goes.
    Column("user_id", String(64), ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    # What tells the same browser: a digest of its address at the push service.
    Column("digest", String(64), nullable=False),
    Column("browser", String(100), nullable=False),
    # Address and keys: whoever has them can notify this browser.
    Column("address", Text, nullable=False, info=SEALED),
    Column("keys", Text, nullable=False, info=SEALED),
    Column("created_at", Moment, nullable=False),
    Column("reached_at", Moment),
    PrimaryKeyConstraint("client_id", "id"),
    UniqueConstraint("client_id", "digest"),
    of_client(),
    Index(None, "user_id"),
)

on_call_browsers = Table(
    "on_call_browsers",
    metadata,
    client_id(),
    own_id(),
    # Who is told: a name on the on-call list, and a digest of how they were reached then.
    Column("contact", String(100), nullable=False),
    Column("entry", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("browser", String(100), nullable=False),
    Column("address", Text, nullable=False, info=SEALED),
    Column("keys", Text, nullable=False, info=SEALED),
    Column("created_at", Moment, nullable=False),
    Column("reached_at", Moment),
    PrimaryKeyConstraint("client_id", "id"),
    UniqueConstraint("client_id", "digest"),
    of_client(),
)
"""Of people on call without an account: gone when their entry changes or goes."""
