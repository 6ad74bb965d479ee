"""Sounds of our own: the tone a caller hears while it rings, and one to wait by."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from telephony.announcement import Piece
from telephony.sound import RATE_HZ

RING_HZ = 440
RING_ON_S, RING_OFF_S = 1.5, 3.5
AMPLITUDE = 3000
NOTES_HZ = (392.0, 493.9, 587.3, 493.9)
"""G, B, D, B: a broken chord, nothing to be remembered."""
NOTE_S, PAUSE_S = 1.2, 3.2


def ringing() -> Piece:
    """Ring-back as in France: 440 Hz, 1.5 s on, 3.5 s off (ITU-T E.180, supplement 2)."""
    at = np.arange(round(RING_ON_S * RATE_HZ))
    tone = AMPLITUDE * np.sin(2 * np.pi * RING_HZ * at / RATE_HZ)
    # 10 ms in and out, so that it does not click.
    edge = np.minimum(1.0, np.minimum(at, at[::-1]) / (0.010 * RATE_HZ))
    silence = np.zeros(round(RING_OFF_S * RATE_HZ))
    return Piece(np.concatenate([tone * edge, silence]).astype(np.int16), looped=True)


def waiting() -> Piece:
    """Four soft notes and a pause: somebody who waits knows that the line is not dead."""
    notes = [_note(frequency_hz) for frequency_hz in NOTES_HZ]
    notes.append(np.zeros(round(PAUSE_S * RATE_HZ)))
    return Piece(np.concatenate(notes).astype(np.int16), looped=True)


def _note(frequency_hz: float) -> npt.NDArray[np.float64]:
    """A struck string: quick to sound, slow to fade, its second harmonic softer."""
    at_s = np.arange(round(NOTE_S * RATE_HZ)) / RATE_HZ
    wave = np.sin(2 * np.pi * frequency_hz * at_s) + 0.3 * np.sin(4 * np.pi * frequency_hz * at_s)
    edge = np.minimum(1.0, np.minimum(at_s / 0.030, (NOTE_S - at_s) / 0.050))
    sound: npt.NDArray[np.float64] = AMPLITUDE * wave * edge * np.exp(-2.2 * at_s)
    return sound
