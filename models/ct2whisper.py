"""Whisper in CTranslate2: any model, any device it supports, any alphabet."""

from __future__ import annotations

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
        self, folder: Path, *, workers: int = 1, threads: int = 1, device: str, compute_type: str
    ) -> None:
        """Raises `ModelDamagedError` when the files cannot be loaded."""
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
        self._silence = self._encoded_silence() if device == "cpu" else None

    def encode(self, mel: Floats, *, joined: int) -> Any:
        frames = mel.shape[1] if self._silence is not None else FULL_FRAMES
        padded = np.full((1, self.bands, frames), mel.min(), np.float32)
        padded[0, :, : mel.shape[1]] = mel
        encoded = self._model.encode(self._storage(padded))
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
        writing = self._write(features, prompt, search, beam=1)
        if search.beam > 1 and writing.average_logprob < search.doubt:
            return self._write(features, prompt, search, beam=search.beam)
        return writing

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

    def _write(self, features: Any, prompt: Sequence[int], search: Search, *, beam: int) -> Writing:
        result = self._model.generate(
            features,
            [list(prompt)],
            beam_size=beam,
            sampling_temperature=0.0,
            max_length=min(448, len(prompt) + search.most),
            suppress_tokens=[self._tokens.end] if search.endless else [-1],
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
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
