"""Imports that are stopped: the reader is killed, nothing is half applied, and it is told."""

from __future__ import annotations

import asyncio
import dataclasses
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from copilot import imports as imports_module
from copilot.imports import SILENT_FOR, Imports
from copilot.store import Store
from copilot.store.records.versions import Author
from knowledge.documents.reading import ImportingError, Reading
from knowledge.documents.sandbox import Stop
from tests.databases import migrated
from tests.keys import KEYS
from tests.store.examples import MAIN, NOON, client, entry

SOMEBODY = Author(user_id="u", name="Camille")


class Reader:
    """Reads without end, in a real process."""

    def __init__(self) -> None:
        self.started = threading.Event()
        self.ended_with: int | None = None

    def __call__(self, path: Path, *, stop: Stop, **_: object) -> Reading:
        process = subprocess.Popen(
            [sys.executable, "-c", "import signal; signal.pause()"], start_new_session=True
        )
        stop.watch(process)
        self.started.set()
        self.ended_with = process.wait(30)
        raise ImportingError("import_limits", french="fini.", english="done.")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    url = migrated(tmp_path)
    async with Store(url, keyring=KEYS) as store:
        await store.provider.save_client(client(MAIN, "Delorme"), at=NOON)
        yield store


def upload(folder: Path) -> Path:
    path = folder / "upload"
    path.write_bytes(b"question,answer\nq,a\n")
    return path


async def test_a_stop_kills_the_reader_and_says_so(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = Reader()
    monkeypatch.setattr(imports_module, "read_file", reader)
    scope = store.for_client(MAIN)
    await scope.create_entry(entry("e1"), author=SOMEBODY, at=NOON)
    before = await scope.stored_entries()
    imports = Imports(store, changed=lambda *_: None, now=lambda: NOON)
    path = upload(tmp_path)
    job = await imports.start_file(MAIN, path, name="faq.csv", mode="replace", author=SOMEBODY)
    assert await asyncio.to_thread(reader.started.wait, 10)
    await imports.close()
    stopped = await imports.job(MAIN, job.id)
    assert (stopped.state, (stopped.failure or {})["code"]) == ("failed", "import_interrupted")
    assert await scope.stored_entries() == before
    assert not path.exists()
    # The reader's thread ends with its process: asyncio waits for it.
    await asyncio.get_running_loop().shutdown_default_executor()
    assert reader.ended_with == -signal.SIGKILL


async def test_a_job_whose_process_died_is_told_as_interrupted(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Imports, "_begin", lambda *_: None)
    now = NOON
    imports = Imports(store, changed=lambda *_: None, now=lambda: now)
    job = await imports.start_file(
        MAIN, upload(tmp_path), name="faq.csv", mode="replace", author=SOMEBODY
    )
    now = NOON + SILENT_FOR
    assert (await imports.job(MAIN, job.id)).state == "reading"
    now += timedelta(seconds=1)
    (told,) = await imports.jobs(MAIN)
    assert (told.state, (told.failure or {})["code"]) == ("failed", "import_interrupted")


async def test_a_job_that_waits_for_its_turn_is_not_told_as_interrupted(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports_module, "read_file", Reader())
    monkeypatch.setattr(imports_module, "BEAT_EVERY_S", 0.01)
    now = NOON
    imports = Imports(store, changed=lambda *_: None, now=lambda: now)
    jobs = [
        await imports.start_file(
            MAIN, upload(tmp_path), name=f"{name}.csv", mode="replace", author=SOMEBODY
        )
        for name in ("long", "waiting")
    ]
    now = NOON + 2 * SILENT_FOR
    for job in jobs:
        for _ in range(500):
            if (found := await imports.job(MAIN, job.id)).state == "reading":
                break
            await asyncio.sleep(0.02)
        assert found.state == "reading", job.name
    await imports.close()


@pytest.mark.parametrize("elsewhere", [False, True])
async def test_discarding_stops_the_reader_and_lets_the_next_one_begin(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, elsewhere: bool
) -> None:
    reader = Reader()
    monkeypatch.setattr(imports_module, "read_file", reader)
    monkeypatch.setattr(imports_module, "BEAT_EVERY_S", 0.01)
    imports = Imports(store, changed=lambda *_: None, now=lambda: NOON)
    other = Imports(store, changed=lambda *_: None, now=lambda: NOON)
    path = upload(tmp_path)
    job = await imports.start_file(MAIN, path, name="faq.csv", mode="replace", author=SOMEBODY)
    assert await asyncio.to_thread(reader.started.wait, 10)
    await (other if elsewhere else imports).discard(MAIN, job.id)
    async with asyncio.timeout(10):
        await imports.settled()
    await asyncio.get_running_loop().shutdown_default_executor()
    assert reader.ended_with == -signal.SIGKILL
    assert (await imports.job(MAIN, job.id)).state == "discarded"
    assert not path.exists()


async def test_an_import_thrown_away_while_it_is_applied_changes_nothing(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []
    imports = Imports(store, changed=lambda _, number: told.append(number), now=lambda: NOON)
    job = await imports.start_file(
        MAIN, upload(tmp_path), name="faq.csv", mode="replace", author=SOMEBODY
    )
    await imports.settled()
    seen = await imports.job(MAIN, job.id)
    await imports.discard(MAIN, job.id)

    async def as_it_was(*_: object) -> object:
        return seen

    scope = store.for_client(MAIN)
    with monkeypatch.context() as racing:
        racing.setattr(type(scope), "import_job", as_it_was)
        with pytest.raises(ImportingError) as refused:
            await imports.apply(MAIN, job.id, token=(seen.summary or {})["token"], author=SOMEBODY)
    assert refused.value.code == "import_stale"
    assert await scope.entries() == () and told == []
    assert (await imports.job(MAIN, job.id)).state == "discarded"


async def test_a_question_typed_in_is_changed_not_asked_twice(store: Store, tmp_path: Path) -> None:
    scope = store.for_client(MAIN)
    typed = dataclasses.replace(entry("typed", "Oui."), question="Livrez-vous le dimanche ?")
    await scope.create_entry(typed, author=SOMEBODY, at=NOON)
    imports = Imports(store, changed=lambda *_: None, now=lambda: NOON)
    path = tmp_path / "upload"
    path.write_text("question;réponse\nLivrez-vous le dimanche ?;Non, le samedi.\n")
    job = await imports.start_file(MAIN, path, name="faq.csv", mode="merge", author=SOMEBODY)
    await imports.settled()
    summary = (await imports.job(MAIN, job.id)).summary or {}
    counts = [summary[name] for name in ("added", "changed", "removed", "unchanged")]
    assert (counts, summary["problems"]) == ([0, 1, 0, 0], [])
    await imports.apply(MAIN, job.id, token=summary["token"], author=SOMEBODY)
    (now,) = await scope.entries()
    assert (now.entry_id, now.answer, now.tags) == ("typed", "Non, le samedi.", typed.tags)
