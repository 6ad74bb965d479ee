"""Recorded speech for the tests of the line, and whether what was heard is what was said."""

from __future__ import annotations

import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from telephony.g711 import Pcm

PROMPTS = Path("var/sounds/usr/share/asterisk/sounds/fr_CA_f_June")
CALLER_SAYS = PROMPTS / "vm-intro.wav"
OPERATOR_SAYS = PROMPTS / "demo-congrats.wav"


def read_prompt(path: Path, *, seconds: float | None = None) -> Pcm:
    """Samples of an 8 kHz mono prompt."""
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        pcm = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)
    return pcm if seconds is None else pcm[: round(seconds * 8000)]


def read_wav(path: Path) -> Pcm:
    """Samples of an 8 kHz mono file that may still be open for writing."""
    data = path.read_bytes()[44:]
    return np.frombuffer(data[: len(data) // 2 * 2], dtype=np.int16)


def write_wav(path: Path, *channels: Pcm, rate: int = 8000) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.stack(channels, axis=1).astype(np.int16).tobytes())
    return path


@dataclass(frozen=True, kw_only=True)
class Match:
    """How well one recording is found in another."""

    correlation: float
    """-1 to 1; negative when the sign of every sample is the wrong way round."""
    delay_s: float


def find_speech(said: Pcm, heard: Pcm) -> Match:
    """Best place of `said` in `heard`, by normalised cross-correlation."""
    a, b = said.astype(np.float64), heard.astype(np.float64)
    if len(b) < len(a):
        b = np.pad(b, (0, len(a) - len(b)))
    size = 1 << (len(a) + len(b) - 1).bit_length()
    crossed = np.fft.irfft(np.fft.rfft(b, size) * np.conj(np.fft.rfft(a, size)), size)
    crossed = crossed[: len(b) - len(a) + 1]
    at = int(np.argmax(np.abs(crossed)))
    norm = np.linalg.norm(a) * np.linalg.norm(b[at : at + len(a)])
    return Match(correlation=float(crossed[at] / max(norm, 1e-9)), delay_s=at / 8000)


def likeness(said: Pcm, heard: Pcm) -> float:
    """Median correlation of the voiced 200 ms stretches of `said`, each where it is best found.

    For ears that stretch time to follow the network, as browsers do.
    """
    stretches = [said[at : at + 1600] for at in range(0, len(said) - 1599, 1600)]
    loud = [s for s in stretches if np.abs(s.astype(np.float64)).mean() > 300]
    assert loud, "nothing is said in this stretch"
    return float(np.median([find_speech(stretch, heard).correlation for stretch in loud]))


def concatenate(pieces: list[npt.NDArray[np.int16]]) -> Pcm:
    return np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.int16)
