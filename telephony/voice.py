"""From packets to frames: one voice on the call's clock, and the queue a listener reads.

The arithmetic (`FrameClock`) is pure: time is passed in, nothing is awaited.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator

import numpy as np

from telephony.call import CodecName, VoicePacket
from telephony.codec import CODECS, FRAME_TICKS, MAX_TICKS, TICKS_PER_S, Decoder, ticks
from telephony.g711 import Pcm
from telephony.lateness import Lateness
from telephony.leg import Frame, LegRole

REORDER_TICKS = 5 * FRAME_TICKS
"""A hole is given up once this much voice has come after it (100 ms)."""
PATIENCE_S = 0.6
"""How long to wait when nothing at all comes: a stalled network delivers late, but delivers."""
DISCONTINUITY_TICKS = 2 * TICKS_PER_S
"""A timestamp further than this from its arrival starts a new series."""
WINDOW_TICKS = 4 * TICKS_PER_S
SLIP_WINDOW_S = 5.0


class FrameClock:
    """Contiguous 20 ms frames from packets that are lost, late, doubled or renumbered.

    Position 0 is `started_s`. A packet's place comes from its timestamp; the series is tied to
    the clock by the first packet's arrival, again after a new SSRC, a jump or an outage after which
    the voice stays late, and slips by one frame when the sender's clock has drifted 20 ms from
    ours. Places are counted in ticks of 1/8000 s; each holds one sample, or two while a wideband
    codec is spoken.
    """

    def __init__(self, *, started_s: float) -> None:
        self._started_s = started_s
        self._next = 0
        """First tick not yet emitted; always a multiple of a frame."""
        self._end = 0
        """One past the last tick received."""
        self._per_tick = 1
        self._decoders: dict[CodecName, Decoder] = {}
        self._pcm = np.zeros((WINDOW_TICKS, 1), dtype=np.int16)
        self._heard = np.zeros(WINDOW_TICKS, dtype=np.bool_)
        self._ssrc: int | None = None
        self._reference = (0, 0)
        """A timestamp of the series and its position."""
        self._lateness_s = float("inf")
        self._lateness_until_s = 0.0
        self._late = Lateness()
        self.late_packets = 0
        """Packets that came after their frame was emitted."""
        self.series = 0
        """How many times the numbering started anew."""

    def receive(self, packet: VoicePacket) -> list[Frame]:
        """Take a packet; return the frames it completes, in order."""
        frames = self.advance(packet.arrived_s)
        size = ticks(packet.payload, packet.codec)
        if not 0 < size <= MAX_TICKS:
            return frames
        start = self._place(packet)
        if start == self._next == self._end and size == FRAME_TICKS:
            # In order and on the grid: nearly every packet.
            self._late.in_time()
            self._next = self._end = start + FRAME_TICKS
            frames.append(self._frame(start, self._decode(packet), lost=False))
            return frames
        if start + size <= self._next:
            if not self._late.stays(packet.arrived_s):
                self.late_packets += 1
                return frames
            start = self._start_series(packet, self._ticks(packet.arrived_s))
        self._late.in_time()
        self._store(start, self._decode(packet).reshape(-1, self._per_tick))
        frames += self._emit_ready()
        return frames

    def advance(self, now_s: float) -> list[Frame]:
        """Emit what has been waited for long enough; call it every so often while nothing comes."""
        frames: list[Frame] = []
        patient_until = self._ticks(now_s - PATIENCE_S)
        while self._next + FRAME_TICKS <= patient_until:
            frames.append(self._emit())
        return frames

    def finish(self) -> list[Frame]:
        """Emit everything received so far: the leg is over."""
        frames: list[Frame] = []
        while self._next < self._end:
            frames.append(self._emit())
        return frames

    def _ticks(self, at_s: float) -> int:
        return round((at_s - self._started_s) * TICKS_PER_S)

    def _place(self, packet: VoicePacket) -> int:
        """Position of the packet's first sample."""
        arrived = self._ticks(packet.arrived_s)
        if packet.ssrc == self._ssrc:
            timestamp, position = self._reference
            step = (packet.timestamp - timestamp + 0x80000000) % 0x100000000 - 0x80000000
            start = position + step
            if abs(arrived - start) <= DISCONTINUITY_TICKS:
                start += self._slip(arrived - start, packet.arrived_s)
                self._reference = (packet.timestamp, start)
                return start
        return self._start_series(packet, arrived)

    def _start_series(self, packet: VoicePacket, arrived: int) -> int:
        grid = arrived - arrived % FRAME_TICKS
        start = max(grid, -(-self._end // FRAME_TICKS) * FRAME_TICKS, self._next)
        self._ssrc = packet.ssrc
        self._reference = (packet.timestamp, start)
        self._lateness_s = float("inf")
        self._lateness_until_s = packet.arrived_s + SLIP_WINDOW_S
        self.series += 1
        return start

    def _slip(self, late_ticks: int, now_s: float) -> int:
        """A frame forward or back when even the fastest packets of a while are off by one."""
        self._lateness_s = min(self._lateness_s, late_ticks / TICKS_PER_S)
        if now_s < self._lateness_until_s:
            return 0
        drift_s, self._lateness_s = self._lateness_s, float("inf")
        self._lateness_until_s = now_s + SLIP_WINDOW_S
        # The grid put the first packet up to one frame early: on time is 0 to 20 ms.
        if drift_s > 0.030:
            return FRAME_TICKS
        if drift_s < -0.010:
            return -FRAME_TICKS
        return 0

    def _decode(self, packet: VoicePacket) -> Pcm:
        """Samples at the rate its codec is listened to, which is that of the frames from now."""
        per_tick = CODECS[packet.codec].sample_rate_hz // TICKS_PER_S
        if per_tick != self._per_tick:
            self._pcm = np.repeat(self._pcm[:, :1], per_tick, axis=1)
            self._per_tick = per_tick
        decoder = self._decoders.get(packet.codec)
        if decoder is None:
            decoder = Decoder(packet.codec, sample_rate_hz=self._per_tick * TICKS_PER_S)
            self._decoders[packet.codec] = decoder
        return decoder.decode(packet.payload)

    def _frame(self, start: int, pcm: Pcm, *, lost: bool) -> Frame:
        return Frame(
            start_s=start / TICKS_PER_S,
            pcm=pcm,
            sample_rate_hz=self._per_tick * TICKS_PER_S,
            lost=lost,
        )

    def _store(self, start: int, pcm: Pcm) -> None:
        """Put samples of shape (ticks, per_tick) in their places."""
        skip = max(0, self._next - start)
        pcm = pcm[skip:]
        places = np.arange(start + skip, start + skip + len(pcm)) % WINDOW_TICKS
        self._pcm[places] = pcm
        self._heard[places] = True
        self._end = max(self._end, start + skip + len(pcm))

    def _emit_ready(self) -> list[Frame]:
        frames: list[Frame] = []
        while self._next < self._end:
            at = self._next % WINDOW_TICKS
            whole = bool(self._heard[at : at + FRAME_TICKS].all())
            if not whole and self._end < self._next + FRAME_TICKS + REORDER_TICKS:
                break
            frames.append(self._emit())
        return frames

    def _emit(self) -> Frame:
        at = self._next % WINDOW_TICKS
        window = slice(at, at + FRAME_TICKS)
        frame = self._frame(
            self._next,
            self._pcm[window].reshape(-1).copy(),
            lost=not self._heard[window].any(),
        )
        self._pcm[window] = 0
        self._heard[window] = False
        self._next += FRAME_TICKS
        self._end = max(self._end, self._next)
        return frame


QUEUE_FRAMES = 250
"""Five seconds: a listener further behind than that is better off with what is said now."""


class FrameQueue:
    """A bounded, drop-oldest queue of frames, read once by one listener."""

    def __init__(self, *, capacity: int = QUEUE_FRAMES) -> None:
        self._frames: deque[Frame] = deque(maxlen=capacity)
        self._changed = asyncio.Event()
        self._over = False
        self.dropped = 0

    def put(self, frames: list[Frame]) -> None:
        """Add frames; never waits."""
        if not frames or self._over:
            return
        overflow = len(self._frames) + len(frames) - (self._frames.maxlen or 0)
        self.dropped += max(0, overflow)
        self._frames.extend(frames)
        self._changed.set()

    def end(self) -> None:
        """No more frames: the reader finishes once it has read what is left."""
        self._over = True
        self._changed.set()

    async def read(self) -> AsyncIterator[Frame]:
        """Yield frames in order until `end`."""
        while True:
            while self._frames:
                yield self._frames.popleft()
            if self._over:
                return
            self._changed.clear()
            await self._changed.wait()


class Voice:
    """A `Leg` fed with packets."""

    def __init__(self, role: LegRole, *, started_s: float) -> None:
        self._role = role
        self._clock = FrameClock(started_s=started_s)
        self._queue = FrameQueue()
        self.last_heard_s: float | None = None
        """Event loop time of the last packet, None before the first."""

    @property
    def role(self) -> LegRole:
        return self._role

    @property
    def dropped_frames(self) -> int:
        return self._queue.dropped

    @property
    def late_packets(self) -> int:
        return self._clock.late_packets

    def hear(self, packet: VoicePacket) -> None:
        """Take a packet from the media path."""
        self.last_heard_s = packet.arrived_s
        self._queue.put(self._clock.receive(packet))

    def tick(self, now_s: float) -> None:
        """Let time pass while nothing is received."""
        self._queue.put(self._clock.advance(now_s))

    def end(self) -> None:
        self._queue.put(self._clock.finish())
        self._queue.end()

    def frames(self) -> AsyncIterator[Frame]:
        return self._queue.read()
