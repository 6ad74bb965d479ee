"""What is on a telephone line when nobody speaks, synthesised.

    python -m tests.nonspeech [SECONDS_EACH]

prints the words the ear invents on each sound, and how many in ten minutes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

RATE_HZ = 8000

Pcm = npt.NDArray[np.int16]
Wave = npt.NDArray[np.float64]


def _time(seconds: float) -> Wave:
    return np.arange(round(seconds * RATE_HZ)) / RATE_HZ


def _tone(seconds: float, *hertz: float) -> Wave:
    moments = _time(seconds)
    waves = np.stack([np.sin(2 * np.pi * f * moments) for f in hertz])
    mean: Wave = waves.mean(axis=0)
    return mean


def _cadence(seconds: float, on_s: float, off_s: float, *hertz: float) -> Wave:
    return _tone(seconds, *hertz) * (_time(seconds) % (on_s + off_s) < on_s)


def _pcm(wave: Wave, peak: float) -> Pcm:
    top = float(np.max(np.abs(wave))) or 1.0
    return np.round(wave / top * peak * 32767).astype(np.int16)


def silence(seconds: float) -> Pcm:
    """Digital silence."""
    return np.zeros(round(seconds * RATE_HZ), dtype=np.int16)


def ring_back(seconds: float) -> Pcm:
    """French ring-back: 440 Hz, 1.5 s on, 3.5 s off."""
    return _pcm(_cadence(seconds, 1.5, 3.5, 440.0), 0.3)


def busy(seconds: float) -> Pcm:
    """French busy tone: 440 Hz, half a second on, half off."""
    return _pcm(_cadence(seconds, 0.5, 0.5, 440.0), 0.3)


def dtmf(seconds: float) -> Pcm:
    """Somebody dialling (ITU-T Q.23)."""
    rows, columns = (697, 770, 852, 941), (1209, 1336, 1477)
    keys = np.random.default_rng(1).integers(0, 12, size=round(seconds / 0.25) + 1)
    pieces = [
        np.concatenate(
            (_tone(0.1, rows[key // 3], columns[key % 3]), np.zeros(RATE_HZ * 15 // 100))
        )
        for key in keys
    ]
    return _pcm(np.concatenate(pieces)[: round(seconds * RATE_HZ)], 0.4)


def fax(seconds: float) -> Pcm:
    """A fax calling: CNG, 1100 Hz, half a second every 3.5 s; then its answer, 2100 Hz (T.30)."""
    calling = _cadence(seconds, 0.5, 3.0, 1100.0)
    answering = _cadence(seconds, 2.6, 9.4, 2100.0)
    return _pcm(calling + answering, 0.4)


def music(seconds: float) -> Pcm:
    """Hold music: chords with harmonics, an arpeggio and a beat."""
    rng = np.random.default_rng(2)
    moments = _time(seconds)
    wave = np.zeros_like(moments)
    chords = (
        (261.6, 329.6, 392.0),
        (220.0, 261.6, 329.6),
        (174.6, 220.0, 261.6),
        (196.0, 246.9, 293.7),
    )
    bar_s = 2.0
    for bar in range(int(seconds / bar_s) + 1):
        span = (moments >= bar * bar_s) & (moments < (bar + 1) * bar_s)
        inside = moments[span] - bar * bar_s
        chord = chords[bar % 4]
        for root in chord:
            for harmonic in range(1, 6):
                wave[span] += np.sin(2 * np.pi * root * harmonic * inside) / harmonic**1.5
        for beat in range(8):
            note = 2 * chord[rng.integers(0, 3)]
            since = inside - beat * bar_s / 8
            live = since >= 0
            decay = np.exp(-6 * since[live])
            wave[np.flatnonzero(span)[live]] += 1.5 * decay * np.sin(2 * np.pi * note * since[live])
    beats = np.exp(-40 * (moments % 0.5)) * rng.normal(0, 1, len(moments))
    return _pcm(wave + beats, 0.5)


def white_noise(seconds: float) -> Pcm:
    """A hissing line."""
    return _pcm(np.random.default_rng(3).normal(0, 1, round(seconds * RATE_HZ)), 0.1)


def street_noise(seconds: float) -> Pcm:
    """Low rumble that swells and fades, with clicks: a street, a car, a bad contact."""
    rng = np.random.default_rng(4)
    count = round(seconds * RATE_HZ)
    spectrum = np.fft.rfft(rng.normal(0, 1, count))
    hertz = np.fft.rfftfreq(count, 1 / RATE_HZ)
    rumble = np.fft.irfft(spectrum / np.maximum(hertz, 40.0), count)
    rumble *= 1.0 + 0.6 * np.sin(2 * np.pi * 0.13 * _time(seconds)[:count])
    clicks = (rng.random(count) < 3 / RATE_HZ) * rng.normal(0, 4, count)
    return _pcm(rumble / np.std(rumble) + clicks, 0.4)


def hum(seconds: float) -> Pcm:
    """Mains hum with its harmonics."""
    return _pcm(_tone(seconds, 50, 100, 150, 250, 350) + 0.01 * _tone(seconds, 1000), 0.2)


SOUNDS: dict[str, Callable[[float], Pcm]] = {
    "silence": silence,
    "ring-back": ring_back,
    "busy": busy,
    "dtmf": dtmf,
    "fax": fax,
    "music": music,
    "white noise": white_noise,
    "street": street_noise,
    "hum": hum,
}


def main() -> None:
    """Count the words invented on each sound."""
    from models.clip import finals, hear_clip
    from models.hearing import HearingContext
    from models.store import find_model
    from models.vad import VoiceActivity
    from models.whisper import WhisperRecogniser

    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    recogniser = WhisperRecogniser(find_model("base", cache=Path("var/models")))
    voice_activity = VoiceActivity()
    total = 0
    for name, synthesise in SOUNDS.items():
        heard = finals(
            hear_clip(
                synthesise(seconds),
                rate_hz=RATE_HZ,
                context=HearingContext(),
                recogniser=recogniser,
                voice_activity=voice_activity,
            )
        )
        texts = [final.text for final in heard if final.text]
        words = sum(len(text.split()) for text in texts)
        total += words
        print(f"{name:12} {len(heard):3} utterances {words:4} words {texts}", flush=True)
    minutes = len(SOUNDS) * seconds / 60
    print(f"{total * 10 / minutes:.1f} words in ten minutes, over {minutes:.1f} minutes")


if __name__ == "__main__":
    main()
