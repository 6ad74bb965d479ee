"""Building blocks: tones, filtered noise, and what a line does to a sound."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.signal import butter, lfilter, sosfilt

from telephony import g711

RATE_HZ = 8000

Pcm = npt.NDArray[np.int16]
Wave = npt.NDArray[np.float64]


def moments(seconds: float) -> Wave:
    """Times of the samples, in seconds."""
    return np.arange(round(seconds * RATE_HZ)) / RATE_HZ


def tone(seconds: float, *hertz: float) -> Wave:
    """The mean of sines."""
    at = moments(seconds)
    mean: Wave = np.stack([np.sin(2 * np.pi * f * at) for f in hertz]).mean(axis=0)
    return mean


def cadence(seconds: float, on_s: float, off_s: float, *hertz: float) -> Wave:
    """A tone that comes and goes."""
    return tone(seconds, *hertz) * (moments(seconds) % (on_s + off_s) < on_s)


def to_pcm(wave: Wave, peak: float) -> Pcm:
    """16-bit samples, the highest at `peak` of full scale."""
    top = float(np.max(np.abs(wave), initial=0.0)) or 1.0
    return np.round(wave / top * peak * 32767).astype(np.int16)


def noise(seconds: float, seed: int) -> Wave:
    """White noise of unit power."""
    return np.random.default_rng(seed).normal(0.0, 1.0, round(seconds * RATE_HZ))


def band(wave: Wave, low_hz: float, high_hz: float) -> Wave:
    """What of it lies between two frequencies."""
    sections = butter(2, (low_hz, high_hz), btype="bandpass", fs=RATE_HZ, output="sos")
    passed: Wave = sosfilt(sections, wave)
    return passed


def formants(source: Wave, resonances: tuple[tuple[float, float], ...]) -> Wave:
    """A source through resonances (frequency, bandwidth in Hz), as through a mouth."""
    shaped = source
    for hertz, width_hz in resonances:
        radius = np.exp(-np.pi * width_hz / RATE_HZ)
        angle = 2 * np.pi * hertz / RATE_HZ
        shaped = lfilter([1.0 - radius], [1.0, -2 * radius * np.cos(angle), radius**2], shaped)
    return shaped


def softer(pcm: Pcm, decibels: float) -> Pcm:
    """The same, weaker."""
    return np.round(pcm * 10 ** (-decibels / 20)).astype(np.int16)


def through_g711(pcm: Pcm) -> Pcm:
    """As after a G.711 line."""
    return g711.decode(g711.encode(pcm, "PCMA"), "PCMA")


def through_mobile(pcm: Pcm) -> Pcm:
    """As after a mobile network: like GSM full rate, a predictor of order 8 every 20 ms and one
    sample in three of what it leaves, on eight levels. Music comes out of it torn."""
    size, order = 160, 8
    heard = np.zeros(len(pcm))
    analysis, synthesis = np.zeros(order), np.zeros(order)
    for first in range(0, len(pcm) - size + 1, size):
        frame = pcm[first : first + size].astype(float)
        coefficients = _predictor(frame, order)
        left, analysis = lfilter(coefficients, [1.0], frame, zi=analysis)
        grid = max(range(3), key=lambda phase: float(np.sum(left[phase::3] ** 2)))
        kept = np.zeros(size)
        step = max(1e-9, float(np.max(np.abs(left[grid::3]))) / 3.5)
        kept[grid::3] = np.clip(np.round(left[grid::3] / step - 0.5) + 0.5, -3.5, 3.5) * step
        heard[first : first + size], synthesis = lfilter([1.0], coefficients, kept, zi=synthesis)
    return np.clip(np.round(heard), -32768, 32767).astype(np.int16)


def _predictor(frame: Wave, order: int) -> Wave:
    """Linear prediction by autocorrelation (Levinson-Durbin), (order + 1,), first is 1."""
    windowed = frame * np.hanning(len(frame))
    found = np.correlate(windowed, windowed, "full")[len(frame) - 1 :][: order + 1]
    coefficients = np.zeros(order + 1)
    coefficients[0] = 1.0
    error = found[0] * 1.001 + 1e-6
    for index in range(1, order + 1):
        reflection = -float(coefficients[:index] @ found[index:0:-1]) / error
        coefficients[1 : index + 1] += reflection * coefficients[index - 1 :: -1][:index]
        error *= 1.0 - reflection**2
    return coefficients
