"""Who is near, among few rows and among many."""

from __future__ import annotations

import numpy as np
import pytest

from knowledge.spaces import unit_rows
from knowledge.views import View
from models.embeddings import FloatMatrix

WIDTH = 64
RANDOM = np.random.default_rng(4)


def rows(count: int) -> FloatMatrix:
    return unit_rows(RANDOM.standard_normal((count, WIDTH)))


BACKGROUND = rows(200)


@pytest.mark.parametrize("size", [300, 10_000])
def test_the_nearest_entries_are_put_forward(size: int) -> None:
    vectors = rows(size)
    owners = np.repeat(np.arange(size // 2), 2)
    view = View(vectors, owners, BACKGROUND)
    for one in unit_rows(vectors[:: size // 20] + rows(20)):
        nearest = owners[np.argsort(-(vectors @ one))[:4]]
        assert {*nearest[: 4 if size < 1000 else 1]} <= {*view.candidates(one[None])}


@pytest.mark.parametrize("size", [300, 10_000])
def test_an_entry_is_as_near_as_its_best_row_above_the_background(size: int) -> None:
    vectors, asked = rows(size), rows(3)
    owners = np.sort(RANDOM.integers(0, 90, size))
    owners = np.unique(owners, return_inverse=True)[1]
    view = View(vectors, owners, BACKGROUND)
    entries = np.array([0, 3, 40, owners[-1]])
    above = asked @ vectors.T - vectors @ BACKGROUND.mean(axis=0)
    spread = np.sqrt(np.mean([np.var(vectors[at] @ BACKGROUND.T) for at in range(size)]))
    expected = [[above[at, owners == entry].max() / spread for entry in entries] for at in range(3)]
    assert view.closeness(asked, entries) == pytest.approx(np.array(expected), abs=0.01)


def test_many_rows_take_half_their_memory_and_a_few_codes() -> None:
    vectors = rows(10_000)
    view = View(vectors, np.arange(10_000), BACKGROUND)
    assert vectors.nbytes / 2 < view.size_bytes < vectors.nbytes
