"""A SIP telephone of raw datagrams: the tests write each message, byte for byte."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import Any, cast

from telephony.sip import SipServer
from telephony.sip.channel import UdpChannel

Address = tuple[str, int]

OFFER = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 40000 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n"
    "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=sendrecv\r\n"
)


@dataclass(frozen=True)
class Reply:
    """A message received."""

    text: str

    @property
    def status(self) -> int:
        """0 for a request."""
        match = re.match(r"SIP/2\.0 (\d{3})", self.text)
        return int(match[1]) if match else 0

    @property
    def method(self) -> str:
        """Of the request itself, or of the request answered."""
        if not self.status:
            return self.text.partition(" ")[0]
        return self.header("CSeq").rpartition(" ")[2]

    def header(self, name: str) -> str:
        return next(iter(self.headers(name)), "")

    def headers(self, name: str) -> list[str]:
        return re.findall(rf"(?im)^{name}:[ \t]*(.*?)\r?$", self.text.partition("\r\n\r\n")[0])

    @property
    def body(self) -> str:
        return self.text.partition("\r\n\r\n")[2]

    @property
    def to_tag(self) -> str:
        match = re.search(r";tag=([^;\s]+)", self.header("To"))
        return match[1] if match else ""


@dataclass
class Phone(asyncio.DatagramProtocol):
    """One socket; everything received waits in `inbox`."""

    server: Address
    inbox: asyncio.Queue[Reply] = field(default_factory=asyncio.Queue)
    address: Address = ("127.0.0.1", 0)
    transport: asyncio.DatagramTransport | None = None

    @classmethod
    async def open(cls, server: Address) -> Phone:
        loop = asyncio.get_running_loop()
        _, phone = await loop.create_datagram_endpoint(
            lambda: cls(server), local_addr=("127.0.0.1", 0)
        )
        return phone

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)
        name = transport.get_extra_info("sockname")
        self.address = (name[0], name[1])

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self.inbox.put_nowait(Reply(data.decode()))

    def send(self, message: str | bytes) -> None:
        assert self.transport is not None
        data = message if isinstance(message, bytes) else message.encode()
        self.transport.sendto(data, self.server)

    def close(self) -> None:
        assert self.transport is not None
        self.transport.close()

    async def reply(self, *, timeout_s: float = 10.0) -> Reply:
        return await asyncio.wait_for(self.inbox.get(), timeout_s)

    async def final(
        self, method: str, *, call_id: str | None = None, timeout_s: float = 10.0
    ) -> Reply:
        """The next final answer to a request of this method (in this call)."""
        while True:
            reply = await self.reply(timeout_s=timeout_s)
            wanted = call_id is None or reply.header("Call-ID") == call_id
            if reply.status >= 200 and reply.method == method and wanted:
                return reply

    async def request(self, method: str, *, timeout_s: float = 10.0) -> Reply:
        """The next request of this method."""
        while True:
            reply = await self.reply(timeout_s=timeout_s)
            if not reply.status and reply.method == method:
                return reply

    async def falls_quiet(self, *, quiet_s: float = 0.5) -> bool:
        """Whether nothing is repeated any more: a while passes without a message."""
        for _ in range(20):
            try:
                await self.reply(timeout_s=quiet_s)
            except TimeoutError:
                return True
        return False

    async def is_answered(self) -> bool:
        """Whether the server still answers an OPTIONS, sent again as SIP would."""
        for _ in range(6):
            self.send(self.message("OPTIONS", call_id="ping", branch="z9hG4bKping", cseq=1))
            try:
                return (await self.final("OPTIONS", call_id="ping", timeout_s=1.0)).status == 200
            except TimeoutError:
                continue
        return False

    def message(
        self,
        method: str,
        *,
        call_id: str = "call-1",
        branch: str = "z9hG4bKfirst",
        cseq: int = 1,
        cseq_method: str | None = None,
        user: str = "0261910001",
        from_tag: str = "mine",
        to_tag: str = "",
        via: str | None = None,
        headers: tuple[str, ...] = (),
        body: str = "",
        content_type: str = "application/sdp",
    ) -> str:
        """A request with everything in it; each part can be spoiled."""
        host, port = self.address
        uri = f"sip:{user}@{self.server[0]}:{self.server[1]}"
        tag = f";tag={to_tag}" if to_tag else ""
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: {via or f'SIP/2.0/UDP {host}:{port};branch={branch}'}",
            "Max-Forwards: 70",
            f'From: "Jeanne Martin" <sip:0199001122@127.0.0.1>;tag={from_tag}',
            f"To: <{uri}>{tag}",
            f"Call-ID: {call_id}",
            f"CSeq: {cseq} {cseq_method or method}",
            f"Contact: <sip:0199001122@{host}:{port}>",
            *headers,
        ]
        if body:
            lines.append(f"Content-Type: {content_type}")
        lines.append(f"Content-Length: {len(body.encode())}")
        return "\r\n".join([*lines, "", body])

    def invite(self, **parts: Any) -> str:
        return self.message("INVITE", **{"body": OFFER, **parts})

    def ack(self, reply: Reply, *, branch: str = "z9hG4bKack", body: str = "") -> str:
        """The ACK of a 2xx."""
        return self.message(
            "ACK",
            call_id=reply.header("Call-ID"),
            cseq=int(reply.header("CSeq").split()[0]),
            branch=branch,
            to_tag=reply.to_tag,
            body=body,
        )


def udp(server: SipServer) -> UdpChannel:
    """The server's UDP side, to look into."""
    assert server._channels is not None
    return server._channels.udp
