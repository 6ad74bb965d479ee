"""A recorded call as two legs: caller on the left channel, operator on the right."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from telephony.errors import RecordingUnreadable
from telephony.leg import FRAME_MS, Frame, LegRole

FRAME_S = FRAME_MS / 1000
MAX_DURATION_S = 4 * 3600
LEAD_FRAMES = 25
"""How far one leg may run ahead of the other when not paced: half a second."""

Channels = npt.NDArray[np.int16]


def read_channels(path: Path) -> tuple[Channels, int]:
    """Decode a two-channel recording: samples of shape (2, n), and their rate.

    Any format ffmpeg knows. 8000 Hz stays as it is; everything above becomes 16000 Hz, everything
    below 8000. Raises RecordingUnreadable.
    """
    import av
    from av.audio.resampler import AudioResampler

    if not path.is_file():
        raise RecordingUnreadable(f"{path}: no such file")
    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise RecordingUnreadable(f"{path}: there is no audio in this file")
            stream = container.streams.audio[0]
            if stream.channels != 2:
                raise RecordingUnreadable(
                    f"{path}: {stream.channels} channel(s); a recorded call needs two, "
                    "the caller on the left and the operator on the right"
                )
            rate = 16000 if stream.rate > 8000 else 8000
            resampler = AudioResampler(format="s16p", layout="stereo", rate=rate)
            pieces: list[Channels] = []
            samples = 0
            for decoded in container.decode(stream):
                pieces += [
                    piece.to_ndarray().astype(np.int16, copy=False)
                    for piece in resampler.resample(decoded)
                ]
                samples += decoded.samples
                if samples > MAX_DURATION_S * stream.rate:
                    raise RecordingUnreadable(f"{path}: longer than {MAX_DURATION_S // 3600} hours")
            pieces += [
                piece.to_ndarray().astype(np.int16, copy=False)
                for piece in resampler.resample(None)
            ]
    except av.FFmpegError as error:
        raise RecordingUnreadable(
            f"{path}: not an audio file that can be read ({error.strerror or error}); "
            "give a two-channel WAV, the caller on the left and the operator on the right"
        ) from error
    if not pieces:
        raise RecordingUnreadable(f"{path}: the recording is empty")
    return np.concatenate(pieces, axis=1), rate


class WavLegs:
    """Both legs of a recorded call, on one clock. Built with `WavLegs.open`.

    `paced` plays in real time from the first frame read. Otherwise frames come as fast as they are
    taken: a slow reader slows the recording down, and neither leg runs away from the other.
    """

    def __init__(self, channels: Channels, sample_rate_hz: int, *, paced: bool = True) -> None:
        self.sample_rate_hz = sample_rate_hz
        self._paced = paced
        self._started_s: float | None = None
        self._moved = asyncio.Event()
        self.caller = RecordedLeg("caller", channels[0], self)
        self.operator = RecordedLeg("operator", channels[1], self)

    @classmethod
    async def open(cls, path: Path, *, paced: bool = True) -> WavLegs:
        """Read a recording, in a thread. Raises RecordingUnreadable, naming the file."""
        channels, rate = await asyncio.to_thread(read_channels, path)
        return cls(channels, rate, paced=paced)

    @property
    def duration_s(self) -> float:
        return self.caller.total_frames * FRAME_S

    async def wait_for(self, leg: RecordedLeg) -> None:
        """Return when this leg's next frame is due."""
        if self._paced:
            now_s = asyncio.get_running_loop().time()
            if self._started_s is None:
                self._started_s = now_s
            await asyncio.sleep(self._started_s + leg.read_frames * FRAME_S - now_s)
            return
        await asyncio.sleep(0)  # a reader that never waits must not starve the loop
        other = self.operator if leg is self.caller else self.caller
        while other.reading and leg.read_frames > other.read_frames + LEAD_FRAMES:
            self._moved.clear()
            await self._moved.wait()

    def moved(self) -> None:
        """A leg took a frame, or stopped reading."""
        self._moved.set()


class RecordedLeg:
    """One channel of a recording, as a `Leg`."""

    dropped_frames = 0
    """A recording waits for its reader."""

    def __init__(self, role: LegRole, samples: npt.NDArray[np.int16], legs: WavLegs) -> None:
        self._role = role
        size = legs.sample_rate_hz * FRAME_MS // 1000
        self.total_frames = -(-len(samples) // size)
        self._frames = np.pad(samples, (0, self.total_frames * size - len(samples))).reshape(
            self.total_frames, size
        )
        self._legs = legs
        self.read_frames = 0
        self.reading = False

    @property
    def role(self) -> LegRole:
        return self._role

    async def frames(self) -> AsyncIterator[Frame]:
        """Yield every frame of the channel; the last is filled up with silence."""
        self.reading = True
        try:
            while self.read_frames < self.total_frames:
                await self._legs.wait_for(self)
                frame = Frame(
                    start_s=self.read_frames * FRAME_S,
                    pcm=self._frames[self.read_frames],
                    sample_rate_hz=self._legs.sample_rate_hz,
                )
                self.read_frames += 1
                self._legs.moved()
                yield frame
        finally:
            self.reading = False
            self._legs.moved()
