"""Appending to the logs of many calls at once: one transaction for whatever has happened."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from copilot.events import DraftChanged, Event, PartialHeard
from copilot.store.calls import event_row
from copilot.store.database import Database
from copilot.store.tables import call_events, calls

logger = logging.getLogger(__name__)

BATCH_ROWS = 500
"""Rows of one INSERT: SQLite and PostgreSQL take about 32,000 parameters a statement."""


class EventLog:
    """The writer of a process: takes every call's events, knows no client."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append_events(self, events: Sequence[Event]) -> None:
        """Keep events, all or none; those already kept (same call and seq) and partials are
        ignored, so a batch may be tried again after a failure.

        An event of a call that was never created is dropped with an error in the log: no later
        try could keep it. Raises `UnavailableError`.
        """
        kept = [event for event in events if not isinstance(event, PartialHeard)]
        if not kept:
            return
        ids = sorted({event.call_id for event in kept})
        drafted = {event.call_id for event in kept if isinstance(event, DraftChanged)}
        async with self._database.writing() as connection:
            found = await connection.execute(
                select(calls.c.id, calls.c.client_id).where(calls.c.id.in_(ids))
            )
            clients = {row.id: row.client_id for row in found}
            for call_id in set(ids) - set(clients):
                logger.error("events of a call that was never created are lost: %s", call_id)
            rows = [
                {**event_row(event), "client_id": clients[event.call_id]}
                for event in kept
                if event.call_id in clients
            ]
            for start in range(0, len(rows), BATCH_ROWS):
                batch = rows[start : start + BATCH_ROWS]
                await connection.execute(self._insert_new(call_events, batch))
            if drafted:
                await connection.execute(
                    update(calls)
                    .where(calls.c.id.in_(drafted), calls.c.has_draft.is_(False))
                    .values(has_draft=True)
                )

    async def next_seq(self, call_id: str) -> int:
        """One more than the last seq kept; 1 for an empty log."""
        query = select(func.max(call_events.c.seq)).where(call_events.c.call_id == call_id)
        async with self._database.reading() as connection:
            return ((await connection.execute(query)).scalar() or 0) + 1

    def _insert_new(self, table: Table, rows: list[dict[str, Any]]) -> Any:
        if self._database.dialect == "sqlite":
            return sqlite_insert(table).values(rows).on_conflict_do_nothing()
        return postgresql_insert(table).values(rows).on_conflict_do_nothing()
