"""What was embedded lately is not embedded again, whoever asks and in whatever order."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numpy as np
import pytest

from models.embeddings import FloatMatrix
from models.remembering import KEPT, RememberingEmbedder


class Counting:
    """Embeds a text as its length, and keeps what it was asked for."""

    name, dimension = "counting", 1

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.may = Event()
        self.may.set()

    def queries(self, texts: Sequence[str]) -> FloatMatrix:
        self.asked.append(list(texts))
        assert self.may.wait(10)
        if "wrong" in texts:
            raise ValueError("wrong")
        return np.array([[len(text)] for text in texts], dtype=np.float32)

    def passages(self, texts: Sequence[str]) -> FloatMatrix:
        return -self.queries(texts)


def test_only_what_is_new_is_embedded_and_together() -> None:
    embedder = Counting()
    remembering = RememberingEmbedder(embedder)
    assert remembering.queries(["oui", "allô"]).ravel().tolist() == [3, 4]
    assert remembering.queries(["bonjour", "oui", "merci", "oui"]).ravel().tolist() == [7, 3, 5, 3]
    assert embedder.asked == [["oui", "allô"], ["bonjour", "merci"]]


def test_what_is_foreseen_is_waited_for_and_embedded_once() -> None:
    embedder = Counting()
    embedder.may.clear()
    remembering = RememberingEmbedder(embedder)
    remembering.foresee(["une fuite"])
    remembering.foresee(["une fuite"])
    embedder.may.set()
    assert remembering.queries(["une fuite"]).ravel().tolist() == [9]
    assert embedder.asked == [["une fuite"]]


def test_what_no_thread_can_compute_is_computed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise RuntimeError("cannot schedule new futures after interpreter shutdown")

    monkeypatch.setattr(ThreadPoolExecutor, "submit", refused)
    embedder = Counting()
    remembering = RememberingEmbedder(embedder)
    remembering.foresee(["une fuite"])
    with ThreadPoolExecutor(1) as pool:
        monkeypatch.undo()
        waited_for = pool.submit(remembering.queries, ["une fuite"])
        assert waited_for.result(10).ravel().tolist() == [9]


def test_a_failure_is_told_and_forgotten() -> None:
    embedder = Counting()
    remembering = RememberingEmbedder(embedder)
    for _ in range(2):
        with pytest.raises(ValueError, match="wrong"):
            remembering.queries(["wrong"])
    assert len(embedder.asked) == 2


def test_the_latest_are_kept() -> None:
    embedder = Counting()
    remembering = RememberingEmbedder(embedder)
    remembering.queries(["first"])
    remembering.queries([f"{number}" for number in range(KEPT)])
    remembering.queries(["first"])
    assert embedder.asked[-1] == ["first"]


def test_more_than_is_kept_and_passages_are_not_remembered() -> None:
    embedder = Counting()
    remembering = RememberingEmbedder(embedder)
    texts = [f"{number}" for number in range(KEPT + 1)]
    assert len(remembering.queries(texts)) == len(texts)
    assert remembering.passages(["oui"]).ravel().tolist() == [-3]
    assert remembering.queries(["oui"]).ravel().tolist() == [3]
