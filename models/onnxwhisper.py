"""Whisper in ONNX Runtime on a processor: the graphs of `whispergraph`, run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from models.alignment import token_starts
from models.beam import Candidates, Hypothesis, beam_search, greedy
from models.engine import Search, TokenTimes, Writing
from models.errors import ModelDamagedError
from models.graphs import Graphs
from models.mel import FRAMES_PER_S
from models.whispertokens import WhisperTokens

FULL_FRAMES = 3000
MOST_POSITIONS = 448
NEVER = -1
"""No token has this number."""
Floats = npt.NDArray[np.float32]
Arrays = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Place:
    """Where the decoder is: what it keeps of the tokens read."""

    memory: Mapping[str, Floats]
    """Keys and values of the recording, shape (1, heads, frames, width) each."""
    past: Mapping[str, Floats]
    """Keys and values of the tokens read, shape (beams, heads, tokens, width) each."""
    length: int


class Decoder:
    """The decoder's graph (the `Stepper` protocol)."""

    def __init__(self, session: Any, graphs: Graphs) -> None:
        self._session = session
        self._written = np.array(graphs.written, np.int64)
        self._aside = {token: row for row, token in enumerate(graphs.aside)}
        self._given = [output.name for output in session.get_outputs()]
        self._empty = {
            value.name: np.zeros((1, value.shape[1], 0, value.shape[3]), np.float32)
            for value in session.get_inputs()
            if value.name.startswith("past_")
        }

    def begin(
        self, memory: Mapping[str, Floats], prompt: Sequence[int], count: int, *, start: int
    ) -> tuple[Place, Candidates, dict[int, float]]:
        """Read a prompt. Gives the candidates after it and, after its token at `start`, the
        log-probability of each token that is never written."""
        place = Place(memory=memory, past=self._empty, length=0)
        place, out = self._run(place, [list(prompt)], [0], [start, len(prompt) - 1], count)
        aside = out["aside_logits"][0, 0]
        # The whole is what may be written, which any one of it tells, and what may not.
        written = out["top_logits"][0, 0, 0] - out["logprobs"][0, 0, 0]
        whole = np.logaddexp(written, np.logaddexp.reduce(aside))
        marks = {token: float(aside[row] - whole) for token, row in self._aside.items()}
        return place, self._candidates(out), marks

    def read(self, state: Place, tokens: Sequence[int]) -> tuple[Place, Candidates]:
        place, out = self._run(state, [list(tokens)], [0], range(len(tokens)), 1)
        return place, self._candidates(out)

    def step(
        self, state: Place, tokens: Sequence[int], parents: Sequence[int], count: int
    ) -> tuple[Place, Candidates]:
        place, out = self._run(state, [[token] for token in tokens], parents, [0], count)
        return place, self._candidates(out)

    def back(self, state: Place, tokens: int) -> Place:
        if not tokens:
            return state
        length = state.length - tokens
        past = {name: kept[:, :, :length] for name, kept in state.past.items()}
        return Place(memory=state.memory, past=past, length=length)

    def _run(
        self,
        place: Place,
        tokens: Sequence[Sequence[int]],
        parents: Sequence[int],
        wanted: Sequence[int],
        count: int,
    ) -> tuple[Place, Arrays]:
        size = len(tokens[0])
        feed = {
            "tokens": np.array(tokens, np.int64),
            "places": np.arange(place.length, place.length + size),
            "parents": np.array(parents, np.int64),
            "wanted": np.array(wanted, np.int64),
            "count": np.array([count], np.int64),
            **place.memory,
            **place.past,
        }
        out: Arrays = dict(zip(self._given, self._session.run(None, feed), strict=True))
        past = {
            name.replace("next_", "past_"): out.pop(name)
            for name in self._given
            if name.startswith("next_")
        }
        followed = out["followed"][0]
        seen = followed.reshape(len(followed), len(tokens), size, -1).transpose(1, 2, 0, 3)
        out["seen"] = seen[:, list(wanted)]
        return Place(memory=place.memory, past=past, length=place.length + size), out

    def _candidates(self, out: Arrays) -> Candidates:
        return Candidates(
            tokens=self._written[out["rows"]], logprobs=out["logprobs"], seen=out["seen"]
        )


class OnnxWhisper:
    """A model as two ONNX graphs (the `Engine` protocol)."""

    name = "ONNX Runtime, cpu, int8"
    short = True

    def __init__(self, graphs: Graphs, tokens: WhisperTokens, *, threads: int = 1) -> None:
        """Raises `ModelDamagedError` when a graph cannot be loaded."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._encoder, decoder = (
                onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
                for path in (graphs.encoder, graphs.decoder)
            )
        except Exception as error:
            raise ModelDamagedError(f"cannot load {graphs.folder}: {error}") from error
        self._decoder = Decoder(decoder, graphs)
        self._tokens = tokens
        self._encoded = [output.name for output in self._encoder.get_outputs()]
        self.bands = int(self._encoder.get_inputs()[0].shape[1])
        self.multilingual = tokens.multilingual
        self._languages = {token: tokens.piece(token)[2:-2] for token in graphs.languages}
        self._silence = self._encode(np.full((self.bands, FULL_FRAMES), -1.0, np.float32))

    def encode(self, mel: Floats, *, joined: int) -> Mapping[str, Floats]:
        encoded = self._encode(mel)
        first, past = mel.shape[1] // 2, (mel.shape[1] + joined) // 2
        if first == past:
            return encoded
        return {
            name: np.concatenate((values, self._silence[name][:, :, first:past]), axis=2)
            for name, values in encoded.items()
        }

    def languages(self, features: Mapping[str, Floats]) -> Mapping[str, float]:
        *_, marks = self._decoder.begin(features, [self._tokens.start], 1, start=0)
        logprobs = np.array([marks[token] for token in self._languages])
        odds = np.exp(logprobs - logprobs.max())
        return dict(zip(self._languages.values(), (odds / odds.sum()).tolist(), strict=True))

    def write(
        self, features: Mapping[str, Floats], prompt: Sequence[int], search: Search
    ) -> Writing:
        tokens, decoder = self._tokens, self._decoder
        start = list(prompt).index(tokens.start)
        # Two of the first candidates may be forbidden, and ended beams need another in their place.
        place, first, marks = decoder.begin(features, prompt, search.beam + 3, start=start)
        first = _without(first, (tokens.blank, tokens.end))
        most = min(search.most, MOST_POSITIONS - len(prompt) - 1)
        end = NEVER if search.endless else tokens.end
        found = greedy(decoder, place, first, end=end, most=most, draft=list(search.draft))
        if search.beam > 1 and found.average_logprob < search.doubt:
            found = beam_search(decoder, place, first, end=end, most=most, beams=search.beam)
        return _writing(found, no_speech=float(np.exp(marks[tokens.no_speech])))

    def encode_together(self, mels: Sequence[Floats], *, joined: int) -> list[Mapping[str, Floats]]:
        """One after the other: a processor gains nothing from a batch."""
        return [self.encode(mel, joined=joined) for mel in mels]

    def write_together(
        self,
        features: Sequence[Mapping[str, Floats]],
        prompts: Sequence[Sequence[int]],
        searches: Sequence[Search],
    ) -> list[Writing]:
        """One after the other."""
        return [self.write(*each) for each in zip(features, prompts, searches, strict=True)]

    def times(
        self, features: Mapping[str, Floats], writing: Writing, *, language: str, frames: int
    ) -> TokenTimes:
        del features, language
        if writing.seen is None:
            return TokenTimes(starts_s=[0.0], probabilities=[])
        starts = token_starts(writing.seen[:, :, :frames]) * (2 / FRAMES_PER_S)
        ended = len(starts) > len(writing.tokens)
        starts_s = [*starts.tolist(), *([] if ended else [frames * 2 / FRAMES_PER_S])]
        return TokenTimes(starts_s=starts_s, probabilities=writing.probabilities)

    def _encode(self, mel: Floats) -> dict[str, Floats]:
        feed = {"mel": np.ascontiguousarray(mel[None])}
        return dict(zip(self._encoded, self._encoder.run(None, feed), strict=True))


def _without(candidates: Candidates, forbidden: Sequence[int]) -> Candidates:
    """The candidates after the last position, some tokens left out."""
    kept = ~np.isin(candidates.tokens[0, -1], forbidden)
    return Candidates(
        tokens=candidates.tokens[:, -1:, kept],
        logprobs=candidates.logprobs[:, -1:, kept],
        seen=candidates.seen[:, -1:],
    )


def _writing(found: Hypothesis, *, no_speech: float) -> Writing:
    return Writing(
        tokens=found.tokens,
        average_logprob=found.average_logprob,
        no_speech=no_speech,
        probabilities=tuple(float(np.exp(value)) for value in found.logprobs[: len(found.tokens)]),
        seen=np.stack(found.seen, axis=1) if found.seen else None,
    )
