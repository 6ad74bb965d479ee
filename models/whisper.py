"""Whisper, with an audio context cut to the utterance.

`faster_whisper` pads every utterance to 30 s. The encoder accepts fewer frames, so the utterance
is encoded with a little silence after it, which decodes as well for a fraction of the work
(docs/benchmarks/asr.md); when the result looks wrong, it is decoded again at full context.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.bias import worth_expecting, written_in
from models.engine import Engine, Search, Writing
from models.engines import EngineName, Engines
from models.gate import Gate, before_loop, compression
from models.hearing import Word
from models.languages import TRUST, Leaning, Scores, telling
from models.mel import FRAMES_PER_S, log_mel
from models.recogniser import RECOGNISER_RATE_HZ, DecodeRequest, Decoding
from models.sound import level
from models.whispertokens import WhisperTokens

log = logging.getLogger(__name__)

FULL_CONTEXT_S = 30.0
SILENCE_AFTER_S = 1.0
"""Silence encoded after the utterance."""
JOINED_FRAMES = 4 * FRAMES_PER_S
"""Silence added after that to what the encoder made (of a spectrogram; no more than up to thirty
seconds in all): encoded once, at the place where it goes."""
STEP_S = 0.1
DOUBT = -0.3
"""A final whose greedy decoding is less sure than this (mean log-probability) gets a beam."""
NAMED_LOGPROB = 0.25
"""A decoding that writes an expected name may be this much less likely than the plain one."""
ASK_AGAIN_LOGPROB = -0.5
"""Below this, a leg whose language was settled is asked for it again."""
FOREIGN_LOGPROB = 0.03
"""Words in another language must be this much likelier than in the one spoken so far."""
REHEARSED_TOKENS_PER_S = 5.0
TOKENS_PER_S = 9.0
"""No French speaker measured goes past 8 tokens a second; beyond, the decoder is looping."""


def context_frames(duration_s: float, *, silence_after_s: float = SILENCE_AFTER_S) -> int:
    """Mel frames to encode for an utterance: its length and the silence, in tenths of seconds."""
    steps = -(-(duration_s + silence_after_s) // STEP_S)
    # An even number: the encoder halves it.
    return round(min(FULL_CONTEXT_S, steps * STEP_S) * FRAMES_PER_S / 2) * 2


class WhisperRecogniser:
    """A Whisper model; one object serves several threads."""

    def __init__(
        self,
        folder: Path,
        *,
        workers: int = 1,
        threads: int = 1,
        device: str = "cpu",
        compute_type: str = "int8",
        engine: EngineName = "auto",
        short: bool | None = None,
        gate: Gate | None = None,
    ) -> None:
        """Load the model in a CTranslate2 folder.

        `auto` computes in ONNX Runtime where that is the faster (8 bits on a processor), and in
        CTranslate2 elsewhere. `short` encodes no more than there is: the rule on a processor; a
        graphics card takes thirty seconds each time, several utterances in one call.

        Raises `ModelDamagedError` when the files cannot be loaded.
        """
        self._engines = Engines(
            folder,
            workers=workers,
            threads=threads,
            device=device,
            compute_type=compute_type,
            engine=engine,
            short=short,
        )
        multilingual = self._engines.usual.multilingual
        self._tokens = WhisperTokens(folder, multilingual=multilingual)
        self._gate = gate or Gate()

    @property
    def engine(self) -> str:
        """What computes, for people."""
        return self._engines.usual.name

    def decode(self, request: DecodeRequest) -> Decoding:
        """Decode one utterance of at most 30 s; longer audio is cut there."""
        return self._decoder(request).decoding()

    def decode_together(self, requests: Sequence[DecodeRequest]) -> list[Decoding | Exception]:
        """Decode several in their order. The engine encodes and writes them in one call; what one
        of them needs beyond that (full context, another language, names) it gets alone."""
        decoders = [self._decoder(request) for request in requests]
        found: list[Decoding | Exception] = []
        for decoder, first in zip(decoders, _first_versions(decoders), strict=True):
            try:
                found.append(decoder.decoding(first))
            except Exception as error:
                # Whatever the engine throws is this utterance's, not the others'.
                found.append(error)
        return found

    def _decoder(self, request: DecodeRequest) -> _Decoder:
        audio = level(request.audio[: int(FULL_CONTEXT_S * RECOGNISER_RATE_HZ)])
        engine = self._engines.of(request.languages)
        return _Decoder(engine, self._tokens, self._gate, request, audio)

    def rehearse(self, *, beam: int, duration_s: float = 3.0, batch: int = 1) -> None:
        """Do the work of `batch` utterances of that length at once, to measure this machine."""
        count = int(duration_s * RECOGNISER_RATE_HZ)
        noise = np.random.default_rng(0).normal(0.0, 0.1, count).astype(np.float32)
        request = DecodeRequest(audio=noise, effort="final", beam=beam)
        decoder = _Decoder(self._engines.usual, self._tokens, self._gate, request, noise)
        decoder.rehearse(most=int(duration_s * REHEARSED_TOKENS_PER_S), batch=batch)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Encoded:
    """The utterance, encoded."""

    features: Any
    frames: int
    """Of the spectrogram."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Version:
    """One decoding, with what it was made from."""

    decoding: Decoding
    writing: Writing
    encoded: _Encoded


class _Decoder:
    """One utterance being put into words."""

    def __init__(
        self,
        engine: Engine[Any],
        tokens: WhisperTokens,
        gate: Gate,
        request: DecodeRequest,
        audio: npt.NDArray[np.float32],
    ) -> None:
        self._engine = engine
        self._tokens = tokens
        self._gate = gate
        self._request = request
        self._audio = audio
        self._duration_s = len(audio) / RECOGNISER_RATE_HZ

    def decoding(self, first: _Version | None = None) -> Decoding:
        """The words to keep; `first` is what `opening` gave, if it was written already."""
        request, frames = self._request, self.frames
        version = self._in_its_language(first)
        full = int(FULL_CONTEXT_S * FRAMES_PER_S)
        if request.effort == "final" and frames < full and not self._plausible(version):
            second = self._write(self._encode(full), version.decoding.language)
            version = self._better(version, second)
        version = self._unlooped(version)
        if request.effort == "final" and request.vocabulary:
            version = self._with_names(version)
        if request.words and version.decoding.text:
            return replace(version.decoding, words=self._words(version))
        return version.decoding

    @property
    def engine(self) -> Engine[Any]:
        """What computes this utterance."""
        return self._engine

    @property
    def frames(self) -> int:
        """Of the spectrogram to encode at first."""
        short = context_frames(self._duration_s)
        return short if self._engine.short else int(FULL_CONTEXT_S * FRAMES_PER_S)

    def mel(self) -> npt.NDArray[np.float32]:
        """What is encoded at first."""
        return log_mel(self._audio, frames=self.frames, bands=self._engine.bands)

    def opening(self) -> tuple[str, list[int], Search]:
        """How it is written at first: the language, the prompt, the search."""
        request = self._request
        spoken = Leaning(languages=request.languages, against=request.against).current
        language = spoken if self._engine.multilingual else "en"
        return language, self._tokens.prompt(language), self._search(draft=request.draft)

    def version(self, features: Any, language: str, writing: Writing) -> _Version:
        """What was written at first, as `decoding` takes it."""
        encoded = _Encoded(features=features, frames=self.frames)
        return self._version(encoded, language, writing)

    def rehearse(self, *, most: int, batch: int) -> None:
        """Encode and write `most` tokens, whatever they say, as doubtful finals."""
        prompt = self._tokens.prompt("fr")
        search = Search(beam=self._request.beam, doubt=0.0, most=most, endless=True)
        if batch == 1:
            self._engine.write(self._encode(self.frames).features, prompt, search)
            return
        features = self._engine.encode_together([self.mel()] * batch, joined=JOINED_FRAMES)
        self._engine.write_together(features, [prompt] * batch, [search] * batch)

    def _encode(self, frames: int) -> _Encoded:
        mel = log_mel(self._audio, frames=frames, bands=self._engine.bands)
        features = self._engine.encode(mel, joined=JOINED_FRAMES)
        return _Encoded(features=features, frames=frames)

    def _in_its_language(self, first: _Version | None) -> _Version:
        """Decode in the language the leg speaks, or in the one it turns out to have changed to.

        The model's own guess is not enough: the words must be likelier in the new language.
        """
        request = self._request
        leaning = Leaning(languages=request.languages, against=request.against)
        if first is None:
            language, _, _ = self.opening()
            first = self._write(self._encode(self.frames), language, draft=request.draft)
        if not self._engine.multilingual:
            return first
        encoded, expected = first.encoded, first
        if not self._worth_asking(leaning, expected.decoding):
            return expected
        scores = self._scores(encoded)
        expected = _scored(expected, scores)
        other = leaning.likely(scores, duration_s=self._duration_s)
        if other == leaning.current:
            return expected
        foreign = _scored(self._write(encoded, other), scores)
        least = expected.decoding.average_logprob + FOREIGN_LOGPROB
        likelier = foreign.decoding.average_logprob >= least
        return foreign if likelier and telling(foreign.decoding.text) else expected

    def _worth_asking(self, leaning: Leaning, expected: Decoding) -> bool:
        """Asking costs time: not once a leg is known to speak its language."""
        others = leaning.languages[1:]
        settled = all(leaning.against.get(code, 0.0) <= -TRUST for code in others)
        return bool(others) and (not settled or expected.average_logprob < ASK_AGAIN_LOGPROB)

    def _scores(self, encoded: _Encoded) -> Scores:
        found = self._engine.languages(encoded.features)
        return {code: found.get(code, 0.0) for code in self._request.languages}

    def _better(self, short: _Version, full: _Version) -> _Version:
        """The decoding to keep of two: one that passes the gate, else the likelier."""
        full = _scored(full, short.decoding.language_scores)
        good = [each for each in (full, short) if self._plausible(each)]
        most = self._gate.most_compression
        calm = [each for each in (full, short) if each.decoding.compression <= most]
        kept = (good or calm or [full])[0]
        if not good:
            kept = max(calm or [full, short], key=lambda each: each.decoding.average_logprob)
        return replace(kept, decoding=replace(kept.decoding, redecoded=True))

    def _unlooped(self, version: _Version) -> _Version:
        """Without the loop that a decoding ended in, at full context too; not to be relied on."""
        writing, kept = version.writing, before_loop(version.writing.tokens)
        if version.decoding.compression <= self._gate.most_compression:
            return version
        if kept == len(writing.tokens):
            return version
        writing = replace(
            writing,
            tokens=writing.tokens[:kept],
            probabilities=writing.probabilities[:kept],
            seen=None if writing.seen is None else writing.seen[:, : kept + 1],
        )
        text = self._tokens.text(writing.tokens)
        decoding = replace(
            version.decoding,
            text=text,
            compression=compression(text),
            average_logprob=min(version.decoding.average_logprob, self._gate.least_logprob),
        )
        return replace(version, decoding=decoding, writing=writing)

    def _with_names(self, plain: _Version) -> _Version:
        """Decode again with the names that the plain decoding sounds like, if any."""
        said = plain.decoding
        terms = worth_expecting(said.text, self._request.vocabulary)
        if not terms:
            return plain
        biased = self._write(plain.encoded, said.language, expected=terms)
        named = any(written_in(term, biased.decoding.text) for term in terms)
        near = biased.decoding.average_logprob >= said.average_logprob - NAMED_LOGPROB
        if not (named and near and self._plausible(biased)):
            return plain
        decoding = replace(
            biased.decoding,
            no_speech=said.no_speech,
            language_scores=said.language_scores,
            redecoded=True,
        )
        return replace(biased, decoding=decoding)

    def _plausible(self, version: _Version) -> bool:
        return self._gate.passes(version.decoding, duration_s=self._duration_s)

    def _write(
        self, encoded: _Encoded, language: str, *, expected: Sequence[str] = (), draft: str = ""
    ) -> _Version:
        prompt = self._tokens.prompt(language, expected)
        writing = self._engine.write(encoded.features, prompt, self._search(draft=draft))
        return self._version(encoded, language, writing)

    def _search(self, *, draft: str) -> Search:
        return Search(
            beam=self._request.beam if self._request.effort == "final" else 1,
            doubt=DOUBT,
            most=12 + int(self._duration_s * TOKENS_PER_S),
            draft=self._tokens.ids(f" {draft}") if draft else (),
        )

    def _version(self, encoded: _Encoded, language: str, writing: Writing) -> _Version:
        text = self._tokens.text(writing.tokens)
        decoding = Decoding(
            text=text,
            language=language,
            average_logprob=writing.average_logprob,
            no_speech=writing.no_speech,
            compression=compression(text),
        )
        return _Version(decoding=decoding, writing=writing, encoded=encoded)

    def _words(self, version: _Version) -> tuple[Word, ...]:
        """Place each word where the decoder looked while writing it."""
        heard = int(self._duration_s * FRAMES_PER_S / 2) + 1
        times = self._engine.times(
            version.encoded.features,
            version.writing,
            language=version.decoding.language,
            frames=min(version.encoded.frames // 2, heard),
        )
        words = []
        for text, first, past in self._tokens.word_spans(version.writing.tokens):
            start_s = min(self._duration_s, times.starts_s[first])
            end_s = min(self._duration_s, max(start_s, times.starts_s[past]))
            scores = times.probabilities[first:past]
            probability = float(np.mean(scores)) if len(scores) else 0.0
            words.append(Word(text=text, start_s=start_s, end_s=end_s, probability=probability))
        return tuple(words)


def _first_versions(decoders: Sequence[_Decoder]) -> list[_Version | None]:
    """What is written at first of each, in as few calls as there are engines; `None` where that
    failed, and it must be tried alone."""
    versions: list[_Version | None] = [None] * len(decoders)
    for engine in {id(decoder.engine): decoder.engine for decoder in decoders}.values():
        rows = [row for row, each in enumerate(decoders) if each.engine is engine]
        try:
            written = _written_together(engine, [decoders[row] for row in rows])
        except Exception as error:
            log.warning("%d utterances together failed, each goes alone: %s", len(rows), error)
            continue
        for row, version in zip(rows, written, strict=True):
            versions[row] = version
    return versions


def _written_together(engine: Engine[Any], decoders: Sequence[_Decoder]) -> list[_Version]:
    mels = [decoder.mel() for decoder in decoders]
    openings = [decoder.opening() for decoder in decoders]
    features = engine.encode_together(mels, joined=JOINED_FRAMES)
    writings = engine.write_together(
        features,
        [prompt for _, prompt, _ in openings],
        [search for _, _, search in openings],
    )
    return [
        decoder.version(encoded, language, writing)
        for decoder, encoded, (language, _, _), writing in zip(
            decoders, features, openings, writings, strict=True
        )
    ]


def _scored(version: _Version, scores: Scores) -> _Version:
    return replace(version, decoding=replace(version.decoding, language_scores=scores))
