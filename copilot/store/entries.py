"""A client's entries: the rows, and looking at them. `copilot.store.versions` changes them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from copilot.store.errors import NotFoundError
from copilot.store.records.knowledge import EntryChange, StoredEntry
from copilot.store.scope import Scoped
from copilot.store.tables.knowledge import entries, knowledge_versions
from knowledge.passages import Attachment, Entry, Link


def stored_entry_of(row: Any) -> StoredEntry:
    entry = Entry(
        entry_id=row.id,
        question=row.question,
        answer=row.answer,
        tags=tuple(row.tags),
        alternatives=tuple(row.alternatives),
        source=row.source,
        document_id=row.document_id,
        place=row.place,
        anchor=row.anchor,
        note=row.note,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        links=tuple(Link(**link) for link in row.links),
        attachments=tuple(Attachment(**attachment) for attachment in row.attachments),
    )
    return StoredEntry(
        entry=entry,
        position=row.position,
        version=row.version,
        author=row.author,
        revised_at=row.revised_at,
    )


def row_of(stored: StoredEntry) -> dict[str, Any]:
    entry = stored.entry
    return {
        "id": entry.entry_id,
        "question": entry.question,
        "answer": entry.answer,
        "tags": list(entry.tags),
        "alternatives": list(entry.alternatives),
        "source": entry.source,
        "document_id": entry.document_id,
        "place": entry.place,
        "anchor": entry.anchor,
        "note": entry.note,
        "valid_from": entry.valid_from,
        "valid_until": entry.valid_until,
        "links": [{"label": link.label, "address": link.address} for link in entry.links],
        "attachments": [_attachment_values(attachment) for attachment in entry.attachments],
        "position": stored.position,
        "version": stored.version,
        "author": stored.author,
        "revised_at": stored.revised_at,
    }


def values_of(stored: StoredEntry | None) -> dict[str, Any] | None:
    """The row as JSON values, for the history."""
    if stored is None:
        return None
    row = row_of(stored)
    for name in ("valid_from", "valid_until", "revised_at"):
        row[name] = row[name].isoformat() if row[name] else None
    return row


def stored_entry_from(values: dict[str, Any] | None) -> StoredEntry | None:
    """What `values_of` wrote."""
    if values is None:
        return None
    known = dict(values)
    for name in ("valid_from", "valid_until"):
        known[name] = date.fromisoformat(known[name]) if known[name] else None
    known["revised_at"] = (
        datetime.fromisoformat(known["revised_at"]) if known["revised_at"] else None
    )
    return stored_entry_of(_Row(known))


def change_of(row: Any) -> EntryChange:
    """What a version did to an entry, as the history keeps it."""
    return EntryChange(before=stored_entry_from(row.before), after=stored_entry_from(row.after))


class _Row:
    """Values read by attribute, as a row's."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.__dict__.update(values)


def _attachment_values(attachment: Attachment) -> dict[str, Any]:
    return {
        "attachment_id": attachment.attachment_id,
        "file_name": attachment.file_name,
        "media_type": attachment.media_type,
        "size_bytes": attachment.size_bytes,
    }


class EntryQueries(Scoped):
    """The client's questions, answers and passages."""

    async def entries(self) -> tuple[Entry, ...]:
        """All of them in the client's order, in force or not."""
        return tuple(stored.entry for stored in await self.stored_entries())

    async def entries_in_force(self, day: date) -> tuple[Entry, ...]:
        """What operators may be offered on that local day."""
        return tuple(entry for entry in await self.entries() if entry.in_force(day))

    async def stored_entries(self) -> tuple[StoredEntry, ...]:
        """As `entries`, with what the store knows of each."""
        async with self._database.reading() as connection:
            return await self._stored_entries(connection)

    async def stored_entry(self, entry_id: str) -> StoredEntry:
        """Raises `NotFoundError`."""
        async with self._database.reading() as connection:
            return await self._stored_entry(connection, entry_id)

    async def knowledge_version(self) -> int:
        """Grows by one whenever the entries change; 0 before the first change."""
        async with self._database.reading() as connection:
            return await self._knowledge_version(connection)

    async def _stored_entries(self, connection: AsyncConnection) -> tuple[StoredEntry, ...]:
        query = self._select(entries).order_by(entries.c.position, entries.c.id)
        return tuple(stored_entry_of(row) for row in await connection.execute(query))

    async def _stored_entry(self, connection: AsyncConnection, entry_id: str) -> StoredEntry:
        query = self._select(entries).where(entries.c.id == entry_id)
        row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise NotFoundError(f"no entry {entry_id!r}")
        return stored_entry_of(row)

    async def _knowledge_version(self, connection: AsyncConnection) -> int:
        query = self._select(knowledge_versions, func.max(knowledge_versions.c.number))
        return (await connection.execute(query)).scalar() or 0


def knowledge_versions_of_all() -> Select[Any]:
    """Every client's version of the knowledge; clients whose knowledge never changed are absent."""
    return select(
        knowledge_versions.c.client_id, func.max(knowledge_versions.c.number).label("number")
    ).group_by(knowledge_versions.c.client_id)
