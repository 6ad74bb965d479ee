"""When each token was said, from where the decoder looked while writing it. Pure.

Dynamic time warping over the cross-attention of the heads that follow the voice (Radford et al.,
2022; the reference implementation's `timing.py`).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

MEDIAN_WIDTH = 7
Floats = npt.NDArray[np.float32]


def token_starts(seen: Floats) -> npt.NDArray[np.int64]:
    """The first frame of each token, shape (tokens,).

    `seen` are raw attention scores, shape (heads, tokens, frames).
    """
    weights = seen - seen.max(axis=-1, keepdims=True)
    weights = np.exp(weights)
    weights /= weights.sum(axis=-1, keepdims=True)
    spread = weights.std(axis=-2, keepdims=True)
    weights = (weights - weights.mean(axis=-2, keepdims=True)) / np.maximum(spread, 1e-8)
    return warped(-_median(weights).mean(axis=0))


def _median(weights: Floats) -> Floats:
    """Median over neighbouring frames, edges mirrored."""
    half = MEDIAN_WIDTH // 2
    if weights.shape[-1] <= half:
        return weights
    padded = np.pad(weights, ((0, 0), (0, 0), (half, half)), mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, MEDIAN_WIDTH, axis=-1)
    return np.partition(windows, half, axis=-1)[..., half]


def warped(cost: Floats) -> npt.NDArray[np.int64]:
    """The first column of each row on the cheapest path from corner to corner.

    `cost` has shape (rows, columns); a path goes right, down or both at each step.
    """
    rows, columns = cost.shape
    total = np.cumsum(cost, axis=1, dtype=np.float64)
    before = total - cost
    table = np.empty((rows, columns))
    table[0] = total[0]
    for row in range(1, rows):
        above = table[row - 1]
        entering = np.minimum(above, np.concatenate(([np.inf], above[:-1])))
        # cheapest way in at any column so far, then straight right
        table[row] = np.minimum.accumulate(entering - before[row]) + total[row]
    starts = np.zeros(rows, dtype=np.int64)
    column = columns - 1
    for row in range(rows - 1, 0, -1):
        above = table[row - 1]
        while True:
            straight = table[row, column - 1] if column else np.inf
            diagonal = above[column - 1] if column else np.inf
            if straight < min(above[column], diagonal):
                column -= 1
                continue
            break
        starts[row] = column
        if column and diagonal <= above[column]:
            column -= 1
    return starts
