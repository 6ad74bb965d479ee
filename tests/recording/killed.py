"""Records a call for ever, to be killed: `python -m tests.recording.killed FOLDER`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from copilot.bus import InProcessBus
from copilot.callrecord import CallRecord
from copilot.journal import Journal
from copilot.recording.folder import RecordingFolder
from copilot.recording.holdback import ROLES
from copilot.recording.policy import RecordingPolicy
from copilot.recording.recordings import Recordings
from copilot.store import Store, migrate
from copilot.store.records.clients import ClientSettings
from tests.keys import KEYS
from tests.recording.sounds import CALLER_HZ, frames_of, tone
from tests.store.examples import MAIN, NOON, client, ringing

SETTINGS = ClientSettings(recording=RecordingPolicy(mode="all", told="elsewhere"), redact=())


async def record(folder: Path) -> None:
    url = f"sqlite:///{folder / 'souffleur.db'}"
    await migrate(url, keyring=KEYS)
    async with Store(url, keyring=KEYS) as store, InProcessBus() as bus:
        await store.provider.save_client(client(MAIN, "Plomberie Delorme"), at=NOON)
        await store.for_client(MAIN).create_call(ringing("c1"))
        journal = Journal(bus=bus, log=CallRecord(store))
        sealed = RecordingFolder(folder / "recordings")
        async with journal.running(), Recordings(store=store, folder=sealed, now=journal.now) as to:
            recorder = to.open(SETTINGS, journal.open(MAIN, "c1"), announced=False)
            assert recorder is not None
            first = 0
            while True:
                for frame in frames_of(tone(CALLER_HZ, 1.0), first=first):
                    for role in ROLES:
                        recorder.take(role, frame, settled_s=0.0)
                first += 50
                await asyncio.sleep(0.08)
                print(first // 50, flush=True)


if __name__ == "__main__":
    asyncio.run(record(Path(sys.argv[1])))
