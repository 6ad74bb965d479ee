"""One voice made ready to be mixed: 20 ms whenever asked for, whatever the network did to it.

What waits is kept short on purpose: whoever is in a call of three should not be slower to answer
than in one of two. Pure: it knows no clock but the asking, once every 20 ms.
"""

from __future__ import annotations

import numpy as np

from telephony.call import CodecName, VoicePacket
from telephony.codec import FRAME_TICKS, TICKS_PER_S, Decoder, ticks
from telephony.g711 import Pcm
from telephony.packet import ahead

START_TICKS = 2 * FRAME_TICKS
"""What a voice waits at first: jitter of up to 40 ms is not heard."""
MOST_TICKS = 10 * FRAME_TICKS
"""More than 200 ms never wait: what a stall brings in one burst is skipped but for its end. Nor is
a longer packet taken: no telephone sends one."""
DISCONTINUITY_TICKS = 2 * TICKS_PER_S
"""A timestamp further than this from what is asked for starts a new series."""
TRIM_EVERY = 100
"""Every two seconds, what waited all that time for nothing is shortened by one frame."""
WINDOW_TICKS = 2 * MOST_TICKS + FRAME_TICKS


class Playout:
    """Packets in as they come, frames out in step.

    A hole is filled with what came before it, fading. A voice that comes later than it did is
    waited for from then on, in steps of 20 ms up to `MOST_TICKS`, and hurried again when the wait
    was no longer needed for a while: so clocks that drift apart cost nothing.
    """

    def __init__(self, *, sample_rate_hz: int) -> None:
        """`sample_rate_hz` of the frames: 8000 or 16000."""
        self._rate_hz = sample_rate_hz
        self._pcm = np.zeros((WINDOW_TICKS, sample_rate_hz // TICKS_PER_S), dtype=np.int16)
        self._heard = np.zeros(WINDOW_TICKS, dtype=np.bool_)
        self._decoder: tuple[CodecName, Decoder] | None = None
        self._ssrc: int | None = None
        self._reference = (0, 0)
        """A timestamp of the series and its place."""
        self._next = 0
        """First tick not yet given."""
        self._end = 0
        """One past the last tick received."""
        self._last: Pcm = np.zeros(sample_rate_hz // 50, dtype=np.int16)
        self._missing = 1
        """Frames in a row that nothing was received for."""
        self._asked = 0
        self._least_waiting = WINDOW_TICKS
        self.late = 0
        """Packets that came after their place was given."""
        self.concealed = 0
        """Frames given that were not received."""
        self.skipped_ticks = 0
        """Left out so that nothing waits too long."""

    @property
    def waiting_ticks(self) -> int:
        """How much is ready to be given."""
        return max(0, self._end - self._next)

    def take(self, packet: VoicePacket) -> None:
        """Put a packet in its place."""
        size = ticks(packet.payload, packet.codec)
        if not 0 < size <= MOST_TICKS:
            return
        start = self._place(packet)
        if start + size > self._next + MOST_TICKS:
            self._skip_to(start + size - max(START_TICKS, size))
        elif start < self._next and self.waiting_ticks == 0:
            # All of the voice is late, not this packet alone: wait for it from now on.
            start = self._next
            self._reference = (packet.timestamp, start)
        if start + size <= self._next:
            self.late += 1
            return
        self._store(start, self._decode(packet))

    def give(self) -> Pcm | None:
        """The next 20 ms, shape (sample_rate_hz / 50,); None when there is no voice to speak of."""
        self._asked += 1
        self._least_waiting = min(self._least_waiting, self.waiting_ticks)
        if self._asked % TRIM_EVERY == 0:
            excess, self._least_waiting = self._least_waiting, WINDOW_TICKS
            if excess > START_TICKS + FRAME_TICKS:
                return self._two_in_one()
        return self._frame()

    def _frame(self) -> Pcm | None:
        at = np.arange(self._next, self._next + FRAME_TICKS) % WINDOW_TICKS
        heard = bool(self._heard[at].any())
        pcm: Pcm = self._pcm[at].reshape(-1)
        self._pcm[at] = 0
        self._heard[at] = False
        self._next += FRAME_TICKS
        if heard:
            self._missing, self._last = 0, pcm
            return pcm
        self._missing += 1
        if self._missing > 1:
            return None
        self.concealed += 1
        fading = np.linspace(0.7, 0.0, len(self._last), dtype=np.float32)
        return (self._last * fading).astype(np.int16)

    def _two_in_one(self) -> Pcm | None:
        """Two frames blended into one, so that 20 ms are caught up without a click."""
        first, second = self._frame(), self._frame()
        self.skipped_ticks += FRAME_TICKS
        if first is None or second is None:
            return second if first is None else first
        share = np.linspace(0.0, 1.0, len(first), dtype=np.float32)
        blended: Pcm = (first * (1 - share) + second * share).astype(np.int16)
        return blended

    def _place(self, packet: VoicePacket) -> int:
        """Where the packet's first sample belongs."""
        timestamp, place = self._reference
        start = place + ahead(packet.timestamp, timestamp, bits=32)
        if packet.ssrc != self._ssrc or abs(start - self._next) > DISCONTINUITY_TICKS:
            self._ssrc = packet.ssrc
            start = max(self._next + START_TICKS, self._end)
        self._reference = (packet.timestamp, start)
        return start

    def _skip_to(self, tick: int) -> None:
        """Go on from here: what waited before it has waited too long."""
        if tick <= self._next:
            return
        self.skipped_ticks += tick - self._next
        if tick >= self._next + WINDOW_TICKS:
            self._heard[:] = False
            self._pcm[:] = 0
        else:
            passed = np.arange(self._next, tick) % WINDOW_TICKS
            self._heard[passed] = False
            self._pcm[passed] = 0
        self._next = tick
        self._end = max(self._end, tick)

    def _store(self, start: int, pcm: Pcm) -> None:
        samples = pcm.reshape(-1, self._pcm.shape[1])[max(0, self._next - start) :]
        start = max(start, self._next)
        places = np.arange(start, start + len(samples)) % WINDOW_TICKS
        self._pcm[places] = samples
        self._heard[places] = True
        self._end = max(self._end, start + len(samples))

    def _decode(self, packet: VoicePacket) -> Pcm:
        if self._decoder is None or self._decoder[0] != packet.codec:
            self._decoder = packet.codec, Decoder(packet.codec, sample_rate_hz=self._rate_hz)
        return self._decoder[1].decode(packet.payload)
