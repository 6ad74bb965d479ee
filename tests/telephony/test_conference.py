"""Three and four people on a bridge: who hears whom, and what the change to a mix costs nobody."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from telephony import g711
from telephony.bridge import Bridge
from telephony.call import CodecName, VoicePacket
from telephony.conference import CEILING, KNEE, Conference, limited
from telephony.floor import PEOPLE, Floor, Part, Person
from telephony.g711 import Pcm
from telephony.leg import Frame, LegRole
from telephony.packet import ahead
from telephony.relay import Relay
from tests.telephony.speech import CALLER_SAYS, OPERATOR_SAYS, find_speech, read_prompt
from tests.telephony.wire import Sink, Wire, listen

PITCH_HZ: dict[Person, int] = {"caller": 400, "operator": 700, "guest": 1100, "supervisor": 1600}
SAID, UNSAID = 1500.0, 120.0
"""Amplitude of somebody's tone where it is heard, at least, and where it is not, at most."""


def tone(person: Person, seconds: float) -> Pcm:
    at = np.arange(round(seconds * 8000)) / 8000
    return (4000 * np.sin(2 * np.pi * PITCH_HZ[person] * at)).astype(np.int16)


def amplitude(pcm: Pcm, person: Person) -> float:
    """Of this person's tone, the median over pieces of 50 ms: switching may click."""
    pieces = pcm[: len(pcm) // 400 * 400].reshape(-1, 400).astype(np.float64)
    wave = np.exp(-2j * np.pi * PITCH_HZ[person] * np.arange(400) / 8000)
    return float(np.median(np.abs(pieces @ wave)) * 2 / 400) if len(pieces) else 0.0


class Room:
    """A bridge with everybody at its wires."""

    def __init__(self, bridge: Bridge, wires: dict[Person, Wire]) -> None:
        self.bridge = bridge
        self.wires = wires

    async def heard_now(self, seconds: float = 0.6) -> dict[Person, set[Person]]:
        """Everybody sounds their tone: who hears whom."""
        saying = [
            asyncio.create_task(wire.say(tone(person, seconds + 0.25)))
            for person, wire in self.wires.items()
        ]
        await asyncio.sleep(0.2)
        for wire in self.wires.values():
            wire.heard.clear()
        await asyncio.gather(*saying)
        found: dict[Person, set[Person]] = {}
        for listener, wire in self.wires.items():
            pcm = wire.heard_pcm()
            loud = {person: amplitude(pcm, person) for person in PEOPLE}
            assert all(v > SAID or v < UNSAID for v in loud.values()), (listener, loud)
            found[listener] = {person for person, value in loud.items() if value > SAID}
        return found

    def series_is_unbroken(self, person: Person) -> bool:
        """One SSRC, numbers one by one, time forwards."""
        heard = self.wires[person].heard
        steps = [ahead(b.sequence, a.sequence, bits=16) for a, b in itertools.pairwise(heard)]
        times = [ahead(b.timestamp, a.timestamp, bits=32) for a, b in itertools.pairwise(heard)]
        return len({p.ssrc for p in heard}) == 1 and set(steps) == {1} and min(times) >= 160


@asynccontextmanager
async def room(**codecs: CodecName) -> AsyncIterator[Room]:
    async with AsyncExitStack() as stack:
        wires: dict[Person, Wire] = {}
        people: tuple[Person, ...] = ("caller", "operator", "guest", "supervisor")
        for person in people:
            wires[person] = await Wire.open(codecs.get(person, "PCMA"))
            for end in (wires[person].near, wires[person].far):
                stack.push_async_callback(end.close)
        bridge = Bridge(wires["caller"].near)
        stack.push_async_callback(bridge.close)
        await bridge.connect_operator(wires["operator"].near)
        yield Room(bridge, wires)


async def test_everybody_hears_whom_they_should_in_every_state() -> None:
    async with room(operator="PCMU") as full:
        bridge = full.bridge
        assert not bridge.mixing
        await bridge.connect_guest(full.wires["guest"].near)
        await bridge.connect_supervisor(full.wires["supervisor"].near)
        everybody = frozenset(PEOPLE)

        async def is_as(floor: Floor) -> None:
            heard = await full.heard_now()
            assert heard == {person: set(floor.heard_by(person)) for person in PEOPLE}

        parts: tuple[Part, ...] = ("listen", "whisper", "barge")
        for part in parts:
            bridge.supervise(part)
            await is_as(Floor(present=everybody, part=part))
        bridge.mute(True)
        await is_as(Floor(present=everybody, part="barge", muted=True))
        bridge.mute(False)
        bridge.hold(True)
        await is_as(Floor(present=everybody, part="barge", held=frozenset({"caller"})))
        bridge.hold(True, person="guest")
        bridge.supervise("listen")
        await is_as(Floor(present=everybody, held=frozenset({"caller", "guest"})))


async def test_a_listener_leaves_the_two_people_their_packets_and_no_trace() -> None:
    async with room() as full:
        bridge, wires = full.bridge, full.wires
        await bridge.connect_supervisor(wires["supervisor"].near)
        says = read_prompt(CALLER_SAYS, seconds=2), read_prompt(OPERATOR_SAYS, seconds=2)
        await asyncio.gather(
            wires["caller"].say(says[0]),
            wires["operator"].say(says[1]),
            wires["supervisor"].say(tone("supervisor", 2)),
        )
        for listener, said in (("operator", says[0]), ("caller", says[1])):
            heard = wires[listener].heard_pcm()  # type: ignore[index]
            assert find_speech(said[:14000], heard).correlation > 0.999, "packets as they were"
        both = wires["supervisor"].heard_pcm()
        first = find_speech(says[0][:14000], both)
        second = find_speech(says[1][:14000], both)
        assert first.correlation > 0.4 and second.correlation > 0.4
        together = says[0][:12000].astype(np.int32) + says[1][:12000]
        assert find_speech(limited(together), both).correlation > 0.8


async def test_the_series_is_unbroken_when_a_third_person_comes_and_goes() -> None:
    async with room(guest="PCMU") as full:
        bridge, wires = full.bridge, full.wires
        frames: dict[LegRole, list[Frame]] = {"caller": [], "operator": []}
        listeners = [
            asyncio.create_task(listen(bridge.caller, frames["caller"])),
            asyncio.create_task(listen(bridge.operator, frames["operator"])),
        ]
        talking = [
            asyncio.create_task(wires[person].say(tone(person, 3.0)))
            for person in ("caller", "operator", "guest")
        ]
        await asyncio.sleep(0.8)
        await bridge.connect_guest(wires["guest"].near)
        assert bridge.mixing
        await asyncio.sleep(1.0)
        await bridge.drop("guest")
        assert not bridge.mixing and wires["guest"].near.ended.is_set()
        await asyncio.gather(*talking)
        for person in ("caller", "operator"):
            assert full.series_is_unbroken(person), person
            pcm = wires[person].heard_pcm()
            assert amplitude(pcm[: 8000 * 3 // 5], "guest") < UNSAID
            assert amplitude(pcm[-4000:], "guest") < UNSAID
        await bridge.close()
        await asyncio.gather(*listeners)
        for role in ("caller", "operator"):
            # The guest is transcribed as nobody: each leg has its own person's voice alone.
            pcm = np.concatenate([frame.pcm for frame in frames[role]])
            assert amplitude(pcm[8000:20000], role) > SAID
            for other in set(PEOPLE) - {role}:
                assert amplitude(pcm[8000:20000], other) < UNSAID, (role, other)


async def test_a_whisper_is_not_transcribed_as_the_operators() -> None:
    async with room() as full:
        bridge, wires = full.bridge, full.wires
        frames: list[Frame] = []
        listener = asyncio.create_task(listen(bridge.operator, frames))
        await bridge.connect_supervisor(wires["supervisor"].near, "whisper")
        await asyncio.gather(
            wires["supervisor"].say(tone("supervisor", 1.5)),
            wires["operator"].say(tone("operator", 1.5)),
        )
        assert amplitude(wires["operator"].heard_pcm(), "supervisor") > SAID
        assert amplitude(wires["caller"].heard_pcm(), "supervisor") < UNSAID
        await bridge.close()
        await listener
        pcm = np.concatenate([frame.pcm for frame in frames])
        assert amplitude(pcm, "operator") > SAID
        assert amplitude(pcm, "supervisor") < UNSAID


async def test_wideband_and_narrow_voices_mix() -> None:
    async with room(caller="G722", guest="opus") as full:
        await full.bridge.connect_guest(full.wires["guest"].near)
        del full.wires["supervisor"]
        heard = await full.heard_now(1.0)
        assert heard == {
            "caller": {"operator", "guest"},
            "operator": {"caller", "guest"},
            "guest": {"caller", "operator"},
        }


async def test_the_operator_may_leave_the_two_others_to_themselves() -> None:
    async with room() as full:
        bridge, wires = full.bridge, full.wires
        frames: list[Frame] = []
        listener = asyncio.create_task(listen(bridge.caller, frames))
        await bridge.connect_guest(wires["guest"].near)
        await bridge.drop("operator")
        assert not bridge.mixing, "two people again"
        heard = await full.heard_now()
        assert heard["caller"] == {"guest"} and heard["guest"] == {"caller"}
        await bridge.close()
        await listener
        assert all(np.abs(frame.pcm).max() < 50 for frame in frames[25:]), "no longer our call"


async def test_a_guest_whose_media_is_gone_is_let_go() -> None:
    async with room() as full:
        bridge, wires = full.bridge, full.wires
        await bridge.connect_guest(wires["guest"].near)
        assert bridge.mixing
        await wires["guest"].near.close()
        async with asyncio.timeout(2):
            while bridge.mixing:  # noqa: ASYNC110 - the clock of the bridge has no event
                await asyncio.sleep(0.02)
        assert bridge.present == {"caller", "operator"}


async def test_a_flood_from_a_supervisor_reaches_nobody_late() -> None:
    async with room() as full:
        bridge, wires = full.bridge, full.wires
        await bridge.connect_supervisor(wires["supervisor"].near, "whisper")

        async def flood() -> None:
            for number in range(3000):
                far = wires["supervisor"].far
                far.send(b"\x2a" * 160, sequence=number & 0xFFFF, timestamp=number * 160)
                if number % 50 == 0:
                    await asyncio.sleep(0.01)

        says = read_prompt(CALLER_SAYS, seconds=1.5)
        await asyncio.gather(
            flood(), wires["caller"].say(says), wires["operator"].say(tone("operator", 1.5))
        )
        assert amplitude(wires["caller"].heard_pcm(), "operator") > SAID
        assert full.series_is_unbroken("caller") and full.series_is_unbroken("operator")


@given(st.lists(st.integers(-131_072, 131_072), max_size=50))
def test_a_sum_stays_within_16_bits_and_keeps_its_order(values: list[int]) -> None:
    total = np.array(values, dtype=np.int32)
    out = limited(total).astype(np.int64)
    assert np.all(np.abs(out) <= CEILING)
    assert np.all(np.sign(out) == np.sign(total))
    quiet = np.abs(total) <= KNEE
    assert np.all(out[quiet] == total[quiet])
    order = np.argsort(total, kind="stable")
    assert np.all(np.diff(out[order]) >= 0)


def test_a_codec_that_changes_within_a_mix_is_followed() -> None:
    sink, relay = Sink(), Relay(now_s=0)
    relay.sink = sink
    conference = Conference(sample_rate_hz=8000)
    conference.arrange({"operator": frozenset({"caller", "guest"})}, {"operator": relay})
    for number in range(60):
        if number == 30:
            sink.codec = "PCMU"
        for person in ("caller", "guest"):
            conference.take(person, packet_of(tone(person, 2), number))
        conference.tick(number * 0.02)
    assert sink.steps() == [(1, 1)] * 59
    first = np.concatenate([g711.decode(p, "PCMA") for _, _, p, _ in sink.sent[5:30]])
    second = np.concatenate([g711.decode(p, "PCMU") for _, _, p, _ in sink.sent[30:]])
    for pcm in (first, second):
        assert amplitude(pcm, "caller") > SAID and amplitude(pcm, "guest") > SAID


def test_after_a_stall_of_ours_the_mix_goes_on_from_now() -> None:
    sink, relay = Sink(), Relay(now_s=0)
    relay.sink = sink
    conference = Conference(sample_rate_hz=8000)
    conference.arrange({"operator": frozenset({"caller", "guest"})}, {"operator": relay})
    for at_s in (0.0, 0.02, 1.0, 1.02):
        conference.tick(at_s)
    times = [timestamp // 160 for _, timestamp, _, _ in sink.sent]
    assert len(times) == 2 + 5 + 1
    assert times[-1] - times[0] == 51, "the clock is kept"
    assert {step[0] for step in sink.steps()} == {1}, "nothing looks lost"


def packet_of(pcm: Pcm, number: int) -> VoicePacket:
    piece = pcm[number * 160 : number * 160 + 160]
    return VoicePacket(
        payload=g711.encode(piece, "PCMA"),
        codec="PCMA",
        sequence=number,
        timestamp=number * 160,
        ssrc=1,
        arrived_s=number * 0.02,
    )
