"""Where an utterance starts and ends. Pure: windows of voice activity in, events out.

An utterance starts before the first window that sounds like speech (pre-roll), pauses when silence
lasts long enough to be worth a speculative decoding, and ends when the silence outlasts the
patience that the words so far deserve. One that never pauses is cut at its quietest point.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Literal, TypeAlias

Phrase = Literal["complete", "unsure", "open"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Segmentation:
    """How speech is cut into utterances."""

    speech_probability: float = 0.5
    """A window at least this likely starts an utterance."""
    doubtful_probability: float = 0.22
    """Windows above this add up: quiet or noisy speech starts an utterance too, a little later."""
    evidence: float = 0.35
    """How much they must add up to."""
    silence_probability: float = 0.3
    """A window below this is silence inside an utterance."""
    pre_roll_s: float = 0.35
    tail_s: float = 0.2
    """Silence kept after the last window of speech: voices fade below the threshold."""
    speculate_after_s: float = 0.2
    patience_s: dict[Phrase, float] | None = None
    """Silence that ends an utterance, by what was said; `None` is 0.4, 0.6 and 1 s."""
    long_s: float = 14.0
    """Past this length, any pause of `patience_long_s` ends the utterance."""
    patience_long_s: float = 0.35
    most_s: float = 24.0
    cut_within_s: float = 8.0
    """The cut of an endless utterance is the quietest point of its last seconds."""

    def patience(self, phrase: Phrase) -> float:
        """Silence that ends an utterance whose words so far look `phrase`."""
        return (self.patience_s or {"complete": 0.4, "unsure": 0.6, "open": 1.0})[phrase]


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """An utterance begins at `start_s` (pre-roll included)."""

    start_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused:
    """The voice fell silent at `end_s`; the utterance may be over."""

    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """The voice goes on: what was guessed at the pause is stale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """An utterance is over; `end_s` is the end of its speech, tail not counted."""

    start_s: float
    end_s: float
    speech_s: float
    """How much of it sounded like speech."""
    peak: float
    """Highest probability of speech in it."""
    cut: bool = False
    """Cut in the flow of speech: another utterance starts where this one ends."""


Segment: TypeAlias = Started | Paused | Resumed | Ended


@dataclass(slots=True, kw_only=True)
class _Utterance:
    start_s: float
    last_speech_s: float
    speech_s: float = 0.0
    peak: float = 0.0
    paused: bool = False
    phrase: Phrase = "unsure"


class Segmenter:
    """Cuts one leg into utterances. Times are those of the windows given, in order."""

    def __init__(self, segmentation: Segmentation | None = None) -> None:
        self.segmentation = segmentation or Segmentation()
        self._utterance: _Utterance | None = None
        self._evidence = 0.0
        self._doubt_start_s: float | None = None
        self._free_from_s = 0.0
        self._quiet: deque[tuple[float, float]] = deque()

    @property
    def speaking(self) -> bool:
        """Whether an utterance is under way."""
        return self._utterance is not None

    @property
    def start_s(self) -> float | None:
        """Start of the utterance under way."""
        return self._utterance.start_s if self._utterance else None

    @property
    def speech_s(self) -> float:
        """Speech in the utterance under way."""
        return self._utterance.speech_s if self._utterance else 0.0

    @property
    def peak(self) -> float:
        """Highest probability of speech in the utterance under way."""
        return self._utterance.peak if self._utterance else 0.0

    @property
    def paused(self) -> bool:
        """Whether the voice is silent for now, inside an utterance."""
        return self._utterance is not None and self._utterance.paused

    def expect(self, phrase: Phrase) -> None:
        """Say what the words of the utterance under way look like so far."""
        if self._utterance:
            self._utterance.phrase = phrase

    def step(
        self, *, start_s: float, end_s: float, probability: float, loudness_db: float
    ) -> list[Segment]:
        """Take one window."""
        if self._utterance is None:
            return self._listen(start_s, end_s, probability, loudness_db)
        return self._follow(self._utterance, end_s, probability, loudness_db)

    def finish(self) -> list[Segment]:
        """The leg is over: end the utterance under way."""
        return [self._end(self._utterance)] if self._utterance else []

    def _listen(
        self, start_s: float, end_s: float, probability: float, loudness_db: float
    ) -> list[Segment]:
        settings = self.segmentation
        self._evidence = max(
            0.0, 0.92 * self._evidence + probability - settings.doubtful_probability
        )
        if self._evidence == 0.0:
            self._doubt_start_s = None
        elif self._doubt_start_s is None:
            self._doubt_start_s = start_s
        sure = probability >= settings.speech_probability
        if not sure and self._evidence < settings.evidence:
            return []
        onset_s = start_s if self._doubt_start_s is None else self._doubt_start_s
        begin_s = max(self._free_from_s, onset_s - settings.pre_roll_s)
        self._utterance = _Utterance(
            start_s=begin_s,
            last_speech_s=end_s,
            speech_s=end_s - start_s,
            peak=probability,
        )
        self._quiet.clear()
        self._quiet.append((end_s, loudness_db))
        return [Started(start_s=begin_s)]

    def _follow(
        self, utterance: _Utterance, end_s: float, probability: float, loudness_db: float
    ) -> list[Segment]:
        settings = self.segmentation
        self._remember(end_s, loudness_db)
        found: list[Segment] = []
        utterance.peak = max(utterance.peak, probability)
        if probability >= settings.silence_probability:
            utterance.speech_s += max(0.0, min(end_s - utterance.last_speech_s, 0.05))
            utterance.last_speech_s = end_s
            if utterance.paused:
                utterance.paused = False
                found.append(Resumed())
        silence_s = end_s - utterance.last_speech_s
        if silence_s >= self._patience(utterance, end_s):
            return [*found, self._end(utterance)]
        if silence_s >= settings.speculate_after_s and not utterance.paused:
            utterance.paused = True
            found.append(Paused(end_s=utterance.last_speech_s))
        if end_s - utterance.start_s >= settings.most_s:
            found += self._cut(utterance, end_s)
        return found

    def _patience(self, utterance: _Utterance, end_s: float) -> float:
        settings = self.segmentation
        patience_s = settings.patience(utterance.phrase)
        if end_s - utterance.start_s > settings.long_s:
            return min(patience_s, settings.patience_long_s)
        return patience_s

    def _remember(self, end_s: float, loudness_db: float) -> None:
        self._quiet.append((end_s, loudness_db))
        while self._quiet and end_s - self._quiet[0][0] > self.segmentation.cut_within_s:
            self._quiet.popleft()

    def _end(self, utterance: _Utterance) -> Ended:
        self._utterance = None
        self._evidence = 0.0
        self._doubt_start_s = None
        self._free_from_s = utterance.last_speech_s
        return Ended(
            start_s=utterance.start_s,
            end_s=utterance.last_speech_s,
            speech_s=utterance.speech_s,
            peak=utterance.peak,
        )

    def _cut(self, utterance: _Utterance, end_s: float) -> list[Segment]:
        """End at the quietest point (three windows wide) and go on from there."""
        points = list(self._quiet)
        widths = [
            (sum(level for _, level in points[max(0, i - 1) : i + 2]), points[i][0])
            for i in range(max(0, len(points) - 1))
        ]
        cut_s = min(widths)[1] if widths else end_s
        ended = Ended(
            start_s=utterance.start_s,
            end_s=cut_s,
            speech_s=utterance.speech_s,
            peak=utterance.peak,
            cut=True,
        )
        self._free_from_s = cut_s
        self._utterance = _Utterance(
            start_s=cut_s,
            last_speech_s=max(cut_s, utterance.last_speech_s),
            speech_s=max(0.0, end_s - cut_s),
            peak=utterance.peak,
        )
        return [ended, Started(start_s=cut_s)]
