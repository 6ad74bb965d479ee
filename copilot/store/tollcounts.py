"""How many calls went out and what they cost, counted in the audit trail."""

from __future__ import annotations

import math
from datetime import datetime

from sqlalchemy import func, select

from copilot.store.database import Database
from copilot.store.tables.audit import audit_entries


class TollCounts:
    """Of every process: what is counted is what was written."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def acts(
        self,
        action: str,
        *,
        since: datetime,
        actor_id: str | None = None,
        client_id: str | None = None,
    ) -> int:
        """How often it was done, by this person or for this client. Raises UnavailableError."""
        query = (
            select(func.count())
            .select_from(audit_entries)
            .where(audit_entries.c.action == action, audit_entries.c.at >= since)
        )
        if actor_id is not None:
            query = query.where(audit_entries.c.actor_id == actor_id)
        if client_id is not None:
            query = query.where(audit_entries.c.client_id == client_id)
        async with self._database.reading() as connection:
            return int((await connection.execute(query)).scalar_one())

    async def cents(self, action: str, *, since: datetime, client_id: str) -> float:
        """What these cost together. Raises UnavailableError."""
        query = select(audit_entries.c.detail).where(
            audit_entries.c.action == action,
            audit_entries.c.at >= since,
            audit_entries.c.client_id == client_id,
        )
        async with self._database.reading() as connection:
            details = (await connection.execute(query)).scalars().all()
        return math.fsum(float(detail.get("cents", 0.0)) for detail in details)
