"""An endpoint of the bridge and the far end that talks to it, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from telephony import g711
from telephony.call import CodecName, EndpointStats, VoicePacket
from telephony.codec import CODECS, Decoder, encode_frames
from telephony.errors import KeysRefused
from telephony.leg import Frame, Leg
from telephony.packet import ahead
from telephony.rtp import RtpEndpoint
from tests.telephony.speech import concatenate

PORTS = (45000, 45999)


@dataclass
class Sink:
    """What a relay sends, on a clock of the test's own."""

    codec: CodecName = "PCMA"
    on_packet: Callable[[VoicePacket], None] | None = None
    on_digit: Callable[[str], None] | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    stats: EndpointStats = field(default_factory=EndpointStats)
    sent: list[tuple[int, int, bytes, bool]] = field(default_factory=list)

    def send(self, payload: bytes, *, sequence: int, timestamp: int, marker: bool = False) -> None:
        self.sent.append((sequence, timestamp, payload, marker))

    async def send_keys(self, keys: str) -> None:
        raise KeysRefused(keys)

    async def close(self) -> None:
        self.ended.set()

    def steps(self) -> list[tuple[int, int]]:
        """Sequence and timestamp steps between what was sent."""
        pairs = zip(self.sent, self.sent[1:], strict=False)
        return [(ahead(b[0], a[0], bits=16), ahead(b[1], a[1], bits=32) // 160) for a, b in pairs]


def packet(number: int, *, ssrc: int = 1, at_s: float | None = None, base: int = 0) -> VoicePacket:
    return VoicePacket(
        payload=bytes([number % 200]) * 160,
        codec="PCMA",
        sequence=(base + number) & 0xFFFF,
        timestamp=(base * 7 + number * 160) & 0xFFFFFFFF,
        ssrc=ssrc,
        arrived_s=number * 0.02 if at_s is None else at_s,
    )


@dataclass
class Wire:
    """An endpoint of the bridge, and the far end that talks to it."""

    near: RtpEndpoint
    far: RtpEndpoint
    heard: list[VoicePacket] = field(default_factory=list)

    @classmethod
    async def open(cls, codec: CodecName) -> Wire:
        near = await RtpEndpoint.open("127.0.0.1", PORTS)
        far = await RtpEndpoint.open("127.0.0.1", PORTS)
        number = CODECS[codec].payload_type
        for one, other in ((near, far), (far, near)):
            one.connect(
                other.local, codec=codec, payload_types={number: codec}, dtmf_payload_type=None
            )
        wire = cls(near, far)
        far.on_packet = wire.heard.append
        return wire

    async def say(self, pcm: g711.Pcm) -> None:
        loop = asyncio.get_running_loop()
        started_s = loop.time()
        for number, payload in enumerate(encode_frames(pcm, self.far.codec)):
            self.far.send(payload, sequence=number, timestamp=number * 160)
            await asyncio.sleep(started_s + (number + 1) * 0.02 - loop.time())

    def heard_pcm(self) -> g711.Pcm:
        """What came, at 8 kHz."""
        decoder = Decoder(self.near.codec, sample_rate_hz=8000)
        return concatenate([decoder.decode(p.payload) for p in self.heard])


async def listen(leg: Leg, frames: list[Frame]) -> None:
    async for frame in leg.frames():
        frames += [frame]
