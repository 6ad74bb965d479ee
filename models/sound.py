"""Telephone sound made fit for a recogniser: rate, level, offset. Pure."""

from __future__ import annotations

from typing import cast

import numpy as np
import numpy.typing as npt

from models.recogniser import RECOGNISER_RATE_HZ

Floats = npt.NDArray[np.float32]

LOUD_PEAK = 0.7
MOST_GAIN = 12.0
"""About 22 dB: enough for a caller far from the handset, too little to make words of hiss."""


def to_float(pcm: npt.NDArray[np.int16]) -> Floats:
    """16-bit samples as floats between -1 and 1."""
    return pcm.astype(np.float32) / 32768.0


def resample(audio: Floats, *, from_hz: int, to_hz: int = RECOGNISER_RATE_HZ) -> Floats:
    """`audio` at another rate, whole (no state), shape (n * to_hz / from_hz,)."""
    if from_hz == to_hz or not len(audio):
        return audio
    import soxr

    return cast(Floats, soxr.resample(audio, from_hz, to_hz, quality="HQ"))


def centred(audio: Floats) -> Floats:
    """`audio` without its constant offset."""
    return audio - np.float32(audio.mean()) if len(audio) else audio


def level(audio: Floats) -> Floats:
    """Remove the constant offset and bring quiet speech up; loud speech is left as it is.

    The peak is the 99.9th percentile, so that one click does not keep a whole phrase quiet.
    """
    if not len(audio):
        return audio
    audio = centred(audio)
    peak = float(np.quantile(np.abs(audio), 0.999))
    if peak <= 1e-5:
        return audio
    gain = min(MOST_GAIN, max(1.0, LOUD_PEAK / peak))
    levelled: Floats = np.clip(audio * np.float32(gain), -1.0, 1.0)
    return levelled


def loudness_db(audio: Floats) -> float:
    """Root mean square in dB below full scale, at least -100."""
    if not len(audio):
        return -100.0
    return max(-100.0, float(10.0 * np.log10(np.mean(np.square(audio)) + 1e-10)))
