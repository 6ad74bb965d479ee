"""Changes of a client's knowledge: each is one transaction, one version, and can be undone.

A version keeps every entry it touched as it was and as it became, so that undoing puts back
exactly what was there; undoing is a version too.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from copilot.store.difference import (
    Incoming,
    Made,
    changes_of,
    outcome_of,
    same_knowledge,
    size_after,
)
from copilot.store.documents import DocumentQueries, document_from, document_values
from copilot.store.entries import EntryQueries, change_of, row_of, stored_entry_from, values_of
from copilot.store.errors import ConflictError, NotFoundError
from copilot.store.records.knowledge import Document, EntryChange, StoredEntry
from copilot.store.records.versions import Author, ImportOutcome, Version, VersionAction
from copilot.store.tables.knowledge import documents, entries, knowledge_changes, knowledge_versions
from knowledge.passages import Entry

BATCH_ROWS = 500
"""Rows of one statement: PostgreSQL takes 32,767 parameters at most."""


class KnowledgeVersions(EntryQueries, DocumentQueries):
    """The client's knowledge, changed one version at a time."""

    async def preview_import(self, incoming: Incoming) -> tuple[tuple[EntryChange, ...], int]:
        """What `apply_import` would do, and the version it was compared with.

        Raises `ConflictError` on a repeated id.
        """
        async with self._database.reading() as connection:
            current = await self._stored_entries(connection)
            version = await self._knowledge_version(connection)
        at = datetime.fromtimestamp(0).astimezone()
        return changes_of(current, incoming, version=version, author=None, at=at), version

    async def apply_import(
        self,
        incoming: Incoming,
        *,
        label: str,
        author: Author,
        at: datetime,
        base_version: int | None = None,
        document: Document | None = None,
    ) -> Made:
        """Make the FAQ, or one document, what was read: all or nothing.

        The same again changes nothing and leaves no trace. Raises `ConflictError` on a repeated
        id, or when the knowledge is no longer at `base_version`.
        """
        async with self._database.writing() as connection:
            await self._lock_client(connection)
            return await self._apply(
                connection, incoming, label=label, author=author, at=at,
                base_version=base_version, document=document,
            )  # fmt: skip

    async def _apply(
        self,
        connection: AsyncConnection,
        incoming: Incoming,
        *,
        label: str,
        author: Author,
        at: datetime,
        base_version: int | None,
        document: Document | None,
    ) -> Made:
        """As `apply_import`. The client is locked by the caller."""
        version = await self._knowledge_version(connection)
        if base_version is not None and base_version != version:
            raise ConflictError(f"the knowledge is at version {version}, not {base_version}")
        current = await self._stored_entries(connection)
        changes = changes_of(current, incoming, version=version + 1, author=author.name, at=at)
        size = size_after(current, changes, incoming.document_id)
        outcome = outcome_of(changes, size_after=size)
        if not changes:
            return Made(outcome=outcome, version=None)
        before = await self._put_document(connection, document) if document else {}
        made = await self._record(
            connection,
            changes,
            action="import",
            label=label,
            author=author,
            at=at,
            outcome=outcome,
            documents_before=before,
        )
        return Made(outcome=outcome, version=made)

    async def create_entry(self, entry: Entry, *, author: Author, at: datetime) -> StoredEntry:
        """Add one to the FAQ's end. Raises `ConflictError` when the id is taken."""
        async with self._database.writing() as connection:
            await self._lock_client(connection)
            current = await self._stored_entries(connection)
            if any(stored.entry.entry_id == entry.entry_id for stored in current):
                raise ConflictError(f"there is an entry {entry.entry_id!r} already")
            after = StoredEntry(
                entry=entry,
                position=max((stored.position for stored in current), default=-1) + 1,
                version=await self._knowledge_version(connection) + 1,
                author=author.name,
                revised_at=at,
            )
            change = EntryChange(before=None, after=after)
            await self._record_one(connection, change, "create", author, at)
        return after

    async def edit_entry(
        self,
        entry_id: str,
        edits: dict[str, Any],
        *,
        version: int,
        author: Author,
        at: datetime,
    ) -> StoredEntry:
        """Change some fields of an entry. Raises `NotFoundError`; `ConflictError` when the entry
        is no longer the one of `version`."""
        async with self._database.writing() as connection:
            before = await self._expected(connection, entry_id, version)
            entry = dataclasses.replace(before.entry, **edits)
            if entry == before.entry:
                return before
            after = StoredEntry(
                entry=entry,
                position=before.position,
                version=await self._knowledge_version(connection) + 1,
                author=author.name,
                revised_at=at,
            )
            change = EntryChange(before=before, after=after)
            await self._record_one(connection, change, "edit", author, at)
        return after

    async def delete_entry(
        self, entry_id: str, *, version: int, author: Author, at: datetime
    ) -> None:
        """Raises as `edit_entry`."""
        async with self._database.writing() as connection:
            before = await self._expected(connection, entry_id, version)
            change = EntryChange(before=before, after=None)
            await self._record_one(connection, change, "delete", author, at)

    async def delete_document(self, document_id: str, *, author: Author, at: datetime) -> int:
        """Take a document and its passages away; the version made. Raises `NotFoundError`."""
        async with self._database.writing() as connection:
            await self._lock_client(connection)
            document = await self._document(connection, document_id)
            changes = [
                EntryChange(before=stored, after=None)
                for stored in await self._stored_entries(connection)
                if stored.entry.document_id == document_id
            ]
            gone = self._delete(documents).where(documents.c.id == document_id)
            await connection.execute(gone)
            return await self._record(
                connection,
                changes,
                action="delete",
                label=document.name,
                author=author,
                at=at,
                outcome=outcome_of(changes, size_after=0),
                documents_before={document_id: document_values(document)},
            )

    async def undo(self, number: int, *, latest: int, author: Author, at: datetime) -> Version:
        """Put back what was there before version `number`, as a new version.

        `latest` is the newest version the person has seen. Raises `NotFoundError`;
        `ConflictError` when there is a newer one, or when what was before is not known.
        """
        async with self._database.writing() as connection:
            await self._lock_client(connection)
            if await self._knowledge_version(connection) != latest:
                raise ConflictError(f"the knowledge changed after version {latest}")
            undone = await self._versions_since(connection, number)
            if not undone or undone[0].number != number:
                raise NotFoundError(f"no version {number}")
            if not all(version.reversible for version in undone):
                raise ConflictError("what was before that version was not kept")
            changes = await self._backwards(connection, number)
            documents_before = await self._restore_documents(connection, number)
            added_up = outcome_of(changes, size_after=0)
            outcome = dataclasses.replace(added_up, unchanged=0)
            made = await self._record(
                connection,
                changes,
                action="undo",
                label=undone[0].label,
                author=author,
                at=at,
                outcome=outcome,
                documents_before=documents_before,
                undoes=number,
            )
        return await self.version(made)

    async def versions(self, *, before: int | None = None, limit: int = 50) -> tuple[Version, ...]:
        """Newest first; `before`: the number of the last one of the page above."""
        query = self._select(knowledge_versions).order_by(knowledge_versions.c.number.desc())
        if before is not None:
            query = query.where(knowledge_versions.c.number < before)
        async with self._database.reading() as connection:
            found = tuple(map(version_of, await connection.execute(query.limit(limit))))
            undoings = self._select(
                knowledge_versions, knowledge_versions.c.number, knowledge_versions.c.undoes
            ).where(knowledge_versions.c.undoes.is_not(None))
            undone = {row.number: row.undoes for row in await connection.execute(undoings)}
            now = same_knowledge(await self._knowledge_version(connection), undone)
        return tuple(
            dataclasses.replace(version, reversible=False)
            if same_knowledge(version.number - 1, undone) == now
            else version
            for version in found
        )

    async def version(self, number: int) -> Version:
        """Raises `NotFoundError`."""
        query = self._select(knowledge_versions).where(knowledge_versions.c.number == number)
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise NotFoundError(f"no version {number}")
        return version_of(row)

    async def version_changes(
        self, number: int, *, offset: int = 0, limit: int = 100
    ) -> tuple[EntryChange, ...]:
        """What a version did to entries, in the order of their ids. Raises `NotFoundError`."""
        await self.version(number)
        query = (
            self._select(knowledge_changes)
            .where(knowledge_changes.c.number == number)
            .order_by(knowledge_changes.c.entry_id)
        )
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).all()
        changes = [change_of(row) for row in rows]
        return tuple(change for change in changes if not change.moves_only)[offset : offset + limit]

    async def _expected(
        self, connection: AsyncConnection, entry_id: str, version: int
    ) -> StoredEntry:
        await self._lock_client(connection)
        stored = await self._stored_entry(connection, entry_id)
        if stored.version != version:
            raise ConflictError(f"entry {entry_id!r} changed in version {stored.version}")
        return stored

    async def _versions_since(
        self, connection: AsyncConnection, number: int
    ) -> tuple[Version, ...]:
        query = (
            self._select(knowledge_versions)
            .where(knowledge_versions.c.number >= number)
            .order_by(knowledge_versions.c.number)
        )
        return tuple(version_of(row) for row in await connection.execute(query))

    async def _backwards(self, connection: AsyncConnection, number: int) -> tuple[EntryChange, ...]:
        """From what is now to what was before a version, for every entry touched since."""
        query = (
            self._select(knowledge_changes)
            .where(knowledge_changes.c.number >= number)
            .order_by(knowledge_changes.c.number)
        )
        former: dict[str, StoredEntry | None] = {}
        for row in await connection.execute(query):
            former.setdefault(row.entry_id, stored_entry_from(row.before))
        now = {stored.entry.entry_id: stored for stored in await self._stored_entries(connection)}
        changes = (
            EntryChange(before=now.get(entry_id), after=after) for entry_id, after in former.items()
        )
        return tuple(change for change in changes if change.before != change.after)

    async def _restore_documents(self, connection: AsyncConnection, number: int) -> dict[str, Any]:
        """Give documents back what they were before a version; what they are now."""
        query = (
            self._select(knowledge_versions)
            .where(knowledge_versions.c.number >= number)
            .order_by(knowledge_versions.c.number)
        )
        former: dict[str, Any] = {}
        for row in await connection.execute(query):
            former = {**row.documents_before, **former}
        now: dict[str, Any] = {}
        for document_id, values in former.items():
            if values is None:
                now[document_id] = await self._take_document(connection, document_id)
            else:
                now |= await self._put_document(connection, document_from(values))
        return now

    async def _record_one(
        self,
        connection: AsyncConnection,
        change: EntryChange,
        action: VersionAction,
        author: Author,
        at: datetime,
    ) -> None:
        await self._record(
            connection,
            [change],
            action=action,
            label=change.shown.entry.question[:2000],
            author=author,
            at=at,
            outcome=dataclasses.replace(outcome_of([change], size_after=0), unchanged=0),
            documents_before={},
        )

    async def _record(
        self,
        connection: AsyncConnection,
        changes: Sequence[EntryChange],
        *,
        action: VersionAction,
        label: str,
        author: Author,
        at: datetime,
        outcome: ImportOutcome,
        documents_before: dict[str, Any],
        undoes: int | None = None,
    ) -> int:
        """Write a version and what it does; its number. The client is locked by the caller."""
        number = await self._knowledge_version(connection) + 1
        row = {
            "number": number,
            "at": at,
            "made_by": author.user_id,
            "made_by_name": author.name,
            "action": action,
            "label": label[:2000],
            **dataclasses.asdict(outcome),
            "reversible": True,
            "undoes": undoes,
            "documents_before": documents_before,
        }
        await connection.execute(self._insert(knowledge_versions, row))
        gone = [change.entry_id for change in changes if change.before]
        for start in range(0, len(gone), BATCH_ROWS):
            part = gone[start : start + BATCH_ROWS]
            await connection.execute(self._delete(entries).where(entries.c.id.in_(part)))
        came = [change.after for change in changes if change.after]
        await self._insert_many(connection, entries, (row_of(after) for after in came))
        await self._insert_many(
            connection,
            knowledge_changes,
            (
                {
                    "number": number,
                    "entry_id": change.entry_id,
                    "before": values_of(change.before),
                    "after": values_of(change.after),
                }
                for change in changes
            ),
        )
        return number

    async def _insert_many(
        self, connection: AsyncConnection, table: Any, rows: Iterable[dict[str, Any]]
    ) -> None:
        scoped = [{**row, "client_id": self.client_id} for row in rows]
        if scoped:
            await connection.execute(insert(table), scoped)


def version_of(row: Any) -> Version:
    return Version(
        number=row.number,
        at=row.at,
        made_by=row.made_by,
        made_by_name=row.made_by_name,
        action=row.action,
        label=row.label,
        outcome=ImportOutcome(
            added=row.added, changed=row.changed, removed=row.removed, unchanged=row.unchanged
        ),
        reversible=row.reversible,
    )
