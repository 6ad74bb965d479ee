"""Signals of the network and of machines: tones, dialling, fax, modem."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tests.linesounds.waves import RATE_HZ, Pcm, cadence, moments, to_pcm, tone


def silence(seconds: float) -> Pcm:
    """Digital silence."""
    return np.zeros(round(seconds * RATE_HZ), dtype=np.int16)


def ring_back_fr(seconds: float) -> Pcm:
    """French ring-back: 440 Hz, 1.5 s on, 3.5 s off."""
    return to_pcm(cadence(seconds, 1.5, 3.5, 440.0), 0.3)


def ring_back_us(seconds: float) -> Pcm:
    """North American ring-back: 440 and 480 Hz, 2 s on, 4 s off."""
    return to_pcm(cadence(seconds, 2.0, 4.0, 440.0, 480.0), 0.3)


def ring_back_uk(seconds: float) -> Pcm:
    """British ring-back: 400 and 450 Hz, two short rings every 3 s."""
    at = moments(seconds) % 3.0
    ringing = (at < 0.4) | ((at >= 0.6) & (at < 1.0))
    return to_pcm(tone(seconds, 400.0, 450.0) * ringing, 0.3)


def busy_fr(seconds: float) -> Pcm:
    """French busy tone: 440 Hz, half a second on, half off."""
    return to_pcm(cadence(seconds, 0.5, 0.5, 440.0), 0.3)


def busy_us(seconds: float) -> Pcm:
    """North American busy tone: 480 and 620 Hz."""
    return to_pcm(cadence(seconds, 0.5, 0.5, 480.0, 620.0), 0.3)


def information_tones(seconds: float) -> Pcm:
    """Special information tones before an announcement (ITU-T E.180): 950, 1400, 1800 Hz."""
    at = moments(seconds) % 2.0
    wave = np.zeros_like(at)
    for index, hertz in enumerate((950.0, 1400.0, 1800.0)):
        on = (at >= 0.33 * index) & (at < 0.33 * (index + 1))
        wave[on] = tone(seconds, hertz)[on]
    return to_pcm(wave, 0.3)


def dialling(seconds: float) -> Pcm:
    """Somebody pressing keys (ITU-T Q.23): numbers of ten digits, at a person's pace."""
    rows, columns = (697, 770, 852, 941), (1209, 1336, 1477)
    chance = np.random.default_rng(1)
    pieces: list[Pcm] = []
    while sum(map(len, pieces)) < seconds * RATE_HZ:
        for key in chance.integers(0, 12, size=10):
            pressed = tone(chance.uniform(0.08, 0.25), rows[key // 3], columns[key % 3])
            pieces += [to_pcm(pressed, 0.4), silence(chance.uniform(0.08, 0.4))]
        pieces.append(silence(chance.uniform(0.5, 3.0)))
    return np.concatenate(pieces)[: round(seconds * RATE_HZ)]


def fax_calling(seconds: float) -> Pcm:
    """A fax calls: CNG, 1100 Hz, half a second every 3.5 s (ITU-T T.30)."""
    return to_pcm(cadence(seconds, 0.5, 3.0, 1100.0), 0.4)


def fax_answering(seconds: float) -> Pcm:
    """A fax answers: CED, 2100 Hz, then its identity in V.21 (1650 and 1850 Hz, 300 baud)."""
    return _repeated(seconds, [_answer_tone(), silence(0.075), v21(2.0, 1650.0, 1850.0)], 1.0)


def v21(seconds: float, mark_hz: float = 980.0, space_hz: float = 1180.0) -> Pcm:
    """Bits in two frequencies, 300 a second (ITU-T V.21)."""
    bits = np.random.default_rng(6).integers(0, 2, size=round(seconds * 300) + 1)
    hertz = np.where(
        np.repeat(bits, RATE_HZ // 300 + 1)[: round(seconds * RATE_HZ)], mark_hz, space_hz
    )
    return to_pcm(np.sin(2 * np.pi * np.cumsum(hertz) / RATE_HZ), 0.35)


def modem(seconds: float) -> Pcm:
    """A modem: answer tone, then scrambled data in both bands of ITU-T V.22 (1200 and 2400 Hz)."""
    chance = np.random.default_rng(7)
    count = round(8.0 * RATE_HZ)
    data = np.zeros(count)
    for carrier_hz in (1200.0, 2400.0):
        phases = np.cumsum(chance.integers(0, 4, size=count // (RATE_HZ // 600) + 1)) * np.pi / 2
        shift = np.repeat(phases, RATE_HZ // 600 + 1)[:count]
        data += np.sin(2 * np.pi * carrier_hz * np.arange(count) / RATE_HZ + shift)
    return _repeated(seconds, [_answer_tone(), to_pcm(data, 0.35)], 1.0)


def _answer_tone() -> Pcm:
    return to_pcm(tone(2.6, 2100.0), 0.35)


def _repeated(seconds: float, pieces: Sequence[Pcm], pause_s: float) -> Pcm:
    once = np.concatenate([*pieces, silence(pause_s)])
    return np.tile(once, int(seconds * RATE_HZ / len(once)) + 1)[: round(seconds * RATE_HZ)]
