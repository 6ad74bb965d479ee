"""Hold music of several kinds, and voices that sing no words."""

from __future__ import annotations

import numpy as np

from tests.linesounds.waves import (
    RATE_HZ,
    Pcm,
    Wave,
    band,
    formants,
    moments,
    noise,
    softer,
    through_g711,
    through_mobile,
    to_pcm,
)

BAR_S = 2.0
CHORDS = (
    (261.6, 329.6, 392.0),
    (220.0, 261.6, 329.6),
    (174.6, 220.0, 261.6),
    (196.0, 246.9, 293.7),
)
MELODY = (0, 2, 4, 5, 4, 2, 0, -3, 0, 4, 7, 5, 4, 2, 4, 0)
"""Semitones above the first note."""
VOWELS = (
    ((700.0, 90.0), (1220.0, 110.0), (2600.0, 160.0)),
    ((300.0, 60.0), (870.0, 100.0), (2240.0, 150.0)),
    ((400.0, 70.0), (2000.0, 120.0), (2550.0, 150.0)),
)
NASAL = ((250.0, 60.0), (1000.0, 250.0), (2200.0, 300.0))


def chords(seconds: float) -> Pcm:
    """Strings: chords with harmonics and vibrato."""
    at = moments(seconds)
    wave = np.zeros_like(at)
    vibrato = 1.0 + 0.006 * np.sin(2 * np.pi * 5.5 * at)
    roots = np.array(CHORDS)[(at // BAR_S).astype(int) % len(CHORDS)]
    swell = 0.4 + 0.6 * np.sin(np.pi * (at % BAR_S) / BAR_S)
    for voice in range(3):
        phase = 2 * np.pi * np.cumsum(roots[:, voice] * vibrato) / RATE_HZ
        for harmonic in range(1, 7):
            wave += swell * np.sin(harmonic * phase) / harmonic**1.3
    return to_pcm(wave, 0.5)


def arpeggio(seconds: float) -> Pcm:
    """Chords, plucked notes and a beat: the usual hold music."""
    at = moments(seconds)
    wave = chords(seconds) / 32768.0
    chance = np.random.default_rng(2)
    for beat in range(int(seconds * 4)):
        since = at[: RATE_HZ // 2]
        note = 2 * CHORDS[int(beat / 4 / BAR_S) % 4][chance.integers(0, 3)]
        first = beat * RATE_HZ // 4
        plucked = np.exp(-6 * since) * np.sin(2 * np.pi * note * since)
        plucked = plucked[: len(wave) - first]
        wave[first : first + len(plucked)] += 0.4 * plucked
    return to_pcm(wave + 0.3 * _drums(seconds), 0.5)


def drums(seconds: float) -> Pcm:
    """A beat alone."""
    return to_pcm(_drums(seconds), 0.5)


def hummed(seconds: float) -> Pcm:
    """A voice hums a melody, mouth closed."""
    return to_pcm(_sung(seconds, vowels=False), 0.4)


def sung(seconds: float) -> Pcm:
    """A voice sings vowels, no words."""
    return to_pcm(_sung(seconds, vowels=True), 0.4)


def sung_with_band(seconds: float) -> Pcm:
    """A voice sings vowels over chords and a beat."""
    voice = sung(seconds) / 32768.0
    return to_pcm(voice + 0.5 * (arpeggio(seconds) / 32768.0), 0.5)


def chords_line(seconds: float) -> Pcm:
    """Strings after a G.711 line."""
    return through_g711(chords(seconds))


def arpeggio_mobile(seconds: float) -> Pcm:
    """Hold music after a mobile network."""
    return through_g711(through_mobile(arpeggio(seconds)))


def chords_mobile(seconds: float) -> Pcm:
    """Strings after a mobile network."""
    return through_g711(through_mobile(chords(seconds)))


def arpeggio_far(seconds: float) -> Pcm:
    """Hold music far from the telephone: thin, 30 dB weaker."""
    return softer(to_pcm(band(arpeggio(seconds) / 32768.0, 400.0, 3000.0), 0.5), 30.0)


def _drums(seconds: float) -> Wave:
    at = moments(seconds)
    kick = np.exp(-25 * (at % 0.5)) * np.sin(2 * np.pi * 70 * (at % 0.5))
    snare = np.exp(-40 * ((at + 0.25) % 0.5)) * noise(seconds, 3)
    hat = np.exp(-120 * (at % 0.125)) * band(noise(seconds, 5), 2500.0, 3600.0)
    beat: Wave = kick + 0.5 * snare + 0.3 * hat
    return beat


def _sung(seconds: float, *, vowels: bool) -> Wave:
    at = moments(seconds)
    note_s = 0.6
    steps = np.array(MELODY)[(at // note_s).astype(int) % len(MELODY)]
    hertz = 196.0 * 2 ** (steps / 12) * (1 + 0.012 * np.sin(2 * np.pi * 5.5 * at))
    phase = np.cumsum(hertz) / RATE_HZ
    pulses = np.diff(np.floor(phase), prepend=0.0) - hertz / RATE_HZ
    pulses += 0.02 * noise(seconds, 8)
    # A breath every fourth note.
    breath = np.where((at // note_s) % 4 == 3, (at % note_s < 0.35), (at % note_s < 0.55))
    voiced = np.convolve(breath, np.hanning(400) / 200, mode="same")
    mouths = VOWELS if vowels else (NASAL,)
    which = (at // note_s).astype(int) % len(mouths)
    wave: Wave = np.zeros_like(at)
    for index, resonances in enumerate(mouths):
        wave += formants(pulses, resonances) * (which == index) * voiced
    return wave
