"""Dynamic time warping against an exhaustive search."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.alignment import token_starts, warped


def cheapest(cost: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> float:
    rows, columns = cost.shape

    @cache
    def best(row: int, column: int) -> float:
        if row < 0 or column < 0:
            return float("inf")
        here = float(cost[row, column])
        if row == column == 0:
            return here
        return here + min(best(row - 1, column), best(row, column - 1), best(row - 1, column - 1))

    return best(rows - 1, columns - 1)


@given(st.integers(1, 6), st.integers(1, 9), st.integers(0, 10_000))
def test_the_path_is_a_cheapest_one(rows: int, columns: int, seed: int) -> None:
    cost = np.random.default_rng(seed).normal(size=(rows, columns)).astype(np.float32)
    starts = warped(cost)
    assert starts[0] == 0
    assert (np.diff(starts) >= 0).all()
    # From the starts: each row goes right until the next one starts, then down or diagonally.
    spent = 0.0
    for row in range(rows):
        first = int(starts[row])
        if row + 1 == rows:
            ends = [columns - 1]
        else:
            following = int(starts[row + 1])
            ends = [end for end in (following - 1, following) if end >= first]
        spent += min(float(cost[row, first : end + 1].sum()) for end in ends)
    assert spent == pytest.approx(cheapest(cost), abs=1e-3)


def test_tokens_start_where_the_heads_look() -> None:
    seen = np.full((4, 5, 100), -4.0, np.float32)
    for token in range(5):
        seen[:, token, token * 20 : token * 20 + 20] = 4.0
    assert token_starts(seen) == pytest.approx([0, 20, 40, 60, 80], abs=2)


def test_few_frames_are_no_error() -> None:
    assert token_starts(np.zeros((2, 3, 2), np.float32)).tolist()[0] == 0
