"""The bridge: what crosses it, and what cannot touch it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

from telephony import g711
from telephony.bridge import FILL_AFTER_S, TICK_S, Bridge, Relay
from telephony.call import CodecName, EndpointStats, VoicePacket
from telephony.codec import Decoder, Encoder
from telephony.errors import KeysRefused
from telephony.leg import Frame, Leg
from telephony.packet import ahead
from telephony.rtp import RtpEndpoint
from tests.telephony.speech import CALLER_SAYS, OPERATOR_SAYS, find_speech, read_prompt

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


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def relay(sink: Sink) -> Relay:
    relay = Relay(now_s=0)
    relay.sink = sink
    return relay


def test_packets_pass_unchanged_and_in_step(relay: Relay, sink: Sink) -> None:
    for number in range(100):
        relay.take(packet(number, base=65500))
    assert sink.steps() == [(1, 1)] * 99
    assert [payload[0] for _, _, payload, _ in sink.sent] == list(range(100))


def test_losses_and_disorder_pass_as_they_are(relay: Relay, sink: Sink) -> None:
    for place, number in enumerate((0, 1, 4, 3, 5)):
        relay.take(packet(number, at_s=place * 0.02))
    assert sink.steps() == [(1, 1), (3, 3), (-1, -1), (2, 2)]


def test_a_quiet_source_is_replaced_by_silence_on_time(relay: Relay, sink: Sink) -> None:
    for number in range(10):
        relay.take(packet(number))
    for tick in range(10, 80):
        relay.tick(tick * TICK_S)
    silence = g711.SILENCE_FRAME["PCMA"]
    fills = [item for item in sink.sent if item[2] == silence]
    waited = round(FILL_AFTER_S / TICK_S)
    assert len(fills) == pytest.approx(70 - waited, abs=1)
    first, last = sink.sent[0], sink.sent[-1]
    assert ahead(last[1], first[1], bits=32) // 160 == pytest.approx(79, abs=1)
    relay.take(packet(80))
    assert sink.steps()[-1] == (1, 1)
    assert sink.sent[-1][3], "a talkspurt begins"


def test_what_a_stall_brings_late_is_dropped_so_no_delay_builds_up(
    relay: Relay, sink: Sink
) -> None:
    for number in range(10):
        relay.take(packet(number))
    for tick in range(10, 50):
        relay.tick(tick * TICK_S)
    for number in range(10, 50):
        relay.take(packet(number, at_s=1.0))
    for number in range(50, 60):
        relay.take(packet(number))
    assert relay.late > 35
    total = ahead(sink.sent[-1][1], sink.sent[0][1], bits=32) // 160
    assert total == pytest.approx(59, abs=1)
    assert all(step[0] >= 1 and step[1] >= 1 for step in sink.steps())


def test_a_shorter_stall_is_passed_on_whole(relay: Relay, sink: Sink) -> None:
    for number in range(10):
        relay.take(packet(number))
    for tick in range(10, 30):
        relay.tick(tick * TICK_S)
    for number in range(10, 40):
        relay.take(packet(number, at_s=max(0.6, number * 0.02)))
    assert relay.late == relay.fills == 0
    assert sink.steps() == [(1, 1)] * 39


def test_a_new_source_goes_on_in_the_same_series(relay: Relay, sink: Sink) -> None:
    for number in range(10):
        relay.take(packet(number))
    for number in range(10, 20):
        relay.take(packet(number, ssrc=2, base=31_000))
    assert sink.steps() == [(1, 1)] * 19


def test_the_law_is_converted_for_the_far_end(relay: Relay, sink: Sink) -> None:
    sink.codec = "PCMU"
    relay.take(packet(33))
    assert sink.sent[0][2] == g711.transcode(bytes([33]) * 160, "PCMA", "PCMU")


# Over real sockets


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
        number = 8 if codec == "PCMA" else 0
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
        for number in range(len(pcm) // 160):
            payload = Encoder(self.far.codec).encode(pcm[number * 160 : number * 160 + 160])
            self.far.send(payload, sequence=number, timestamp=number * 160)
            await asyncio.sleep(started_s + (number + 1) * 0.02 - loop.time())

    def heard_pcm(self) -> g711.Pcm:
        return np.concatenate(
            [Decoder(p.codec, sample_rate_hz=8000).decode(p.payload) for p in self.heard]
        )


@pytest.fixture
async def caller() -> AsyncIterator[Wire]:
    wire = await Wire.open("PCMA")
    yield wire
    await wire.far.close()


@pytest.fixture
async def operator() -> AsyncIterator[Wire]:
    wire = await Wire.open("PCMU")
    yield wire
    await wire.far.close()


@pytest.fixture
async def bridge(caller: Wire, operator: Wire) -> AsyncIterator[Bridge]:
    bridge = Bridge(caller.near)
    await bridge.connect_operator(operator.near)
    yield bridge
    await bridge.close()


async def listen(leg: Leg, frames: list[Frame]) -> None:
    async for frame in leg.frames():
        frames += [frame]


async def test_both_hear_each_other_across_laws_while_listeners_listen(
    bridge: Bridge, caller: Wire, operator: Wire
) -> None:
    caller_says, operator_says = (
        read_prompt(CALLER_SAYS, seconds=2), read_prompt(OPERATOR_SAYS, seconds=2),
    )  # fmt: skip
    frames: dict[str, list[Frame]] = {"caller": [], "operator": []}
    async with asyncio.TaskGroup() as group:
        group.create_task(listen(bridge.caller, frames["caller"]))
        group.create_task(listen(bridge.operator, frames["operator"]))
        await asyncio.gather(caller.say(caller_says), operator.say(operator_says))
        await asyncio.sleep(0.1)
        await bridge.close()
    assert find_speech(caller_says, operator.heard_pcm()).correlation > 0.97
    assert find_speech(operator_says, caller.heard_pcm()).correlation > 0.97
    for role, says in (("caller", caller_says), ("operator", operator_says)):
        pcm = np.concatenate([frame.pcm for frame in frames[role]])
        match = find_speech(says, pcm)
        assert match.correlation > 0.97
        assert match.delay_s < 0.5


async def test_listeners_that_fail_or_stall_change_nothing(
    bridge: Bridge, caller: Wire, operator: Wire
) -> None:
    async def fail() -> None:
        async for _ in bridge.caller.frames():
            raise RuntimeError("recognition is dead")

    async def stall() -> None:
        async for _ in bridge.operator.frames():
            await asyncio.Event().wait()

    failing, stalling = asyncio.create_task(fail()), asyncio.create_task(stall())
    says = read_prompt(CALLER_SAYS, seconds=2)
    await asyncio.gather(caller.say(says), operator.say(says))
    assert isinstance(failing.exception(), RuntimeError)
    assert find_speech(says[:12000], operator.heard_pcm()).correlation > 0.97
    assert find_speech(says[:12000], caller.heard_pcm()).correlation > 0.97
    stalling.cancel()
    await asyncio.gather(stalling, return_exceptions=True)


async def test_muted_and_on_hold(bridge: Bridge, caller: Wire, operator: Wire) -> None:
    loud = np.full(160 * 30, 5000, dtype=np.int16)
    bridge.mute(True)
    await asyncio.gather(caller.say(loud), operator.say(loud))
    assert np.abs(caller.heard_pcm()).max() < 50, "silence goes to the caller"
    assert np.abs(operator.heard_pcm()).max() > 4000
    bridge.mute(False)
    bridge.hold(True)
    caller.heard.clear()
    operator.heard.clear()
    await asyncio.gather(caller.say(loud), operator.say(loud))
    assert np.abs(caller.heard_pcm()).max() < 50
    assert np.abs(operator.heard_pcm()).max() < 50
    bridge.hold(False)
    await asyncio.gather(caller.say(loud), operator.say(loud))
    assert np.abs(caller.heard_pcm()).max() > 4000


async def test_another_operator_endpoint_takes_over(
    bridge: Bridge, caller: Wire, operator: Wire
) -> None:
    frames: list[Frame] = []
    listener = asyncio.create_task(listen(bridge.operator, frames))
    loud = np.full(160 * 25, 5000, dtype=np.int16)
    await operator.say(loud)
    await asyncio.sleep(0.4)
    again = await Wire.open("PCMA")
    await bridge.connect_operator(again.near)
    assert operator.near.ended.is_set()
    caller.heard.clear()
    await asyncio.gather(again.say(loud), caller.say(loud))
    assert np.abs(caller.heard_pcm()).max() > 4000
    assert np.abs(again.heard_pcm()).max() > 4000
    sequences = [p.sequence for p in caller.heard]
    assert len({p.ssrc for p in caller.heard}) == 1
    steps = [ahead(b, a, bits=16) for a, b in itertools.pairwise(sequences)]
    assert set(steps) == {1}
    await bridge.close()
    await asyncio.wait_for(listener, 1)
    assert [round(f.start_s * 50) for f in frames] == list(range(len(frames)))
    loud_frames = [f.start_s for f in frames if np.abs(f.pcm).max() > 4000]
    assert loud_frames[-1] - loud_frames[0] > 1.2
    await again.far.close()


async def test_a_caller_alone_hears_silence_not_nothing(caller: Wire) -> None:
    bridge = Bridge(caller.near)
    await caller.say(np.full(160 * 30, 5000, dtype=np.int16))
    assert len(caller.heard) > 15
    assert np.abs(caller.heard_pcm()).max() < 50
    assert bridge.silent_s("operator") is None
    silent_s = bridge.silent_s("caller")
    assert silent_s is not None and silent_s < 0.5
    await bridge.close()
    await bridge.close()
    late = await Wire.open("PCMA")
    await bridge.connect_operator(late.near)
    assert late.near.ended.is_set(), "a bridge that is closed keeps nothing"
    await late.far.close()
