"""One side of the entries under one embedding: who is near, and how near."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from knowledge.postings import Rows, Scores, spans
from models.embeddings import FloatMatrix

CANDIDATES = 64
"""Entries a view may put forward for a wording."""
FEW = 8000
"""Rows up to which each is compared in full, a few milliseconds at most, and kept in 32 bits."""
_SHORTLIST = 192
"""Rows that the codes bring out of many, to be compared in full: the 64 best are among them
(docs/benchmarks/knowledge.md)."""
_NUMBERS_A_CODE = 4
_BITS = 4


class View:
    """One side of the entries under one embedding; an entry may have several rows.

    Of many rows, codes of one bit a number (product quantisation, Jégou et al. 2011, read by
    shuffles of registers, André et al. 2017) bring out those to compare in full, and full rows
    are kept in 16 bits.
    """

    def __init__(
        self,
        vectors: FloatMatrix,
        owners: npt.NDArray[np.int64],
        background: FloatMatrix,
        *,
        searched: bool = True,
    ) -> None:
        """`vectors` has unit rows, `owners` the entry of each, sorted; every entry has one. Of one
        that is not `searched` no candidates are asked, and it makes no codes."""
        centre = background.mean(axis=0)
        self._level = vectors @ centre
        # The mean variance of the closeness to the background, without a matrix of all pairs.
        scatter = np.cov(background, rowvar=False, bias=True)
        self._spread = float(np.sqrt(((vectors @ scatter) * vectors).sum(axis=1).mean())) + 1e-6
        self._owners = owners.astype(np.int32)
        self._bounds = np.searchsorted(owners, np.arange(owners[-1] + 2))
        self._codes: Any = None
        self._vectors: npt.NDArray[np.floating[Any]] = vectors
        if len(vectors) > FEW:
            self._codes = _coded(vectors) if searched else None
            self._vectors = vectors.astype(np.float16)

    @property
    def size_bytes(self) -> int:
        """Rows, their owners and their codes."""
        codes = 0 if self._codes is None else int(self._codes.code_size) * len(self._owners)
        return int(self._vectors.nbytes + self._owners.nbytes + self._level.nbytes) + codes

    def candidates(self, vectors: FloatMatrix) -> Rows:
        """Entries whose rows are the closest to vectors of shape (wordings, dimension)."""
        if self._codes is None:
            near = [_best(closeness) for closeness in vectors @ self._vectors.T]
        else:
            _one_thread()
            _, found = self._codes.search(vectors, _SHORTLIST)
            near = [
                rows[_best(self._full(rows) @ vector)]
                for vector, rows in zip(vectors, found, strict=True)
            ]
        return np.unique(self._owners[np.concatenate(near)])

    def closeness(self, vectors: FloatMatrix, entries: Rows) -> Scores:
        """Best row of each of some entries (sorted), above background: (vectors, entries)."""
        rows, starts = spans(self._bounds, entries)
        above = (vectors @ self._full(rows).T - self._level[rows]) / self._spread
        return np.maximum.reduceat(above.astype(np.float64), starts, axis=1)

    def _full(self, rows: Rows) -> FloatMatrix:
        if len(rows) == len(self._vectors) and self._codes is None:
            return np.asarray(self._vectors, dtype=np.float32)  # all of them: no copy
        return np.asarray(self._vectors[rows], dtype=np.float32)


def _best(closeness: FloatMatrix) -> Rows:
    """Places of the CANDIDATES highest, in any order."""
    if len(closeness) <= CANDIDATES:
        return np.arange(len(closeness))
    return np.argpartition(closeness, -CANDIDATES)[-CANDIDATES:]


def _one_thread() -> None:
    """For faiss, in the calling thread: of two, one spins whenever the other waits for a core,
    which live calls then miss; alone they save little (docs/benchmarks/knowledge.md)."""
    import faiss

    faiss.omp_set_num_threads(1)


def _coded(vectors: FloatMatrix) -> Any:
    import faiss

    _one_thread()
    width = vectors.shape[1]
    codes = faiss.IndexPQFastScan(
        width, width // _NUMBERS_A_CODE, _BITS, faiss.METRIC_INNER_PRODUCT
    )
    codes.train(vectors)
    codes.add(vectors)
    return codes
