"""AudioSocket over real sockets: calls that converse, and peers that make no sense."""

from __future__ import annotations

import asyncio
import ipaddress
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.audiosocket import Announced, AnnouncedCalls, AnnouncementRefused, AudioSocketServer
from telephony.audiosocket.announced import ANNOUNCED_AT_MOST, ANNOUNCED_S
from telephony.audiosocket.frames import IDENTITY, BadFrameError, FrameReader, frame
from telephony.bridge import Bridge
from telephony.call import CodecName, IncomingCall
from telephony.g711 import Pcm
from telephony.leg import Frame
from telephony.resampling import Interpolator
from tests.telephony.asterisk import Asterisk
from tests.telephony.speech import CALLER_SAYS, OPERATOR_SAYS, find_speech, read_prompt
from tests.telephony.wire import Wire, listen

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)
TOLD = Announced(dialled="0199001234", caller_number="0639980001", caller_name="Jeanne Martin")

payloads = st.binary(max_size=700)
frames = st.lists(
    st.one_of(
        st.tuples(st.just(0x10), payloads.map(lambda p: p[: len(p) // 2 * 2])),
        st.tuples(st.just(IDENTITY), st.binary(min_size=16, max_size=16)),
        st.tuples(st.just(0x03), st.sampled_from([b"1", b"#", b"A"])),
        st.tuples(st.sampled_from([0x00, 0x02, 0x40, 0xFF]), payloads),
    ),
    max_size=8,
)


@given(frames, st.lists(st.integers(1, 200), min_size=1, max_size=20))
def test_frames_are_read_whatever_pieces_they_come_in(
    sent: list[tuple[int, bytes]], sizes: list[int]
) -> None:
    data = b"".join(frame(kind, payload) for kind, payload in sent)
    reader, found, at, turn = FrameReader(), [], 0, 0
    while at < len(data):
        size = sizes[turn % len(sizes)]
        found += list(reader.feed(data[at : at + size]))
        at, turn = at + size, turn + 1
    assert found == sent


@given(st.binary(max_size=300))
def test_bytes_that_are_no_frames_raise_one_error_or_nothing(data: bytes) -> None:
    try:
        found = list(FrameReader().feed(data))
    except BadFrameError:
        return
    assert all(data.count(payload) for _, payload in found if payload)


def test_a_call_is_announced_once_taken_once_and_forgotten_in_time() -> None:
    now = 0.0
    announced = AnnouncedCalls(now=lambda: now)
    first = uuid.uuid4()
    announced.add(first, TOLD)
    with pytest.raises(AnnouncementRefused):
        announced.add(first, TOLD)
    assert announced.take(first) == TOLD
    assert announced.take(first) is None
    announced.add(first, TOLD)
    now = ANNOUNCED_S + 1
    assert announced.take(first) is None
    for _ in range(ANNOUNCED_AT_MOST):
        announced.add(uuid.uuid4(), TOLD)
    with pytest.raises(AnnouncementRefused):
        announced.add(uuid.uuid4(), TOLD)


class Line:
    """A server, the calls it took, and what is expected of it."""

    def __init__(self) -> None:
        self.announced = AnnouncedCalls()
        self.calls: asyncio.Queue[IncomingCall] = asyncio.Queue()
        self.server = AudioSocketServer(
            host="127.0.0.1", port=0, on_call=self._take, announced=self.announced,
            networks=LOOPBACK,
        )  # fmt: skip

    async def _take(self, call: IncomingCall) -> None:
        await self.calls.put(call)
        await call.ended.wait()

    async def asterisk(self, *, kind: int = 0x10) -> Asterisk:
        identity = uuid.uuid4()
        self.announced.add(identity, TOLD)
        return await Asterisk.connect(self.server.address, identity, kind=kind)

    async def call(self) -> IncomingCall:
        return await asyncio.wait_for(self.calls.get(), 5)


@asynccontextmanager
async def line() -> AsyncIterator[Line]:
    line = Line()
    await line.server.start()
    try:
        yield line
    finally:
        await line.server.stop()


def at_rate(pcm: Pcm, rate_hz: int) -> Pcm:
    return pcm if rate_hz == 8000 else Interpolator(rate_hz // 8000).take(pcm)


@pytest.mark.parametrize(
    ("kind", "rate_hz", "codec"), [(0x10, 8000, "PCMA"), (0x16, 48000, "G722")]
)
async def test_both_hear_each_other_and_the_legs_are_right(
    kind: int, rate_hz: int, codec: CodecName
) -> None:
    says = read_prompt(CALLER_SAYS, seconds=1.6), read_prompt(OPERATOR_SAYS, seconds=1.6)
    async with line() as on:
        asterisk = await on.asterisk(kind=kind)
        speaking = asyncio.create_task(asterisk.say(at_rate(np.tile(says[0], 3), rate_hz)))
        call = await on.call()
        assert (call.dialled, call.caller_number) == (TOLD.dialled, TOLD.caller_number)
        assert call.source == "audiosocket" and call.codec == codec
        operator = await Wire.open(codec)
        bridge = Bridge(await call.answer())
        await bridge.connect_operator(operator.near)
        legs: dict[str, list[Frame]] = {"caller": [], "operator": []}
        listening = [
            asyncio.create_task(listen(bridge.caller, legs["caller"])),
            asyncio.create_task(listen(bridge.operator, legs["operator"])),
        ]
        await asyncio.gather(operator.say(says[1]), speaking)
        await call.hang_up()
        await asyncio.wait_for(asterisk.over.wait(), 5)
        await bridge.close()
        await asyncio.gather(*listening, operator.far.close(), asterisk.close())
    assert find_speech(says[0][:9600], operator.heard_pcm()).correlation > 0.9
    heard = asterisk.heard[:: rate_hz // 8000]
    assert asterisk.kinds == {kind}
    assert find_speech(says[1][:9600], heard).correlation > 0.9
    for role, said in (("caller", says[0]), ("operator", says[1])):
        pcm = np.concatenate([f.pcm[:: f.sample_rate_hz // 8000] for f in legs[role]])
        assert find_speech(said[:9600], pcm).correlation > 0.9, role


async def test_the_caller_hears_it_ring_presses_keys_and_hangs_up() -> None:
    async with line() as on:
        asterisk = await on.asterisk()
        call = await on.call()
        call.ring()
        pressed: asyncio.Queue[str] = asyncio.Queue()
        async with asyncio.timeout(5):
            while np.abs(asterisk.heard).max(initial=0) < 1000:  # noqa: ASYNC110 - no event
                await asyncio.sleep(0.05)
        endpoint = await call.answer()
        endpoint.on_digit = pressed.put_nowait
        asterisk.send(0x03, b"5")
        asterisk.send(0x02, b"")  # a kind of another time: passed over
        assert await asyncio.wait_for(pressed.get(), 5) == "5"
        await endpoint.send_keys("1#")
        async with asyncio.timeout(5):
            while asterisk.digits != "1#":  # noqa: ASYNC110 - no event
                await asyncio.sleep(0.02)
        await asterisk.hang_up()
        await asyncio.wait_for(call.ended.wait(), 5)
        assert (call.ended_by, call.end_reason) == ("caller", "hung_up")


@pytest.mark.parametrize(
    "said",
    [
        frame(IDENTITY, b"short"),
        frame(0x10, b"\0\0"),
        frame(IDENTITY, uuid.uuid4().bytes),
        b"GET / HTTP/1.1\r\n\r\n" * 4000,
    ],
    ids=["a short UUID", "sound first", "announced by nobody", "HTTP"],
)
async def test_a_peer_that_makes_no_sense_is_hung_up_on(said: bytes) -> None:
    async with line() as on:
        asterisk = await Asterisk.connect(on.server.address, None)
        asterisk.writer.write(said)
        await asyncio.wait_for(asterisk.over.wait(), 5)
        await asterisk.close()
        assert on.calls.empty()
        fine = await on.asterisk()
        await on.call()
        await fine.close()


@pytest.mark.parametrize(
    "said",
    [frame(0x10, b"odd"), frame(0x15, b"\0\0"), frame(0x03, b"?"), frame(IDENTITY, b"\0" * 16)],
)
async def test_a_call_that_turns_to_nonsense_ends(said: bytes) -> None:
    async with line() as on:
        asterisk = await on.asterisk()
        call = await on.call()
        asterisk.writer.write(said)
        await asyncio.wait_for(call.ended.wait(), 5)
        await asterisk.close()


async def test_a_flood_of_sound_ends_the_call_and_nothing_else() -> None:
    async with line() as on:
        other = await on.asterisk()
        going = await on.call()
        asterisk = await on.asterisk()
        call = await on.call()
        for _ in range(60):
            asterisk.writer.write(frame(0x10, b"\0" * 60_000))
        await asyncio.wait_for(call.ended.wait(), 5)
        assert not going.ended.is_set()
        await asyncio.gather(asterisk.close(), other.close())


async def test_half_a_frame_and_silence_is_no_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("telephony.audiosocket.server.IDENTIFY_S", 0.2)
    async with line() as on:
        asterisk = await Asterisk.connect(on.server.address, None)
        asterisk.writer.write(frame(IDENTITY, b"\0" * 16)[:10])
        await asyncio.wait_for(asterisk.over.wait(), 5)
        await asterisk.close()
        assert on.calls.empty() and not on.server.connections


async def test_a_connection_from_elsewhere_is_not_taken() -> None:
    async with line() as on:
        on.server._networks = (ipaddress.ip_network("192.0.2.0/24"),)
        asterisk = await Asterisk.connect(on.server.address, uuid.uuid4())
        await asyncio.wait_for(asterisk.over.wait(), 5)
        await asterisk.close()


async def test_a_lost_connection_ends_the_call_and_a_stop_ends_them_all() -> None:
    async with line() as on:
        asterisk = await on.asterisk()
        call = await on.call()
        asterisk.writer.transport.abort()
        await asyncio.wait_for(call.ended.wait(), 5)
        await asterisk.close()
        other = await on.asterisk()
        last = await on.call()
        await on.server.stop()
        assert (last.ended_by, last.end_reason) == ("system", "server_stopped")
        await asyncio.wait_for(other.over.wait(), 5)
        await other.close()
