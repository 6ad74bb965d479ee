"""What callers ask a reception desk, whatever the trade: a bridge between unlike wordings.

"Je finis tard, il y aura encore quelqu'un ?" shares no word with "Quels sont vos horaires ?", but
both are close to the same subject of `lexicon/intents.fr.txt`. A text's profile says how close it
is to each subject, and to each act that deserves silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from knowledge.lexical import LexicalIndex
from knowledge.passages import Entry
from models.embeddings import FloatMatrix

Profile = npt.NDArray[np.float64]

_WORD_WEIGHT = 2.0
_FEW = 8
"""Texts up to which each is compared by itself: a product of a few rows with thousands first
copies the thousands into blocks, and takes five times as long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A subject, or an act that deserves silence, with its wordings."""

    name: str
    silent: bool
    words: str
    wordings: tuple[str, ...]


def read_intents() -> tuple[Intent, ...]:
    """The intents that come with the package."""
    text = files("knowledge").joinpath("lexicon/intents.fr.txt").read_text(encoding="utf-8")
    wordings: dict[tuple[str, bool], list[str]] = {}
    pointing: dict[tuple[str, bool], str] = {}
    current = ("", False)
    for line in (raw.strip() for raw in text.splitlines()):
        if line.startswith("["):
            current = (line.strip("[]~"), line.startswith("[~"))
            wordings.setdefault(current, [])
        elif line.startswith("words:"):
            more = line.removeprefix("words:").strip()
            pointing[current] = f"{pointing.get(current, '')} {more}".strip()
        elif line and not line.startswith("#"):
            wordings[current].append(line)
    return tuple(
        Intent(name=key[0], silent=key[1], words=pointing.get(key, ""), wordings=tuple(said))
        for key, said in wordings.items()
    )


class IntentBank:
    """Profiles of texts against the intents, by meaning and by words."""

    def __init__(self, intents: Sequence[Intent], first: FloatMatrix, second: FloatMatrix) -> None:
        """`first` and `second` hold every wording's vector in each space, in order."""
        self.names = [intent.name for intent in intents]
        self.silent = np.array([intent.silent for intent in intents])
        self._starts = np.cumsum([0, *(len(intent.wordings) for intent in intents)])[:-1]
        self._first, self._second = first, second
        self._words = LexicalIndex(
            [
                Entry(entry_id=intent.name, question=intent.words, answer=" ".join(intent.wordings))
                for intent in intents
            ]
        )

    def without_first(self, texts: Sequence[str], second: FloatMatrix) -> Profile:
        """What words and the second space say of closeness: known before the first is."""
        by_words = np.stack([self._words.bm25(text) for text in texts])
        by_words /= by_words.max(axis=1, keepdims=True) + 4.0
        return np.asarray(0.75 * self._nearest(second, self._second) + _WORD_WEIGHT * by_words)

    def by_first(self, first: FloatMatrix) -> Profile:
        """What the first space adds, of as many texts."""
        return 0.75 * self._nearest(first, self._first)

    def profiles(self, closeness: Profile) -> Profile:
        """Shares of the intents in each text, rows that sum to 1, from the sum of both, which is
        in standard deviations; shapes (texts, intents)."""
        shares = np.exp(closeness - closeness.max(axis=1, keepdims=True))
        return np.asarray(shares / shares.sum(axis=1, keepdims=True))

    def _nearest(self, vectors: FloatMatrix, wordings: FloatMatrix) -> Profile:
        few = len(vectors) <= _FEW
        near = np.stack([wordings @ row for row in vectors]) if few else vectors @ wordings.T
        best = np.maximum.reduceat(near, self._starts, axis=1).astype(np.float64)
        centred = best - best.mean(axis=1, keepdims=True)
        return np.asarray(centred / (best.std(axis=1, keepdims=True) + 1e-6))
