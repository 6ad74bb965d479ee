"""RTP sockets: who is heard, what is counted, what is said back."""

from __future__ import annotations

import asyncio
import itertools
import struct
from collections.abc import AsyncIterator, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.call import VoicePacket
from telephony.errors import PortsExhausted
from telephony.packet import Numbering, RtpPacket, ahead, parse_rtp, rtp_bytes
from telephony.rtp import Latch, RtpEndpoint, open_port_pair

PORTS = (43000, 43999)
SSRC = 7


class Socket(asyncio.DatagramProtocol):
    """A bare UDP socket on loopback."""

    def __init__(self) -> None:
        self.received: list[bytes] = []
        self.transport: asyncio.DatagramTransport

    @classmethod
    async def open(cls) -> Socket:
        loop = asyncio.get_running_loop()
        transport, sock = await loop.create_datagram_endpoint(cls, local_addr=("127.0.0.1", 0))
        sock.transport = transport
        return sock

    @property
    def address(self) -> tuple[str, int]:
        name = self.transport.get_extra_info("sockname")
        return name[0], name[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.received.append(data)

    def say(
        self, to: RtpEndpoint, number: int, *, payload_type: int = 8, payload: bytes = b"\xd5" * 160
    ) -> None:
        packet = RtpPacket(payload_type, False, number, number * 160, SSRC, payload)
        self.transport.sendto(rtp_bytes(packet), to.local)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 (sockets and counters have no event)
            await asyncio.sleep(0.005)


@pytest.fixture
async def peer() -> AsyncIterator[Socket]:
    sock = await Socket.open()
    yield sock
    sock.transport.close()


@pytest.fixture
async def stranger() -> AsyncIterator[Socket]:
    sock = await Socket.open()
    yield sock
    sock.transport.close()


@pytest.fixture
async def endpoint(peer: Socket) -> AsyncIterator[RtpEndpoint]:
    endpoint = await RtpEndpoint.open("127.0.0.1", PORTS)
    endpoint.connect(
        peer.address, codec="PCMA", payload_types={8: "PCMA", 0: "PCMU"}, dtmf_payload_type=101
    )
    yield endpoint
    await endpoint.close()


def heard_by(endpoint: RtpEndpoint) -> list[VoicePacket]:
    packets: list[VoicePacket] = []
    endpoint.on_packet = packets.append
    return packets


async def test_both_ways(endpoint: RtpEndpoint, peer: Socket) -> None:
    heard = heard_by(endpoint)
    peer.say(endpoint, 5, payload_type=0)
    await until(lambda: len(heard) == 1)
    assert (heard[0].codec, heard[0].sequence, heard[0].timestamp) == ("PCMU", 5, 800)
    endpoint.send(b"\x01" * 160, sequence=9, timestamp=1440, marker=True)
    await until(lambda: len(peer.received) == 1)
    packet = parse_rtp(peer.received[0])
    assert packet is not None
    assert packet[:4] == (8, True, 9, 1440)
    assert packet.payload == b"\x01" * 160


async def test_a_stranger_is_not_heard_and_gets_nothing(
    endpoint: RtpEndpoint, peer: Socket, stranger: Socket
) -> None:
    heard = heard_by(endpoint)
    peer.say(endpoint, 1)
    await until(lambda: len(heard) == 1)
    for number in range(50):
        stranger.say(endpoint, number)
    peer.say(endpoint, 2)
    await until(lambda: len(heard) == 2)
    assert endpoint.stats.packets_foreign == 50
    endpoint.send(b"\x01" * 160, sequence=1, timestamp=1)
    await until(lambda: len(peer.received) == 1)
    assert stranger.received == []


async def test_a_port_changed_on_the_way_is_learned_once(
    endpoint: RtpEndpoint, peer: Socket, stranger: Socket
) -> None:
    """A translator sends from another port; the second other port is a stranger's."""
    heard = heard_by(endpoint)
    translated = await Socket.open()
    translated.say(endpoint, 1)
    await until(lambda: len(heard) == 1)
    endpoint.send(b"\x01" * 160, sequence=1, timestamp=1)
    await until(lambda: len(translated.received) == 1)
    stranger.say(endpoint, 2)
    translated.say(endpoint, 3)
    await until(lambda: len(heard) == 2)
    assert endpoint.stats.packets_foreign == 1
    translated.transport.close()


def test_the_announced_address_always_wins() -> None:
    latch = Latch(("198.51.100.1", 4000))
    assert latch.admits(("198.51.100.1", 5000))
    assert latch.admits(("198.51.100.1", 4000))
    assert not latch.admits(("198.51.100.1", 5000))
    assert latch.target == ("198.51.100.1", 4000)


def test_another_host_is_heard_only_where_signalling_came_from() -> None:
    latch = Latch(("10.0.0.5", 4000), signalling_host="203.0.113.9")
    assert not latch.admits(("203.0.113.10", 4000))
    assert latch.admits(("203.0.113.9", 61000))
    assert latch.target == ("203.0.113.9", 61000)
    assert not latch.admits(("203.0.113.9", 61001))


async def test_what_is_not_voice_is_counted_and_dropped(
    endpoint: RtpEndpoint, peer: Socket
) -> None:
    heard = heard_by(endpoint)
    for data in (b"\x80", b"hello, this is not rtp", b"\x90\x08" + bytes(10)):
        peer.transport.sendto(data, endpoint.local)
    peer.say(endpoint, 1, payload_type=96)
    peer.say(endpoint, 2, payload=b"\xd5" * 9000)
    peer.say(endpoint, 3)
    await until(lambda: len(heard) == 1)
    assert endpoint.stats.packets_invalid == 5


async def test_losses_are_counted(endpoint: RtpEndpoint, peer: Socket) -> None:
    heard = heard_by(endpoint)
    for number in (65534, 65535, 0, 3, 4, 2):
        peer.say(endpoint, number)
    await until(lambda: len(heard) == 6)
    assert endpoint.stats.packets_lost == 1


async def test_each_digit_is_told_once(endpoint: RtpEndpoint, peer: Socket) -> None:
    """RFC 4733: the end is sent three times."""
    digits: list[str] = []
    endpoint.on_digit = digits.append
    for position, event in enumerate((5, 11, 5)):
        for flags in (0, 0, 0x80, 0x80, 0x80):
            body = struct.pack("!BBH", event, flags | 10, 800)
            packet = RtpPacket(101, False, 0, 1000 * position, SSRC, body)
            peer.transport.sendto(rtp_bytes(packet), endpoint.local)
    peer.transport.sendto(rtp_bytes(RtpPacket(101, False, 0, 9, SSRC, b"\xff")), endpoint.local)
    await until(lambda: len(digits) == 3)
    assert digits == ["5", "#", "5"]


async def test_on_hold_nothing_is_sent(endpoint: RtpEndpoint, peer: Socket) -> None:
    endpoint.connect(
        peer.address, codec="PCMA", payload_types={8: "PCMA"}, dtmf_payload_type=None, muted=True
    )
    endpoint.send(b"\x01" * 160, sequence=1, timestamp=1)
    assert endpoint.stats.packets_sent == 0


async def test_closing_says_goodbye_and_frees_the_ports(peer: Socket) -> None:
    endpoint = await RtpEndpoint.open("127.0.0.1", (44000, 44001))
    with pytest.raises(PortsExhausted):
        await RtpEndpoint.open("127.0.0.1", (44000, 44001))
    await endpoint.close()
    await endpoint.close()
    assert endpoint.ended.is_set()
    await asyncio.sleep(0.01)
    for sock in open_port_pair("127.0.0.1", (44000, 44001)):
        sock.close()


@given(st.binary(max_size=60))
def test_any_datagram_is_read_or_refused(data: bytes) -> None:
    packet = parse_rtp(data)
    assert packet is None or len(packet.payload) <= len(data) - 12


@given(
    st.builds(
        RtpPacket,
        payload_type=st.integers(0, 127),
        marker=st.booleans(),
        sequence_number=st.integers(0, 65535),
        timestamp=st.integers(0, 2**32 - 1),
        ssrc=st.integers(0, 2**32 - 1),
        payload=st.binary(max_size=200),
    )
)
def test_what_is_written_is_read(packet: RtpPacket) -> None:
    assert parse_rtp(rtp_bytes(packet)) == packet


def test_extension_contributors_and_padding_are_left_out() -> None:
    header = struct.pack("!BBHLL", 0xB1, 8, 1, 2, 3) + bytes(4)
    extension = struct.pack("!HH", 0xBEDE, 1) + b"abcd"
    packet = parse_rtp(header + extension + b"voice" + b"\0\0\x03")
    assert packet is not None and packet.payload == b"voice"


def test_two_series_become_one() -> None:
    numbering = Numbering()
    first = [numbering.follow(40_000 + n, n * 160, n * 0.02) for n in range(10)]
    second = [numbering.follow(100 + n, 5_000_000 + n * 160, 0.5 + n * 0.02) for n in range(10)]
    sequences = [sequence for sequence, _ in first + second]
    steps = [ahead(b, a, bits=16) for a, b in itertools.pairwise(sequences)]
    assert steps == [1] * 19
    assert second[0][1] - first[-1][1] == pytest.approx(0.32 * 8000, abs=1)
