"""An embedding model as a search sees it: its vectors, whitened, against everyday talk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from models.embeddings import Embedder, FloatMatrix


class Embedded(NamedTuple):
    """Texts as a model sees them, three times (texts, dimension)."""

    levelled: FloatMatrix
    whitened: FloatMatrix
    """Unit rows."""
    thorough: FloatMatrix
    """Unit rows as the model gives them, at its end where it was read so far."""


class Begun(NamedTuple):
    """Texts being read on another thread; either waits."""

    early: Callable[[], Embedded]
    """As the first layers see them: levelled and whitened."""
    thorough: Callable[[], FloatMatrix]
    """Unit rows as the whole model gives them."""


_SHRINKAGE = 10.0
"""Weight of equal variances against those seen: few wordings, many directions."""
_AT_ONCE = 2
"""Wordings computed at the same time, for as many calls: the packaged e5 takes no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """An embedding model with its whitening and its background. Thread-safe."""

    embedder: Embedder
    whole: Embedder
    """The same read to its end too (`models.embeddings.thorough`)."""
    mean: FloatMatrix
    spread: float
    """Root of the mean squared distance of everyday texts from their mean."""
    whitening: FloatMatrix
    background: FloatMatrix
    """Everyday talk, whitened."""
    thorough_background: FloatMatrix
    """Some of it as the model gives it, read to its end."""
    beside: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="embedding"),
        repr=False,
    )

    def begun(self, texts: Sequence[str]) -> Begun:
        """What is said, on another thread."""
        early: Future[FloatMatrix] = Future()
        try:
            thorough = self.beside.submit(self._read_on, texts, early)
        except RuntimeError:  # the process ends, or has no thread to give
            thorough = Future()
            thorough.set_result(self._read_on(texts, early))
        return Begun(lambda: self.seen(early.result()), thorough.result)

    def _read_on(self, texts: Sequence[str], early: Future[FloatMatrix]) -> FloatMatrix:
        """Sets `early`, the first layers' vectors, and gives what the whole model makes of texts,
        unit rows."""
        try:
            vectors = self.embedder.queries(texts)
            early.set_result(vectors)
        except BaseException as problem:
            early.set_exception(problem)
            raise
        # The packaged model goes on where it stopped on this thread.
        vectors = vectors if self.whole is self.embedder else self.whole.queries(texts)
        return unit_rows(vectors[:, -len(self.mean) :])

    def queries(self, texts: Sequence[str]) -> Embedded:
        """What is said."""
        return self.seen(self.whole.queries(texts))

    def seen(self, vectors: FloatMatrix) -> Embedded:
        """What is made of the model's vectors, of whichever length."""
        size = len(self.mean)
        first = unit_rows(vectors[:, :size])
        return Embedded(self.levelled(first), self.whitened(first), unit_rows(vectors[:, -size:]))

    def levelled(self, vectors: FloatMatrix) -> FloatMatrix:
        """About their mean and at one scale: models differ in how alike all texts are to them."""
        return np.asarray((vectors - self.mean) / self.spread, dtype=np.float32)

    def whitened(self, vectors: FloatMatrix) -> FloatMatrix:
        """Unit rows of the model's vectors with the telling directions turned up."""
        return unit_rows((vectors - self.mean) @ self.whitening)


def within_whitening(
    vectors: FloatMatrix, labels: npt.NDArray[np.int64], shrinkage: float = _SHRINKAGE
) -> tuple[FloatMatrix, FloatMatrix]:
    """Mean and whitening of the scatter within classes (Hastie et al. 2009, 4.3), shrunk.

    `vectors` has shape (rows, dimension), `labels` (rows,); the whitening is (dimension,
    dimension), the inverse of the shrunk scatter scaled to leave an average direction as it is.
    """
    sums = np.zeros((int(labels.max()) + 1, vectors.shape[1]))
    np.add.at(sums, labels, vectors)
    counts = np.bincount(labels, minlength=len(sums))
    centres = sums / np.maximum(counts, 1)[:, None]
    apart = vectors - centres[labels]
    scatter = apart.T @ apart / len(apart)
    level = np.trace(scatter) / len(scatter)
    shrunk = scatter + shrinkage * level * np.eye(len(scatter))
    whitening = np.linalg.inv(shrunk) * level * (1 + shrinkage)
    return vectors.mean(axis=0), whitening.astype(np.float32)


def unit_rows(vectors: npt.NDArray[Any]) -> FloatMatrix:
    """Rows of length 1, float32; a row of zeros stays one."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.ascontiguousarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)
