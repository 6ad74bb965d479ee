"""Whether a decoding is plausible for the sound it was made from. Pure."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

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
            and len(decoding.text) <= 12 + self.most_characters_per_s * duration_s
        )


def compression(text: str) -> float:
    """Length over compressed length: a measure of repetition."""
    data = text.encode()
    return len(data) / len(zlib.compress(data)) if data else 0.0
