"""Whisper in CTranslate2: any model, any device it supports, any alphabet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from models.engine import Search, TokenTimes, Writing
from models.errors import ModelDamagedError
from models.mel import FRAMES_PER_S
from models.whispertokens import WhisperTokens

if TYPE_CHECKING:
    import ctranslate2

FULL_FRAMES = 3000
"""Thirty seconds: what Whisper was trained on."""
Floats = npt.NDArray[np.float32]


class Ct2Whisper:
    """A model in CTranslate2 (the `Engine` protocol)."""

    def __init__(
        self,
        folder: Path,
        *,
        workers: int = 1,
        threads: int = 1,
        device: str,
        compute_type: str,
        short: bool | None = None,
    ) -> None:
        """`short`: encode as much as there is; as a rule on a processor, not on a card.

        Raises `ModelDamagedError` when the files cannot be loaded.
        """
        import ctranslate2

        try:
            self._model: ctranslate2.models.Whisper = ctranslate2.models.Whisper(
                str(folder),
                device=device,
                compute_type=compute_type,
                inter_threads=workers,
                intra_threads=threads,
            )
        except Exception as error:
            raise ModelDamagedError(f"cannot load the speech model in {folder}: {error}") from error
        self._storage = ctranslate2.StorageView.from_array
        self.multilingual = bool(self._model.is_multilingual)
        self.bands = int(getattr(self._model, "n_mels", 80))
        self.name = f"CTranslate2, {device}, {self._model.compute_type}"
        self._tokens = WhisperTokens(folder, multilingual=self.multilingual)
        # On a graphics card padding costs little, and moving features back and forth much.
        self.short = device == "cpu" if short is None else short
        self._silence = self._encoded_silence() if self.short else None

    def encode(self, mel: Floats, *, joined: int) -> Any:
        frames = mel.shape[1] if self._silence is not None else FULL_FRAMES
        encoded = self._model.encode(self._storage(_padded([mel], frames)))
        if self._silence is None or not joined:
            return encoded
        silence = self._silence[:, frames // 2 :][:, : joined // 2]
        whole = np.concatenate((np.asarray(encoded), silence), axis=1)
        return self._storage(np.ascontiguousarray(whole))

    def languages(self, features: Any) -> Mapping[str, float]:
        return {
            token[2:-2]: float(score) for token, score in self._model.detect_language(features)[0]
        }

    def write(self, features: Any, prompt: Sequence[int], search: Search) -> Writing:
        (writing,) = self._write(features, [prompt], [search], beam=1)
        if search.beam > 1 and writing.average_logprob < search.doubt:
            (writing,) = self._write(features, [prompt], [search], beam=search.beam)
        return writing

    def encode_together(self, mels: Sequence[Floats], *, joined: int) -> list[Any]:
        """Rows of one call on full context. They come back to the processor, so that each may be
        decoded again with others or alone; at short context every length is a call of its own."""
        if self.short:
            return [self.encode(mel, joined=joined) for mel in mels]
        encoded = self._model.encode(self._storage(_padded(mels, FULL_FRAMES)), to_cpu=True)
        whole = np.array(encoded)
        return [self._storage(whole[row : row + 1].copy()) for row in range(len(mels))]

    def write_together(
        self,
        features: Sequence[Any],
        prompts: Sequence[Sequence[int]],
        searches: Sequence[Search],
    ) -> list[Writing]:
        """Greedily in one call, then those in doubt again with a beam in another."""
        found = self._rows(range(len(features)), features, prompts, searches, beam=1)
        for beam in {search.beam for search in searches if search.beam > 1}:
            doubted = [
                row
                for row, search in enumerate(searches)
                if search.beam == beam and found[row].average_logprob < search.doubt
            ]
            found |= self._rows(doubted, features, prompts, searches, beam=beam)
        return [found[row] for row in range(len(features))]

    def times(self, features: Any, writing: Writing, *, language: str, frames: int) -> TokenTimes:
        opening = self._tokens.opening(language)
        found = self._model.align(features, opening, [list(writing.tokens)], frames)[0]
        starts_s: dict[int, float] = {}
        for token, step in found.alignments:
            starts_s.setdefault(int(token), step * 2 / FRAMES_PER_S)
        known = [starts_s.get(index, 0.0) for index in range(len(writing.tokens))]
        end_s = starts_s.get(len(writing.tokens), frames * 2 / FRAMES_PER_S)
        return TokenTimes(
            starts_s=[*known, end_s], probabilities=[float(p) for p in found.text_token_probs]
        )

    def _rows(
        self,
        rows: Sequence[int],
        features: Sequence[Any],
        prompts: Sequence[Sequence[int]],
        searches: Sequence[Search],
        *,
        beam: int,
    ) -> dict[int, Writing]:
        """Write some of several; those of one shape go in one call."""
        alike: dict[tuple[int, int, int], list[int]] = defaultdict(list)
        for row in rows:
            start = list(prompts[row]).index(self._tokens.start)
            alike[int(features[row].shape[1]), len(prompts[row]), start].append(row)
        found: dict[int, Writing] = {}
        for group in alike.values():
            whole = np.concatenate([np.asarray(features[row]) for row in group])
            written = self._write(
                self._storage(whole),
                [prompts[row] for row in group],
                [searches[row] for row in group],
                beam=beam,
            )
            found.update(zip(group, written, strict=True))
        return found

    def _write(
        self,
        features: Any,
        prompts: Sequence[Sequence[int]],
        searches: Sequence[Search],
        *,
        beam: int,
    ) -> list[Writing]:
        """Write prompts of one length; the longest search bounds them all."""
        results = self._model.generate(
            features,
            [list(prompt) for prompt in prompts],
            beam_size=beam,
            sampling_temperature=0.0,
            max_length=min(448, len(prompts[0]) + max(search.most for search in searches)),
            suppress_tokens=[self._tokens.end] if searches[0].endless else [-1],
            return_scores=True,
            return_no_speech_prob=True,
        )
        return [self._writing(result) for result in results]

    def _writing(self, result: Any) -> Writing:
        ids = [token for token in result.sequences_ids[0] if token < self._tokens.end]
        # The score is the mean over the tokens: undo it to count the end token too.
        logprob = result.scores[0] * len(ids) / (len(ids) + 1) if ids else result.scores[0]
        return Writing(
            tokens=tuple(ids),
            average_logprob=float(logprob),
            no_speech=float(result.no_speech_prob),
        )

    def _encoded_silence(self) -> Floats:
        """What the encoder makes of thirty seconds of silence, shape (1, 1500, width)."""
        mel = np.full((1, self.bands, FULL_FRAMES), -1.0, np.float32)
        return np.array(self._model.encode(self._storage(mel)), dtype=np.float32)


def _padded(mels: Sequence[Floats], frames: int) -> Floats:
    """Spectrograms followed by silence, shape (count, bands, frames)."""
    padded = np.empty((len(mels), mels[0].shape[0], frames), np.float32)
    for row, mel in enumerate(mels):
        padded[row] = mel.min()
        padded[row, :, : mel.shape[1]] = mel
    return padded
