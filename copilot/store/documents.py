"""A client's documents and files. Files never change; a document points at the one imported."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Text, cast
from sqlalchemy.ext.asyncio import AsyncConnection

from copilot.store.errors import NotFoundError
from copilot.store.records.identifiers import new_id
from copilot.store.records.knowledge import Document, StoredFile
from copilot.store.scope import Scoped
from copilot.store.tables.knowledge import documents, files, knowledge_versions

_ABOUT = (
    files.c.id,
    files.c.file_name,
    files.c.media_type,
    files.c.size_bytes,
    files.c.added_at,
    files.c.added_by,
)


def document_of(row: Any) -> Document:
    names = (item.name for item in dataclasses.fields(Document))
    return Document(**{name: getattr(row, name) for name in names})


def document_values(document: Document) -> dict[str, Any]:
    """As JSON values, for the history."""
    return {**dataclasses.asdict(document), "imported_at": document.imported_at.isoformat()}


def document_from(values: dict[str, Any]) -> Document:
    """What `document_values` wrote."""
    at = datetime.fromisoformat(values["imported_at"])
    return Document(**{**values, "imported_at": at})


def file_of(row: Any) -> StoredFile:
    return StoredFile(
        id=row.id,
        file_name=row.file_name,
        media_type=row.media_type,
        size_bytes=row.size_bytes,
        added_at=row.added_at,
        added_by=row.added_by,
    )


class DocumentQueries(Scoped):
    """The client's documents and files."""

    async def documents(self) -> tuple[Document, ...]:
        """By name."""
        query = self._select(documents).order_by(documents.c.name, documents.c.id)
        async with self._database.reading() as connection:
            return tuple(document_of(row) for row in await connection.execute(query))

    async def document(self, document_id: str) -> Document:
        """Raises `NotFoundError`."""
        async with self._database.reading() as connection:
            return await self._document(connection, document_id)

    async def add_file(
        self,
        content: bytes,
        *,
        file_name: str,
        media_type: str,
        added_by: str | None,
        at: datetime,
    ) -> StoredFile:
        """Keep a file for good."""
        stored = StoredFile(
            id=new_id(),
            file_name=file_name[-255:],
            media_type=media_type,
            size_bytes=len(content),
            added_at=at,
            added_by=added_by,
        )
        async with self._database.writing() as connection:
            await self._put_file(connection, stored, content)
        return stored

    async def files(self, file_ids: tuple[str, ...]) -> tuple[StoredFile, ...]:
        """Those that exist, without their content, in the order asked."""
        query = self._select(files, *_ABOUT).where(files.c.id.in_(file_ids))
        async with self._database.reading() as connection:
            known = {row.id: file_of(row) for row in await connection.execute(query)}
        return tuple(known[file_id] for file_id in file_ids if file_id in known)

    async def file(self, file_id: str) -> tuple[StoredFile, bytes]:
        """A file and its content. Raises `NotFoundError`."""
        query = self._select(files).where(files.c.id == file_id)
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise NotFoundError(f"no file {file_id!r}")
        return file_of(row), bytes(row.content)

    async def _put_file(
        self, connection: AsyncConnection, stored: StoredFile, content: bytes
    ) -> None:
        row = {**dataclasses.asdict(stored), "content": content}
        await connection.execute(self._insert(files, row))

    async def _drop_files(self, connection: AsyncConnection, file_ids: Sequence[str]) -> None:
        """Remove files, those excepted that a document shows or could be put back with."""
        shown = self._select(documents, documents.c.file_id)
        for file_id in file_ids:
            before = self._select(knowledge_versions, knowledge_versions.c.number).where(
                cast(knowledge_versions.c.documents_before, Text).contains(file_id)
            )
            unused = self._delete(files).where(
                files.c.id == file_id, files.c.id.not_in(shown), ~before.exists()
            )
            await connection.execute(unused)

    async def _document(self, connection: AsyncConnection, document_id: str) -> Document:
        query = self._select(documents).where(documents.c.id == document_id)
        row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise NotFoundError(f"no document {document_id!r}")
        return document_of(row)

    async def _put_document(
        self, connection: AsyncConnection, document: Document
    ) -> dict[str, Any]:
        """Write a document; what it was before, by its id, null when it was not."""
        before = await self._take_document(connection, document.id)
        await connection.execute(self._insert(documents, dataclasses.asdict(document)))
        return {document.id: before}

    async def _take_document(
        self, connection: AsyncConnection, document_id: str
    ) -> dict[str, Any] | None:
        """Remove a document; what it was."""
        try:
            document = await self._document(connection, document_id)
        except NotFoundError:
            return None
        gone = self._delete(documents).where(documents.c.id == document_id)
        await connection.execute(gone)
        return document_values(document)
