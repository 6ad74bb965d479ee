"""A PBX that keeps its call and sends a copy of both voices: a recording client (RFC 7866)."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import Any, cast

from telephony.codec import Encoder
from telephony.g711 import Pcm
from telephony.packet import RtpPacket, rtp_bytes
from tests.telephony.phone import Phone, Reply

Address = tuple[str, int]

METADATA = """<?xml version="1.0" encoding="UTF-8"?>
<recording xmlns="urn:ietf:params:xml:ns:recording:1">
  <datamode>complete</datamode>
  <session session_id="s1"><start-time>2026-11-22T09:00:00Z</start-time></session>
  <participant participant_id="caller">
    <nameID aor="sip:{caller}@carrier.example.com"><name>Jeanne Martin</name></nameID>
  </participant>
  <participant participant_id="operator">
    <nameID aor="sip:{operator}@pbx.example.com"><name>Camille</name></nameID>
  </participant>
  <stream stream_id="one" session_id="s1"><label>96</label></stream>
  <stream stream_id="two" session_id="s1"><label>97</label></stream>
  <participantstreamassoc participant_id="caller"><send>one</send><recv>two</recv></participantstreamassoc>
  <participantstreamassoc participant_id="operator"><send>two</send><recv>one</recv></participantstreamassoc>
</recording>"""  # noqa: E501


def description(ports: tuple[int, int], *, direction: str = "sendonly", version: int = 1) -> str:
    """One stream of G.711 for each voice, labelled."""
    lines = [
        "v=0", f"o=pbx 1 {version} IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0",
    ]  # fmt: skip
    for port, label in zip(ports, ("96", "97"), strict=True):
        lines += [f"m=audio {port} RTP/AVP 8", "a=rtpmap:8 PCMA/8000", f"a={direction}"]
        lines += [f"a=label:{label}"]
    return "\r\n".join([*lines, ""])


def multipart(*parts: tuple[str, str]) -> str:
    """A body of several parts, boundary `b`."""
    text = "".join(f"--b\r\nContent-Type: {kind}\r\n\r\n{body}\r\n" for kind, body in parts)
    return text + "--b--\r\n"


MULTIPART = "multipart/mixed;boundary=b"
RS_METADATA = "application/rs-metadata+xml"


class _Sender(asyncio.DatagramProtocol):
    transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)


@dataclass
class Pbx:
    """One recorded call: its signalling, and a socket for each voice."""

    phone: Phone
    senders: tuple[_Sender, _Sender]
    call_id: str
    dialled: str
    targets: list[Address] = field(default_factory=list)
    tag: str = ""
    sequence: int = 1
    version: int = 1

    @classmethod
    async def open(cls, server: Address, *, call_id: str = "copy", dialled: str = "srs") -> Pbx:
        loop = asyncio.get_running_loop()
        senders: list[_Sender] = []
        for _ in range(2):
            _, sender = await loop.create_datagram_endpoint(_Sender, local_addr=("127.0.0.1", 0))
            senders.append(sender)
        return cls(await Phone.open(server), (senders[0], senders[1]), call_id, dialled)

    @property
    def ports(self) -> tuple[int, int]:
        names = [s.transport.get_extra_info("sockname") for s in self.senders if s.transport]
        return names[0][1], names[1][1]

    def invite(
        self, body: str = "", *, caller: str = "+33199001122", operator: str = "0261910001"
    ) -> str:
        """The INVITE of a copy."""
        metadata = METADATA.format(caller=caller, operator=operator)
        return self.phone.message(
            "INVITE",
            user=self.dialled,
            call_id=self.call_id,
            branch=f"z9hG4bK{self.call_id}1",
            headers=("Require: siprec", "Accept: application/sdp, application/rs-metadata"),
            content_type=MULTIPART,
            body=body
            or multipart(("application/sdp", description(self.ports)), (RS_METADATA, metadata)),
        )

    async def copy(self, *, operator: str = "0261910001") -> Reply:
        """Have the copy taken; the 200."""
        self.phone.send(self.invite(operator=operator))
        ok = await self.phone.final("INVITE", call_id=self.call_id, timeout_s=30)
        assert ok.status == 200, ok.text
        self.phone.send(self.phone.ack(ok, branch=f"z9hG4bK{self.call_id}ack"))
        self.tag = ok.to_tag
        ports = re.findall(r"(?m)^m=audio (\d+)", ok.body)
        self.targets = [("127.0.0.1", int(port)) for port in ports]
        return ok

    async def within(self, method: str, body: str = "", kind: str = "application/sdp") -> Reply:
        """A request within the copy's dialog, acknowledged where it must be."""
        self.sequence += 1
        branch = f"z9hG4bK{self.call_id}{self.sequence}"
        parts: dict[str, Any] = {"call_id": self.call_id, "to_tag": self.tag, "user": self.dialled}
        self.phone.send(
            self.phone.message(
                method, cseq=self.sequence, branch=branch, body=body, content_type=kind, **parts
            )
        )
        reply = await self.phone.final(method, call_id=self.call_id)
        if method == "INVITE":
            self.phone.send(
                self.phone.message("ACK", cseq=self.sequence, branch=branch + "a", **parts)
            )
        return reply

    async def redirect(self, direction: str) -> Reply:
        """Pause (inactive) or resume (sendonly)."""
        self.version += 1
        body = description(self.ports, direction=direction, version=self.version)
        return await self.within("INVITE", body)

    async def speak(self, *voices: Pcm) -> None:
        """Both voices in real time, the first on the first stream."""
        loop = asyncio.get_running_loop()
        encoder = Encoder("PCMA")
        started_s = loop.time()
        for number in range(max(len(voice) for voice in voices) // 160):
            for voice, sender, target in zip(voices, self.senders, self.targets, strict=True):
                piece = voice[number * 160 : number * 160 + 160]
                if len(piece) < 160 or sender.transport is None:
                    continue
                packet = RtpPacket(
                    8, number == 0, number & 0xFFFF, number * 160, id(sender) & 0xFFFFFFFF,
                    encoder.encode(piece),
                )  # fmt: skip
                sender.transport.sendto(rtp_bytes(packet), target)
            await asyncio.sleep(started_s + (number + 1) * 0.02 - loop.time())

    def close(self) -> None:
        self.phone.close()
        for sender in self.senders:
            if sender.transport is not None:
                sender.transport.close()
