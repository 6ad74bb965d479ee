"""The bridge: what crosses it, and what cannot touch it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator

import numpy as np
import pytest

from telephony import g711
from telephony.bridge import Bridge
from telephony.lateness import GRACE_S
from telephony.leg import Frame
from telephony.packet import ahead
from telephony.relay import FILL_AFTER_S, TICK_S, Relay
from tests.telephony.speech import CALLER_SAYS, OPERATOR_SAYS, find_speech, read_prompt
from tests.telephony.wire import Sink, Wire, listen, packet


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


@pytest.mark.parametrize("behind_s", [0.02, 0.1, 0.7, 1.5])
def test_a_voice_that_stays_late_after_an_outage_is_heard_again(
    relay: Relay, sink: Sink, behind_s: float
) -> None:
    """The way it comes now takes longer (another cell, another network), or its clock stood."""
    for number in range(10):
        relay.take(packet(number))
    for tick in range(10, 60):
        relay.tick(tick * TICK_S)
    for number in range(60, 160):
        at_s = number * TICK_S
        relay.take(packet(number - round(behind_s / TICK_S), at_s=at_s))
        relay.tick(at_s)
    assert relay.late <= round(GRACE_S / TICK_S) + 1
    assert all(step[0] >= 1 and step[1] >= 1 for step in sink.steps())
    total = ahead(sink.sent[-1][1], sink.sent[0][1], bits=32) // 160
    assert total == pytest.approx(159, abs=2), "no delay builds up"
    silence = g711.SILENCE_FRAME["PCMA"]
    assert all(payload != silence for _, _, payload, _ in sink.sent[-80:])


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


async def test_whoever_has_somebody_to_talk_to_is_waited_for(caller: Wire) -> None:
    bridge = Bridge(caller.near)
    operator, guest = await Wire.open("PCMA"), await Wire.open("PCMA")
    await bridge.connect_operator(operator.near)
    bridge.hold(True)
    assert bridge.silent_s("operator") == 0.0, "alone"
    await bridge.connect_guest(guest.near)
    assert (bridge.silent_s("operator"), bridge.silent_s("guest")) == (None, None)
    assert bridge.silent_s("caller") == 0.0, "held apart"
    bridge.hold(True, person="guest")
    assert bridge.silent_s("guest") == 0.0
    bridge.hold(False)
    assert bridge.silent_s("caller") is None
    await bridge.close()
    await operator.far.close()
    await guest.far.close()


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
