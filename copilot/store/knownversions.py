"""The versions of a client's known callers, and which of them can still be undone."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from copilot.store.records.knowncallers import KnownVersion
from copilot.store.scope import Scoped
from copilot.store.tables.knowncallers import known_caller_changes, known_caller_versions

CHANGES = known_caller_changes.c


class KnownVersionQueries(Scoped):
    """What became of known callers, version after version."""

    async def known_caller_versions(self) -> tuple[KnownVersion, ...]:
        """The last ones, newest first."""
        query = self._select(known_caller_versions).order_by(known_caller_versions.c.number.desc())
        people = self._select(known_caller_changes, CHANGES.version, func.count().label("people"))
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).all()
            counted = await connection.execute(people.group_by(CHANGES.version))
            counts = {row.version: row.people for row in counted}
            undoings = {row.number for row in rows if row.action == "undo"}
            overtaken = await self._overtaken(connection)
            return tuple(
                [
                    KnownVersion(
                        number=row.number,
                        at=row.at,
                        made_by_name=row.made_by_name,
                        action=row.action,
                        label=row.label,
                        people=counts.get(row.number, 0),
                        reversible=row.number in counts
                        and set(overtaken[row.number].values()) <= undoings
                        and await self._as_made(connection, row.number, overtaken[row.number]),
                    )
                    for row in rows
                ]
            )

    async def _overtaken(self, connection: AsyncConnection) -> defaultdict[int, dict[str, int]]:
        """By version, whom a later one touched: by id, the last that did."""
        last = self._select(
            known_caller_changes, CHANGES.caller_id, func.max(CHANGES.version).label("last")
        )
        newest = last.group_by(CHANGES.caller_id).subquery()
        query = (
            select(CHANGES.version, CHANGES.caller_id, newest.c.last)
            .join(newest, newest.c.caller_id == CHANGES.caller_id)
            .where(CHANGES.client_id == self.client_id, CHANGES.version < newest.c.last)
        )
        found: defaultdict[int, dict[str, int]] = defaultdict(dict)
        for row in await connection.execute(query):
            found[row.version][row.caller_id] = row.last
        return found

    async def _as_made(
        self, connection: AsyncConnection, version: int, overtaken: dict[str, int]
    ) -> bool:
        """Whether undoings since made all of them what this version had made of them."""
        if not overtaken:
            return True
        numbers = {version, *overtaken.values()}
        query = self._select(known_caller_changes).where(CHANGES.version.in_(numbers))
        rows = await self._opened(connection, known_caller_changes, query)
        made: dict[tuple[int, str], Any] = {(r.version, r.caller_id): r.after for r in rows}
        return all(made[version, one] == made[last, one] for one, last in overtaken.items())
