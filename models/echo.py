"""Whether what is heard on one leg is the other person's voice, leaking into it. Pure.

An echo rises and falls with the voice it comes from, in every band, a little later and weaker; two
people who speak at once do not. Loudness by band is compared and not the waves: codecs and mobile
networks keep the first and not the second.
"""

from __future__ import annotations

import itertools
import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

STEP_S = 0.032
BANDS_HZ = (200, 400, 650, 1000, 1500, 2200, 3400)
MOST_DELAY_S = 0.6
"""Through two networks and back."""
LEAST_S = 0.4
"""Shorter stretches are alike by chance."""
LIKENESS = 0.72
"""Of an utterance of one second; long ones need less, short ones are alike by chance."""
LIKENESS_PER_DOUBLING = 0.04
LEAST_LOSS_DB = 8.0
"""An echo is this much weaker than the voice at least."""
_FLOOR_DB = -75.0


def leaked(heard: Floats, other: Floats, *, rate_hz: int) -> bool:
    """Whether `heard` is an echo of `other`.

    Both are samples at `rate_hz`, shape (n,), between -1 and 1, that end at the same moment;
    `other` begins up to `MOST_DELAY_S` before `heard`.
    """
    if len(heard) < LEAST_S * rate_hz or len(other) < len(heard):
        return False
    likeness, loss_db = comparison(heard, other, rate_hz=rate_hz)
    needed = LIKENESS - LIKENESS_PER_DOUBLING * min(2.0, math.log2(len(heard) / rate_hz))
    return likeness >= needed and loss_db >= LEAST_LOSS_DB


def comparison(heard: Floats, other: Floats, *, rate_hz: int) -> tuple[float, float]:
    """Correlation of the loudness by band at the best delay, and by how many dB it is weaker."""
    here, there = _loudness(heard, rate_hz), _loudness(other, rate_hz)
    floor = np.quantile(here, 0.1, axis=0)
    best, loss_db = 0.0, 0.0
    for delay in range(len(there) - len(here) + 1):
        source = there[len(there) - len(here) - delay : len(there) - delay]
        loud = source.max(axis=1) > source.max() - 20.0
        lost = np.median((source - here)[loud], axis=0)
        # What is lost in the noise of the line cannot be alike.
        likeness = _correlation(here, np.maximum(source - lost, floor))
        if likeness > best:
            best, loss_db = likeness, float(np.median(lost))
    return best, loss_db


def _loudness(audio: Floats, rate_hz: int) -> Floats:
    """Decibels by band, shape (steps, bands), the last step at the end of the audio."""
    size = round(STEP_S * rate_hz)
    steps = len(audio) // size
    frames = audio[len(audio) - steps * size :].reshape(steps, size)
    power = np.abs(np.fft.rfft(frames * np.hanning(size).astype(np.float32), axis=1)) ** 2
    banded = power @ _filters(size, rate_hz) / size**2
    decibels: Floats = 10.0 * np.log10(banded + 10 ** (_FLOOR_DB / 10)).astype(np.float32)
    return decibels


@lru_cache(maxsize=4)
def _filters(size: int, rate_hz: int) -> Floats:
    hertz = np.fft.rfftfreq(size, 1.0 / rate_hz)
    edges = itertools.pairwise(BANDS_HZ)
    columns = [(hertz >= low) & (hertz < high) for low, high in edges]
    return np.stack(columns, axis=1).astype(np.float32)


def _correlation(one: Floats, other: Floats) -> float:
    first, second = one - one.mean(axis=0), other - other.mean(axis=0)
    power = float(np.sum(first**2) * np.sum(second**2))
    return float(np.sum(first * second)) / power**0.5 if power > 1e-6 else 0.0
