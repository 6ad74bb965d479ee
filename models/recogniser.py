"""What the ear asks of a recogniser, whatever runs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from models.hearing import Word

RECOGNISER_RATE_HZ = 16_000

Effort = Literal["partial", "final"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DecodeRequest:
    """One stretch of one voice to put into words."""

    audio: npt.NDArray[np.float32]
    """Samples at 16 kHz, shape (n,), between -1 and 1."""
    effort: Effort
    """Partials are greedy and cheap; finals get a beam, a quality gate and word times."""
    beam: int = 5
    languages: tuple[str, ...] = ("fr",)
    """Languages the leg may be in, the one it speaks so far first."""
    against: Mapping[str, float] = field(default_factory=dict)
    """Evidence for the others, from earlier utterances (`models.languages.Leaning`)."""
    vocabulary: tuple[str, ...] = ()
    """Names and jargon to expect."""
    draft: str = ""
    """What was made of the beginning of the same speech: most of it is likely to be right."""
    words: bool = False
    """Give the place of each word in the audio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoding:
    """What a recogniser made of a stretch of speech."""

    text: str
    language: str
    average_logprob: float
    """Mean natural log-probability of a token, at most 0."""
    no_speech: float
    """Probability that nobody speaks, 0 to 1."""
    compression: float
    """Length of the text over its length compressed: above 2.4, it repeats itself."""
    language_scores: Mapping[str, float] = field(default_factory=dict)
    """Probability of each language asked about; empty where it was not asked."""
    words: tuple[Word, ...] = ()
    """Seconds from the start of the audio."""
    redecoded: bool = False
    """The quality gate had it decoded a second time at full context."""


class Recogniser(Protocol):
    """Puts speech into words. Called from several threads at once."""

    def decode(self, request: DecodeRequest) -> Decoding:
        """Decode one request; blocks for as long as it takes. May raise anything."""
        ...

    def decode_together(self, requests: Sequence[DecodeRequest]) -> Sequence[Decoding | Exception]:
        """Decode several in one go, in their order; one that fails is given its error, alone."""
        ...
