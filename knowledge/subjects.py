"""Which subject a text is about, learnt from the intents' wordings by softmax regression.

The nearest wording tells the subject of three oblique wordings in ten that it has never seen; a
linear model of both embeddings and of the words' vectors together, fitted on the same wordings,
tells four (docs/benchmarks/knowledge.md). It is learnt when the process starts, from text alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from knowledge.associations import Rarity
from knowledge.wording import spelled_words
from models.embeddings import FloatMatrix
from models.words import WordVectors

LEARNT = "2"
"""Changes with the way of learning, so that what is kept on disk is learnt anew."""
_PENALTY = 0.05
_ROUNDS = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectReader:
    """Linear scores of every intent for a text. Thread-safe."""

    words: WordVectors
    rarity: Rarity
    weights: FloatMatrix
    """Shape (features + 1, intents); the last row is the intercept."""

    @classmethod
    def learn(
        cls,
        words: WordVectors,
        rarity: Rarity,
        features: FloatMatrix,
        labels: npt.NDArray[np.int64],
    ) -> SubjectReader:
        """Fit on the wordings' `features`, shape (wordings, features), and their intents."""
        return cls(words=words, rarity=rarity, weights=_fit(features, labels))

    def means(self, texts: Sequence[str]) -> FloatMatrix:
        """See `word_means`."""
        return word_means(texts, self.words, self.rarity)

    def scores(
        self, first: FloatMatrix, second: FloatMatrix, means: FloatMatrix
    ) -> npt.NDArray[np.float64]:
        """Scores of shape (texts, intents), from the texts' levelled vectors and word means."""
        scored = gathered(first, second, means) @ self.weights[:-1] + self.weights[-1]
        return np.asarray(scored, dtype=np.float64)


def gathered(first: FloatMatrix, second: FloatMatrix, means: FloatMatrix) -> FloatMatrix:
    """What a text is read by: both levelled embeddings and the mean of its words."""
    return np.hstack([first, second, means]).astype(np.float32)


def word_means(texts: Sequence[str], words: WordVectors, rarity: Rarity) -> FloatMatrix:
    """Means of each text's words, rare ones weighing more; unit rows of shape (texts, 300)."""
    if not texts:
        return np.empty((0, words.dimension), dtype=np.float32)
    return np.stack([_mean(text, words, rarity) for text in texts])


def _mean(text: str, words: WordVectors, rarity: Rarity) -> FloatMatrix:
    said = spelled_words(text)
    if not said:
        return np.zeros(words.dimension, dtype=np.float32)
    weights = np.array([rarity.of(word) for word in said], dtype=np.float32)
    total = weights @ words.of(said)
    return np.asarray(total / max(float(np.linalg.norm(total)), 1e-6), dtype=np.float32)


def _fit(features: FloatMatrix, labels: npt.NDArray[np.int64]) -> FloatMatrix:
    """Penalised multinomial logistic regression by L-BFGS."""
    from scipy.optimize import minimize

    rows, width = features.shape
    classes = int(labels.max()) + 1
    wanted = np.zeros((rows, classes), dtype=np.float32)
    wanted[np.arange(rows), labels] = 1.0

    def loss(point: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        weights = point.reshape(width + 1, classes).astype(np.float32)
        scores = features @ weights[:-1] + weights[-1]
        scores -= scores.max(axis=1, keepdims=True)
        chances = np.exp(scores)
        totals = chances.sum(axis=1, keepdims=True)
        chances /= totals
        surprise = float(np.log(totals).sum() - (scores * wanted).sum())
        errors = chances - wanted
        slope = np.vstack([features.T @ errors + _PENALTY * weights[:-1], errors.sum(axis=0)])
        penalty = 0.5 * _PENALTY * float((weights[:-1] ** 2).sum())
        return surprise + penalty, slope.astype(np.float64).ravel()

    found: Any = minimize(
        loss,
        np.zeros((width + 1) * classes),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": _ROUNDS},
    )
    return np.asarray(found.x.reshape(width + 1, classes), dtype=np.float32)
