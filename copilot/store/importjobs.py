"""Imports on their way: rows that every process sees and that outlive the page.

A file belongs to its import until applying hands it to the document: an import that comes to
nothing takes its file along.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncConnection

from copilot.store.difference import Incoming, Made
from copilot.store.errors import ConflictError, NotFoundError
from copilot.store.records.knowledge import Document, ImportJob, StoredFile
from copilot.store.records.versions import Author
from copilot.store.tables.knowledge import import_jobs
from copilot.store.versions import KnowledgeVersions

KEPT = timedelta(days=7)
"""A job older than this is no longer listed, and is forgotten when the next one starts."""


def job_of(row: Any) -> ImportJob:
    names = (item.name for item in dataclasses.fields(ImportJob))
    return ImportJob(**{name: getattr(row, name) for name in names})


class ImportJobs(KnowledgeVersions):
    """The client's imports on their way."""

    async def create_import_job(self, job: ImportJob) -> ImportJob:
        """Start one; forget those of long ago."""
        old = import_jobs.c.created_at < job.created_at - KEPT
        async with self._database.writing() as connection:
            await self._take_files(connection, old, import_jobs.c.state != "applied")
            await connection.execute(self._delete(import_jobs).where(old))
            await connection.execute(self._insert(import_jobs, dataclasses.asdict(job)))
        return job

    async def import_job(self, job_id: str) -> ImportJob:
        """Raises `NotFoundError`."""
        query = self._select(import_jobs).where(import_jobs.c.id == job_id)
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise NotFoundError(f"no import {job_id!r}")
        return job_of(row)

    async def import_jobs(self, *, limit: int = 20) -> tuple[ImportJob, ...]:
        """Newest first, without what was read."""
        columns = [column for column in import_jobs.c if column.name != "incoming"]
        query = (
            self._select(import_jobs, *columns)
            .order_by(import_jobs.c.created_at.desc(), import_jobs.c.id)
            .limit(limit)
        )
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).mappings()
            return tuple(
                ImportJob(
                    **{key: row[key] for key in row if key != "client_id"},
                    incoming=None,
                )
                for row in rows
            )

    async def update_import_job(
        self, job_id: str, values: Mapping[str, Any], *, only_in: str, at: datetime
    ) -> None:
        """Change a job that is in that state. Raises `ConflictError` when it is in another,
        or gone."""
        async with self._database.writing() as connection:
            await self._update_job(connection, job_id, {**values, "updated_at": at}, only_in)

    async def keep_import_file(self, job_id: str, file: StoredFile, content: bytes) -> None:
        """Keep what a job reads. Raises `ConflictError` when it is not being read any more."""
        async with self._database.writing() as connection:
            await self._put_file(connection, file, content)
            await self._update_job(connection, job_id, {"file_id": file.id}, "reading")

    async def end_import_job(
        self, job_id: str, values: Mapping[str, Any], *, only_in: str, at: datetime
    ) -> None:
        """The same as `update_import_job` for one that changed nothing: its file goes too."""
        async with self._database.writing() as connection:
            await self._update_job(connection, job_id, {**values, "updated_at": at}, only_in)
            await self._take_files(connection, import_jobs.c.id == job_id)

    async def apply_import_job(
        self,
        job: ImportJob,
        incoming: Incoming,
        *,
        author: Author,
        at: datetime,
        document: Document | None = None,
    ) -> Made:
        """Make a job that is ready true and mark it applied, both or neither; one that changes
        nothing takes its file along. Raises as `apply_import`; `ConflictError` too when the job is
        no longer the one that was looked at."""
        async with self._database.writing() as connection:
            await self._lock_client(connection)
            done = {"state": "applied", "incoming": None, "updated_at": at}
            await self._update_job(connection, job.id, done, "ready")
            made = await self._apply(
                connection, incoming, label=job.name, author=author, at=at,
                base_version=job.base_version, document=document,
            )  # fmt: skip
            if made.version is None:
                await self._take_files(connection, import_jobs.c.id == job.id)
            else:
                await self._update_job(connection, job.id, {"version": made.version}, "applied")
        return made

    async def _update_job(
        self, connection: AsyncConnection, job_id: str, values: Mapping[str, Any], only_in: str
    ) -> None:
        mine = self._update(import_jobs).where(
            import_jobs.c.id == job_id, import_jobs.c.state == only_in
        )
        changed = await connection.execute(mine.values(**values))
        if changed.rowcount == 0:
            raise ConflictError(f"import {job_id!r} is not {only_in}")

    async def _take_files(self, connection: AsyncConnection, *which: ColumnElement[bool]) -> None:
        """Remove the files of some jobs."""
        held = self._select(import_jobs, import_jobs.c.file_id).where(
            *which, import_jobs.c.file_id.is_not(None)
        )
        file_ids = (await connection.execute(held)).scalars().all()
        await connection.execute(self._update(import_jobs).where(*which).values(file_id=None))
        await self._drop_files(connection, file_ids)
