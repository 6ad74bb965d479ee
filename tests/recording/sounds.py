"""Recordings opened again, by FFmpeg's own decoder."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from copilot.recording.soundfile import RATE_HZ
from telephony.g711 import Pcm
from telephony.leg import Frame

CALLER_HZ, OPERATOR_HZ = 425, 725


def tone(hz: int, seconds: float, *, rate_hz: int = 8000) -> Pcm:
    at = np.arange(round(rate_hz * seconds)) / rate_hz
    return (6000 * np.sin(2 * np.pi * hz * at)).astype(np.int16)


def frames_of(pcm: Pcm, *, rate_hz: int = 8000, first: int = 0) -> list[Frame]:
    size = rate_hz // 50
    return [
        Frame(start_s=(first + at) * 0.02, pcm=pcm[at * size : (at + 1) * size],
              sample_rate_hz=rate_hz)
        for at in range(len(pcm) // size)
    ]  # fmt: skip


def decoded(content: bytes) -> Pcm:
    """Samples of shape (2, n), 16 kHz."""
    import av
    from av.audio.resampler import AudioResampler

    with av.open(io.BytesIO(content), "r") as container:
        resampler = AudioResampler(format="s16p", layout="stereo", rate=RATE_HZ)
        pieces = [
            piece.to_ndarray()
            for frame in container.decode(audio=0)
            for piece in resampler.resample(frame)
        ]
        pieces += [piece.to_ndarray() for piece in resampler.resample(None)]
    joined: Pcm = np.concatenate(pieces, axis=1)
    return joined


def strength(pcm: Pcm, hz: int) -> float:
    """Amplitude of a tone in 16 kHz samples."""
    at = np.arange(len(pcm)) / RATE_HZ
    return float(np.abs(pcm @ np.exp(-2j * np.pi * hz * at)) * 2 / max(1, len(pcm)))


def files_under(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
