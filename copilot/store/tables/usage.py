"""The tables of what clients are invoiced."""

from __future__ import annotations

from sqlalchemy import Column, PrimaryKeyConstraint, String, Table

from copilot.store.tables.base import Json, Moment, client_id, metadata, of_client

statements = Table(
    "statements",
    metadata,
    client_id(),
    Column("month", String(7), nullable=False),
    Column("content", Json, nullable=False),
    Column("closed_at", Moment, nullable=False),
    Column("closed_by_name", String(200), nullable=False),
    PrimaryKeyConstraint("client_id", "month"),
    of_client(),
)
"""Closed months. A trigger refuses to change one."""
