"""LocalAgreement-2: the words two decodings in a row agree on are settled (Liu et al., 2020;
Macháček et al., 2023). Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_EDGES = re.compile(r"^\W+|\W+$")


def plain(word: str) -> str:
    """A word without case or the punctuation around it."""
    return _EDGES.sub("", unicodedata.normalize("NFC", word).lower())


def agreed(first: Sequence[str], second: Sequence[str]) -> int:
    """How many words two decodings share from their start."""
    count = 0
    for one, other in zip(first, second, strict=False):
        if plain(one) != plain(other):
            break
        count += 1
    return count


class Agreement:
    """The settled and provisional words of one utterance. What is settled never changes."""

    def __init__(self) -> None:
        self._settled: list[str] = []
        self._last: list[str] = []

    def hear(self, text: str) -> tuple[str, str]:
        """Take the newest decoding; give what is settled and what is provisional."""
        words = text.split()
        both = agreed(self._last, words)
        if both > len(self._settled):
            self._settled += words[len(self._settled) : both]
        self._last = words
        return " ".join(self._settled), " ".join(words[len(self._settled) :])
