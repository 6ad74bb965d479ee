"""One AudioSocket channel's two-way sound."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable

import numpy as np

from telephony.audiosocket.frames import DIGIT, RATES_HZ, TERMINATE, BadFrameError, frame
from telephony.call import CodecName, EndpointStats, VoicePacket
from telephony.codec import TICKS_PER_S, Decoder, Encoder
from telephony.dtmf import is_keys
from telephony.errors import KeysRefused
from telephony.packet import OneWay
from telephony.resampling import Decimator, Interpolator
from telephony.streamclock import StreamClock

BACKLOG_S = 0.5
"""Sound that waits to be sent for longer than this is left out, so that no delay builds up."""
FLOOD_TICKS = 10 * TICKS_PER_S
"""More than this faster than anybody speaks, and the connection is closed."""


class AudioSocketEndpoint:
    """One channel's two-way sound. Wideband sound is G.722 for the rest of the house."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self.on_packet: Callable[[VoicePacket], None] | None = None
        self.on_digit: Callable[[str], None] | None = None
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        self.heard_first = asyncio.Event()
        """Set with the first sound, whose rate is then known."""
        self._kind = 0x10
        self._ssrc = uuid.uuid4().int & 0xFFFFFFFF
        self._received = self._sent = self._lost = 0
        self._clock = StreamClock()
        self._waiting = b""
        self._way = OneWay()
        self._use(0x10)

    def _use(self, kind: int) -> None:
        """Take and give sound of this kind from now on."""
        self._kind = kind
        rate_hz = RATES_HZ[kind]
        wide = rate_hz % 16000 == 0
        listened_hz = 16000 if wide else 8000
        factor = rate_hz // listened_hz
        self._codec: CodecName = "G722" if wide else "PCMA"
        self._piece_bytes = rate_hz // 50 * 2
        self._slower = Decimator(factor) if factor > 1 else None
        self._faster = Interpolator(factor) if factor > 1 else None
        self._encoder = Encoder(self._codec)
        self._decoder = Decoder(self._codec, sample_rate_hz=listened_hz)
        self._waiting = b""

    @property
    def codec(self) -> CodecName:
        return self._codec

    @property
    def ended(self) -> asyncio.Event:
        return self._ended

    @property
    def stats(self) -> EndpointStats:
        return EndpointStats(
            packets_received=self._received, packets_sent=self._sent, packets_lost=self._lost
        )

    def hear(self, kind: int, payload: bytes) -> None:
        """Sound from Asterisk, in frames of any length. Raises BadFrameError on a flood."""
        if kind != self._kind:
            self._use(kind)
        self.heard_first.set()
        self._waiting += payload
        while len(self._waiting) >= self._piece_bytes:
            piece = self._waiting[: self._piece_bytes]
            self._waiting = self._waiting[self._piece_bytes :]
            self._hear_piece(piece)

    def _hear_piece(self, piece: bytes) -> None:
        """20 ms."""
        placed = self._clock.place(160, self._loop.time())
        if placed is None:
            self._lost += 1
            if self._clock.refused_ticks > FLOOD_TICKS:
                raise BadFrameError("sound comes faster than anybody speaks")
            return
        self._received += 1
        if self.on_packet is None:
            return
        pcm = np.frombuffer(piece, dtype="<i2").astype(np.int16)
        if self._slower is not None:
            pcm = self._slower.take(pcm)
        self.on_packet(
            VoicePacket(
                payload=self._encoder.encode(pcm),
                codec=self._codec,
                sequence=placed[0],
                timestamp=placed[1],
                ssrc=self._ssrc,
                arrived_s=self._loop.time(),
            )
        )

    def press(self, digit: str) -> None:
        """A key pressed by the caller."""
        if self.on_digit is not None:
            self.on_digit(digit)

    def send(
        self,
        payload: bytes,
        *,
        sequence: int,
        timestamp: int,
        marker: bool = False,  # noqa: ARG002 (of RTP alone)
    ) -> None:
        if self._ended.is_set() or self._transport.is_closing():
            return
        if not self._way.admits(sequence, timestamp, self._loop.time()):
            return
        if self._transport.get_write_buffer_size() > self._piece_bytes * 50 * BACKLOG_S:
            return
        pcm = self._decoder.decode(payload)
        if self._faster is not None:
            pcm = self._faster.take(pcm)
        self._transport.write(frame(self._kind, pcm.astype("<i2").tobytes()))
        self._sent += 1

    async def send_keys(self, keys: str) -> None:
        if not is_keys(keys):
            raise KeysRefused("a telephone has the keys 0 to 9, *, # and A to D")
        for key in keys.upper():
            self._transport.write(frame(DIGIT, key.encode()))

    async def close(self) -> None:
        if self._ended.is_set():
            return
        self._ended.set()
        if not self._transport.is_closing():
            self._transport.write(frame(TERMINATE))
            self._transport.close()
