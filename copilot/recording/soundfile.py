"""One call's recording on disk: Ogg Opus, the caller on the left and the operator on the right,
sealed with the client's key as it is written. No clear sound ever reaches the disk.

One stream and not two files: both voices keep step to the sample wherever it is played, one seek
moves both, and what is exported can be replayed (`souffleur replay` reads the same two channels).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from copilot.recording.holdback import FRAMES_PER_S, ROLES, Stretch, position
from copilot.store.sealedfiles import SealedReader, SealedWriter
from copilot.store.sealing import DataKey
from telephony.leg import Frame, LegRole
from telephony.resampling import Interpolator

RATE_HZ = 16_000
FRAME_SAMPLES = RATE_HZ // FRAMES_PER_S
BIT_RATE = 40_000
"""Of both voices; one of them is mostly silent, which costs next to nothing. Below this the two
leak into each other where they talk at once (-24 dB at 32 kbit/s, -55 dB at 40)."""
EFFORT = "5"
"""Of the encoder, to 10: 10 costs half as much again."""
PAGE_S = 1.0
CHUNK_BYTES = 4096
"""About a second of talk: what a killed process loses beside what was held back."""
OPUS_HZ = 48_000
"""What Ogg counts Opus in, whatever its rate (RFC 7845)."""

Stereo = npt.NDArray[np.int16]


class SoundFile:
    """Writes one recording. Not for the event loop: it encodes and writes."""

    def __init__(self, path: Path, key: DataKey, *, name: str) -> None:
        """Makes the file, which must not exist. Raises OSError."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file: BinaryIO = os.fdopen(descriptor, "wb", buffering=0)
        self._sealed = SealedWriter(self._file, key, name=name, chunk_bytes=CHUNK_BYTES)
        self._ogg = OggOpus(self._sealed)
        self._faster: dict[LegRole, Interpolator] = {role: Interpolator(2) for role in ROLES}
        self.frames = 0
        """Written so far."""

    def write(self, stretch: Stretch) -> None:
        """Encode a stretch; the next one goes on where it ends. Raises OSError, EncodingError."""
        samples = np.zeros((2, (stretch.end - stretch.begin) * FRAME_SAMPLES), dtype=np.int16)
        for channel, role in enumerate(ROLES):
            for run in _runs(stretch.frames[role]):
                pcm = np.concatenate([frame.pcm for frame in run])
                if run[0].sample_rate_hz < RATE_HZ:
                    pcm = self._faster[role].take(pcm)
                at = (position(run[0].start_s) - stretch.begin) * FRAME_SAMPLES
                samples[channel, at : at + len(pcm)] = pcm
        for begin, end in stretch.silenced:
            first, last = begin - stretch.begin, end - stretch.begin
            samples[:, first * FRAME_SAMPLES : last * FRAME_SAMPLES] = 0
        self._ogg.encode(samples)
        self.frames += stretch.end - stretch.begin

    def close(self) -> int:
        """Mark the end, bring it to the disk; its size in bytes. Raises OSError."""
        try:
            self._ogg.close()
            self._sealed.close()
            os.fsync(self._file.fileno())
            return self._file.tell()
        finally:
            self._file.close()

    def give_up(self) -> None:
        """Leave the file as it is, readable as far as it was written. Idempotent."""
        self._file.close()


def _runs(frames: Sequence[Frame]) -> Iterator[list[Frame]]:
    """Frames that follow each other at one rate: resampled in one go, at a fifth of the cost."""
    run: list[Frame] = []
    for frame in frames:
        if run and (
            frame.sample_rate_hz != run[-1].sample_rate_hz
            or position(frame.start_s) != position(run[-1].start_s) + 1
        ):
            yield run
            run = []
        run.append(frame)
    if run:
        yield run


class EncodingError(RuntimeError):
    """The encoder refused."""


class OggOpus:
    """Two channels of 16 kHz to a binary sink that is only written to."""

    def __init__(self, sink: SealedWriter | BinaryIO) -> None:
        import av

        self._sink = _Sink(sink)
        page_us = str(round(PAGE_S * 1_000_000))
        self._container: Any = av.open(
            self._sink,
            "w",
            format="ogg",
            options={"page_duration": page_us, "flush_packets": "1"},
        )
        self._stream: Any = self._container.add_stream("libopus", rate=RATE_HZ)
        self._stream.layout, self._stream.format = "stereo", "s16"
        self._stream.bit_rate = BIT_RATE
        self._stream.time_base = Fraction(1, RATE_HZ)
        self._stream.options = {
            "application": "voip",
            "frame_duration": "60",
            "compression_level": EFFORT,
        }
        self._at = 0

    def encode(self, samples: Stereo) -> None:
        """Samples of shape (2, n), n a multiple of a frame. Raises OSError, EncodingError."""
        from av import AudioFrame

        for begin in range(0, samples.shape[1], RATE_HZ):
            piece = samples[:, begin : begin + RATE_HZ]
            mixed = np.ascontiguousarray(piece.T).reshape(1, -1)
            frame = AudioFrame.from_ndarray(mixed, format="s16", layout="stereo")
            frame.sample_rate, frame.pts = RATE_HZ, self._at
            self._at += piece.shape[1]
            self._mux(frame)  # cut into packets there

    def close(self) -> None:
        """Raises OSError, EncodingError."""
        if self._at:
            self._mux(None)
        try:
            self._container.close()
        finally:
            self._sink.check()

    def _mux(self, frame: Any) -> None:
        from av import FFmpegError

        try:
            for packet in self._stream.encode(frame):
                self._container.mux(packet)
        except FFmpegError as error:
            self._sink.check()
            raise EncodingError(str(error)) from error
        self._sink.check()


class _Sink:
    """What the muxer writes to. It swallows what is raised in there: kept, raised outside."""

    def __init__(self, sink: SealedWriter | BinaryIO) -> None:
        self._sink = sink
        self._failure: OSError | None = None

    def write(self, content: bytes) -> int:
        if self._failure is None:
            try:
                self._sink.write(bytes(content))
            except OSError as error:
                self._failure = error
        return len(content)

    def check(self) -> None:
        if self._failure is not None:
            raise self._failure


def duration_s(reader: SealedReader) -> float:
    """How long an Ogg Opus file plays, from the last whole page of it (RFC 3533, RFC 7845)."""
    tail = b"".join(reader.read(max(0, reader.size - 128 * 1024)))
    at = tail.rfind(b"OggS")
    while at >= 0:
        granule = int.from_bytes(tail[at + 6 : at + 14], "little", signed=True)
        if granule > 0 and _is_whole(tail[at:]):
            return granule / OPUS_HZ
        at = tail.rfind(b"OggS", 0, at)
    return 0.0


def _is_whole(page: bytes) -> bool:
    """Whether an Ogg page was not cut off: its table says how long it is (RFC 3533, section 6)."""
    if len(page) < 27:
        return False
    table = page[27 : 27 + page[26]]
    return len(table) == page[26] and len(page) >= 27 + len(table) + sum(table)
