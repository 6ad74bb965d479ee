"""Log-mel spectrogram as Whisper was trained on it.

80 or 128 bands on the Slaney scale, 25 ms Hann windows every 10 ms, log10 floored 8 below the
maximum, then (x + 4) / 4 (Radford et al., 2022, and the reference implementation).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from models.recogniser import RECOGNISER_RATE_HZ

WINDOW_SAMPLES = 400
HOP_SAMPLES = 160
_BLOCK_FRAMES = 8
FRAMES_PER_S = RECOGNISER_RATE_HZ // HOP_SAMPLES

Floats = npt.NDArray[np.float32]


def _mel_to_hz(mel: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    linear = mel * (200.0 / 3)
    logarithmic = 1000.0 * np.exp((mel - 15.0) * (np.log(6.4) / 27.0))
    return np.where(mel < 15.0, linear, logarithmic)


@lru_cache(maxsize=4)
def filters(bands: int) -> Floats:
    """Triangular filters of equal area, shape (bands, WINDOW_SAMPLES // 2 + 1)."""
    top_mel = 15.0 + 27.0 * np.log(RECOGNISER_RATE_HZ / 2 / 1000.0) / np.log(6.4)
    corners = _mel_to_hz(np.linspace(0.0, top_mel, bands + 2))
    hz = np.fft.rfftfreq(WINDOW_SAMPLES, 1.0 / RECOGNISER_RATE_HZ)
    low, centre, high = corners[:-2, None], corners[1:-1, None], corners[2:, None]
    rising = (hz - low) / (centre - low)
    falling = (high - hz) / (high - centre)
    triangles = np.maximum(0.0, np.minimum(rising, falling)) * (2.0 / (high - low))
    return triangles.astype(np.float32)


@lru_cache(maxsize=1)
def _window() -> Floats:
    return np.hanning(WINDOW_SAMPLES + 1)[:-1].astype(np.float32)


def _bands(power: Floats, bands: int) -> Floats:
    """Power in each band, shape (frames, bands).

    A few frames at a time: a larger product would wake every thread of the linear algebra library,
    and they would go on spinning at the expense of the other calls.
    """
    blocks = -(-len(power) // _BLOCK_FRAMES)
    padded = np.pad(power, ((0, blocks * _BLOCK_FRAMES - len(power)), (0, 0)))
    product = padded.reshape(blocks, _BLOCK_FRAMES, -1) @ filters(bands).T
    return product.reshape(-1, bands)[: len(power)]


def log_mel(audio: Floats, *, frames: int, bands: int = 80) -> Floats:
    """Spectrogram of `audio` (16 kHz, shape (n,)) followed by silence.

    Returns shape (bands, frames): the silence that fills it up costs no transform.
    """
    half = WINDOW_SAMPLES // 2
    heard = min(frames, len(audio) // HOP_SAMPLES + 2)
    wanted = (heard - 1) * HOP_SAMPLES + WINDOW_SAMPLES
    padded = np.pad(audio, (half, 0), mode="reflect") if len(audio) > half else audio
    padded = padded[:wanted]
    padded = np.pad(padded, (0, wanted - len(padded)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW_SAMPLES)[::HOP_SAMPLES]
    spectrum = np.fft.rfft(windows * _window(), axis=-1)
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    mel = _bands(power, bands)
    out = np.full((bands, frames), -10.0, dtype=np.float32)
    out[:, : len(mel)] = np.log10(np.maximum(mel, 1e-10)).T
    np.maximum(out, out.max() - 8.0, out=out)
    out += 4.0
    out /= 4.0
    return out
