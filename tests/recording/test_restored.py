"""Recordings in a backup: back with their rows, and gone again where they were erased."""

from __future__ import annotations

import io
import math
from pathlib import Path

from copilot.recording.folder import Checked, RecordingFolder
from copilot.recording.holdback import ROLES
from copilot.store import Store
from copilot.store.audit import Actor
from copilot.store.backup import read_backup, write_backup
from copilot.store.database import Database
from copilot.store.tombstones import TombstoneFile, erase_again
from tests.keys import KEYS
from tests.recording.sounds import decoded, files_under
from tests.recording.test_recordings import UNJUDGED, Desk, desk, feed
from tests.store.examples import MAIN, NOON

LEA = Actor(id="u1", name="Léa", role="administrator")


async def recorded(there: Desk) -> bytes:
    """One recording, closed; its sound."""
    recorder = there.recorder(UNJUDGED)
    feed(recorder, 3.0)
    for role in ROLES:
        recorder.leg_over(role, math.inf)
    there.recordings.finish(recorder)
    return await there.sound(await there.closed())


async def test_a_restored_recording_plays_and_an_erased_one_is_gone_again(tmp_path: Path) -> None:
    backup, stones = io.BytesIO(), TombstoneFile(tmp_path / "erasures.jsonl")
    here = tmp_path / "here"
    here.mkdir()
    async with desk(here) as there:
        sound = await recorded(there)
        _, contents = await write_backup(
            there.store.database, KEYS, backup, files=here / "recordings", at=NOON
        )
        assert contents.files == 1
        scope = there.store.for_client(MAIN)
        await scope.mark_ended("c1", ended_by="caller", reason="r", at=NOON)
        await scope.erase_calls(["c1"], actor=LEA, reason="demande", at=there.journal.now())
        await stones.sync(there.store)
    url, folder = f"sqlite:///{tmp_path / 'back.db'}", RecordingFolder(tmp_path / "back")
    database = Database(url, keyring=KEYS)
    await read_backup(database, KEYS, backup, files=folder.path)
    await database.close()
    async with Store(url, keyring=KEYS) as store:
        scope = store.for_client(MAIN)
        (kept,) = await scope.recordings()
        with folder.opened(kept, await scope.opening_keys()) as reader:
            assert reader.complete and b"".join(reader.read()) == sound
        assert decoded(sound).shape[1] > 40_000
        assert (await folder.sweep(store, at=NOON)).files == 0
        assert await folder.check(store) == Checked(whole=1, lost=0)
        (path,) = files_under(folder.path)
        whole = path.read_bytes()
        path.write_bytes(whole[:-40] + bytes(40))
        assert await folder.check(store) == Checked(whole=0, lost=1), "a changed one is noticed"
        path.write_bytes(whole)
        assert await erase_again(store, stones.read(), at=NOON) == 1
        assert (await folder.sweep(store, at=NOON)).files == 1
        assert files_under(folder.path) == []
