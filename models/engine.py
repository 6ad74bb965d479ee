"""What runs a Whisper model: sound in, tokens out. Two engines, one set of words.

`models.onnxwhisper` is the fast one on a processor; `models.ct2whisper` runs everything else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt

Features = TypeVar("Features")
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """How to look for the words."""

    beam: int = 1
    doubt: float = 0.0
    """Greedy first; a beam is tried when the average log-probability is below this."""
    most: int = 224
    """Tokens written at most."""
    draft: Sequence[int] = ()
    """What the words may be: kept as far as a greedy search would write it."""
    endless: bool = False
    """Write `most` tokens whatever they say: to measure the work."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Writing:
    """What an engine wrote."""

    tokens: tuple[int, ...]
    average_logprob: float
    """Over the tokens and the end."""
    no_speech: float
    """Probability that nobody speaks, 0 to 1."""
    probabilities: tuple[float, ...] = ()
    """Of each token, where the engine knows."""
    seen: Floats | None = None
    """Raw scores of the heads that follow the voice, shape (heads, tokens, frames), if kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenTimes:
    """When each token was said."""

    starts_s: Sequence[float]
    """Of each token, then of the end."""
    probabilities: Sequence[float]


class Engine(Protocol[Features]):
    """Runs a model. Called from several threads at once."""

    @property
    def name(self) -> str:
        """For people: what it is and how it computes."""
        ...

    @property
    def bands(self) -> int:
        """Of the spectrogram."""
        ...

    @property
    def multilingual(self) -> bool:
        """Whether it must be told a language."""
        ...

    @property
    def short(self) -> bool:
        """Whether it encodes as much as it is given; if not, always thirty seconds."""
        ...

    def encode(self, mel: Floats, *, joined: int) -> Features:
        """Encode a spectrogram, shape (bands, frames), and join silence: `joined` more frames of
        it, encoded beforehand at the place where it goes."""
        ...

    def languages(self, features: Features) -> Mapping[str, float]:
        """Probability of each language, by its code."""
        ...

    def write(self, features: Features, prompt: Sequence[int], search: Search) -> Writing:
        """Put what was encoded into words."""
        ...

    def encode_together(self, mels: Sequence[Floats], *, joined: int) -> Sequence[Features]:
        """As `encode`, of several recordings."""
        ...

    def write_together(
        self,
        features: Sequence[Features],
        prompts: Sequence[Sequence[int]],
        searches: Sequence[Search],
    ) -> Sequence[Writing]:
        """As `write`, of several recordings."""
        ...

    def times(
        self, features: Features, writing: Writing, *, language: str, frames: int
    ) -> TokenTimes:
        """Place the tokens in the first `frames` frames (of 20 ms)."""
        ...
