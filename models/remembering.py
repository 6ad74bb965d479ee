"""Embeddings of what was said lately, computed once and, where wanted, beforehand.

A call is read anew at each turn, and several readers embed the same utterance: the vectors of the
last utterances are kept. What is foreseen is computed beside the reader's other work.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

import numpy as np

from models.embeddings import Embedder, FloatMatrix

KEPT = 512
"""Texts whose vectors are kept, the latest: what is under way on some fifty calls."""
_AT_ONCE = 2
"""Texts computed beforehand at the same time; what more is foreseen waits."""


class RememberingEmbedder:
    """An `Embedder` that remembers queries. Thread-safe."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.name, self.dimension = embedder.name, embedder.dimension
        self._kept: OrderedDict[str, Future[FloatMatrix]] = OrderedDict()
        self._lock = Lock()
        self._beforehand = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="embedding")

    def queries(self, texts: Sequence[str]) -> FloatMatrix:
        """See `Embedder`; what is new is computed together."""
        if not 0 < len(texts) <= KEPT:
            return self._embedder.queries(texts)
        found, new = self._taken(texts)
        if new:
            self._compute(new)
        return np.stack([each.result() for each in found])

    def passages(self, texts: Sequence[str]) -> FloatMatrix:
        """See `Embedder`; these are not remembered."""
        return self._embedder.passages(texts)

    def foresee(self, texts: Sequence[str]) -> None:
        """Begin to compute queries that will be asked for, together; returns at once, unless no
        thread can be had."""
        _, new = self._taken(texts)
        if not new:
            return
        try:
            self._beforehand.submit(self._compute, new)
        except RuntimeError:  # the process ends, or has no thread to give: nobody may wait in vain
            self._compute(new)

    def _taken(
        self, texts: Sequence[str]
    ) -> tuple[list[Future[FloatMatrix]], dict[str, Future[FloatMatrix]]]:
        """The vector of each text, and those that the caller is to compute."""
        new: dict[str, Future[FloatMatrix]] = {}
        found = []
        with self._lock:
            for text in texts:
                if text not in self._kept:
                    new[text] = self._kept[text] = Future()
                self._kept.move_to_end(text)
                found.append(self._kept[text])
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return found, new

    def _compute(self, new: dict[str, Future[FloatMatrix]]) -> None:
        try:
            vectors = self._embedder.queries([*new])
        except BaseException as problem:
            with self._lock:
                for text in new:
                    self._kept.pop(text, None)
            for waiting in new.values():
                waiting.set_exception(problem)
            return
        for vector, waiting in zip(vectors, new.values(), strict=True):
            waiting.set_result(vector)
