"""One call's recording: frames and finals in, a sealed file out; the call never waits for it.

    off ─> recording <─> paused ─> ended       its task: ─> row ─> file ─> stretches ─> row closed

What fails ends the recording with a `Trouble`, and nothing else.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import math
from concurrent.futures import Executor
from dataclasses import replace

from copilot.events import Trouble
from copilot.journal import CallLog
from copilot.keyfile import KeyFileError
from copilot.recording.errors import NotAnnouncedError, RecordingOverError
from copilot.recording.folder import RecordingFolder
from copilot.recording.holdback import FRAMES_PER_S, MARGIN_S, ROLES, Holdback, Stretch, position
from copilot.recording.judge import Judge
from copilot.recording.soundfile import EncodingError, SoundFile
from copilot.recordingevents import RecordingChanged, RecordingReason, RecordingState
from copilot.store.errors import StoreError
from copilot.store.records.recordings import Recording, RecordingFileState
from copilot.store.store import ClientScope
from models.hearing import Final
from telephony.leg import Frame, LegRole

logger = logging.getLogger(__name__)

CLOSE_AGAIN_S = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""While the database is away; a row that stays open is closed at the next start."""
FAILURES = (OSError, EncodingError, StoreError, KeyFileError)


class CallRecorder:
    """Of one call whose client may have it recorded. `end` and await `finished`."""

    def __init__(
        self,
        *,
        log: CallLog,
        scope: ClientScope,
        folder: RecordingFolder,
        executor: Executor,
        redact: tuple[str, ...],
        announced: bool,
    ) -> None:
        """`announced`: the caller heard what must be heard before anything is recorded.
        `executor`: one thread, where sound is encoded and written, of all calls in turn."""
        self.state: RecordingState = "off"
        self._log, self._scope, self._folder = log, scope, folder
        self._executor = executor
        self._announced = announced
        self._judge = Judge(redact)
        self._hold: Holdback | None = None
        self._fed: dict[LegRole, int] = {}
        self._missed = 0
        self._over: set[LegRole] = set()
        self._troubled = False
        self._hushed = self._stopped = False
        self._ending = False
        self._told_gap = False
        self._silenced: list[tuple[float, float]] = []
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    # The call's sound and words. None of these waits.

    @property
    def held_s(self) -> float:
        """Sound that waits; whoever plays a recording fast waits for it."""
        return 0.0 if self._hold is None else self._hold.held_s

    def take(self, role: LegRole, frame: Frame, *, settled_s: float) -> None:
        """A frame of a leg; everything it said before `settled_s` was given to `hear`."""
        at = position(frame.start_s)
        missed = max(0, at - self._fed.get(role, at))
        self._fed[role] = at + 1
        if self.state not in ("recording", "paused"):
            return
        if self._hold is None:
            self._hold = Holdback(at)
        hold = self._hold
        if self.state == "recording":
            self._missed += missed
            hold.put(role, frame)
            if hold.lost and not self._told_gap:
                self._told_gap = True
                self._tell_trouble("recording_gap", f"more than {hold.held_s:.0f} s waited")
        else:
            hold.reach(role, at + 1)
        if self._judge.kinds:
            waits_from_s = self._judge.waits_from_s(role, settled_s)
            hold.settle(role, settled_s, waits_from_s=waits_from_s)
        else:
            hold.settle(role, frame.start_s + MARGIN_S + 1 / FRAMES_PER_S)
        if at % FRAMES_PER_S == 0:
            self._woken.set()

    def hear(self, role: LegRole, final: Final) -> None:
        """What was said, before anything was taken out of it."""
        spans = self._judge.hear(role, final)
        if self._troubled and not final.text and self._judge.kinds:
            spans = (*spans, (final.start_s, final.end_s))  # given up: nobody knows what was said
        if self._hold is not None:
            for begin_s, end_s in spans:
                self._hold.silence(begin_s, end_s)

    def recognition(self, *, troubled: bool) -> None:
        """Whether finals may now come without their words."""
        self._troubled = troubled

    def leg_over(self, role: LegRole, settled_s: float) -> None:
        """Nothing more comes of it; judged up to `settled_s`, infinite when all of it was."""
        self._over.add(role)
        if self._hold is not None:
            if self._judge.kinds and settled_s != math.inf:
                self._hold.give_up(role, settled_s)
            self._hold.settle(role, math.inf)
        self._woken.set()

    # What is wanted of it.

    def offer(self, reason: RecordingReason) -> None:
        """Tell that it may be begun, or why it may not."""
        self._tell("off", reason)

    def begin(self, reason: RecordingReason, *, operator_id: str = "") -> None:
        """Record from now on."""
        self._task = asyncio.create_task(self._run(), name=f"record-{self._log.call_id}")
        self._tell(self._wanted, reason, operator_id)

    def record(self, recording: bool, *, operator_id: str) -> None:
        """The operator begins, pauses or resumes it. Idempotent.

        Raises NotAnnouncedError, RecordingOverError.
        """
        if self.state == "ended" or self._ending:
            raise RecordingOverError(self._log.call_id)
        if self.state == "off":
            if not recording:
                return
            if not self._announced:
                raise NotAnnouncedError(self._log.call_id)
            self.begin("operator", operator_id=operator_id)
            return
        self._stopped = not recording
        self._follow("operator", operator_id)

    def hush(self, hushed: bool, *, operator_id: str) -> None:
        """Everything is paused, or goes on; what the operator paused alone stays so."""
        self._hushed = hushed
        self._follow("transcription", operator_id)

    @property
    def _wanted(self) -> RecordingState:
        return "paused" if self._stopped or self._hushed else "recording"

    def _follow(self, reason: RecordingReason, operator_id: str) -> None:
        if self.state in ("recording", "paused") and self.state != self._wanted:
            self._tell(self._wanted, reason, operator_id)

    def end(self) -> None:
        """The call is over. Idempotent."""
        self._ending = True
        for role in ROLES:
            if role not in self._over:
                self.leg_over(role, -math.inf)
        self._woken.set()

    async def finished(self) -> None:
        """Wait until the file and its row are closed. After `end`."""
        if self._task is not None:
            await asyncio.shield(self._task)

    # The file.

    async def _run(self) -> None:
        recording: Recording | None = None
        file: SoundFile | None = None
        loop = asyncio.get_running_loop()
        try:
            hold = await self._first_sound()
            if hold is None:
                return
            recording = self._described(hold)
            await self._scope.open_recording(recording)
            key = await self._scope.sealing_key()
            file = await loop.run_in_executor(self._executor, self._folder.create, recording, key)
            while (stretch := await self._next(hold)) is not None:
                await loop.run_in_executor(self._executor, file.write, stretch)
                self._remember(stretch, recording)
            size = await loop.run_in_executor(self._executor, file.close)
            await self._close(recording, file, state="whole", size=size)
            self._tell("ended", "call_ended")
        except FAILURES as error:
            await self._fail(error, recording, file)
        except BaseException:  # cancelled: what was written stays, the next start closes its row
            if file is not None:
                file.give_up()
            raise

    async def _first_sound(self) -> Holdback | None:
        """Where the recording begins; None when the call ends before."""
        while self._hold is None and not self._ending:
            self._woken.clear()
            await self._woken.wait()
        return self._hold

    async def _next(self, hold: Holdback) -> Stretch | None:
        """The next stretch to write; None when the call is over and everything was."""
        while True:
            if (stretch := hold.due()) is not None:
                return stretch
            if self._ending:
                return None
            self._woken.clear()
            await self._woken.wait()

    def _described(self, hold: Holdback) -> Recording:
        return Recording(
            client_id=self._scope.client_id,
            call_id=self._log.call_id,
            file=self._folder.new_name(),
            state="open",
            began_at=self._log.now(),
            begins_s=hold.begin / FRAMES_PER_S,
        )

    def _remember(self, stretch: Stretch, recording: Recording) -> None:
        for begin, end in stretch.silenced:
            first = round(begin / FRAMES_PER_S - recording.begins_s, 2)
            last = round(end / FRAMES_PER_S - recording.begins_s, 2)
            if self._silenced and first <= self._silenced[-1][1]:
                self._silenced[-1] = (self._silenced[-1][0], max(last, self._silenced[-1][1]))
            else:
                self._silenced.append((first, last))

    async def _fail(
        self, error: Exception, recording: Recording | None, file: SoundFile | None
    ) -> None:
        full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
        logger.error(
            "the recording of call %s ended", self._log.call_id, exc_info=None if full else error
        )
        self._tell_trouble("disk_full" if full else "recording_failed", str(error))
        self._tell("ended", "disk_full" if full else "failed")
        if file is not None:
            file.give_up()
        if recording is not None:
            await self._close(recording, file, state="lost" if file is None else "failed")
        self._hold = None

    async def _close(
        self,
        recording: Recording,
        file: SoundFile | None,
        *,
        state: RecordingFileState,
        size: int | None = None,
    ) -> None:
        """Say in its row what became of it, again while the database is away."""
        lost = (self._hold.lost if self._hold else 0) + self._missed
        closed = replace(
            recording,
            state=state,
            ended_at=self._log.now(),
            duration_s=file.frames / FRAMES_PER_S if file else 0.0,
            size_bytes=size,
            gaps_s=round(lost / FRAMES_PER_S, 2),
            silenced=tuple(self._silenced),
        )
        for wait_s in (*CLOSE_AGAIN_S, None):
            try:
                await self._scope.close_recording(closed)
                return
            except StoreError as error:
                logger.warning("a recording's end is not kept yet: %s", error)
            if wait_s is not None:
                await asyncio.sleep(wait_s)

    def _tell(self, state: RecordingState, reason: RecordingReason, operator_id: str = "") -> None:
        self.state = state
        self._log.tell(
            RecordingChanged(
                **self._log.stamp(), state=state, reason=reason, operator_id=operator_id
            )
        )

    def _tell_trouble(self, code: str, detail: str) -> None:
        self._log.tell(Trouble(**self._log.stamp(), part="recording", code=code, detail=detail))
