"""The packaged sentence embeddings and word vectors, for real."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.embeddings import (
    E5_SMALL,
    GEMMA,
    UNIVERSAL,
    Embedder,
    EmbeddingError,
    brief,
    load_embedder,
    thorough,
)
from models.words import WordVectors

pytestmark = pytest.mark.models

CACHE = Path(__file__).parents[2] / "var" / "models" / "embeddings"
"""The service's own: weights are made once."""
TEXTS = ["Quels sont vos horaires ?", "Y a-t-il un parking ?", "Comment annuler ma commande ?"]


@pytest.fixture(scope="module", params=[GEMMA, E5_SMALL, UNIVERSAL])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    return load_embedder(str(request.param), folder=CACHE)


def test_vectors_are_unit_rows(embedder: Embedder) -> None:
    for vectors in (embedder.queries(TEXTS), embedder.passages(TEXTS)):
        assert vectors.shape == (3, embedder.dimension)
        assert vectors.dtype == np.float32
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(3), abs=1e-3)
    assert embedder.queries([]).shape == (0, embedder.dimension)


def test_a_paraphrase_is_closest_to_its_entry(embedder: Embedder) -> None:
    asked = embedder.queries(
        ["vous ouvrez à quelle heure", "où garer la voiture", "je ne veux plus de mon achat"]
    )
    near = asked @ embedder.passages(TEXTS).T
    assert near.argmax(axis=1).tolist() == [0, 1, 2]


def test_threads_and_batches_do_not_mix(embedder: Embedder) -> None:
    texts = [f"{text} {number}" for number in range(10) for text in TEXTS]
    whole = embedder.passages(texts)
    with ThreadPoolExecutor(4) as pool:
        alone = np.concatenate(list(pool.map(lambda text: embedder.passages([text]), texts)))
    # In 8 bits a text moves a little with its batch; another text is five times as far away.
    assert np.linalg.norm(whole - alone, axis=1).max() < 0.05


def test_e5_tells_queries_from_passages() -> None:
    embedder = load_embedder(E5_SMALL)
    asked, held = embedder.queries(TEXTS[:1]), embedder.passages(TEXTS[:1])
    assert 0.8 < float(asked[0] @ held[0]) < 0.999


def test_an_unknown_model_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingError, match="introuvable ou illisible"):
        load_embedder(str(tmp_path / "nothing-here"))


def test_words_used_alike_are_close() -> None:
    vectors = WordVectors()
    park, garer, chat, unknown = vectors.of(["parking", "garer", "chat", "xqzzk"])
    assert park @ garer > park @ chat + 0.2
    assert not unknown.any()


def test_one_reading_gives_the_first_layers_and_the_whole_model() -> None:
    embedder = load_embedder(GEMMA, folder=CACHE)
    both = thorough(embedder)
    found = both.queries(TEXTS)
    assert found.shape == (len(TEXTS), both.dimension) == (len(TEXTS), 2 * embedder.dimension)
    first, whole = found[:, : embedder.dimension], found[:, embedder.dimension :]
    assert first * 2**0.5 == pytest.approx(embedder.queries(TEXTS), abs=1e-5)
    assert np.linalg.norm(whole, axis=1) == pytest.approx(np.full(len(TEXTS), 2**-0.5), abs=1e-4)
    assert not np.allclose(brief(embedder).queries(TEXTS), embedder.queries(TEXTS), atol=0.01)


class CountedGraph:
    """A graph that tells how often it ran."""

    def __init__(self, graph: Any) -> None:
        self._graph = graph
        self.runs = 0

    def run(self, *given: Any) -> Any:
        self.runs += 1
        return self._graph.run(*given)


def test_a_thread_that_wants_more_of_what_it_read_goes_on_where_it_stopped() -> None:
    from models.gemma_module import EmbeddingGemma

    module = EmbeddingGemma(CACHE)
    graphs = {way: CountedGraph(graph) for way, graph in module._graphs.items()}
    module._graphs = graphs

    def read(text: str, *ways: str) -> Any:
        features = module.giving(*ways).forward(module.preprocess([text]))
        return features["sentence_embedding"].numpy()

    def runs() -> list[int]:
        return [graph.runs for graph in graphs.values()]

    brief_row, early_row = read(TEXTS[0], "brief"), read(TEXTS[0], "early")
    assert runs() == [1, 1, 0]
    both = read(TEXTS[0], "early", "meaning")
    assert runs() == [1, 1, 1]
    read(TEXTS[1], "brief")
    assert runs() == [2, 1, 1]
    with ThreadPoolExecutor(1) as another:  # which knows nothing of what was read here
        anew = another.submit(read, TEXTS[0], "brief", "early", "meaning").result()
    assert runs() == [3, 2, 2]
    assert np.hstack([brief_row, both]) == pytest.approx(anew, abs=1e-5)
    assert np.array_equal(early_row, both[:, : early_row.shape[1]])


def test_many_texts_are_read_two_batches_at_a_time_each_in_its_place() -> None:
    embedder = load_embedder(GEMMA, folder=CACHE)
    texts = [" ".join([text] * (1 + number % 9)) for number in range(60) for text in TEXTS]
    some = range(0, len(texts), 25)
    alone = np.concatenate([embedder.queries([texts[at]]) for at in some])
    assert np.linalg.norm(embedder.queries(texts)[some] - alone, axis=1).max() < 0.05


def test_a_model_of_one_vector_stands_for_all() -> None:
    embedder = load_embedder(E5_SMALL, folder=CACHE)
    assert thorough(embedder) is brief(embedder) is embedder
