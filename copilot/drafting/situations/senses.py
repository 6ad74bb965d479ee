"""What a text means, as a row of numbers: two sentence embeddings and the mean of its words.

Each embedding is whitened, so that the few directions all talk shares do not drown what tells
texts apart; beside it stand its spellings, the letters words are made of, hashed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from copilot.drafting.situations.grams import HashedLetters
from knowledge.associations import Rarity
from knowledge.spaces import unit_rows
from knowledge.subjects import word_means
from models.embeddings import Embedder, FloatMatrix
from models.words import WordVectors

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

SPELLINGS = 4096
"""Numbers the n-grams of letters are hashed into."""
_WORDS = 0.7
"""What the words' vectors weigh beside the embeddings."""
_SHRINKAGE = 0.1
"""Of the whitening, towards no whitening."""
_BATCH = 256


class _Remembered(Rarity):
    """Stems a word once."""

    def __init__(self, sample: Sequence[str]) -> None:
        super().__init__(sample)
        self._known = lru_cache(maxsize=50_000)(super().of)

    def of(self, word: str) -> float:
        return self._known(word)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whitening:
    """Of one embedding: mean and symmetric (Mahalanobis) whitening over a sample of texts."""

    mean: npt.NDArray[np.float32]
    turn: FloatMatrix
    """Shape (dimension, dimension)."""

    @classmethod
    def learn(cls, vectors: FloatMatrix) -> Whitening:
        """From vectors of shape (texts, dimension)."""
        mean = vectors.mean(axis=0)
        apart = vectors - mean
        spread, directions = np.linalg.eigh(apart.T @ apart / len(apart))
        scaled = directions / np.sqrt(np.maximum(spread, 0) + _SHRINKAGE * spread.mean())
        return cls(mean=mean, turn=np.asarray(scaled @ directions.T, dtype=np.float32))

    def of(self, vectors: FloatMatrix) -> FloatMatrix:
        """Unit rows."""
        return unit_rows((vectors - self.mean) @ self.turn)


class Senses:
    """Shared by every call and thread."""

    def __init__(self, embedders: Sequence[Embedder], sample: Sequence[str]) -> None:
        """`sample` is what callers say: it tells how rare words are."""
        self._embedders = tuple(embedders)
        self._words, self._rarity = WordVectors(), _Remembered(sample)
        self._letters = HashedLetters((2, 4), SPELLINGS)

    def embedded(self, texts: Sequence[str]) -> list[FloatMatrix]:
        """What each embedder makes of the texts, as it gives them."""
        return [
            np.concatenate(
                [embedder.queries(texts[at : at + _BATCH]) for at in range(0, len(texts), _BATCH)]
            )
            for embedder in self._embedders
        ]

    def rows(
        self,
        texts: Sequence[str],
        embedded: Sequence[FloatMatrix],
        whitenings: Sequence[Whitening],
    ) -> FloatMatrix:
        """Unit rows of shape (texts, dimensions together)."""
        parts = [white.of(rows) for white, rows in zip(whitenings, embedded, strict=True)]
        parts.append(_WORDS * word_means(texts, self._words, self._rarity))
        return unit_rows(np.hstack(parts))

    def spellings(self, texts: Sequence[str]) -> csr_matrix:
        """Sparse rows of length 1, shape (texts, SPELLINGS)."""
        return self._letters.rows(texts)
