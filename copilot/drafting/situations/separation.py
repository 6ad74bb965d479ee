"""A linear separation of texts in two, by their letters and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from copilot.drafting.situations.grams import Chosen, Counted, Grams, Kind

_PENALTY = 3.0
_LENGTHS: dict[Kind, tuple[int, int]] = {"letters": (2, 5), "words": (1, 2)}
_APART = "\n"
"""Between kept n-grams; none holds it."""


class Separation:
    """Log-odds that a text is of the one kind rather than of the other. Thread-safe."""

    def __init__(
        self, readers: Sequence[Grams], slopes: npt.NDArray[np.float32], level: float
    ) -> None:
        """`readers` are of letters, then of words; `slopes` of both in a row."""
        self._readers, self._slopes, self._level = readers, slopes, level

    @classmethod
    def learn(
        cls, texts: Sequence[str], of: Sequence[bool], weights: Sequence[float]
    ) -> Separation:
        """From texts, whether each is of the first kind, and how much it counts."""
        return Telling(texts, of, weights).separation(np.arange(len(texts)))

    def odds(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """Log-odds of each."""
        return np.array([self._odds(text) for text in texts])

    def _odds(self, text: str) -> float:
        letters, words = self._readers
        ends = len(letters)
        return self._level + float(
            letters.weigh(text).times(self._slopes[:ends])
            + words.weigh(text).times(self._slopes[ends:])
        )

    def arrays(self, name: str) -> dict[str, npt.NDArray[Any]]:
        """To be kept, under names that begin with `name`."""
        kept: dict[str, npt.NDArray[Any]] = {
            f"{name}_slopes": self._slopes,
            f"{name}_level": np.array(self._level),
        }
        for at, reader in enumerate(self._readers):
            grams = _APART.join(reader.known).encode()
            kept[f"{name}_grams_{at}"] = np.frombuffer(grams, dtype=np.uint8)
            kept[f"{name}_rarity_{at}"] = reader.rarity
        return kept

    @classmethod
    def read(cls, name: str, kept: Mapping[str, npt.NDArray[Any]]) -> Separation:
        """As kept by `arrays`. Raises KeyError or ValueError when something lacks."""
        readers = [
            Grams(
                kind,
                lengths,
                kept[f"{name}_grams_{at}"].tobytes().decode().split(_APART),
                kept[f"{name}_rarity_{at}"],
            )
            for at, (kind, lengths) in enumerate(_LENGTHS.items())
        ]
        return cls(readers, kept[f"{name}_slopes"], float(kept[f"{name}_level"]))


class Telling:
    """Texts to learn separations from, of all of them and of some."""

    def __init__(self, texts: Sequence[str], of: Sequence[bool], weights: Sequence[float]) -> None:
        """Each text is of the first kind or not, and counts for so much."""
        self._counted = [Counted(kind, lengths, texts) for kind, lengths in _LENGTHS.items()]
        self._of, self._weights = np.array(of), np.array(weights)

    def separation(self, rows: Chosen) -> Separation:
        """Learnt from the texts at these places."""
        from scipy.sparse import hstack
        from sklearn.linear_model import LogisticRegression

        readers, parts = zip(*(counted.learn(rows) for counted in self._counted), strict=True)
        model = LogisticRegression(C=_PENALTY, max_iter=300, class_weight="balanced")
        model.fit(hstack(parts).tocsr(), self._of[rows], sample_weight=self._weights[rows])
        slopes = model.coef_[0].astype(np.float32)
        return Separation(readers, slopes, float(model.intercept_[0]))
