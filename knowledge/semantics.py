"""What every client's search shares: the embedding models, the intents, the background.

The background is everyday talk that answers to nothing. How close an entry is to it says how close
it is to anything: only what exceeds that counts, whichever the model (e5's cosines are bunched
between 0.80 and 0.91, the Universal Sentence Encoder's spread from 0 to 0.8).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from knowledge.intents import IntentBank, read_intents
from models.embeddings import E5_SMALL, UNIVERSAL, Embedder, FloatMatrix, load_embedder


@dataclass(frozen=True, slots=True, kw_only=True)
class Semantics:
    """Loaded once a process, used by all clients and threads."""

    first: Embedder
    """The embedding model of the setting."""
    second: Embedder
    """The Universal Sentence Encoder."""
    bank: IntentBank
    first_background: FloatMatrix
    second_background: FloatMatrix


def load_semantics(model: str = E5_SMALL, *, device: str = "cpu") -> Semantics:
    """Load the models; takes seconds, call it from a worker thread.

    `model` is any name or folder sentence-transformers takes. Raises EmbeddingError.
    """
    first, second = load_embedder(model, device=device), load_embedder(UNIVERSAL)
    intents = read_intents()
    wordings = [intent.wordings[i] for intent in intents for i in (0, -1) if intent.wordings]
    return Semantics(
        first=first,
        second=second,
        bank=IntentBank(intents, second),
        first_background=first.queries(wordings[::2]),
        second_background=second.queries(wordings),
    )


def above_background(near: FloatMatrix, background: FloatMatrix) -> np.ndarray:
    """Closeness in standard deviations above an entry's closeness to everyday talk.

    `near` has shape (wordings, rows), `background` (background wordings, rows).
    """
    level = background.mean(axis=0)
    spread = float(np.sqrt(background.var(axis=0).mean())) + 1e-6
    return np.asarray((near - level) / spread, dtype=np.float64)
