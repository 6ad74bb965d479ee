"""The voices of an exercise made from a recorded call: one line at a time, out of its sealed file.

What was silenced while it was recorded is silent here too.
"""

from __future__ import annotations

import io
import wave
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from copilot.recording.soundfile import RATE_HZ
from copilot.store.records.training import Line
from copilot.store.sealedfiles import SealedReader


def heard_lines(lines: Sequence[Line]) -> dict[str, tuple[float, float]]:
    """The lines that have a voice, by the identifier of their utterance (`caller-2`)."""
    counts = {"caller": 0, "operator": 0}
    found = {}
    for line in lines:
        counts[line.speaker] += 1
        if line.sound is not None:
            found[f"{line.speaker}-{counts[line.speaker]}"] = line.sound
    return found


def cut(reader: SealedReader, begin_s: float, end_s: float) -> bytes:
    """That stretch as a WAV, both voices together. Not for the event loop.

    Raises KeyFileError, av.FFmpegError.
    """
    import av

    content = io.BytesIO(b"".join(reader.read()))
    with av.open(content, "r") as container:
        samples = _samples(container, round(begin_s * RATE_HZ), round(end_s * RATE_HZ))
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(samples.tobytes())
    return written.getvalue()


def _samples(container: Any, first: int, last: int) -> npt.NDArray[np.int16]:
    """Samples [first, last) at 16 kHz, the two channels added."""
    from av.audio.resampler import AudioResampler

    resampler = AudioResampler(format="s16p", layout="stereo", rate=RATE_HZ)
    pieces: list[npt.NDArray[np.int32]] = []
    at = 0
    for frame in container.decode(audio=0):
        for piece in resampler.resample(frame):
            both = piece.to_ndarray().astype(np.int32).sum(axis=0)
            pieces.append(both[max(0, first - at) : max(0, last - at)])
            at += len(both)
        if at >= last:
            break
    joined = np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.int32)
    clipped: npt.NDArray[np.int16] = np.clip(joined, -32768, 32767).astype(np.int16)
    return clipped
