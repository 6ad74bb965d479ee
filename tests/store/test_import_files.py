"""The file of an import lives as long as something shows it, and no longer."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from sqlalchemy import select

from copilot.store import ConflictError, Store
from copilot.store.difference import Incoming
from copilot.store.importjobs import KEPT
from copilot.store.records.knowledge import Document, ImportJob, StoredFile
from copilot.store.records.versions import Author
from copilot.store.tables.knowledge import files
from tests.store.examples import MAIN, NOON, entry
from tests.store.test_separation import import_job


def read_file(file_id: str) -> StoredFile:
    return StoredFile(
        id=file_id, file_name="tarifs.pdf", media_type="application/pdf", size_bytes=1,
        added_at=NOON, added_by=None,
    )  # fmt: skip


async def reading(store: Store, name: str) -> ImportJob:
    """A job that keeps its file."""
    scope = store.for_client(MAIN)
    job = await scope.create_import_job(import_job(name, "tarifs.pdf"))
    await scope.keep_import_file(name, read_file(f"file-{name}"), b"x")
    return job


async def shown(store: Store, name: str, *, at_version: int) -> None:
    """Apply a job's document."""
    document = Document(
        id="d", name="tarifs.pdf", kind="pdf", address=None, file_id=f"file-{name}", size_bytes=1,
        imported_at=NOON, imported_by=None,
    )  # fmt: skip
    await store.for_client(MAIN).apply_import(
        Incoming(entries=(entry("p", name),), document_id="d"), label="tarifs.pdf",
        author=Author(), at=NOON, base_version=at_version, document=document,
    )  # fmt: skip


async def kept(store: Store) -> set[str]:
    async with store.database.reading() as connection:
        return {*(await connection.execute(select(files.c.id))).scalars()}


async def test_a_discarded_import_takes_its_file_along(store: Store) -> None:
    await reading(store, "a")
    await reading(store, "b")
    scope = store.for_client(MAIN)
    await scope.end_import_job("a", {"state": "discarded"}, only_in="reading", at=NOON)
    assert await kept(store) == {"file-b"}
    assert (await scope.import_job("a")).file_id is None
    with pytest.raises(ConflictError):  # read on by a process that did not know
        await scope.keep_import_file("a", read_file("late"), b"x")
    with pytest.raises(ConflictError):
        await scope.end_import_job("b", {"state": "discarded"}, only_in="ready", at=NOON)
    assert await kept(store) == {"file-b"}


async def test_files_of_documents_and_of_what_can_be_undone_stay(store: Store) -> None:
    scope = store.for_client(MAIN)
    for at_version, name in enumerate(("a", "b")):
        await reading(store, name)
        await shown(store, name, at_version=at_version)
    # Neither was marked as applied, as when the process stops in between.
    for name in ("a", "b"):
        await scope.end_import_job(name, {"state": "discarded"}, only_in="reading", at=NOON)
    assert await kept(store) == {"file-a", "file-b"}
    await scope.undo(2, latest=2, author=Author(), at=NOON)
    assert (await scope.document("d")).file_id == "file-a"


async def test_imports_of_long_ago_are_forgotten_with_files_that_came_to_nothing(
    store: Store,
) -> None:
    scope = store.for_client(MAIN)
    await reading(store, "read")
    await reading(store, "applied")
    await shown(store, "applied", at_version=0)
    await scope.update_import_job("applied", {"state": "applied"}, only_in="reading", at=NOON)
    later = NOON + KEPT + timedelta(days=1)
    await scope.create_import_job(
        dataclasses.replace(import_job("new", "n"), created_at=later, updated_at=later)
    )
    assert await kept(store) == {"file-applied"}
    assert [job.id for job in await scope.import_jobs()] == ["new"]
