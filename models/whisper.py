"""Whisper through CTranslate2, with an audio context cut to the utterance.

`faster_whisper` pads every utterance to 30 s. The encoder accepts fewer frames, so the utterance
is encoded with five seconds of silence after it, which decodes as well for a fraction of the work
(docs/benchmarks/asr.md); when the result looks wrong, it is decoded again at full context.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from models.bias import worth_expecting, written_in
from models.errors import ModelDamagedError
from models.hearing import Word
from models.languages import TRUST, Leaning, Scores, telling
from models.mel import FRAMES_PER_S, log_mel
from models.recogniser import RECOGNISER_RATE_HZ, DecodeRequest, Decoding
from models.sound import level

if TYPE_CHECKING:
    import ctranslate2
    import tokenizers

FULL_CONTEXT_S = 30.0
SILENCE_AFTER_S = 2.0
"""Silence encoded after the utterance."""
SILENCE_JOINED_S = 8.0
"""Silence added after that to what the encoder made: encoded once, at the place where it goes."""
BUCKET_S = 0.5
VOCABULARY_TOKENS = 80
"""Of the 223 of the prompt slot; a handful of names fit."""
NAMED_LOGPROB = 0.25
"""A decoding that writes an expected name may be this much less likely than the plain one."""
ASK_AGAIN_LOGPROB = -0.5
"""Below this, a leg whose language was settled is asked for it again."""
FOREIGN_LOGPROB = 0.03
"""Words in another language must be this much likelier than in the one spoken so far."""
REHEARSED_TOKENS_PER_S = 5.0
TOKENS_PER_S = 9.0
"""No French speaker measured goes past 8 tokens a second; beyond, the decoder is looping."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Beyond these a decoding at short context is not believed."""

    least_logprob: float = -0.9
    most_compression: float = 2.2
    most_characters_per_s: float = 28.0

    def passes(self, decoding: Decoding, *, duration_s: float) -> bool:
        """Whether the decoding is plausible for that much audio."""
        return (
            decoding.average_logprob >= self.least_logprob
            and decoding.compression <= self.most_compression
            and len(decoding.text) <= 12 + self.most_characters_per_s * duration_s
        )


def context_frames(duration_s: float, *, silence_after_s: float = SILENCE_AFTER_S) -> int:
    """Mel frames to encode for an utterance: its length and the silence, in half seconds."""
    buckets = -(-(duration_s + silence_after_s) // BUCKET_S)
    return int(min(FULL_CONTEXT_S, buckets * BUCKET_S) * FRAMES_PER_S)


def compression(text: str) -> float:
    """Length over compressed length: a measure of repetition."""
    data = text.encode()
    return len(data) / len(zlib.compress(data)) if data else 0.0


class WhisperRecogniser:
    """A Whisper model in CTranslate2 format; one object serves several threads."""

    def __init__(
        self,
        folder: Path,
        *,
        workers: int = 1,
        threads: int = 1,
        device: str = "cpu",
        compute_type: str = "int8",
        gate: Gate | None = None,
    ) -> None:
        """Load the model. Raises `ModelDamagedError` when the files cannot be loaded."""
        import ctranslate2
        import tokenizers

        try:
            self._model: ctranslate2.models.Whisper = ctranslate2.models.Whisper(
                str(folder),
                device=device,
                compute_type=compute_type,
                inter_threads=workers,
                intra_threads=threads,
            )
            self._tokens: tokenizers.Tokenizer = tokenizers.Tokenizer.from_file(
                str(folder / "tokenizer.json")
            )
        except Exception as error:
            raise ModelDamagedError(f"cannot load the speech model in {folder}: {error}") from error
        self._storage = ctranslate2.StorageView.from_array
        self._gate = gate or Gate()
        self._bands = int(getattr(self._model, "n_mels", 80))
        self._eot = self._id("<|endoftext|>")
        self._multilingual = bool(self._model.is_multilingual)
        self._on_cpu = device == "cpu"
        self._silence = self._encoded_silence() if self._on_cpu else None

    def decode(self, request: DecodeRequest) -> Decoding:
        """Decode one utterance of at most 30 s; longer audio is cut there."""
        audio = level(request.audio[: int(FULL_CONTEXT_S * RECOGNISER_RATE_HZ)])
        duration_s = len(audio) / RECOGNISER_RATE_HZ
        frames = context_frames(duration_s)
        encoded = self._encode(audio, frames)
        decoding = self._in_its_language(encoded, request, duration_s)
        language = decoding.language
        full = int(FULL_CONTEXT_S * FRAMES_PER_S)
        doubtful = not self._gate.passes(decoding, duration_s=duration_s)
        if doubtful and request.effort == "final" and frames < full:
            whole = self._encode(audio, full)
            second = self._generate(whole, request, language, duration_s)
            second = replace(second, language_scores=decoding.language_scores)
            decoding, encoded, frames = self._better(
                (decoding, encoded, frames), (second, whole, full), duration_s
            )
        if request.effort == "final" and request.vocabulary:
            decoding = self._with_names(encoded, request, decoding, duration_s)
        if request.words and decoding.text:
            words = self._align(encoded, decoding, frames, duration_s)
            decoding = replace(decoding, words=words)
        return decoding

    def rehearse(self, *, beam: int, duration_s: float = 3.0) -> None:
        """Do the work of an utterance of that length, on noise: for measuring this machine."""
        count = int(duration_s * RECOGNISER_RATE_HZ)
        noise = np.random.default_rng(0).normal(0.0, 0.1, count).astype(np.float32)
        prompt = self._prompt("fr" if self._multilingual else "en", ())
        self._model.generate(
            self._encode(noise, context_frames(duration_s)),
            [prompt],
            beam_size=beam,
            max_length=len(prompt) + int(duration_s * REHEARSED_TOKENS_PER_S),
            suppress_tokens=[self._eot],
        )

    def _with_names(
        self, encoded: Any, request: DecodeRequest, plain: Decoding, duration_s: float
    ) -> Decoding:
        """Decode again with the names that the plain decoding sounds like, if any."""
        terms = worth_expecting(plain.text, request.vocabulary)
        if not terms:
            return plain
        biased = self._generate(encoded, request, plain.language, duration_s, terms)
        named = any(written_in(term, biased.text) for term in terms)
        near = biased.average_logprob >= plain.average_logprob - NAMED_LOGPROB
        if named and near and self._gate.passes(biased, duration_s=duration_s):
            return replace(
                biased,
                no_speech=plain.no_speech,
                language_scores=plain.language_scores,
                redecoded=True,
            )
        return plain

    def _better(
        self,
        short: tuple[Decoding, Any, int],
        full: tuple[Decoding, Any, int],
        duration_s: float,
    ) -> tuple[Decoding, Any, int]:
        """The decoding to keep of two: one that passes the gate, else the likelier."""
        good = [d for d in (full, short) if self._gate.passes(d[0], duration_s=duration_s)]
        calm = [d for d in (full, short) if d[0].compression <= self._gate.most_compression]
        kept = (good or calm or [full])[0]
        if not good:
            kept = max(calm or [full, short], key=lambda d: d[0].average_logprob)
        return (replace(kept[0], redecoded=True), kept[1], kept[2])

    def _encode(self, audio: npt.NDArray[np.float32], frames: int) -> Any:
        mel = log_mel(audio, frames=frames, bands=self._bands)
        encoded = self._model.encode(self._storage(np.ascontiguousarray(mel[None])))
        if self._silence is None:
            return encoded
        silence = self._silence[:, frames // 2 :][:, : int(SILENCE_JOINED_S * FRAMES_PER_S / 2)]
        whole = np.concatenate((np.asarray(encoded), silence), axis=1)
        return self._storage(np.ascontiguousarray(whole))

    def _encoded_silence(self) -> npt.NDArray[np.float32]:
        """What the encoder makes of thirty seconds of silence, shape (1, 1500, width)."""
        mel = np.full((1, self._bands, int(FULL_CONTEXT_S * FRAMES_PER_S)), -1.0, np.float32)
        return np.array(self._model.encode(self._storage(mel)), dtype=np.float32)

    def _in_its_language(self, encoded: Any, request: DecodeRequest, duration_s: float) -> Decoding:
        """Decode in the language the leg speaks, or in the one it turns out to have changed to.

        The model's own guess is not enough: the words must be likelier in the new language.
        """
        leaning = Leaning(languages=request.languages, against=request.against)
        if not self._multilingual:
            return self._generate(encoded, request, "en", duration_s)
        expected = self._generate(encoded, request, leaning.current, duration_s)
        if not self._worth_asking(leaning, expected):
            return expected
        scores = self._language_scores(encoded, request.languages)
        expected = replace(expected, language_scores=scores)
        other = leaning.likely(scores, duration_s=duration_s)
        if other == leaning.current:
            return expected
        foreign = self._generate(encoded, request, other, duration_s)
        likelier = foreign.average_logprob >= expected.average_logprob + FOREIGN_LOGPROB
        if likelier and telling(foreign.text):
            return replace(foreign, language_scores=scores)
        return expected

    def _worth_asking(self, leaning: Leaning, expected: Decoding) -> bool:
        """Asking costs a third of a decoding: not once a leg is known to speak its language."""
        others = leaning.languages[1:]
        settled = all(leaning.against.get(code, 0.0) <= -TRUST for code in others)
        return bool(others) and (not settled or expected.average_logprob < ASK_AGAIN_LOGPROB)

    def _language_scores(self, encoded: Any, languages: Sequence[str]) -> Scores:
        found = {token[2:-2]: score for token, score in self._model.detect_language(encoded)[0]}
        return {code: float(found.get(code, 0.0)) for code in languages}

    def _generate(
        self,
        encoded: Any,
        request: DecodeRequest,
        language: str,
        duration_s: float,
        expected: Sequence[str] = (),
    ) -> Decoding:
        prompt = self._prompt(language, expected)
        result = self._model.generate(
            encoded,
            [prompt],
            beam_size=request.beam if request.effort == "final" else 1,
            sampling_temperature=0.0,
            max_length=min(448, len(prompt) + 12 + int(duration_s * TOKENS_PER_S)),
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        ids = [token for token in result.sequences_ids[0] if token < self._eot]
        # The score is the mean over the tokens: undo it to count the end token too.
        logprob = result.scores[0] * len(ids) / (len(ids) + 1) if ids else result.scores[0]
        text = self._tokens.decode(ids).strip()
        return Decoding(
            text=text,
            language=language,
            average_logprob=float(logprob),
            no_speech=float(result.no_speech_prob),
            compression=compression(text),
        )

    def _prompt(self, language: str, vocabulary: Sequence[str]) -> list[int]:
        start = [self._id("<|startoftranscript|>")]
        if self._multilingual:
            start += [self._id(f"<|{language}|>"), self._id("<|transcribe|>")]
        start.append(self._id("<|notimestamps|>"))
        bias = self._vocabulary_tokens(vocabulary)
        return [self._id("<|startofprev|>"), *bias, *start] if bias else start

    def _vocabulary_tokens(self, vocabulary: Iterable[str]) -> list[int]:
        """As many terms, first ones first, as the bias may hold."""
        tokens: list[int] = []
        for term in vocabulary:
            more = self._encode_text(f" {term}," if tokens else f" {term}")
            if len(tokens) + len(more) > VOCABULARY_TOKENS:
                break
            tokens += more
        return tokens

    def _align(
        self, encoded: Any, decoding: Decoding, frames: int, duration_s: float
    ) -> tuple[Word, ...]:
        """Place each word by the cross-attention of the model's alignment heads."""
        ids = self._encode_text(f" {decoding.text}")
        start = [self._id("<|startoftranscript|>")]
        if self._multilingual:
            start += [self._id(f"<|{decoding.language}|>"), self._id("<|transcribe|>")]
        heard = min(frames // 2, int(duration_s * FRAMES_PER_S / 2) + 1)
        found = self._model.align(encoded, start, [ids], heard)[0]
        starts_s: dict[int, float] = {}
        for token, step in found.alignments:
            starts_s.setdefault(int(token), step * 2 / FRAMES_PER_S)
        spans = self._word_spans(ids)
        words = []
        for index, (text, first, past) in enumerate(spans):
            start_s = min(duration_s, starts_s.get(first, 0.0))
            end_s = duration_s
            if index + 1 < len(spans):
                end_s = starts_s.get(spans[index + 1][1], start_s)
            elif past in starts_s:
                end_s = starts_s[past]
            scores = found.text_token_probs[first:past]
            words.append(
                Word(
                    text=text,
                    start_s=start_s,
                    end_s=min(duration_s, max(start_s, end_s)),
                    probability=float(np.mean(scores)) if len(scores) else 0.0,
                )
            )
        return tuple(words)

    def _word_spans(self, ids: Sequence[int]) -> list[tuple[str, int, int]]:
        """Words with the half-open range of their tokens. A word starts at a space."""
        spans: list[tuple[int, int]] = []
        for index, token in enumerate(ids):
            piece = self._tokens.id_to_token(token) or ""
            if piece.startswith("Ġ") or not spans:
                spans.append((index, index + 1))
            else:
                spans[-1] = (spans[-1][0], index + 1)
        return [(self._tokens.decode(list(ids[a:b])).strip(), a, b) for a, b in spans]

    def _encode_text(self, text: str) -> list[int]:
        ids: list[int] = self._tokens.encode(text, add_special_tokens=False).ids
        return ids

    def _id(self, token: str) -> int:
        found = self._tokens.token_to_id(token)
        if found is None:
            raise ModelDamagedError(f"the speech model's tokenizer has no {token}")
        return int(found)
