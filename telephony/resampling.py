"""Whole-number changes of rate, packet by packet, never a sample too many or too few."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

TAPS_PER_PHASE = 24
"""Of the longer side: passes 3.4 kHz at 8 kHz, stops what would fold back by 50 dB."""


def _low_pass(factor: int) -> npt.NDArray[np.float32]:
    """Windowed sinc that cuts at 0.9 of the lower rate's half, shape (factor * TAPS,)."""
    size = factor * TAPS_PER_PHASE
    # Symmetric about a sample, not about the gap between two: there and back is whole samples.
    at = np.arange(size) - size / 2
    taps = np.sinc(0.9 * at / factor) * np.kaiser(size + 1, 6.0)[:-1]
    normal: npt.NDArray[np.float32] = (taps / taps.sum()).astype(np.float32)
    return normal


class Decimator:
    """Every `factor`-th sample of a low-passed voice; remembers the packet before."""

    def __init__(self, factor: int) -> None:
        self._factor = factor
        self._taps = _low_pass(factor)[::-1]
        self._past = np.zeros(len(self._taps) - 1, dtype=np.float32)

    def take(self, pcm: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
        """Samples of shape (n,), n a multiple of the factor, to shape (n / factor,)."""
        heard = np.concatenate([self._past, pcm.astype(np.float32)])
        self._past = heard[len(pcm) :]
        windows = np.lib.stride_tricks.sliding_window_view(heard, len(self._taps))
        return _rounded(windows[:: self._factor] @ self._taps)


class Interpolator:
    """`factor` samples for each one; remembers the packet before."""

    def __init__(self, factor: int) -> None:
        taps = _low_pass(factor) * factor
        # One filter a phase, newest sample first as the windows below have it last.
        self._phases = taps.reshape(TAPS_PER_PHASE, factor)[::-1]
        self._past = np.zeros(TAPS_PER_PHASE - 1, dtype=np.float32)

    def take(self, pcm: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
        """Samples of shape (n,) to shape (n * factor,)."""
        heard = np.concatenate([self._past, pcm.astype(np.float32)])
        self._past = heard[len(pcm) :]
        windows = np.lib.stride_tricks.sliding_window_view(heard, TAPS_PER_PHASE)
        return _rounded((windows @ self._phases).reshape(-1))


def _rounded(values: npt.NDArray[np.float32]) -> npt.NDArray[np.int16]:
    return np.clip(np.rint(values), -32768, 32767).astype(np.int16)
