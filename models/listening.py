"""The ear at work: one thread listens to every leg, a few decode, the event loop only hears.

`feed` puts a frame in a bounded box and returns. The listening thread judges the windows of all
legs in one call, cuts utterances and hands out errands; workers decode them; what is heard goes to
the event loop. A worker whose decoding hangs is abandoned with its model and another takes its
place; a final is tried again until it is given.
"""

from __future__ import annotations

import asyncio
import logging
import math
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from models.errors import ModelError, RecognitionFailedError
from models.hearing import Heard, HearingContext, HearingTrouble
from models.recogniser import DecodeRequest, Decoding, Recogniser
from models.scheduler import Errand, Pace, Schedule
from models.segmenter import Segmentation
from models.sound import resample, to_float
from models.track import Belief, Track
from models.vad import VoiceActivity

log = logging.getLogger(__name__)

TICK_S = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """How the ear works."""

    workers: int = 2
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


@dataclass(slots=True, eq=False)
class _Frame:
    pcm: npt.NDArray[np.int16]
    start_s: float
    rate_hz: int


class _Ear:
    """The ear on one leg, as the event loop sees it."""

    def __init__(
        self,
        listener: Listener,
        track: Track,
        on_heard: Callable[[Heard], None],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.track = track
        self.box: deque[_Frame] = deque()
        self.waiting_s = 0.0
        self.lost_s = 0.0
        self.closing = False
        self.finished = False
        self.partial_every_s = 0.0
        self._listener = listener
        self._on_heard = on_heard
        self._loop = loop
        self._closed: asyncio.Future[None] = loop.create_future()

    def feed(
        self, pcm: npt.NDArray[np.int16], *, start_s: float, sample_rate_hz: int = 8000
    ) -> None:
        """Take one frame. Never blocks, never raises."""
        if self.closing:
            return
        self.box.append(_Frame(pcm, start_s, sample_rate_hz))
        # 50 frames a second; the box drops its oldest: late words are worth less than new ones.
        if len(self.box) > self._listener.frames_kept:
            self.box.popleft()
            self.lost_s += 0.02

    @property
    def backlog_s(self) -> float:
        """Sound taken and not looked at yet, seconds."""
        return len(self.box) * 0.02

    async def close(self) -> None:
        """End the leg, once every final it owes was given."""
        self.closing = True
        self._listener.wake()
        await asyncio.shield(self._closed)

    def say(self, heard: Heard) -> None:
        """Give the event loop something heard (from the listening thread)."""
        self._call(self._deliver, heard)

    def done(self) -> None:
        """Let `close` return (from the listening thread)."""
        self._call(self._finish)

    def _call(self, function: Callable[..., None], *args: object) -> None:
        try:
            self._loop.call_soon_threadsafe(function, *args)
        except RuntimeError:
            log.info("leg %s: the event loop is gone", self.track.leg_id)

    def _deliver(self, heard: Heard) -> None:
        if not self._closed.done():
            self._on_heard(heard)

    def _finish(self) -> None:
        if not self._closed.done():
            self._closed.set_result(None)


@dataclass(slots=True, eq=False)
class _Shift:
    """One decoding under way in a worker."""

    errand: Errand
    since_s: float


class _Worker(threading.Thread):
    """Decodes errands until it is told to stop, or abandoned in a hung decoding."""

    def __init__(self, listener: Listener, number: int) -> None:
        super().__init__(name=f"decode-{number}", daemon=True)
        self.listener = listener
        self.shift: _Shift | None = None
        self.abandoned = False

    def run(self) -> None:
        while (errand := self.listener.next_errand(self)) is not None:
            self.listener.report(self, errand, *self._decode(errand))

    def _decode(self, errand: Errand) -> tuple[Decoding | None, BaseException | None]:
        try:
            recogniser = self.listener.recogniser()
            decoding = recogniser.decode(self.listener.request(errand))
            _check(decoding, errand)
        except Exception as error:
            # Whatever a model throws, the call lives: it becomes a HearingTrouble.
            return None, error
        return decoding, None


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
        self._load = load
        self._load_voice_activity = voice_activity
        self._clock = clock
        self._recogniser: Recogniser | None = None
        self._loading = threading.Lock()
        self._lock = threading.Condition()
        self._schedule = Schedule(workers=self.settings.workers, pace=self.settings.pace)
        self._ears: dict[str, _Ear] = {}
        self._reports: deque[tuple[Errand, Decoding | None, BaseException | None, float]] = deque()
        self._workers: list[_Worker] = []
        self._hired = 0
        self._stopping = False
        self._woken = threading.Event()
        self._troubled: str | None = None
        self._thread = threading.Thread(target=self._run, name="listen", daemon=True)
        self.frames_kept = int(self.settings.waiting_audio_s * 50)
        self.ready = threading.Event()

    def open(
        self,
        *,
        leg_id: str,
        context: HearingContext,
        on_heard: Callable[[Heard], None],
        partials: bool = True,
    ) -> _Ear:
        """Start listening to a leg. Call from the event loop that is to hear it."""
        track = Track(
            leg_id=leg_id,
            context=context,
            partials=partials,
            segmentation=self.settings.segmentation,
            belief=self.settings.belief,
        )
        ear = _Ear(self, track, on_heard, asyncio.get_running_loop())
        with self._lock:
            if leg_id in self._ears:
                raise ValueError(f"leg {leg_id} is being listened to already")
            self._ears[leg_id] = ear
        return ear

    @property
    def lag_s(self) -> float:
        """How far the text is behind the voices, seconds; 0 when on time."""
        now_s = self._clock()
        with self._lock:
            behind_s = self._schedule.behind_s(now_s)
            running = [
                now_s - worker.shift.errand.since_s
                for worker in self._workers
                if worker.shift and worker.shift.errand.urgency == "final"
            ]
            boxed_s = max((len(ear.box) * 0.02 for ear in self._ears.values()), default=0.0)
        late_s = max([behind_s, boxed_s, *running])
        return late_s if late_s > 1.0 else 0.0

    @property
    def troubled(self) -> str | None:
        """Code of the trouble recognition is in; None when it works."""
        return self._troubled

    @property
    def late_partials_dropped(self) -> int:
        """Partials replaced by a newer one before they were decoded."""
        return self._schedule.late_partials_dropped

    def start(self) -> None:
        """Start the threads; models load in them, while calls may come in already."""
        self._thread.start()
        for _ in range(self.settings.workers):
            self._hire()
        threading.Thread(target=self._warm, name="load-speech", daemon=True).start()

    def stop(self) -> None:
        """Stop the threads. A hung decoding is left to the end of the process."""
        with self._lock:
            self._stopping = True
            self._lock.notify_all()
        self._woken.set()
        self._thread.join(timeout=5.0)
        for worker in self._workers:
            worker.join(timeout=2.0)
        for ear in self._ears.values():
            ear.done()

    def wake(self) -> None:
        """Have the listening thread look now."""
        self._woken.set()

    # Called by the workers.

    def next_errand(self, worker: _Worker) -> Errand | None:
        """Wait for an errand; `None` ends the worker."""
        with self._lock:
            while not self._stopping and not worker.abandoned:
                errand = self._schedule.take(self._clock())
                if errand is not None:
                    errand.running = True
                    worker.shift = _Shift(errand, self._clock())
                    return errand
                self._lock.wait(timeout=0.25)
        return None

    def request(self, errand: Errand) -> DecodeRequest:
        """What to ask of the recogniser for an errand."""
        with self._lock:
            beam = self._schedule.beam()
        return request_for(errand, beam=beam, words=self.settings.words)

    def recogniser(self) -> Recogniser:
        """The recogniser, loaded by whoever needs it first."""
        with self._loading:
            if self._recogniser is None:
                self._recogniser = self._load()
                self.ready.set()
            return self._recogniser

    def report(
        self,
        worker: _Worker,
        errand: Errand,
        decoding: Decoding | None,
        error: BaseException | None,
    ) -> None:
        """Hand in what became of an errand."""
        with self._lock:
            if worker.abandoned or worker.shift is None:
                return
            took_s = self._clock() - worker.shift.since_s
            worker.shift = None
            errand.running = False
            self._reports.append((errand, decoding, error, took_s))
        self._woken.set()

    # The listening thread.

    def _warm(self) -> None:
        try:
            self.recogniser()
        except Exception as error:
            self._reports.append((_no_errand(), None, error, 0.0))
            self._woken.set()

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
        self._look_after_workers()
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
            every_s = self._partial_every_s(ears)
            for (ear, _), probability in zip(ready, odds, strict=True):
                self._send_out(
                    ear,
                    ear.track.judged(probability, now_s=now_s, partial_every_s=every_s),
                )
            listening = [ear for ear, _ in ready]
            if self._reports:
                self._hand_out_reports()
        for ear in ears:
            self._close_when_done(ear)

    def _partial_every_s(self, ears: list[_Ear]) -> float:
        speaking = sum(ear.track.speaking for ear in ears)
        with self._lock:
            return self._schedule.partial_every_s(speaking)

    def _empty_box(self, ear: _Ear) -> None:
        lost_s, ear.lost_s = ear.lost_s, 0.0
        if lost_s:
            detail = f"{lost_s:.1f} s of sound came faster than it could be listened to"
            ear.say(HearingTrouble(code="sound_lost", detail=detail))
        while ear.box:
            frame = ear.box.popleft()
            try:
                ear.track.take(frame.pcm, start_s=frame.start_s, rate_hz=frame.rate_hz)
            except Exception as error:
                ear.say(HearingTrouble(code="bad_frame", detail=str(error)))

    def _send_out(self, ear: _Ear, errands: list[Errand]) -> None:
        for errand in errands:
            if self._is_echo(ear, errand):
                for heard in ear.track.given_up(errand):
                    ear.say(heard)
                continue
            if errand.urgency == "final" and errand.decoding is not None:
                self._hear(ear, errand, errand.decoding)
                continue
            with self._lock:
                self._schedule.add(errand)
                self._lock.notify()

    def _is_echo(self, ear: _Ear, errand: Errand) -> bool:
        other = self._ears.get(ear.track.context.across or "")
        return other is not None and ear.track.echoes(errand, other.track)

    def _hand_out_reports(self) -> None:
        while self._reports:
            errand, decoding, error, took_s = self._reports.popleft()
            ear = self._ears.get(errand.leg_id)
            if decoding is None:
                self._failed(ear, errand, error or RecognitionFailedError("no result"))
                continue
            self._recovered()
            if errand.urgency == "partial":
                with self._lock:
                    self._schedule.partial_done(took_s)
            errand.decoding = decoding
            if ear is not None:
                self._hear(ear, errand, decoding)

    def _hear(self, ear: _Ear, errand: Errand, decoding: Decoding) -> None:
        for heard in ear.track.decoded(errand, decoding):
            ear.say(heard)
        self._send_out(ear, ear.track.misheard())

    def _close_when_done(self, ear: _Ear) -> None:
        if not ear.closing or ear.box:
            return
        if not ear.finished:
            ear.finished = True
            self._send_out(ear, ear.track.finish(now_s=self._clock()))
            with self._lock:
                self._schedule.drop_leg(ear.track.leg_id)
        if ear.track.owes == 0:
            with self._lock:
                self._ears.pop(ear.track.leg_id, None)
            ear.done()

    # Mishaps.

    def _failed(self, ear: _Ear | None, errand: Errand, error: BaseException) -> None:
        self._trouble(error)
        with self._loading:
            # What raised once may be broken for good: the next decoding loads it afresh.
            self._recogniser = None
        if ear is None or errand.stale or errand.urgency == "partial":
            return
        now_s = self._clock()
        errand.attempts += 1
        if errand.urgency == "final" and now_s - errand.since_s > self.settings.insist_s:
            for heard in ear.track.given_up(errand):
                ear.say(heard)
            return
        errand.not_before_s = now_s + min(5.0, 0.1 * 2**errand.attempts)
        with self._lock:
            self._schedule.add(errand)
            self._lock.notify()

    def _look_after_workers(self) -> None:
        now_s = self._clock()
        for worker in list(self._workers):
            shift = worker.shift
            if shift is None or now_s - shift.since_s < self.settings.hang_s:
                continue
            with self._lock:
                if worker.shift is not shift:
                    continue
                worker.abandoned = True
                self._workers.remove(worker)
                shift.errand.running = False
            self._hire()
            error = RecognitionFailedError(f"a decoding took over {self.settings.hang_s:.0f} s")
            self._failed(self._ears.get(shift.errand.leg_id), shift.errand, error)

    def _hire(self) -> None:
        self._hired += 1
        worker = _Worker(self, self._hired)
        self._workers.append(worker)
        worker.start()

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


def request_for(errand: Errand, *, beam: int, words: bool) -> DecodeRequest:
    """What an errand asks of the recogniser."""
    final = errand.urgency != "partial"
    return DecodeRequest(
        audio=resample(to_float(errand.pcm), from_hz=errand.rate_hz),
        effort="final" if final else "partial",
        beam=beam if final else 1,
        languages=errand.languages,
        against=errand.against,
        vocabulary=errand.vocabulary,
        words=words and final,
    )


def _check(decoding: Decoding, errand: Errand) -> None:
    """Refuse what no recogniser should return."""
    seconds = len(errand.pcm) / errand.rate_hz
    if not isinstance(decoding, Decoding) or not isinstance(decoding.text, str):
        raise RecognitionFailedError(f"the recogniser returned a {type(decoding).__name__}")
    times = [moment for word in decoding.words for moment in (word.start_s, word.end_s)]
    numbers = (decoding.average_logprob, *decoding.language_scores.values(), *times)
    if not all(map(math.isfinite, numbers)) or len(decoding.text) > 200 + 60 * seconds:
        raise RecognitionFailedError("the recogniser returned garbage")
    if not decoding.text.isascii() and any("\ud800" <= char <= "\udfff" for char in decoding.text):
        raise RecognitionFailedError("the recogniser returned text that is no Unicode")


def _no_errand() -> Errand:
    return Errand(
        leg_id="",
        utterance_id=0,
        urgency="partial",
        pcm=np.zeros(0, np.int16),
        rate_hz=8000,
        start_s=0.0,
        end_s=0.0,
        speech_s=0.0,
        peak=0.0,
        since_s=0.0,
        stale=True,
    )


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
