"""Browsers' voice: a plain aiortc peer, then a real Chromium."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
import pytest

from telephony import g711
from telephony.bridge import Bridge
from telephony.errors import CallOver, OfferRefused
from telephony.leg import Frame, Leg
from telephony.packet import RtpPacket
from telephony.webrtc import WebRtcCall, WebRtcEndpoint
from tests.telephony.browser import AiortcPeer, PacketPeer, chromium_page
from tests.telephony.speech import (
    CALLER_SAYS,
    OPERATOR_SAYS,
    concatenate,
    likeness,
    read_prompt,
    write_wav,
)


async def listen(leg: Leg, into: list[Frame]) -> None:
    async for frame in leg.frames():
        into += [frame]


def pcm_of(frames: list[Frame]) -> g711.Pcm:
    return concatenate([frame.pcm for frame in frames])


async def until(condition: Callable[[], bool], *, timeout_s: float = 15.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 (counters have no event)
            await asyncio.sleep(0.02)


async def test_two_browsers_hear_each_other() -> None:
    """Caller and operator by WebRTC; listeners hear both; nothing is decoded on the way."""
    lead = np.zeros(12_000, dtype=np.int16)
    says = {
        "caller": np.concatenate([lead, read_prompt(CALLER_SAYS, seconds=3)]),
        "operator": np.concatenate([lead, read_prompt(OPERATOR_SAYS, seconds=3)]),
    }
    caller_peer, operator_peer = AiortcPeer(says["caller"]), AiortcPeer(says["operator"])
    call, answer = await WebRtcCall.receive(
        await caller_peer.offer(), dialled="0261910001", caller_name="Jeanne"
    )
    bridge = Bridge(await call.answer())
    heard: dict[str, list[Frame]] = {"caller": [], "operator": []}
    listeners = [
        asyncio.create_task(listen(bridge.caller, heard["caller"])),
        asyncio.create_task(listen(bridge.operator, heard["operator"])),
    ]
    endpoint, operator_answer = await WebRtcEndpoint.accept(await operator_peer.offer())
    await bridge.connect_operator(endpoint)
    await asyncio.gather(operator_peer.take(operator_answer), caller_peer.take(answer))
    await asyncio.wait_for(endpoint.connected.wait(), 10)
    await until(
        lambda: min(len(caller_peer.heard), len(operator_peer.heard)) > 48_000, timeout_s=30
    )
    assert endpoint.codec == "PCMA"
    for who, at_far_end in (("caller", operator_peer.heard), ("operator", caller_peer.heard)):
        assert likeness(says[who], at_far_end) > 0.95
        assert likeness(says[who], pcm_of(heard[who])) > 0.95
    await call.hang_up()
    await bridge.close()
    await asyncio.wait_for(asyncio.gather(*listeners), 1)
    assert (call.ended_by, endpoint.ended.is_set()) == ("operator", True)
    await caller_peer.close()
    await operator_peer.close()


async def test_a_caller_hears_ringing_until_answered() -> None:
    peer = AiortcPeer(np.zeros(160, dtype=np.int16))
    call, answer = await WebRtcCall.receive(await peer.offer(), dialled="0261910001")
    await peer.take(answer)
    call.ring()
    await until(lambda: len(peer.heard) > 8000)
    spectrum = np.abs(np.fft.rfft(peer.heard[-8000:].astype(np.float64)))
    assert int(np.argmax(spectrum)) == pytest.approx(440, abs=2)
    await call.answer()
    await asyncio.sleep(0.3)
    packets = call._endpoint.stats.packets_sent
    await asyncio.sleep(0.1)
    assert call._endpoint.stats.packets_sent == packets
    await call.hang_up()
    with pytest.raises(CallOver):
        await call.answer()
    await peer.close()


async def test_the_caller_closing_the_page_ends_the_call() -> None:
    peer = AiortcPeer(np.zeros(160, dtype=np.int16))
    call, answer = await WebRtcCall.receive(await peer.offer(), dialled="0261910001")
    await peer.take(answer)
    await asyncio.wait_for(call.flowing(), 15)
    await peer.close()
    await asyncio.wait_for(call.ended.wait(), 15)
    assert (call.ended_by, call.end_reason) == ("caller", "hung_up")
    await call.hang_up()


async def test_the_codec_of_the_other_party_is_preferred() -> None:
    peer = AiortcPeer(np.zeros(160, dtype=np.int16))
    endpoint, answer = await WebRtcEndpoint.accept(await peer.offer(), prefer="PCMU")
    assert endpoint.codec == "PCMU"
    formats = next(line for line in answer.splitlines() if line.startswith("m=audio"))
    assert formats.split()[3:] == ["0", "8"]
    await endpoint.close()
    await peer.close()


async def test_only_the_given_addresses_are_offered() -> None:
    peer = AiortcPeer(np.zeros(160, dtype=np.int16))
    endpoint, answer = await WebRtcEndpoint.accept(await peer.offer(), hosts=["127.0.0.1"])
    candidates = [line.split()[4] for line in answer.splitlines() if "a=candidate" in line]
    assert set(candidates) == {"127.0.0.1"}
    await peer.take(answer)
    await asyncio.wait_for(endpoint.connected.wait(), 15)
    await endpoint.close()
    await peer.close()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda sdp: "",
        lambda sdp: "this is no offer",
        lambda sdp: sdp.replace("a=fingerprint", "a=nothing"),
        lambda sdp: sdp.replace("a=ice-pwd", "a=nothing"),
        lambda sdp: sdp.replace("PCMA", "L16").replace("PCMU", "L24"),
        lambda sdp: sdp.replace("m=audio", "m=video"),
    ],
)
async def test_an_offer_that_makes_no_sense_is_refused(spoil: Callable[[str], str]) -> None:
    peer = AiortcPeer(np.zeros(160, dtype=np.int16))
    with pytest.raises(OfferRefused):
        await WebRtcEndpoint.accept(spoil(await peer.offer()))
    await peer.close()


async def test_packets_that_look_like_stun_are_voice_all_the_same() -> None:
    """aioice takes one for STUN when its sequence number fits the place of STUN's length.

    An encrypted PCMA packet of 20 ms does around number 162: a lost packet every 22 minutes,
    answered as a request at that.
    """
    peer = PacketPeer(lambda _data: None)
    endpoint, answer = await WebRtcEndpoint.accept(await peer.offer())
    numbers: list[int] = []
    endpoint.on_packet = lambda packet: numbers.append(packet.sequence)
    await peer.take(answer)
    await asyncio.wait_for(endpoint.connected.wait(), 15)
    await until(lambda: peer.send(RtpPacket(8, False, 99, 99 * 160, 0, b"\xd5" * 160)))
    for number in range(100, 300):
        peer.send(RtpPacket(8, False, number, number * 160, 0, b"\xd5" * 160))
        if number % 20 == 0:
            await asyncio.sleep(0.01)
    await until(lambda: 299 in numbers)
    assert numbers[-200:] == list(range(100, 300))
    assert (endpoint.stats.packets_invalid, endpoint.stats.packets_lost) == (0, 0)
    await endpoint.close()
    await peer.connection.close()


def exchanger(bridge: Bridge) -> Callable[[str], Awaitable[str]]:
    async def exchange(offer_sdp: str) -> str:
        endpoint, answer = await WebRtcEndpoint.accept(offer_sdp)
        await bridge.connect_operator(endpoint)
        return answer

    return exchange


@pytest.mark.browser
async def test_chromium_is_heard_hears_and_comes_back_after_a_reload(tmp_path: Path) -> None:
    caller_says = read_prompt(CALLER_SAYS, seconds=4)
    operator_says = read_prompt(OPERATOR_SAYS, seconds=4)
    microphone = write_wav(tmp_path / "microphone.wav", operator_says)
    caller_peer = AiortcPeer(np.concatenate([np.zeros(8000, np.int16)] + [caller_says] * 20))
    call, answer = await WebRtcCall.receive(await caller_peer.offer(), dialled="0261910001")
    bridge = Bridge(await call.answer())
    frames: list[Frame] = []
    listener = asyncio.create_task(listen(bridge.operator, frames))
    await caller_peer.take(answer)
    async with chromium_page(microphone, exchanger(bridge)) as page:
        await page.call()
        await asyncio.sleep(6)
        assert await page.codec() == "audio/PCMA"
        heard_there = await page.heard()
        assert likeness(caller_says, heard_there) > 0.7
        assert likeness(operator_says, pcm_of(frames)) > 0.7
        assert likeness(operator_says, caller_peer.heard) > 0.7

        first, before = bridge.operator_endpoint, len(frames)
        await page.reload()
        started_s = asyncio.get_running_loop().time()
        await page.call()
        await until(lambda: bridge.operator_endpoint is not first and _fresh(bridge), timeout_s=5)
        assert asyncio.get_running_loop().time() - started_s < 5
        await asyncio.sleep(2)
        assert len(await page.heard()) > 8000
        assert not call.ended.is_set()
        assert len(frames) > before
    await call.hang_up()
    await bridge.close()
    await asyncio.wait_for(listener, 1)
    starts = [round(frame.start_s * 50) for frame in frames]
    assert starts == list(range(len(frames))), "one clock, reload included"
    await caller_peer.close()


def _fresh(bridge: Bridge) -> bool:
    silent_s = bridge.silent_s("operator")
    return silent_s is not None and silent_s < 0.1
