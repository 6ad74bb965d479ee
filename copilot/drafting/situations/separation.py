"""A linear separation of texts in two, by their letters and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from copilot.drafting.speech import fold

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_PENALTY = 3.0
_LENGTHS = {"char_wb": (2, 5), "word": (1, 2)}
_APART = "\n"
"""Between kept n-grams; none holds it."""


class Separation:
    """Log-odds that a text is of the one kind rather than of the other. Thread-safe."""

    def __init__(
        self,
        grams: Sequence[Sequence[str]],
        rarities: Sequence[npt.NDArray[np.float64]],
        slopes: npt.NDArray[np.float32],
        level: float,
    ) -> None:
        """`grams` and `rarities` are of letters, then of words; `slopes` of both in a row."""
        self._grams, self._rarities = grams, rarities
        self._slopes, self._level = slopes, level
        self._readers = [_reader(kind, known) for kind, known in zip(_LENGTHS, grams, strict=True)]
        for reader, rarity in zip(self._readers, rarities, strict=True):
            reader.idf_ = rarity

    @classmethod
    def learn(
        cls, texts: Sequence[str], of: Sequence[bool], weights: Sequence[float]
    ) -> Separation:
        """From texts, whether each is of the first kind, and how much it counts."""
        from sklearn.linear_model import LogisticRegression

        readers = [_reader(kind) for kind in _LENGTHS]
        rows = _together([reader.fit_transform(texts) for reader in readers])
        model = LogisticRegression(C=_PENALTY, max_iter=300, class_weight="balanced")
        model.fit(rows, np.array(of), sample_weight=np.array(weights))
        return cls(
            [list(map(str, reader.get_feature_names_out())) for reader in readers],
            [reader.idf_ for reader in readers],
            model.coef_[0].astype(np.float32),
            float(model.intercept_[0]),
        )

    def odds(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """Log-odds of each."""
        rows = _together([reader.transform(texts) for reader in self._readers])
        return np.asarray(rows @ self._slopes + self._level, dtype=np.float64)

    def arrays(self, name: str) -> dict[str, npt.NDArray[Any]]:
        """To be kept, under names that begin with `name`."""
        kept: dict[str, npt.NDArray[Any]] = {
            f"{name}_slopes": self._slopes,
            f"{name}_level": np.array(self._level),
        }
        for at, (grams, rarity) in enumerate(zip(self._grams, self._rarities, strict=True)):
            kept[f"{name}_grams_{at}"] = np.frombuffer(_APART.join(grams).encode(), dtype=np.uint8)
            kept[f"{name}_rarity_{at}"] = rarity
        return kept

    @classmethod
    def read(cls, name: str, kept: Mapping[str, npt.NDArray[Any]]) -> Separation:
        """As kept by `arrays`. Raises KeyError or ValueError when something lacks."""
        places = range(len(_LENGTHS))
        return cls(
            [kept[f"{name}_grams_{at}"].tobytes().decode().split(_APART) for at in places],
            [kept[f"{name}_rarity_{at}"] for at in places],
            kept[f"{name}_slopes"],
            float(kept[f"{name}_level"]),
        )


def _reader(analyzer: str, known: Sequence[str] | None = None) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(
        analyzer=analyzer,
        ngram_range=_LENGTHS[analyzer],
        sublinear_tf=True,
        min_df=1 if known else 2,
        preprocessor=fold,
        vocabulary=known,
    )


def _together(rows: Sequence[Any]) -> csr_matrix:
    from scipy.sparse import hstack

    return hstack(rows).tocsr()
