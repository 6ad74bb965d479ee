"""A client's knowledge as it was imported."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from copilot.store.errors import ConflictError
from copilot.store.records import Import, ImportOutcome, new_id
from copilot.store.scope import Scoped
from copilot.store.tables import entries, imports
from knowledge.passages import Entry

BATCH_ROWS = 500
"""Rows of one INSERT: PostgreSQL takes 32,767 parameters a statement at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What would turn the current entries into the wanted ones."""

    added: tuple[Entry, ...]
    changed: tuple[Entry, ...]
    removed: tuple[str, ...]
    """Entry ids."""
    unchanged: int

    @property
    def outcome(self) -> ImportOutcome:
        return ImportOutcome(
            added=len(self.added),
            changed=len(self.changed),
            removed=len(self.removed),
            unchanged=self.unchanged,
        )


def difference(current: Iterable[Entry], wanted: Iterable[Entry]) -> Difference:
    """Compare by entry id. Raises `ConflictError` when two wanted entries share an id."""
    have = {entry.entry_id: entry for entry in current}
    want: dict[str, Entry] = {}
    for entry in wanted:
        if entry.entry_id in want:
            raise ConflictError(f"two entries have the id {entry.entry_id!r}")
        want[entry.entry_id] = entry
    return Difference(
        added=tuple(entry for key, entry in want.items() if key not in have),
        changed=tuple(entry for key, entry in want.items() if key in have and have[key] != entry),
        removed=tuple(key for key in have if key not in want),
        unchanged=sum(have.get(key) == entry for key, entry in want.items()),
    )


def _entry_of(row: Any) -> Entry:
    return Entry(
        entry_id=row.id,
        question=row.question,
        answer=row.answer,
        tags=tuple(row.tags),
        alternatives=tuple(row.alternatives),
        source=row.source,
    )


def _row_of(entry: Entry, position: int) -> dict[str, Any]:
    return {
        "id": entry.entry_id,
        "question": entry.question,
        "answer": entry.answer,
        "tags": list(entry.tags),
        "alternatives": list(entry.alternatives),
        "source": entry.source,
        "position": position,
    }


class EntryQueries(Scoped):
    """The client's questions and answers."""

    async def entries(self) -> tuple[Entry, ...]:
        """In the order of the last import."""
        async with self._database.reading() as connection:
            return await self._entries(connection)

    async def preview_import(self, wanted: Sequence[Entry]) -> ImportOutcome:
        """What `apply_import` would do. Raises `ConflictError` on a repeated id."""
        return difference(await self.entries(), wanted).outcome

    async def apply_import(
        self, wanted: Sequence[Entry], *, file_name: str, imported_by: str | None, at: datetime
    ) -> ImportOutcome:
        """Make the client's entries exactly these, all or nothing. Raises `ConflictError`.

        Importing the same again changes nothing and leaves no trace.
        """
        async with self._database.writing() as connection:
            await self._lock_client(connection)
            current = await self._entries(connection)
            change = difference(current, wanted)
            if change.outcome.changes_nothing and tuple(wanted) == current:
                return change.outcome
            await connection.execute(self._delete(entries))
            rows = [_row_of(entry, position) for position, entry in enumerate(wanted)]
            for start in range(0, len(rows), BATCH_ROWS):
                await connection.execute(self._insert(entries, *rows[start : start + BATCH_ROWS]))
            if not change.outcome.changes_nothing:
                await self._remember(connection, change.outcome, file_name, imported_by, at)
        return change.outcome

    async def imports(self) -> tuple[Import, ...]:
        """Newest first."""
        query = self._select(imports).order_by(imports.c.imported_at.desc(), imports.c.id)
        async with self._database.reading() as connection:
            rows = await connection.execute(query)
        return tuple(
            Import(
                id=row.id,
                file_name=row.file_name,
                imported_at=row.imported_at,
                imported_by=row.imported_by,
                outcome=ImportOutcome(
                    added=row.added,
                    changed=row.changed,
                    removed=row.removed,
                    unchanged=row.unchanged,
                ),
            )
            for row in rows
        )

    async def _entries(self, connection: AsyncConnection) -> tuple[Entry, ...]:
        rows = await connection.execute(self._select(entries).order_by(entries.c.position))
        return tuple(_entry_of(row) for row in rows)

    async def _remember(
        self,
        connection: AsyncConnection,
        outcome: ImportOutcome,
        file_name: str,
        imported_by: str | None,
        at: datetime,
    ) -> None:
        row = {
            "id": new_id(),
            "file_name": file_name,
            "imported_at": at,
            "imported_by": imported_by,
            "added": outcome.added,
            "changed": outcome.changed,
            "removed": outcome.removed,
            "unchanged": outcome.unchanged,
        }
        await connection.execute(self._insert(imports, row))
