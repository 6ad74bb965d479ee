"""SIP over TCP: messages out of a stream, answers back the way they came."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.call import IncomingCall
from telephony.errors import SipSyntaxError
from telephony.sip import SipServer
from telephony.sip.framing import MessageFramer
from tests.telephony.phone import OFFER, Reply

RTP_PORTS = (48000, 48999)


def message(method: str, *, cseq: int = 1, to_tag: str = "", body: str = "") -> bytes:
    tag = f";tag={to_tag}" if to_tag else ""
    return (
        f"{method} sip:0261910001@127.0.0.1 SIP/2.0\r\n"
        f"Via: SIP/2.0/TCP 127.0.0.1:5099;branch=z9hG4bK{method}{cseq}\r\n"
        "From: <sip:0199001122@127.0.0.1>;tag=mine\r\n"
        f"To: <sip:0261910001@127.0.0.1>{tag}\r\nCall-ID: tcp\r\nCSeq: {cseq} {method}\r\n"
        f"Contact: <sip:0199001122@127.0.0.1:5099;transport=tcp>\r\n"
        f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


@dataclass
class Line:
    """One connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    framer: MessageFramer = field(default_factory=MessageFramer)
    waiting: list[bytes] = field(default_factory=list)

    async def reply(self) -> Reply:
        while not self.waiting:
            data = await asyncio.wait_for(self.reader.read(4096), 10)
            if not data:
                raise ConnectionError("closed")
            self.waiting = self.framer.feed(data)
        return Reply(self.waiting.pop(0).decode())

    async def final(self, method: str) -> Reply:
        while True:
            reply = await self.reply()
            if reply.method == method and (reply.status >= 200 or not reply.status):
                return reply


@pytest.fixture
async def arrived() -> asyncio.Queue[IncomingCall]:
    return asyncio.Queue()


@pytest.fixture
async def server(arrived: asyncio.Queue[IncomingCall]) -> AsyncIterator[SipServer]:
    async def take(call: IncomingCall) -> None:
        call.ring()
        await arrived.put(call)

    server = SipServer(host="127.0.0.1", port=0, on_call=take, rtp_ports=RTP_PORTS)
    await server.start()
    yield server
    await server.stop()
    await asyncio.sleep(0.01)  # asyncio closes sockets a turn of the loop later


@pytest.fixture
async def line(server: SipServer) -> AsyncIterator[Line]:
    line = Line(*await asyncio.open_connection(*server.address))
    yield line
    line.writer.close()


async def test_a_call_over_tcp(line: Line, arrived: asyncio.Queue[IncomingCall]) -> None:
    line.writer.write(b"\r\n\r\n" + message("INVITE", body=OFFER))
    call = await asyncio.wait_for(arrived.get(), 10)
    await call.answer()
    ok = await line.final("INVITE")
    assert ok.status == 200
    assert "transport=tcp" in ok.header("Contact")
    line.writer.write(message("ACK", to_tag=ok.to_tag))
    await asyncio.sleep(0.05)
    await call.hang_up()
    bye = await line.final("BYE")
    assert bye.header("Via").startswith("SIP/2.0/TCP ")


async def test_without_the_connection_bye_goes_to_the_contact(
    line: Line, arrived: asyncio.Queue[IncomingCall]
) -> None:
    opened: asyncio.Queue[Line] = asyncio.Queue()
    listening = await asyncio.start_server(
        lambda reader, writer: opened.put_nowait(Line(reader, writer)), "127.0.0.1", 0
    )
    port = listening.sockets[0].getsockname()[1]
    line.writer.write(
        message("INVITE", body=OFFER).replace(b"5099;transport", b"%d;transport" % port)
    )
    call = await asyncio.wait_for(arrived.get(), 10)
    await call.answer()
    ok = await line.final("INVITE")
    line.writer.write(message("ACK", to_tag=ok.to_tag))
    await line.writer.drain()
    line.writer.close()
    await asyncio.sleep(0.1)
    await call.hang_up()
    back = await asyncio.wait_for(opened.get(), 10)
    assert (await back.final("BYE")).method == "BYE"
    back.writer.close()
    listening.close()


@pytest.mark.parametrize(
    "spoiled",
    [
        message("OPTIONS").replace(b"Content-Length: 0\r\n", b""),
        message("OPTIONS").replace(b"Content-Length: 0", b"Content-Length: 999999"),
        message("OPTIONS").replace(b"Content-Length: 0", b"Content-Length: -1"),
        b"x" * 70_000,
    ],
)
async def test_a_stream_that_cannot_be_followed_is_closed(
    server: SipServer, line: Line, spoiled: bytes
) -> None:
    line.writer.write(spoiled)
    with pytest.raises(ConnectionError):
        await line.reply()
    again = Line(*await asyncio.open_connection(*server.address))
    again.writer.write(message("OPTIONS"))
    assert (await again.final("OPTIONS")).status == 200
    again.writer.close()


async def test_a_request_refused_by_its_form_leaves_the_connection(line: Line) -> None:
    line.writer.write(message("OPTIONS").replace(b"1 OPTIONS", b"1 INVITE"))
    assert (await line.reply()).status == 400
    line.writer.write(message("OPTIONS", cseq=2))
    assert (await line.final("OPTIONS")).status == 200


@given(
    st.lists(st.binary(max_size=30), max_size=5),
    st.lists(st.integers(1, 200), min_size=1, max_size=40),
)
def test_messages_come_whole_however_the_stream_is_cut(
    bodies: list[bytes], cuts: list[int]
) -> None:
    head = b"OPTIONS sip:a SIP/2.0\r\nl: %d\r\n\r\n"
    messages = [head % len(body) + body for body in bodies]
    stream, framer = b"\r\n".join([*messages, b""]), MessageFramer()
    seen: list[bytes] = []
    while stream:
        size = cuts[len(seen) % len(cuts)]
        seen += framer.feed(stream[:size])
        stream = stream[size:]
    assert seen == messages
    assert len(framer) == 0


@given(st.binary(max_size=300))
def test_any_bytes_are_framed_or_refused(data: bytes) -> None:
    framer = MessageFramer()
    try:
        framer.feed(data)
    except SipSyntaxError:
        return
    assert len(framer) <= len(data)


@given(st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"\r\n\r\n"]), max_size=12), st.data())
def test_pings_are_counted_however_they_are_cut(parts: list[bytes], data: st.DataObject) -> None:
    ends, whole, cut = b"".join(parts), MessageFramer(), MessageFramer()
    assert whole.feed(ends) == []
    at = data.draw(st.integers(0, len(ends)))
    assert cut.feed(ends[:at]) == cut.feed(ends[at:]) == []
    assert whole.pings == cut.pings == ends.count(b"\r\n\r\n")
    # And a message after them is whole all the same.
    assert whole.feed(message("OPTIONS")) == cut.feed(message("OPTIONS")) == [message("OPTIONS")]
