"""Every recording of this process: begun with its call, brought to its end at the latest here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from types import TracebackType

from copilot.journal import CallLog
from copilot.keyfile import KeyFileError
from copilot.recording.folder import RecordingFolder, Swept
from copilot.recording.policy import beginning
from copilot.recording.recorder import CallRecorder
from copilot.recording.soundfile import duration_s
from copilot.store.records.clients import ClientSettings
from copilot.store.records.recordings import Recording
from copilot.store.sealing import DataKey
from copilot.store.store import Store

logger = logging.getLogger(__name__)

LEAVE_WITHIN_S = 10.0
"""At shutdown; what is not closed by then is at the next start."""

CLOSED_WITHIN = timedelta(minutes=1)
"""After its call's end, at the latest."""


class Recordings:
    """Use as `async with Recordings(...)`."""

    def __init__(
        self, *, store: Store, folder: RecordingFolder, now: Callable[[], datetime]
    ) -> None:
        self.folder = folder
        self._store = store
        self._now = now
        # One thread: an hour of talk takes it seconds, and no call's disk takes all the cores.
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="record")
        self._ending: set[asyncio.Task[None]] = set()
        """One a call that was recorded, until its file is closed."""

    def open(
        self, settings: ClientSettings, log: CallLog, *, announced: bool
    ) -> CallRecorder | None:
        """The recorder of a call that begins now, or None where nothing may ever be recorded.

        `announced`: the caller heard the client's announcement to its end, in this call.
        """
        policy = settings.recording
        how = beginning(policy, log.call_id, announced=announced)
        if how == "no":
            return None
        recorder = CallRecorder(
            log=log,
            scope=self._store.for_client(log.client_id),
            folder=self.folder,
            executor=self._executor,
            redact=tuple(settings.redact),
            announced=how != "not_announced",
        )
        match how:
            case "at_once":
                recorder.begin("sampled" if policy.mode == "sampled" else "client")
            case "on_demand" | "not_announced":
                recorder.offer(how)
        return recorder

    def finish(self, recorder: CallRecorder) -> None:
        """Its call is over: let it end by itself."""
        recorder.end()
        task = asyncio.create_task(recorder.finished(), name="recording ends")
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def close_interrupted(self, *, others: bool = False) -> int:
        """Mark what the last stop cut off, with how long it plays; how many there were. For a
        process that knows that it is the only one, before it takes calls; where there are `others`,
        only what calls have left that are long over, of the files that are here."""
        over = self._now() - CLOSED_WITHIN if others else None
        interrupted = await self._store.recordings.interrupted(ended_before=over)
        closed = 0
        for recording in interrupted:
            scope = self._store.for_client(recording.client_id)
            keys = await scope.opening_keys()
            found = await asyncio.to_thread(self._as_found, recording, keys)
            if found.state == "lost" and others:
                continue
            await scope.close_recording(replace(found, ended_at=self._now()))
            closed += 1
        return closed

    async def sweep(self) -> Swept:
        """Take away the files that no row names; tried again every hour. Raises StoreError."""
        try:
            return await self.folder.sweep(self._store, at=self._now())
        except OSError:
            logger.exception("the folder of recordings cannot be read")
            return Swept(files=0, left=1)

    async def __aenter__(self) -> Recordings:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        if self._ending:
            _done, late = await asyncio.wait(tuple(self._ending), timeout=LEAVE_WITHIN_S)
            for task in late:
                task.cancel()
        await asyncio.to_thread(self._executor.shutdown, wait=True, cancel_futures=True)

    def _as_found(self, recording: Recording, keys: dict[str, DataKey]) -> Recording:
        try:
            with self.folder.opened(recording, keys) as reader:
                plays_s = duration_s(reader)
                if reader.complete:
                    return replace(recording, state="whole", duration_s=plays_s)
                return replace(recording, state="cut", duration_s=plays_s)
        except (OSError, KeyFileError) as error:
            logger.warning("the recording of call %s is lost: %s", recording.call_id, error)
            return replace(recording, state="lost", duration_s=0.0)
