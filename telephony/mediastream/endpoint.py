"""One track of a media stream: µ-law in JSON."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable

from telephony.call import CodecName, EndpointStats, VoicePacket
from telephony.errors import KeysRefused
from telephony.mediastream.messages import BadMessageError, media_message
from telephony.packet import OneWay
from telephony.streamclock import StreamClock

FLOOD_TICKS = 80_000
"""Ten seconds more than anybody speaks, and the connection is closed."""


class TrackEndpoint:
    """A track's sound; what is sent to it goes to `write`, which must not wait."""

    def __init__(
        self,
        stream_id: str,
        write: Callable[[str], None],
        *,
        voiced: bool,
        on_closed: Callable[[], None] = lambda: None,
    ) -> None:
        """`voiced`: whether they play what we send."""
        self.on_packet: Callable[[VoicePacket], None] | None = None
        self.on_digit: Callable[[str], None] | None = None
        self.codec: CodecName = "PCMU"
        self._stream_id = stream_id
        self._write = write
        self._voiced = voiced
        self._on_closed = on_closed
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        self._clock = StreamClock()
        self._ssrc = uuid.uuid4().int & 0xFFFFFFFF
        self._way = OneWay()
        self._received = self._sent = self._lost = 0

    @property
    def ended(self) -> asyncio.Event:
        return self._ended

    @property
    def stats(self) -> EndpointStats:
        return EndpointStats(
            packets_received=self._received, packets_sent=self._sent, packets_lost=self._lost
        )

    def hear(self, payload: bytes) -> None:
        """Sound from them. Raises BadMessageError on a flood."""
        now_s = self._loop.time()
        placed = self._clock.place(len(payload), now_s)
        if placed is None:
            self._lost += 1
            if self._clock.refused_ticks > FLOOD_TICKS:
                raise BadMessageError("sound comes faster than anybody speaks")
            return
        self._received += 1
        if self.on_packet is not None:
            self.on_packet(
                VoicePacket(
                    payload=payload,
                    codec="PCMU",
                    sequence=placed[0],
                    timestamp=placed[1],
                    ssrc=self._ssrc,
                    arrived_s=now_s,
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
        if self._ended.is_set() or not self._voiced:
            return
        if not self._way.admits(sequence, timestamp, self._loop.time()):
            return
        self._sent += 1
        self._write(media_message(self._stream_id, payload))

    async def send_keys(self, keys: str) -> None:  # noqa: ARG002 (there is no message for it)
        raise KeysRefused("this platform takes no telephone keys")

    async def close(self) -> None:
        self._ended.set()
        self._on_closed()
