"""The threads that decode, and the recogniser they share.

A worker whose decoding hangs is abandoned with its recogniser and another takes its place. One that
raises goes on: a single bad utterance says nothing of the recogniser, which is loaded afresh only
when decodings fail one after the other.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from models.errors import RecognitionFailedError
from models.recogniser import DecodeRequest, Decoding, Recogniser
from models.scheduler import Errand, Schedule
from models.sound import centred, resample, to_float

FAILURES_TO_RELOAD = 3
"""Decodings that fail in a row before the recogniser is taken for broken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What became of an errand; without an errand, of loading the recogniser."""

    errand: Errand | None
    decoding: Decoding | None = None
    error: BaseException | None = None
    took_s: float = 0.0
    """Its share of the time, where several were decoded together."""


@dataclass(frozen=True, slots=True, eq=False)
class _Shift:
    """What is under way in a worker."""

    errands: tuple[Errand, ...]
    """One, or as many as are decoded together."""
    since_s: float


class _Worker(threading.Thread):
    """Decodes errands until it is told to stop, or abandoned in a hung decoding."""

    def __init__(self, crew: Crew, number: int) -> None:
        super().__init__(name=f"decode-{number}", daemon=True)
        self.crew = crew
        self.shift: _Shift | None = None
        self.abandoned = False

    def run(self) -> None:
        while errands := self.crew.next_errands(self):
            self.crew.report(self, errands, self._decode(errands))

    def _decode(self, errands: Sequence[Errand]) -> list[Decoding | Exception]:
        found: Sequence[Decoding | Exception]
        try:
            requests = [self.crew.request(errand) for errand in errands]
            recogniser = self.crew.recogniser()
            if len(requests) == 1:
                found = [recogniser.decode(requests[0])]
            else:
                found = recogniser.decode_together(requests)
            return [_checked(*each) for each in zip(found, errands, strict=True)]
        except Exception as error:
            # Whatever a model throws, the call lives: it becomes a HearingTrouble.
            return [error] * len(errands)


class Crew:
    """Workers, what waits for them, and what they report."""

    def __init__(
        self,
        load: Callable[[], Recogniser],
        schedule: Schedule,
        *,
        words: bool,
        batch: int,
        hang_s: float,
        clock: Callable[[], float],
        wake: Callable[[], None],
    ) -> None:
        self.ready = threading.Event()
        """The recogniser is loaded."""
        self._load = load
        self._schedule = schedule
        self._words = words
        self._batch = batch
        self._hang_s = hang_s
        self._clock = clock
        self._wake = wake
        self._recogniser: Recogniser | None = None
        self._failures = 0
        self._loading = threading.Lock()
        self._lock = threading.Condition()
        self._reports: deque[Report] = deque()
        self._workers: list[_Worker] = []
        self._hired = 0
        self._stopping = False

    def start(self) -> None:
        """Start the threads; the recogniser loads in one of them."""
        for _ in range(self._schedule.workers):
            self._hire()
        threading.Thread(target=self._warm, name="load-speech", daemon=True).start()

    def stop(self) -> None:
        """Stop the threads. A hung decoding is left to the end of the process."""
        with self._lock:
            self._stopping = True
            self._lock.notify_all()
        for worker in self._workers:
            worker.join(timeout=2.0)

    def add(self, errand: Errand) -> None:
        """Have an errand done."""
        with self._lock:
            self._schedule.add(errand)
            self._lock.notify()

    def drop_leg(self, leg_id: str) -> None:
        """Forget the guesses and partials of a leg that is over."""
        with self._lock:
            self._schedule.drop_leg(leg_id)

    def partial_every_s(self, speaking: int) -> float:
        """How often a leg may ask for a partial while `speaking` legs speak."""
        with self._lock:
            return self._schedule.partial_every_s(speaking)

    @property
    def late_partials_dropped(self) -> int:
        """Partials replaced by a newer one before they were decoded."""
        return self._schedule.late_partials_dropped

    @property
    def waiting(self) -> int:
        """How many errands wait for somebody."""
        with self._lock:
            return len(self._schedule)

    def behind_s(self) -> float:
        """Age of the oldest final that waits or is being decoded."""
        now_s = self._clock()
        with self._lock:
            running = [
                now_s - errand.since_s
                for worker in self._workers
                for errand in (worker.shift.errands if worker.shift else ())
                if errand.urgency == "final"
            ]
            return max([self._schedule.behind_s(now_s), *running])

    @property
    def has_reports(self) -> bool:
        """Whether `next_report` gives something."""
        return bool(self._reports)

    def next_report(self) -> Report | None:
        """The oldest report not read."""
        if not self._reports:
            return None
        report = self._reports.popleft()
        if report.decoding is not None:
            self._failures = 0
            if report.errand is not None and report.errand.urgency == "partial":
                with self._lock:
                    self._schedule.partial_done(report.took_s)
        else:
            self._failures += 1
            if self._failures >= FAILURES_TO_RELOAD:
                self._discard_recogniser()
        return report

    def replace_hung(self) -> list[Report]:
        """Put new workers in the place of those whose decoding hangs; gives what they were at."""
        now_s = self._clock()
        reports = []
        for worker in list(self._workers):
            shift = worker.shift
            if shift is None or now_s - shift.since_s < self._hang_s:
                continue
            with self._lock:
                if worker.shift is not shift:
                    continue
                worker.abandoned = True
                self._workers.remove(worker)
                for errand in shift.errands:
                    errand.running = False
            self._discard_recogniser()
            self._hire()
            error = RecognitionFailedError(f"a decoding took over {self._hang_s:.0f} s")
            reports += [Report(errand=errand, error=error) for errand in shift.errands]
        return reports

    # Called by the workers.

    def next_errands(self, worker: _Worker) -> Sequence[Errand]:
        """Wait for an errand, or several to decode together; none ends the worker."""
        with self._lock:
            while not self._stopping and not worker.abandoned:
                now_s = self._clock()
                errands = self._schedule.take_together(now_s, self._batch)
                if errands:
                    for errand in errands:
                        errand.running = True
                    worker.shift = _Shift(tuple(errands), now_s)
                    return errands
                self._lock.wait(timeout=0.25)
        return ()

    def request(self, errand: Errand) -> DecodeRequest:
        """What to ask of the recogniser for an errand."""
        with self._lock:
            beam = self._schedule.beam()
        return request_for(errand, beam=beam, words=self._words)

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
        errands: Sequence[Errand],
        found: Sequence[Decoding | Exception],
    ) -> None:
        """Hand in what became of each errand."""
        with self._lock:
            if worker.abandoned or worker.shift is None:
                return
            took_s = (self._clock() - worker.shift.since_s) / len(errands)
            worker.shift = None
            for errand, result in zip(errands, found, strict=True):
                errand.running = False
                self._reports.append(_report(errand, result, took_s))
        self._wake()

    def _warm(self) -> None:
        try:
            self.recogniser()
        except Exception as error:
            self._reports.append(Report(errand=None, error=error))
            self._wake()

    def _hire(self) -> None:
        self._hired += 1
        worker = _Worker(self, self._hired)
        self._workers.append(worker)
        worker.start()

    def _discard_recogniser(self) -> None:
        """The next decoding loads it afresh."""
        self._failures = 0
        with self._loading:
            self._recogniser = None


def request_for(errand: Errand, *, beam: int, words: bool) -> DecodeRequest:
    """What an errand asks of the recogniser."""
    final = errand.urgency != "partial"
    # An offset that begins and ends with the utterance would click at both ends once resampled.
    audio = centred(to_float(errand.pcm))
    return DecodeRequest(
        audio=resample(audio, from_hz=errand.rate_hz),
        effort="final" if final else "partial",
        beam=beam if final else 1,
        languages=errand.languages,
        against=errand.against,
        vocabulary=errand.vocabulary,
        draft=errand.draft,
        words=words and final,
    )


def _report(errand: Errand, result: Decoding | Exception, took_s: float) -> Report:
    if isinstance(result, Exception):
        return Report(errand=errand, error=result, took_s=took_s)
    return Report(errand=errand, decoding=result, took_s=took_s)


def _checked(result: Decoding | Exception, errand: Errand) -> Decoding | Exception:
    """What was found, or why it cannot be: garbage is refused."""
    if isinstance(result, Exception):
        return result
    try:
        _check(result, errand)
    except Exception as error:
        return error
    return result


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
