"""One leg being heard: its sound, its utterances, what is known of its words so far.

No thread, no clock, no model: frames and windows in, errands out; decodings in, heard text out.
The live ear and the evaluation drive the same object.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from models.agreement import Agreement
from models.echo import MOST_DELAY_S, leaked
from models.hearing import Final, Heard, HearingContext, LanguageHeard, Partial, Word
from models.inventions import invented
from models.languages import Leaning, telling
from models.phrases import phrase_of
from models.recogniser import Decoding
from models.scheduler import Errand, Urgency
from models.segmenter import Ended, Paused, Resumed, Segment, Segmentation, Segmenter, Started
from models.sound import loudness_db, to_float
from models.soundtrack import Pcm, Soundtrack, at_rate
from models.spoken_numbers import written
from models.vad import WINDOW_SAMPLES, VoiceState

LEAST_PARTIAL_S = 0.35
"""Speech below which a partial is a guess at noise."""
MISHEARD_KEPT = 3
"""Utterances kept to be put into words again, should the leg turn out to speak another language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """When a decoding is taken for words, and not for what Whisper makes of noise."""

    no_speech: float = 0.6
    logprob_when_no_speech: float = -0.7
    least_logprob: float = -1.6
    faint_peak: float = 0.6
    """Utterances where voice activity never went above this..."""
    least_logprob_faint: float = -0.75
    """... must decode at least this well."""

    def holds(self, decoding: Decoding, *, peak: float) -> bool:
        """Whether somebody said that."""
        if invented(decoding.text):
            return False
        if (
            decoding.no_speech > self.no_speech
            and decoding.average_logprob < self.logprob_when_no_speech
        ):
            return False
        floor = self.least_logprob_faint if peak < self.faint_peak else self.least_logprob
        return decoding.average_logprob >= floor


@dataclass(slots=True, kw_only=True)
class _Spoken:
    """The utterance under way."""

    number: int
    start_s: float
    agreement: Agreement = field(default_factory=Agreement)
    guess: Errand | None = None
    last_partial_s: float = -math.inf
    draft: str = ""
    """The newest words of it, however provisional."""


class Track:
    """What the ear holds for one leg."""

    def __init__(
        self,
        *,
        leg_id: str,
        context: HearingContext,
        partials: bool = True,
        segmentation: Segmentation | None = None,
        belief: Belief | None = None,
    ) -> None:
        self.leg_id = leg_id
        self.context = context
        self.partials = partials
        self._leaning = Leaning(languages=context.languages or ("fr",))
        self._segmenter = Segmenter(segmentation)
        self._belief = belief or Belief()
        self._sound: Soundtrack | None = None
        self._spoken: _Spoken | None = None
        self._count = 0
        self._owed: list[Errand] = []
        self._kept_back: dict[int, Final] = {}
        """Finals that wait for an earlier one, by the identity of their errand."""
        self._doubted: list[Errand] = []
        """Given in the language of the leg, though they sounded like another."""
        self._misheard: list[Errand] = []

    @property
    def owes(self) -> int:
        """Finals asked for and not given yet."""
        return len(self._owed)

    @property
    def languages(self) -> tuple[str, ...]:
        """The language the leg speaks, then those it may change to."""
        return self._leaning.languages

    @property
    def speaking(self) -> bool:
        """Whether an utterance is under way."""
        return self._segmenter.speaking

    @property
    def settled_s(self) -> float:
        """Everything the leg said before is given, or was no speech; on the leg's clock."""
        if self._sound is None:
            return -math.inf
        spoken = self._spoken
        begun = [spoken.start_s] if spoken is not None else []
        owed = [errand.start_s for errand in self._owed]
        return min([self._sound.window_s, *begun, *owed])

    def take(self, pcm: Pcm, *, start_s: float, rate_hz: int) -> None:
        """Take a frame. Any rate; what is not 8 or 16 kHz is brought to 16 kHz."""
        if pcm.dtype != np.int16 or pcm.ndim != 1:
            raise ValueError(f"a frame is a row of int16 samples, not {pcm.dtype}{pcm.shape}")
        if rate_hz not in WINDOW_SAMPLES:
            pcm, rate_hz = at_rate(pcm, rate_hz, 16_000), 16_000
        if self._sound is None:
            self._sound = Soundtrack(rate_hz=rate_hz, start_s=start_s)
        self._sound.append(pcm, start_s=start_s, rate_hz=rate_hz)

    def window(self) -> tuple[VoiceState, npt.NDArray[np.float32]] | None:
        """The next window to judge, or `None` until more sound comes."""
        if self._sound is None or (audio := self._sound.window()) is None:
            return None
        return self._sound.voice, audio

    def judged(self, probability: float, *, now_s: float, partial_every_s: float) -> list[Errand]:
        """Move past the window that `window` gave, knowing how likely it is speech."""
        sound = self._sound
        if sound is None:
            return []
        start_s = sound.window_s
        audio = sound.advance()
        segments = self._segmenter.step(
            start_s=start_s,
            end_s=sound.window_s,
            probability=probability,
            loudness_db=loudness_db(audio),
        )
        errands = self._follow(segments, sound, now_s)
        if not segments:
            errands += self._partial_due(sound, now_s, partial_every_s)
        return errands

    def finish(self, *, now_s: float) -> list[Errand]:
        """The leg is over; call when `window` gives nothing more."""
        if self._sound is None:
            return []
        return self._follow(self._segmenter.finish(), self._sound, now_s)

    def decoded(self, errand: Errand, decoding: Decoding) -> list[Heard]:
        """Take the words of an errand."""
        if errand.urgency == "final":
            if errand not in self._owed or id(errand) in self._kept_back:
                return []
            changed = self._learn_language(errand, decoding)
            return [*changed, *self._in_order(errand, self._final(errand, decoding))]
        spoken = self._spoken
        if spoken is None or spoken.number != errand.utterance_id:
            return []
        if not self._belief.holds(decoding, peak=errand.peak):
            return []
        # A stale guess is of no use but this: what follows begins with the same words.
        spoken.draft = decoding.text
        if errand.stale:
            return []
        self._segmenter.expect(phrase_of(decoding.text, logprob=decoding.average_logprob))
        return self._partial(spoken, decoding, errand.end_s) if self.partials else []

    def given_up(self, errand: Errand) -> list[Heard]:
        """Nothing could decode a final: it is given without words rather than not at all."""
        if errand not in self._owed or id(errand) in self._kept_back:
            return []
        return self._in_order(errand, self._empty(errand, self.languages[0]))

    def echoes(self, errand: Errand, other: Track) -> bool:
        """Whether an errand of this leg holds the voice of the other leg, leaking."""
        if other._sound is None:
            return False
        end_s = min(errand.start_s + len(errand.pcm) / errand.rate_hz, other._sound.end_s)
        heard = errand.pcm[: max(0, round((end_s - errand.start_s) * errand.rate_hz))]
        source = other._sound.between(errand.start_s - MOST_DELAY_S, end_s)
        source = at_rate(source, other._sound.rate_hz, errand.rate_hz)
        return leaked(to_float(heard), to_float(source), rate_hz=errand.rate_hz)

    def misheard(self) -> list[Errand]:
        """Finals given already that must be put into words again, in the language of the leg."""
        again, self._misheard = self._misheard, []
        self._owed += again
        return again

    def _in_order(self, errand: Errand, final: Final) -> list[Heard]:
        """The finals that may be given now: one that overtook an earlier one waits for it."""
        self._kept_back[id(errand)] = final
        given: list[Heard] = []
        while self._owed and id(self._owed[0]) in self._kept_back:
            given.append(self._kept_back.pop(id(self._owed.pop(0))))
        return given

    def _follow(self, segments: Iterable[Segment], sound: Soundtrack, now_s: float) -> list[Errand]:
        errands: list[Errand] = []
        for segment in segments:
            match segment:
                case Started():
                    self._count += 1
                    self._spoken = _Spoken(number=self._count, start_s=segment.start_s)
                case Paused():
                    errands += self._guess(sound, segment.end_s, now_s)
                case Resumed():
                    self._forget_guess_of(self._spoken)
                case Ended():
                    errands += self._end(sound, segment, now_s)
        return errands

    def _guess(self, sound: Soundtrack, end_s: float, now_s: float) -> list[Errand]:
        spoken = self._spoken
        if spoken is None:
            return []
        spoken.guess = self._errand("guess", sound, spoken, end_s, now_s)
        return [spoken.guess]

    def _forget_guess_of(self, spoken: _Spoken | None) -> None:
        if spoken and spoken.guess:
            spoken.guess.stale = True
            spoken.guess = None

    def _end(self, sound: Soundtrack, ended: Ended, now_s: float) -> list[Errand]:
        spoken, self._spoken = self._spoken, None
        if spoken is None:
            return []
        guess = spoken.guess
        if guess is not None and not ended.cut:
            guess.urgency = "final"
            guess.endpoint_s = sound.window_s
            self._owed.append(guess)
            return [guess]
        self._forget_guess_of(spoken)
        tail_s = 0.0 if ended.cut else self._segmenter.segmentation.tail_s
        errand = self._errand("final", sound, spoken, ended.end_s, now_s, tail_s=tail_s)
        errand.speech_s, errand.peak = ended.speech_s, ended.peak
        errand.endpoint_s = sound.window_s
        self._owed.append(errand)
        return [errand]

    def _partial_due(self, sound: Soundtrack, now_s: float, every_s: float) -> list[Errand]:
        spoken = self._spoken
        if not self.partials or spoken is None or self._segmenter.paused:
            return []
        if self._segmenter.speech_s < LEAST_PARTIAL_S or now_s - spoken.last_partial_s < every_s:
            return []
        spoken.last_partial_s = now_s
        return [self._errand("partial", sound, spoken, sound.window_s, now_s, tail_s=0.0)]

    def _errand(
        self,
        urgency: Urgency,
        sound: Soundtrack,
        spoken: _Spoken,
        end_s: float,
        now_s: float,
        *,
        tail_s: float = 0.2,
    ) -> Errand:
        languages = self.languages if urgency != "partial" else self.languages[:1]
        return Errand(
            leg_id=self.leg_id,
            utterance_id=spoken.number,
            urgency=urgency,
            pcm=sound.between(spoken.start_s, end_s + tail_s),
            rate_hz=sound.rate_hz,
            start_s=spoken.start_s,
            end_s=end_s,
            speech_s=self._segmenter.speech_s,
            peak=self._segmenter.peak,
            since_s=now_s,
            languages=languages,
            against=self._leaning.against,
            vocabulary=self.context.vocabulary,
            draft=spoken.draft,
        )

    def _partial(self, spoken: _Spoken, decoding: Decoding, end_s: float) -> list[Heard]:
        settled, provisional = spoken.agreement.hear(decoding.text)
        return [
            Partial(
                utterance_id=spoken.number,
                settled=settled,
                provisional=provisional,
                start_s=spoken.start_s,
                end_s=end_s,
            )
        ]

    def _final(self, errand: Errand, decoding: Decoding) -> Final:
        if not self._belief.holds(decoding, peak=errand.peak):
            return self._empty(errand, decoding.language)
        words = tuple(
            Word(
                text=word.text,
                start_s=errand.start_s + word.start_s,
                end_s=errand.start_s + word.end_s,
                probability=word.probability,
            )
            for word in decoding.words
        )
        return Final(
            utterance_id=errand.utterance_id,
            text=written(decoding.text, language=decoding.language),
            heard=decoding.text,
            start_s=words[0].start_s if words else errand.start_s,
            end_s=errand.end_s,
            language=decoding.language,
            confidence=math.exp(min(0.0, decoding.average_logprob)),
            words=words,
            endpoint_s=errand.endpoint_s,
        )

    def _empty(self, errand: Errand, language: str) -> Final:
        return Final(
            utterance_id=errand.utterance_id,
            text="",
            heard="",
            start_s=errand.start_s,
            end_s=errand.end_s,
            language=language,
            confidence=0.0,
            endpoint_s=errand.endpoint_s,
        )

    def _learn_language(self, errand: Errand, decoding: Decoding) -> list[Heard]:
        """Gather evidence; when the leg changed its language, say so and look back."""
        scores = decoding.language_scores
        if not scores or not self._belief.holds(decoding, peak=errand.peak):
            return []
        before = self._leaning.current
        duration_s = len(errand.pcm) / errand.rate_hz
        if decoding.language == before and not telling(decoding.text):
            scores = {}
        self._leaning = self._leaning.after(
            scores, language=decoding.language, duration_s=duration_s
        )
        if self._leaning.current == before:
            if scores and max(scores, key=lambda code: scores[code]) != before:
                self._doubted = [*self._doubted, errand][-MISHEARD_KEPT:]
            return []
        self._misheard = [
            replace(doubted, languages=(decoding.language,), decoding=None, attempts=0)
            for doubted in self._doubted
            if doubted.decoding and doubted.decoding.language == before
        ]
        self._doubted = []
        return [LanguageHeard(language=decoding.language, utterance_id=errand.utterance_id)]
