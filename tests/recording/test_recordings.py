"""Recordings of a process: killed, restarted, swept, short of disk; on a real store."""

from __future__ import annotations

import asyncio
import errno
import math
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from copilot.bus import InProcessBus
from copilot.callrecord import CallRecord
from copilot.events import Event, Trouble
from copilot.journal import Journal
from copilot.recording.errors import NotAnnouncedError, RecordingOverError
from copilot.recording.folder import RecordingFolder
from copilot.recording.holdback import CAPACITY_S, ROLES, Stretch
from copilot.recording.policy import RecordingPolicy
from copilot.recording.recorder import CallRecorder
from copilot.recording.recordings import Recordings
from copilot.recording.soundfile import RATE_HZ, SoundFile
from copilot.recordingevents import RecordingChanged
from copilot.store import Store
from copilot.store.records.clients import ClientSettings
from copilot.store.records.recordings import Recording
from models.hearing import Final
from telephony.leg import LegRole
from tests.databases import migrated
from tests.keys import KEYS
from tests.recording.sounds import (
    CALLER_HZ,
    OPERATOR_HZ,
    decoded,
    files_under,
    frames_of,
    strength,
    tone,
)
from tests.recording.test_judge import GROUPS, said
from tests.store.examples import MAIN, NOON, client, ringing

ALL = RecordingPolicy(mode="all", told="elsewhere")
UNJUDGED = ClientSettings(recording=ALL, redact=())
JUDGED = ClientSettings(recording=ALL)


@dataclass
class Desk:
    """A store, its recordings, and what was told."""

    store: Store
    recordings: Recordings
    journal: Journal
    told: list[Event] = field(default_factory=list)

    def recorder(self, settings: ClientSettings, call_id: str = "c1") -> CallRecorder:
        log = self.journal.open(MAIN, call_id)
        recorder = self.recordings.open(settings, log, announced=False)
        assert recorder is not None
        return recorder

    async def closed(self) -> Recording:
        """The one recording, once its row is closed: the row tells no event."""
        async with asyncio.timeout(20):
            while True:
                found = await self.store.for_client(MAIN).recordings()
                if found and found[0].state != "open":
                    return found[0]
                await asyncio.sleep(0.01)

    async def sound(self, recording: Recording) -> bytes:
        keys = await self.store.for_client(MAIN).opening_keys()
        with self.recordings.folder.opened(recording, keys) as reader:
            return b"".join(reader.read())

    def changes(self) -> list[tuple[str, str]]:
        return [(e.state, e.reason) for e in self.told if isinstance(e, RecordingChanged)]


@asynccontextmanager
async def desk(folder: Path) -> AsyncIterator[Desk]:
    fresh = not (folder / "souffleur.db").exists()
    url = migrated(folder) if fresh else f"sqlite:///{folder / 'souffleur.db'}"
    async with Store(url, keyring=KEYS) as store, InProcessBus() as bus:
        if fresh:
            await store.provider.save_client(client(MAIN, "Plomberie Delorme"), at=NOON)
            await store.for_client(MAIN).create_call(ringing("c1"))
        journal = Journal(bus=bus, log=CallRecord(store))
        recordings = Recordings(
            store=store, folder=RecordingFolder(folder / "recordings"), now=journal.now
        )
        async with bus.subscribe("c1") as events, journal.running(), recordings:
            there = Desk(store, recordings, journal)

            async def listen() -> None:
                async for event in events:
                    there.told.append(event)

            listening = asyncio.create_task(listen())
            try:
                yield there
            finally:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)


def feed(
    recorder: CallRecorder,
    seconds: float,
    *,
    first_s: float = 0.0,
    settled: Callable[[float], float] = lambda at_s: at_s,
) -> None:
    """Both people talk, each at their pitch; judged as far as `settled` says of each frame."""
    voices: dict[LegRole, int] = {"caller": CALLER_HZ, "operator": OPERATOR_HZ}
    for role, hz in voices.items():
        for frame in frames_of(tone(hz, seconds), first=round(first_s * 50)):
            recorder.take(role, frame, settled_s=settled(frame.start_s))


async def test_a_killed_process_leaves_what_it_wrote_and_the_next_marks_it(
    tmp_path: Path,
) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.recording.killed", str(tmp_path), stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    recorded_s = 0
    async with asyncio.timeout(60):
        while recorded_s < 40:
            recorded_s = int(await process.stdout.readline())
    process.kill()
    await process.wait()
    async with desk(tmp_path) as there:
        (cut,) = await there.store.recordings.interrupted()
        assert cut.state == "open"
        assert await there.recordings.close_interrupted() == 1
        kept = await there.closed()
        assert kept.state == "cut" and kept.ended_at is not None
        assert kept.duration_s is not None and kept.duration_s > 25
        caller, _ = decoded(await there.sound(kept))
        assert strength(caller[10 * RATE_HZ : 20 * RATE_HZ], CALLER_HZ) > 3000
        assert await there.recordings.close_interrupted() == 0


async def test_a_number_dictated_in_groups_never_reaches_the_file(tmp_path: Path) -> None:
    async with desk(tmp_path) as there:
        recorder = there.recorder(JUDGED)
        feed(recorder, 20.0)
        for at, group in enumerate(GROUPS):
            recorder.hear("caller", said(group, 4.0 + 3 * at, number=at + 1))
        feed(recorder, 10.0, first_s=20.0)
        for role in ROLES:
            recorder.leg_over(role, math.inf)
        there.recordings.finish(recorder)
        kept = await there.closed()
        assert kept.state == "whole" and kept.duration_s == 30.0 and kept.gaps_s == 0
        ((begin_s, end_s),) = kept.silenced
        assert begin_s <= 4.0 and 13.0 + 0.5 <= end_s <= 15.0
        caller, operator = decoded(await there.sound(kept))
        for samples, hz in ((caller, CALLER_HZ), (operator, OPERATOR_HZ)):
            inside = samples[round(4.0 * RATE_HZ) : round(13.5 * RATE_HZ)]
            assert strength(inside, hz) < 30
            assert strength(samples[20 * RATE_HZ : 29 * RATE_HZ], hz) > 3000


async def test_what_recognition_gave_up_on_is_silence(tmp_path: Path) -> None:
    async with desk(tmp_path) as there:
        recorder = there.recorder(JUDGED)
        feed(recorder, 5.0)
        recorder.recognition(troubled=True)
        given_up = Final(
            utterance_id=1, text="", heard="", start_s=1.0, end_s=3.0, language="fr", confidence=0
        )
        recorder.hear("caller", given_up)
        for role in ROLES:
            recorder.leg_over(role, math.inf)
        there.recordings.finish(recorder)
        assert (await there.closed()).silenced == ((1.0, 3.0),)


async def test_without_recognition_what_waits_is_bounded_counted_and_told(
    tmp_path: Path,
) -> None:
    async with desk(tmp_path) as there:
        recorder = there.recorder(JUDGED)
        feed(recorder, CAPACITY_S + 5, settled=lambda _: -math.inf)
        for role in ROLES:
            recorder.leg_over(role, -math.inf)
        there.recordings.finish(recorder)
        kept = await there.closed()
        assert kept.gaps_s == pytest.approx(2 * (CAPACITY_S + 5))
        caller, operator = decoded(await there.sound(kept))
        assert max(abs(caller).max(), abs(operator).max()) < 60, "nothing unjudged is kept"
        troubles = [event.code for event in there.told if isinstance(event, Trouble)]
        assert troubles == ["recording_gap"]


@pytest.mark.parametrize(
    ("error", "reason"),
    [(OSError(errno.ENOSPC, "No space left on device"), "disk_full"), (OSError(5, "x"), "failed")],
)
async def test_a_disk_that_fails_ends_the_recording_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, reason: str
) -> None:
    write, stretches = SoundFile.write, 0

    def fails(self: SoundFile, stretch: Stretch) -> None:
        nonlocal stretches
        stretches += 1
        if stretches > 2:
            raise error
        write(self, stretch)

    monkeypatch.setattr(SoundFile, "write", fails)
    async with desk(tmp_path) as there:
        recorder = there.recorder(UNJUDGED)
        feed(recorder, 40.0)
        kept = await there.closed()
        assert kept.state == "failed" and kept.duration_s == 20.0
        feed(recorder, 1.0, first_s=40.0)  # the call goes on, and nobody minds
        with pytest.raises(RecordingOverError):
            recorder.record(True, operator_id="o")
        there.recordings.finish(recorder)
        assert there.changes()[-1] == ("ended", reason)
        assert [e.code for e in there.told if isinstance(e, Trouble)] != []


async def test_nobody_records_a_caller_who_was_not_told(tmp_path: Path) -> None:
    settings = ClientSettings(recording=RecordingPolicy(mode="on_demand"))
    async with desk(tmp_path) as there:
        recorder = there.recorder(settings)
        with pytest.raises(NotAnnouncedError):
            recorder.record(True, operator_id="o")
        feed(recorder, 2.0)
        there.recordings.finish(recorder)
        await recorder.finished()
        assert not files_under(tmp_path / "recordings")
        assert await there.store.for_client(MAIN).recordings() == ()


async def test_files_follow_the_rows_and_no_others_are_touched(tmp_path: Path) -> None:
    async with desk(tmp_path) as there:
        recorder = there.recorder(UNJUDGED)
        feed(recorder, 2.0)
        for role in ROLES:
            recorder.leg_over(role, math.inf)
        there.recordings.finish(recorder)
        kept = await there.closed()
        folder = tmp_path / "recordings" / MAIN
        (folder / "left-over.ogg.sealed").write_bytes(b"x")
        strange = tmp_path / "recordings" / "of-another-house"
        strange.mkdir()
        (strange / "theirs.ogg.sealed").write_bytes(b"x")
        assert (await there.recordings.sweep()).files == 1
        names = {path.name for path in files_under(tmp_path / "recordings")}
        assert names == {kept.file, "theirs.ogg.sealed"}
        await there.store.for_client(MAIN).purge(
            transcripts_before=NOON, calls_before=NOON, recordings_before=NOON, at=NOON
        )
        assert (await there.recordings.sweep()).files == 0, "its call has not ended"
        await there.store.for_client(MAIN).mark_ended("c1", ended_by="caller", reason="r", at=NOON)
        later = NOON + timedelta(days=1)
        await there.store.for_client(MAIN).purge(
            transcripts_before=NOON, calls_before=NOON, recordings_before=later, at=later
        )
        assert (await there.recordings.sweep()).files == 1
        assert not files_under(folder)
