"""The ear at work: one thread listens to every leg, a few decode, the event loop only hears.

`feed` puts a frame in the leg's box and returns (`models.ear`). The listening thread judges the
windows of all legs in one call, cuts utterances and hands out errands; a crew decodes them
(`models.crew`); what is heard goes to the event loop. A final is tried again until it is given.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from models.crew import Crew
from models.ear import FRAME_S, Ear
from models.errors import ModelError, RecognitionFailedError
from models.hearing import Heard, HearingContext, HearingTrouble
from models.recogniser import Decoding, Recogniser
from models.scheduler import Errand, Pace, Schedule
from models.segmenter import Segmentation
from models.track import Belief, Track
from models.vad import VoiceActivity

log = logging.getLogger(__name__)

TICK_S = 0.03
LATE_S = 1.0
"""Text later than this is said to be late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """How the ear works."""

    workers: int = 2
    batch: int = 1
    """Utterances decoded in one call, of all legs: more than one pays on a graphics card."""
    words: bool = True
    """Give the time of each word of a final."""
    hang_s: float = 12.0
    """A decoding longer than this is given up, and its worker with it."""
    insist_s: float = 60.0
    """A final that fails is tried again for this long, then given without words."""
    waiting_audio_s: float = 120.0
    """Sound a leg may have waiting while models load; beyond, the oldest is lost."""
    segmentation: Segmentation = field(default_factory=Segmentation)
    belief: Belief = field(default_factory=Belief)
    pace: Pace = field(default_factory=Pace)


class Listener:
    """The shared ear of the process (the `Hearing` protocol)."""

    def __init__(
        self,
        load: Callable[[], Recogniser],
        *,
        settings: Listening | None = None,
        voice_activity: Callable[[], VoiceActivity] = VoiceActivity,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = settings or Listening()
        self._load_voice_activity = voice_activity
        self._clock = clock
        self._lock = threading.Lock()
        self._ears: dict[str, Ear] = {}
        self._woken = threading.Event()
        self._stopping = False
        self._troubled: str | None = None
        self._thread = threading.Thread(target=self._run, name="listen", daemon=True)
        self._crew = Crew(
            load,
            Schedule(workers=self.settings.workers, pace=self.settings.pace),
            words=self.settings.words,
            batch=self.settings.batch,
            hang_s=self.settings.hang_s,
            clock=clock,
            wake=self._woken.set,
        )

    def open(
        self,
        *,
        leg_id: str,
        context: HearingContext,
        on_heard: Callable[[Heard], None],
        partials: bool = True,
    ) -> Ear:
        """Start listening to a leg. Call from the event loop that is to hear it."""
        track = Track(
            leg_id=leg_id,
            context=context,
            partials=partials,
            segmentation=self.settings.segmentation,
            belief=self.settings.belief,
        )
        ear = Ear(
            track,
            on_heard,
            frames_kept=int(self.settings.waiting_audio_s / FRAME_S),
            wake=self._woken.set,
            loop=asyncio.get_running_loop(),
        )
        with self._lock:
            if leg_id in self._ears:
                raise ValueError(f"leg {leg_id} is being listened to already")
            self._ears[leg_id] = ear
        return ear

    @property
    def ready(self) -> threading.Event:
        """Set once the recogniser is loaded."""
        return self._crew.ready

    @property
    def lag_s(self) -> float:
        """How far the text is behind the voices, seconds; 0 when on time."""
        with self._lock:
            boxed_s = max((ear.backlog_s for ear in self._ears.values()), default=0.0)
        late_s = max(self._crew.behind_s(), boxed_s)
        return late_s if late_s > LATE_S else 0.0

    @property
    def waiting(self) -> int:
        """How many phrases, whole or begun, wait to be decoded."""
        return self._crew.waiting

    @property
    def troubled(self) -> str | None:
        """Code of the trouble recognition is in; None when it works."""
        return self._troubled

    @property
    def late_partials_dropped(self) -> int:
        """Partials replaced by a newer one before they were decoded."""
        return self._crew.late_partials_dropped

    def start(self) -> None:
        """Start the threads; models load in them, while calls may come in already."""
        self._thread.start()
        self._crew.start()

    def stop(self) -> None:
        """Stop the threads. A hung decoding is left to the end of the process."""
        self._stopping = True
        self._woken.set()
        self._crew.stop()
        self._thread.join(timeout=5.0)
        for ear in self._ears.values():
            ear.done()

    # The listening thread.

    def _run(self) -> None:
        voice_activity: VoiceActivity | None = None
        while not self._stopping:
            self._woken.wait(timeout=TICK_S)
            self._woken.clear()
            try:
                if voice_activity is None:
                    voice_activity = self._load_voice_activity()
                self._tick(voice_activity)
            except Exception as error:
                log.exception("listening failed")
                self._trouble(error)
                time.sleep(0.5)

    def _tick(self, voice_activity: VoiceActivity) -> None:
        with self._lock:
            ears = list(self._ears.values())
        for report in self._crew.replace_hung():
            self._failed(report.errand, report.error)
        self._hand_out_reports()
        for ear in ears:
            self._empty_box(ear)
        listening = ears
        while listening:
            now_s = self._clock()
            ready = [(ear, window) for ear in listening if (window := ear.track.window())]
            if not ready:
                break
            odds = voice_activity.probabilities([window for _, window in ready])
            every_s = self._crew.partial_every_s(sum(ear.track.speaking for ear in ears))
            for (ear, _), probability in zip(ready, odds, strict=True):
                self._send_out(
                    ear,
                    ear.track.judged(probability, now_s=now_s, partial_every_s=every_s),
                )
            listening = [ear for ear, _ in ready]
            if self._crew.has_reports:
                self._hand_out_reports()
        for ear in ears:
            ear.settle()
            self._close_when_done(ear)

    def _empty_box(self, ear: Ear) -> None:
        if lost_s := ear.lost_s():
            detail = f"{lost_s:.1f} s of sound came faster than it could be listened to"
            ear.say(HearingTrouble(code="sound_lost", detail=detail))
        while (frame := ear.next_frame()) is not None:
            try:
                ear.track.take(frame.pcm, start_s=frame.start_s, rate_hz=frame.rate_hz)
            except Exception as error:
                ear.say(HearingTrouble(code="bad_frame", detail=str(error)))

    def _send_out(self, ear: Ear, errands: list[Errand]) -> None:
        for errand in errands:
            if self._is_echo(ear, errand):
                for heard in ear.track.given_up(errand):
                    ear.say(heard)
                continue
            if errand.urgency == "final" and errand.decoding is not None:
                self._hear(ear, errand, errand.decoding)
                continue
            self._crew.add(errand)

    def _is_echo(self, ear: Ear, errand: Errand) -> bool:
        other = self._ears.get(ear.track.context.across or "")
        return other is not None and ear.track.echoes(errand, other.track)

    def _hand_out_reports(self) -> None:
        while (report := self._crew.next_report()) is not None:
            errand, decoding = report.errand, report.decoding
            if errand is None or decoding is None:
                self._failed(errand, report.error)
                continue
            self._recovered()
            errand.decoding = decoding
            if (ear := self._ears.get(errand.leg_id)) is not None:
                self._hear(ear, errand, decoding)

    def _hear(self, ear: Ear, errand: Errand, decoding: Decoding) -> None:
        for heard in ear.track.decoded(errand, decoding):
            ear.say(heard)
        self._send_out(ear, ear.track.misheard())

    def _close_when_done(self, ear: Ear) -> None:
        if not ear.closing or ear.backlog_s:
            return
        if not ear.finished:
            ear.finished = True
            self._send_out(ear, ear.track.finish(now_s=self._clock()))
            self._crew.drop_leg(ear.track.leg_id)
        if ear.track.owes == 0:
            ear.settle()
            with self._lock:
                self._ears.pop(ear.track.leg_id, None)
            ear.done()

    # Mishaps.

    def _failed(self, errand: Errand | None, error: BaseException | None) -> None:
        """Say so, and have a final tried again a little later, until it is late beyond use."""
        self._trouble(error or RecognitionFailedError("no result"))
        ear = self._ears.get(errand.leg_id) if errand else None
        if errand is None or ear is None or errand.stale or errand.urgency == "partial":
            return
        now_s = self._clock()
        errand.attempts += 1
        if errand.urgency == "final" and now_s - errand.since_s > self.settings.insist_s:
            for heard in ear.track.given_up(errand):
                ear.say(heard)
            return
        errand.not_before_s = now_s + min(5.0, 0.1 * 2**errand.attempts)
        self._crew.add(errand)

    def _trouble(self, error: BaseException) -> None:
        code = error.code if isinstance(error, ModelError) else "recognition_failed"
        detail = str(error) or type(error).__name__
        if self._troubled != code:
            self._troubled = code
            log.warning("recognition is interrupted (%s): %s", code, detail)
            self._tell_all(HearingTrouble(code=code, detail=detail))

    def _recovered(self) -> None:
        if self._troubled is not None:
            code, self._troubled = self._troubled, None
            log.info("recognition works again")
            self._tell_all(HearingTrouble(code=code, detail="", recovered=True))

    def _tell_all(self, trouble: HearingTrouble) -> None:
        for ear in list(self._ears.values()):
            ear.say(trouble)


@asynccontextmanager
async def open_hearing(
    load: Callable[[], Recogniser], *, settings: Listening | None = None
) -> AsyncIterator[Listener]:
    """The ear of the process, from start to stop. Returns before the models are loaded."""
    listener = Listener(load, settings=settings)
    listener.start()
    try:
        yield listener
    finally:
        await asyncio.to_thread(listener.stop)
