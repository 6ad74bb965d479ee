"""Whether a decoding is plausible for the sound it was made from. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from models.agreement import plain
from models.recogniser import Decoding


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
            and not twice(decoding.text.split())
            and len(decoding.text) <= 12 + self.most_characters_per_s * duration_s
        )


def twice(words: Sequence[str]) -> bool:
    """Whether it is one phrase of two words or more, and the same again: seldom said, but what
    Whisper makes of a short utterance when it misses its end."""
    said = [word for word in map(plain, words) if word]
    half, odd = divmod(len(said), 2)
    return half >= 2 and not odd and said[:half] == said[half:]


LOOPS = 4
LEAST_LOOPED = 12
"""A tail of tokens this long that says one thing this many times is a loop, not speech."""


def before_loop(tokens: Sequence[int]) -> int:
    """How many tokens to keep of a text: all, or up to the end of what its tail says first."""
    count = len(tokens)
    for period in range(1, count // LOOPS + 1):
        first = count
        while first > period and tokens[first - 1] == tokens[first - 1 - period]:
            first -= 1
        looped = count - first + period
        if looped >= max(LEAST_LOOPED, LOOPS * period):
            return first
    return count


def compression(text: str) -> float:
    """Length over compressed length: a measure of repetition."""
    data = text.encode()
    return len(data) / len(zlib.compress(data)) if data else 0.0
