"""The table of recordings: one row a call that was recorded; the sound is in a file."""

from __future__ import annotations

from sqlalchemy import Column, Float, Integer, String, Table

from copilot.store.tables.base import Json, Moment, client_id, metadata, of_call

recordings = Table(
    "recordings",
    metadata,
    client_id(),
    Column("call_id", String(64), primary_key=True),
    # Of the folder of recordings; random, it tells nothing.
    Column("file", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("began_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("begins_s", Float, nullable=False),
    Column("duration_s", Float),
    Column("size_bytes", Integer),
    Column("gaps_s", Float, nullable=False),
    Column("silenced", Json, nullable=False),
    of_call(),
)
