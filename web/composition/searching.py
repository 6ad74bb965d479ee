"""The embedding models, and the indexes of clients' entries that are built with them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copilot.settings import Settings
from knowledge.confidence import read_calibration
from knowledge.passages import UNTUNED, BuildPrompter, Entry, Prompter, Tuning
from knowledge.vectors import KeptVectors, folder_of
from models.embeddings import E5_SMALL, GEMMA
from web.composition.loading import Loading
from web.composition.places import calibration_file

if TYPE_CHECKING:
    from knowledge.semantics import Semantics
    from models.embeddings import Embedder

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class PrompterBuilder:
    """Indexes a client's entries once the embedding models are there."""

    build: BuildPrompter
    likeness: Callable[[str, Sequence[str]], Sequence[float]]
    give_up: Callable[[], None]


def prepare_semantics(
    settings: Settings, first: Embedder | None = None, second: Embedder | None = None
) -> Semantics:
    """The embedding models; what is computed from them once is kept in the data folder.

    `first` is the packaged one and `second` the Universal Sentence Encoder, where loaded already.
    """
    from knowledge.semantics import load_semantics

    return load_semantics(
        settings.embedding_model or packaged_model(settings),
        cache=settings.data_dir / "models" / "embeddings",
        first=first,
        second=second,
    )


def packaged_model(settings: Settings) -> str:
    """Which packaged model drafts read with, and searches too unless another is set.

    EmbeddingGemma; multilingual-e5-small where the house has set that, and so done without it.
    """
    return E5_SMALL if settings.embedding_model == E5_SMALL else GEMMA


def load_packaged(settings: Settings) -> Embedder:
    """The packaged model: searches, unless another is set, and drafts share it. Raises
    EmbeddingError."""
    from models.embeddings import load_embedder

    return load_embedder(
        packaged_model(settings), folder=settings.data_dir / "models" / "embeddings"
    )


def load_universal() -> Embedder:
    """The second embedding model: searches and drafts share it. Raises EmbeddingError."""
    from models.embeddings import UNIVERSAL, load_embedder

    return load_embedder(UNIVERSAL)


def prompter_builder(
    settings: Settings,
    packaged: Callable[[], Embedder] | None = None,
    universal: Callable[[], Embedder] = load_universal,
) -> PrompterBuilder:
    """The embedding models are loaded once, when the first client is indexed."""
    from knowledge.grouping import likeness
    from knowledge.search import ClientPrompter

    def load() -> Semantics:
        shared = settings.embedding_model in {"", packaged_model(settings)}
        first = packaged() if packaged and shared else None
        return prepare_semantics(settings, first, universal())

    semantics = Loading(load, name="load-embeddings")
    calibration = read_calibration(calibration_file(settings))
    if settings.embedding_model not in {"", GEMMA} and not calibration_file(settings):
        logger.warning(
            "the packaged calibration is of %s, not of %s: fit one (souffleur knowledge fit) and"
            " name it by SOUFFLEUR_CALIBRATION, or cards come too often or too rarely",
            GEMMA,
            settings.embedding_model,
        )

    def build(entries: Sequence[Entry], tuning: Tuning = UNTUNED, /) -> Prompter:
        kept = settings.data_dir / "knowledge" / folder_of(tuning.client_id)
        return ClientPrompter(
            entries,
            semantics.get(),
            calibration=calibration,
            threshold=tuning.threshold,
            weights=tuning.weights,
            kept=KeptVectors(kept) if tuning.client_id else None,
        )

    return PrompterBuilder(
        build=build,
        likeness=lambda said, known: likeness(said, known, semantics.get()),
        give_up=semantics.give_up,
    )
