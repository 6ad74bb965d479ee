"""A flood of SIP beside calls, over real sockets: who is within its budget notices nothing."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import AsyncIterator

import pytest

from telephony.call import IncomingCall, VoicePacket
from telephony.rtp import RtpEndpoint
from telephony.sip import SipServer
from telephony.sip.stream import MAX_FROM_ONE_STRANGER, MAX_FROM_STRANGERS
from tests.telephony.phone import OFFER, Phone, udp
from tests.telephony.test_tcp import message

PORTS = (46000, 46199)
VOICE = 25
"""Packets."""
STRANGER = "127.0.0.2"


@pytest.fixture
async def arrived() -> asyncio.Queue[IncomingCall]:
    return asyncio.Queue()


@pytest.fixture
async def server(arrived: asyncio.Queue[IncomingCall]) -> AsyncIterator[SipServer]:
    async def take(call: IncomingCall) -> None:
        call.ring()
        await arrived.put(call)

    trunk = ipaddress.ip_network("127.0.0.1")
    server = SipServer(
        host="127.0.0.1", port=0, on_call=take, rtp_ports=PORTS, trunks=[trunk], max_calls=3
    )
    await server.start()
    yield server
    await server.stop()
    await asyncio.sleep(0.01)  # asyncio closes sockets a turn of the loop later


@pytest.fixture(params=[STRANGER, "127.0.0.1"], ids=["from outside", "from the trunk's network"])
async def flooder(request: pytest.FixtureRequest, server: SipServer) -> AsyncIterator[Phone]:
    loop = asyncio.get_running_loop()
    _, phone = await loop.create_datagram_endpoint(
        lambda: Phone(server.address), local_addr=(request.param, 0)
    )
    yield phone
    phone.close()


class Flood:
    """As fast as the loop turns, until it is over."""

    def __init__(self, flooder: Phone, server: SipServer) -> None:
        self._flooder, self._server = flooder, server
        self.dropping = asyncio.Event()
        self.over = False
        self.sent = 0

    async def run(self) -> None:
        while not self.over:
            branch = f"z9hG4bKflood{self.sent}"
            self._flooder.send(self._flooder.message("OPTIONS", call_id=branch, branch=branch))
            self.sent += 1
            if self._server.messages_dropped:
                self.dropping.set()
            await asyncio.sleep(0)


async def test_a_call_is_set_up_and_talks_through_a_flood(
    server: SipServer, arrived: asyncio.Queue[IncomingCall], flooder: Phone
) -> None:
    flood = Flood(flooder, server)
    flooding = asyncio.create_task(flood.run())
    await asyncio.wait_for(flood.dropping.wait(), 10)
    phone = await Phone.open(server.address)
    far, stranger = [await RtpEndpoint.open("127.0.0.1", PORTS) for _ in range(2)]
    phone.send(phone.invite(body=OFFER.replace("audio 40000", f"audio {far.local[1]}")))
    call = await asyncio.wait_for(arrived.get(), 5)
    near = await call.answer()
    assert isinstance(near, RtpEndpoint)
    heard: list[VoicePacket] = []
    all_heard = asyncio.Event()

    def hear(packet: VoicePacket) -> None:
        heard.append(packet)
        if len(heard) == VOICE:
            all_heard.set()

    near.on_packet = hear
    ok = await phone.final("INVITE")
    assert ok.status == 200
    phone.send(phone.ack(ok))
    for one in (far, stranger):
        one.connect(near.local, codec="PCMA", payload_types={8: "PCMA"}, dtmf_payload_type=None)
    for number in range(VOICE):
        far.send(b"\xd5" * 160, sequence=number, timestamp=number * 160)
        stranger.send(b"\x00" * 160, sequence=number, timestamp=number * 160)
        await asyncio.sleep(0.002)
    await asyncio.wait_for(all_heard.wait(), 5)
    assert {packet.payload for packet in heard} == {b"\xd5" * 160}
    phone.send(phone.message("BYE", cseq=2, branch="z9hG4bKbye", to_tag=ok.to_tag))
    assert (await phone.final("BYE")).status == 200
    flood.over = True
    await flooding
    for endpoint in (far, stranger):
        await endpoint.close()
    phone.close()


async def test_a_refused_stranger_leaves_nothing_behind(server: SipServer) -> None:
    loop = asyncio.get_running_loop()
    _, phone = await loop.create_datagram_endpoint(
        lambda: Phone(server.address), local_addr=(STRANGER, 0)
    )
    phone.send(phone.invite())
    phone.send(phone.invite())
    first, copy = await phone.final("INVITE"), await phone.final("INVITE")
    assert (first.status, copy.text) == (403, first.text)
    phone.send(phone.message("ACK", to_tag=first.to_tag))
    assert await phone.falls_quiet(quiet_s=0.7)  # nothing is sent again
    assert len(udp(server).layer) == 0
    phone.close()


async def test_a_connection_beyond_its_budget_is_read_more_slowly_and_loses_nothing(
    server: SipServer,
) -> None:
    reader, writer = await asyncio.open_connection(*server.address, local_addr=(STRANGER, 0))
    asked = 50  # more than a stranger's burst
    writer.write(b"".join(message("OPTIONS", cseq=number) for number in range(1, asked + 1)))
    answers = b""
    async with asyncio.timeout(10):
        while answers.count(b"SIP/2.0 403") < asked:
            answers += await reader.read(65536)
    order = [int(line.split()[1]) for line in answers.split(b"\r\n") if line.startswith(b"CSeq")]
    assert order == list(range(1, asked + 1))
    assert server.messages_dropped == 0
    writer.close()


async def test_strangers_connections_leave_room_for_a_trunk(server: SipServer) -> None:
    hosts = MAX_FROM_STRANGERS // MAX_FROM_ONE_STRANGER + 2
    writers = []
    for host in range(2, 2 + hosts):
        for _ in range(MAX_FROM_ONE_STRANGER + 1):
            _, writer = await asyncio.open_connection(
                *server.address, local_addr=(f"127.0.0.{host}", 0)
            )
            writers.append(writer)
    reader, writer = await asyncio.open_connection(*server.address)
    writer.write(message("OPTIONS"))
    assert await asyncio.wait_for(reader.readline(), 5) == b"SIP/2.0 200 OK\r\n"
    assert server.connections_refused == len(writers) - MAX_FROM_STRANGERS
    for one in [writer, *writers]:
        one.close()
