"""The sound of one leg: its last seconds by the clock, and the windows voice activity judges."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.sound import centred, resample, to_float
from models.vad import WINDOW_S, WINDOW_SAMPLES, VoiceState

KEEP_S = 40.0
"""Sound kept: the longest utterance and what precedes it."""
EASY_PEAK = 0.3
"""Peak at which voice activity is at ease; quieter legs are brought up to it..."""
MOST_GAIN = 16.0
"""... by this much at most (24 dB)."""
PEAK_FADES = 0.99
"""The loudest peak is forgotten by this factor a window: by half in two seconds."""
OFFSET = 0.02
"""A window whose mean is farther from zero than any voice's has a constant offset."""
_SLIP_S = 0.03
_LONGEST_GAP_S = 5.0

Pcm = npt.NDArray[np.int16]
Floats = npt.NDArray[np.float32]


class Soundtrack:
    """The last seconds of a leg, at 8 or 16 kHz, addressed by the leg's clock."""

    def __init__(self, *, rate_hz: int, start_s: float) -> None:
        self.rate_hz = rate_hz
        self.voice = VoiceState(rate_hz)
        self.window_s = start_s
        """Where the next window to judge starts."""
        self._start_s = start_s
        self._pieces: list[Pcm] = []
        self._length = 0
        self._unjudged: Pcm = np.zeros(0, np.int16)
        self._peak = 0.0

    @property
    def end_s(self) -> float:
        """Where the sound stops."""
        return self._start_s + self._length / self.rate_hz

    def append(self, pcm: Pcm, *, start_s: float, rate_hz: int) -> None:
        """Add a frame at 8 or 16 kHz. A short gap before it is filled with silence."""
        if rate_hz != self.rate_hz:
            self._change_rate(rate_hz)
        gap_s = start_s - self.end_s
        if _SLIP_S < gap_s < _LONGEST_GAP_S:
            self._add(np.zeros(round(gap_s * rate_hz), np.int16))
        self._add(pcm)

    def window(self) -> Floats | None:
        """The next window, shape (256,) or (512,), or `None` until more sound comes.

        A quiet leg is brought up: voice activity misses words far below the usual level.
        """
        size = WINDOW_SAMPLES[self.rate_hz]
        if len(self._unjudged) < size:
            return None
        audio = _steady(self._unjudged[:size])
        peak = max(float(np.max(np.abs(audio))), self._peak)
        return audio * np.float32(min(MOST_GAIN, max(1.0, EASY_PEAK / max(peak, 1e-6))))

    def advance(self) -> Floats:
        """Move past the next window; gives it, at the level it came."""
        size = WINDOW_SAMPLES[self.rate_hz]
        audio, self._unjudged = _steady(self._unjudged[:size]), self._unjudged[size:]
        self.window_s += WINDOW_S
        self._peak = max(float(np.max(np.abs(audio))), self._peak * PEAK_FADES)
        return audio

    def between(self, start_s: float, end_s: float) -> Pcm:
        """A copy of the samples from `start_s` to `end_s`, as far as they are kept."""
        self._join()
        first = max(0, round((start_s - self._start_s) * self.rate_hz))
        last = max(first, round((end_s - self._start_s) * self.rate_hz))
        return self._pieces[0][first:last].copy() if self._pieces else np.zeros(0, np.int16)

    def _add(self, pcm: Pcm) -> None:
        self._pieces.append(pcm)
        self._length += len(pcm)
        self._unjudged = np.concatenate((self._unjudged, pcm))
        if len(self._pieces) > 512:
            self._join()

    def _join(self) -> None:
        if len(self._pieces) > 1:
            self._pieces = [np.concatenate(self._pieces)]
        excess = self._length - int(KEEP_S * self.rate_hz)
        if excess > 0:
            self._pieces = [self._pieces[0][excess:].copy()]
            self._start_s += excess / self.rate_hz
            self._length -= excess

    def _change_rate(self, rate_hz: int) -> None:
        """The codec changed in mid-call: the sound kept is brought to the new rate."""
        self._join()
        end_s = self.end_s
        kept = [at_rate(piece, self.rate_hz, rate_hz) for piece in self._pieces]
        self._unjudged = at_rate(self._unjudged, self.rate_hz, rate_hz)
        self._pieces, self._length = kept, sum(map(len, kept))
        self._start_s = end_s - self._length / rate_hz
        self.rate_hz = rate_hz
        self.voice = VoiceState(rate_hz)


def _steady(pcm: Pcm) -> Floats:
    """A window as floats, without the offset of a faulty line: it is neither peak nor loudness."""
    audio = to_float(pcm)
    return centred(audio) if abs(float(audio.mean())) > OFFSET else audio


def at_rate(pcm: Pcm, from_hz: int, to_hz: int) -> Pcm:
    """16-bit samples at another rate."""
    audio = resample(to_float(pcm), from_hz=from_hz, to_hz=to_hz)
    return np.clip(np.round(audio * 32768.0), -32768, 32767).astype(np.int16)
