"""Imports from start to end: fetched, read in a process of its own, compared, applied, undone.

    upload or address ──> job (durable) ──> read ──> compare ──> ready ──> apply ──> a version

Jobs live in the store, so any process shows them and applies them; what was being read when a
process stopped is told as interrupted. Reading one document at a time keeps a core for calls.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

from copilot.importjob import (
    INTERRUPTED,
    MEDIA_TYPE_OF_KIND,
    document_id_of,
    file_name_of,
    incoming_of,
    incoming_reading,
    read_as,
    ready,
    stale,
    told,
    unexpected,
)
from copilot.store.difference import named, outcome_of, size_after
from copilot.store.errors import ConflictError, NotFoundError, StoreError
from copilot.store.records.identifiers import new_id
from copilot.store.records.knowledge import Document, ImportJob, ImportMode, ImportStage, StoredFile
from copilot.store.records.versions import Author, Version
from copilot.store.store import ClientScope, Store
from knowledge.documents.contradictions import contradictions
from knowledge.documents.fetching import PageFetcher
from knowledge.documents.reading import (
    ImportingError,
    Reading,
    problem_values,
    reading_values,
    safe_name,
)
from knowledge.documents.sandbox import USUAL, Limits, Stop, read_file

logger = logging.getLogger(__name__)

Changed: TypeAlias = Callable[[str, int], None]
"""Told the client and its new version whenever knowledge changed."""

BEAT_EVERY_S = 4.0
"""How often a job that waits or is read says that it still is, and asks whether it is wanted."""
SILENT_FOR = timedelta(seconds=20)
"""A job that says nothing for longer is not being read any more: its process stopped."""
TELL_EVERY_S = 0.5
AT_A_TIME = 1


class Imports:
    """The imports of every client."""

    def __init__(
        self,
        store: Store,
        *,
        changed: Changed,
        now: Callable[[], datetime],
        fetcher: PageFetcher | None = None,
        limits: Limits = USUAL,
    ) -> None:
        self._store = store
        self._changed = changed
        self._now = now
        self._fetcher = fetcher or PageFetcher()
        self._turn = asyncio.Semaphore(AT_A_TIME)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self.limits = limits

    async def start_file(
        self, client_id: str, path: Path, *, name: str, mode: ImportMode, author: Author
    ) -> ImportJob:
        """Read an uploaded file, which is deleted in the end. Raises ImportingError on its name."""
        try:
            job = await self._create(client_id, safe_name(name), None, mode, author)
        except BaseException:
            _forget(path)
            raise
        self._begin(client_id, job, path)
        return job

    async def start_address(
        self, client_id: str, address: str, *, mode: ImportMode, author: Author
    ) -> ImportJob:
        """Fetch and read a page."""
        clean = address.strip()
        job = await self._create(client_id, clean, clean, mode, author)
        self._begin(client_id, job, None)
        return job

    async def job(self, client_id: str, job_id: str) -> ImportJob:
        """As it stands. Raises NotFoundError."""
        return self._as_it_stands(await self._store.for_client(client_id).import_job(job_id))

    async def jobs(self, client_id: str) -> tuple[ImportJob, ...]:
        """Those of the last days, newest first."""
        found = await self._store.for_client(client_id).import_jobs()
        return tuple(self._as_it_stands(job) for job in found)

    async def refresh(
        self, client_id: str, job_id: str, *, mode: ImportMode | None = None
    ) -> ImportJob:
        """Compare again with the knowledge as it is now, in another mode where one is given.
        Raises NotFoundError, ImportingError."""
        scope = self._store.for_client(client_id)
        job = ready(await scope.import_job(job_id))
        job = dataclasses.replace(job, mode=mode or job.mode)
        await self._compare(scope, job, incoming_reading(job))
        return await self.job(client_id, job_id)

    async def apply(self, client_id: str, job_id: str, *, token: str, author: Author) -> ImportJob:
        """Make the preview true, whole or not at all. Raises NotFoundError; ImportingError
        (`import_stale`) when the knowledge is no longer what the preview compared with."""
        scope = self._store.for_client(client_id)
        job = ready(await scope.import_job(job_id))
        if job.summary is None or job.summary["token"] != token:
            raise stale(job.name)
        reading = incoming_reading(job)
        now = self._now()
        document = await _document(scope, job, reading, author, now)
        try:
            made = await scope.apply_import_job(
                job, incoming_of(job, reading), author=author, at=now, document=document
            )
        except ConflictError as error:
            raise stale(job.name) from error
        if made.version is not None:
            self._changed(client_id, made.version)
        return await self.job(client_id, job_id)

    async def undo(self, client_id: str, number: int, *, latest: int, author: Author) -> Version:
        """Put back what was before a version. Raises NotFoundError, ConflictError."""
        scope = self._store.for_client(client_id)
        version = await scope.undo(number, latest=latest, author=author, at=self._now())
        self._changed(client_id, version.number)
        return version

    async def discard(self, client_id: str, job_id: str) -> None:
        """Throw a job and its file away, a failed one too; idempotent. Raises NotFoundError."""
        scope = self._store.for_client(client_id)
        job = await scope.import_job(job_id)
        if job.state in ("ready", "reading", "failed"):
            gone = {"state": "discarded", "incoming": None}
            try:
                await scope.end_import_job(job_id, gone, only_in=job.state, at=self._now())
            except ConflictError:
                await self.discard(client_id, job_id)
            else:
                if task := self._tasks.get(job_id):
                    task.cancel()

    async def settled(self) -> None:
        """Wait for what is being read here."""
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def close(self) -> None:
        """Leave what is being read: its reader is killed, and it is told as interrupted."""
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _create(
        self, client_id: str, name: str, address: str | None, mode: ImportMode, author: Author
    ) -> ImportJob:
        now = self._now()
        job = ImportJob(
            id=new_id(),
            name=name[:2000],
            address=address[:2000] if address else None,
            mode=mode,
            state="reading",
            stage="waiting",
            done=0,
            total=None,
            created_at=now,
            updated_at=now,
            created_by=author.user_id,
            created_by_name=author.name,
            base_version=None,
            incoming=None,
            summary=None,
            failure=None,
            file_id=None,
            version=None,
        )
        return await self._store.for_client(client_id).create_import_job(job)

    def _begin(self, client_id: str, job: ImportJob, path: Path | None) -> None:
        scope = self._store.for_client(client_id)
        task = asyncio.create_task(self._work(scope, job, path), name=f"import-{job.id}")
        self._tasks[job.id] = task
        task.add_done_callback(lambda _: self._tasks.pop(job.id, None))
        beating = asyncio.create_task(self._beat(scope, job, task), name=f"import-beat-{job.id}")
        task.add_done_callback(lambda _: beating.cancel())

    async def _beat(self, scope: ClientScope, job: ImportJob, work: asyncio.Task[None]) -> None:
        """Say that a job is alive, waiting for its turn too; stop it when somebody, through
        another process perhaps, threw it away."""
        while not work.done():
            await asyncio.sleep(BEAT_EVERY_S)
            try:
                await scope.update_import_job(job.id, {}, only_in="reading", at=self._now())
            except ConflictError:
                if await self._is_unwanted(scope, job):
                    work.cancel()
                return
            except StoreError:
                logger.warning("import %s cannot say that it is alive", job.id, exc_info=True)

    async def _is_unwanted(self, scope: ClientScope, job: ImportJob) -> bool:
        try:
            return (await scope.import_job(job.id)).state == "discarded"
        except NotFoundError:  # its client was removed
            return True

    async def _work(self, scope: ClientScope, job: ImportJob, path: Path | None) -> None:
        try:
            async with self._turn:
                await self._read_and_compare(scope, job, path)
        except ImportingError as refused:
            await self._failed(scope, job, refused.code, refused.french, refused.english)
        except asyncio.CancelledError:
            await self._failed(scope, job, *INTERRUPTED)
            raise
        except ConflictError:
            return  # discarded meanwhile
        except StoreError:
            logger.exception("import %s cannot go on", job.id)
        except Exception:
            logger.exception("import %s failed", job.id)
            await self._failed(scope, job, *unexpected(job.name))
        finally:
            if path is not None:
                _forget(path)

    async def _read_and_compare(
        self, scope: ClientScope, job: ImportJob, path: Path | None
    ) -> None:
        media_type = ""
        if job.address is not None:
            await self._tell(scope, job, "fetching", 0, None)
            page = await asyncio.to_thread(self._fetcher.fetch, job.address)
            media_type = page.media_type
            path = await asyncio.to_thread(_spooled, page.content)
        if path is None:
            raise ValueError("an import has a file or an address")
        try:
            await self._tell(scope, job, "reading", 0, None)
            reading = await self._read(scope, job, path, media_type)
            content = await asyncio.to_thread(path.read_bytes)
        finally:
            if job.address is not None:
                _forget(path)
        if not reading.is_table:
            file = StoredFile(
                id=new_id(),
                file_name=file_name_of(job, media_type)[-255:],
                media_type=media_type or MEDIA_TYPE_OF_KIND[reading.kind],
                size_bytes=len(content),
                added_at=self._now(),
                added_by=job.created_by,
            )
            await scope.keep_import_file(job.id, file, content)
            job = dataclasses.replace(job, file_id=file.id)
        await self._tell(scope, job, "comparing", len(reading.entries), len(reading.entries))
        await self._compare(scope, job, reading)

    async def _read(
        self, scope: ClientScope, job: ImportJob, path: Path, media_type: str
    ) -> Reading:
        progress: list[tuple[int, int | None]] = []

        async def tell() -> None:
            told: tuple[int, int | None] | None = None
            while True:
                await asyncio.sleep(TELL_EVERY_S)
                if progress and progress[-1] != told:
                    told = progress[-1]
                    await self._tell(scope, job, "reading", *told)

        telling = asyncio.create_task(tell())
        stop = Stop()
        try:
            return await asyncio.to_thread(
                read_file,
                path,
                name=read_as(job),
                source=job.name,
                media_type=media_type,
                limits=self.limits,
                progress=lambda done, total: progress.append((done, total)),
                stop=stop,
            )
        finally:
            stop.now()
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)

    async def _compare(self, scope: ClientScope, job: ImportJob, reading: Reading) -> None:
        incoming = incoming_of(job, reading)
        changes, version = await scope.preview_import(incoming)
        current = await scope.stored_entries()
        gone = {change.entry_id for change in changes if change.after is None}
        after = {change.entry_id: change.after.entry for change in changes if change.after}
        known = named(current, incoming)
        came = tuple(after.get(entry.entry_id, entry) for entry in known)
        lines = {
            one.entry_id: reading.lines[read.entry_id]
            for one, read in zip(known, incoming.entries, strict=True)
            if read.entry_id in reading.lines
        }
        staying = [item.entry for item in current if item.entry.entry_id not in gone]
        flags = await asyncio.to_thread(contradictions, came, staying, lines)
        size = size_after(current, changes, incoming.document_id)
        outcome = outcome_of(changes, size_after=size)
        problems = [problem_values(problem) for problem in told(reading.problems, flags)]
        values: dict[str, Any] = {
            "state": "ready",
            "stage": "done",
            "mode": job.mode,
            "base_version": version,
            "incoming": reading_values(reading),
            "summary": {
                "token": new_id(),
                **dataclasses.asdict(outcome),
                "problems": problems[:500],
                "problems_total": len(problems),
            },
        }
        await scope.update_import_job(job.id, values, only_in=job.state, at=self._now())

    async def _tell(
        self, scope: ClientScope, job: ImportJob, stage: ImportStage, done: int, total: int | None
    ) -> None:
        values = {"stage": stage, "done": done, "total": total}
        await scope.update_import_job(job.id, values, only_in="reading", at=self._now())

    async def _failed(
        self, scope: ClientScope, job: ImportJob, code: str, french: str, english: str
    ) -> None:
        failure = {"code": code, "french": french, "english": english}
        try:
            await scope.update_import_job(
                job.id, {"state": "failed", "failure": failure}, only_in="reading", at=self._now()
            )
        except StoreError as error:
            logger.warning("import %s: its failure could not be noted: %s", job.id, error)

    def _as_it_stands(self, job: ImportJob) -> ImportJob:
        if job.state == "reading" and self._now() - job.updated_at > SILENT_FOR:
            code, french, english = INTERRUPTED
            failure = {"code": code, "french": french, "english": english}
            return dataclasses.replace(job, state="failed", failure=failure)
        return job


async def _document(
    scope: ClientScope, job: ImportJob, reading: Reading, author: Author, at: datetime
) -> Document | None:
    if reading.is_table or job.file_id is None:
        return None
    found = await scope.files((job.file_id,))
    if not found:  # thrown away a moment ago
        raise stale(job.name)
    (file,) = found
    return Document(
        id=document_id_of(job.name),
        name=reading.title or job.name,
        kind=reading.kind,
        address=job.address,
        file_id=job.file_id,
        size_bytes=file.size_bytes,
        imported_at=at,
        imported_by=author.name,
    )


def _forget(path: Path) -> None:
    path.unlink(missing_ok=True)


def _spooled(content: bytes) -> Path:
    with tempfile.NamedTemporaryFile(prefix="souffleur-page-", delete=False) as file:
        file.write(content)
    return Path(file.name)
