"""Words that go together in French though they share no letter: `garer` and `parking`.

Each meaningful word of a wording looks for its closest word in an entry (the soft cover of
Kusner et al. 2015, relaxed); rare words weigh more, and only kinship above a floor counts.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from knowledge.postings import Rows, Scores, spans
from knowledge.wording import plain as unaccented
from knowledge.wording import spelled_words, stem
from models.words import WordVectors

_FLOOR = 0.25


class Rarity:
    """How much a word says, from a sample of what callers say."""

    def __init__(self, sample: Sequence[str]) -> None:
        self._size = len(sample)
        self._holding = Counter(
            word for text in sample for word in {stem(unaccented(w)) for w in spelled_words(text)}
        )

    def of(self, word: str) -> float:
        """Inverse document frequency; a word never heard in the sample is the rarest."""
        return math.log(1 + self._size / (1 + self._holding[stem(unaccented(word))]))


class AssociationIndex:
    """Soft cover between wordings and texts, one text an entry."""

    def __init__(self, texts: Sequence[str], vectors: WordVectors, rarity: Rarity) -> None:
        self._vectors = vectors
        self._rarity = rarity
        held = [list(dict.fromkeys(spelled_words(text))) or [""] for text in texts]
        vocabulary = sorted({word for words in held for word in words})
        place = {word: at for at, word in enumerate(vocabulary)}
        self._held = frozenset(vocabulary)
        self._matrix = vectors.of(vocabulary)
        self._columns = np.array([place[word] for words in held for word in words], dtype=np.int32)
        self._bounds = np.cumsum([0, *(len(words) for words in held)])
        self._weights = np.array([rarity.of(word) if word else 0.0 for word in vocabulary])
        totals = np.add.reduceat(self._weights[self._columns], self._bounds[:-1])
        self._totals = np.maximum(totals, 1e-9)

    def cover(self, wording: str, texts: Rows) -> tuple[Scores, Scores]:
        """How far each of some texts covers the wording, and the wording each; 0 to 1."""
        said = list(dict.fromkeys(spelled_words(wording)))
        if not said:
            nothing = np.zeros(len(texts))
            return nothing, nothing
        places, starts = spans(self._bounds, texts)
        columns = self._columns[places]
        # Of a hundred thousand words in all, the few hundred candidates hold a few thousand.
        there_are = np.zeros(len(self._matrix), dtype=np.bool_)
        there_are[columns] = True
        matrix, held_at = self._matrix, columns
        if not there_are.all():
            matrix, held_at = matrix[there_are], (np.cumsum(there_are) - 1)[columns]
        near = self._vectors.of(said) @ matrix.T
        kinship = np.clip((near - _FLOOR) / (1 - _FLOOR), 0, 1)[:, held_at]
        weights = np.array([self._rarity.of(word) for word in said])
        there = weights @ np.maximum.reduceat(kinship, starts, axis=1) / weights.sum()
        held = kinship.max(axis=0) * self._weights[columns]
        back = np.add.reduceat(held, starts) / self._totals[texts]
        return np.asarray(there, dtype=np.float64), np.asarray(back, dtype=np.float64)

    def foreign(self, wording: str) -> float:
        """Share (0 to 1) of the wording's rarity that is kin to nothing in any of the texts."""
        said = list(dict.fromkeys(spelled_words(wording)))
        if not said:
            return 0.0
        near = (self._vectors.of(said) @ self._matrix.T).max(axis=1)
        # A word without a vector (a brand, a misheard one) is known if it stands in a text.
        near = np.where([word in self._held for word in said], 1.0, near)
        kinship = np.clip((near - _FLOOR) / (1 - _FLOOR), 0, 1)
        weights = np.array([self._rarity.of(word) for word in said])
        return float(weights @ (1 - kinship) / weights.sum())
