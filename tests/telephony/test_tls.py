"""SIP over TLS and voice encrypted by SDES: our own connections, then baresip's."""

from __future__ import annotations

import asyncio
import re
import shutil
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from telephony.bridge import Bridge
from telephony.call import IncomingCall
from telephony.errors import OfferRefused, TlsUnusable
from telephony.leg import Frame
from telephony.packet import RtpPacket, rtp_bytes
from telephony.rtp import RtpEndpoint
from telephony.sip import SipServer
from telephony.sip.framing import MessageFramer
from telephony.sip.media import MediaPolicy
from telephony.sip.tls import TlsIdentity, server_context
from telephony.srtp import Opening, Sealing, new_crypto, read_crypto
from tests.telephony.authority import Authority
from tests.telephony.phone import OFFER
from tests.telephony.softphone import baresip
from tests.telephony.speech import CALLER_SAYS, concatenate, likeness, read_prompt, write_wav
from tests.telephony.test_tcp import Line, message

RTP_PORTS = (49000, 49499)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.open(tmp_path / "ca")


class Desk:
    """Calls that arrive, and a server to take them."""

    def __init__(self, identity: TlsIdentity, policy: MediaPolicy | None = None) -> None:
        self.arrived: asyncio.Queue[IncomingCall] = asyncio.Queue()
        self.server = SipServer(
            host="127.0.0.1", port=0, on_call=self._take, rtp_ports=RTP_PORTS,
            tls=identity, tls_port=0, media=policy,
        )  # fmt: skip

    async def _take(self, call: IncomingCall) -> None:
        call.ring()
        self.arrived.put_nowait(call)

    @property
    def address(self) -> tuple[str, int]:
        assert self.server.tls_address is not None
        return self.server.tls_address

    async def next(self) -> IncomingCall:
        return await asyncio.wait_for(self.arrived.get(), 10)


@pytest.fixture
async def desk(authority: Authority) -> AsyncIterator[Desk]:
    desk = Desk(authority.identity("line"))
    await desk.server.start()
    yield desk
    await desk.server.stop()
    await asyncio.sleep(0.01)  # asyncio closes sockets a turn of the loop later


def trusting(authority: Authority) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(authority.path))


async def connect(desk: Desk, context: ssl.SSLContext) -> Line:
    return Line(*await asyncio.open_connection(*desk.address, ssl=context))


def encrypted(text: bytes) -> bytes:
    return text.replace(b"SIP/2.0/TCP", b"SIP/2.0/TLS")


SECURE = OFFER.replace("RTP/AVP", "RTP/SAVP") + "a=crypto:4 {}\r\n"


async def test_a_call_over_tls_is_answered_with_keys(desk: Desk, authority: Authority) -> None:
    line = await connect(desk, trusting(authority))
    theirs = new_crypto("AES_CM_128_HMAC_SHA1_80", tag=4)
    offer = OFFER.replace("RTP/AVP", "RTP/SAVP") + f"a=crypto:{theirs}\r\n"
    data = encrypted(message("INVITE", body=offer))
    for at in range(0, len(data), 100):  # in pieces, as TLS records may come
        line.writer.write(data[at : at + 100])
        await line.writer.drain()
    call = await desk.next()
    endpoint = await call.answer()
    ok = await line.final("INVITE")
    assert f"<sip:127.0.0.1:{desk.address[1]};transport=tls>" == ok.header("Contact")
    assert "RTP/SAVP 8 101" in ok.body
    answered = re.search(r"a=crypto:(.*)", ok.body)
    ours = read_crypto(answered[1]) if answered else None
    assert ours is not None and (ours.tag, ours.key) != (4, theirs.key) and ours.tag == 4

    assert isinstance(endpoint, RtpEndpoint)
    heard: list[bytes] = []
    endpoint.on_packet = lambda packet: heard.append(packet.payload)
    loop = asyncio.get_running_loop()
    received: asyncio.Queue[bytes] = asyncio.Queue()

    class Ear(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: object) -> None:
            received.put_nowait(data)

    transport, _ = await loop.create_datagram_endpoint(Ear, local_addr=("127.0.0.1", 0))
    sealing, opening = Sealing(theirs), Opening(ours)
    packet = rtp_bytes(RtpPacket(8, True, 1, 160, 99, b"\x55" * 160))
    transport.sendto(packet, endpoint.local)  # in the clear: nobody of ours
    sealed = sealing.seal(packet)
    assert sealed is not None
    transport.sendto(sealed, endpoint.local)
    transport.sendto(sealed, endpoint.local)  # a copy
    async with asyncio.timeout(5):
        while endpoint.stats.packets_foreign < 2:  # noqa: ASYNC110 (a socket has no event)
            await asyncio.sleep(0.01)
    assert heard == [b"\x55" * 160]
    endpoint.send(b"\xd5" * 160, sequence=1, timestamp=160)
    data = await asyncio.wait_for(received.get(), 5)
    assert b"\xd5" * 160 not in data
    assert (opening.open(data) or b"")[12:] == b"\xd5" * 160
    transport.close()
    line.writer.write(encrypted(message("ACK", to_tag=ok.to_tag)))
    await call.hang_up()
    bye = await line.final("BYE")
    assert "SIP/2.0/TLS" in bye.header("Via")
    line.writer.close()


async def test_a_sips_call_is_answered_with_a_sips_contact(
    desk: Desk, authority: Authority
) -> None:
    line = await connect(desk, trusting(authority))
    data = encrypted(message("INVITE", body=OFFER)).replace(b"INVITE sip:", b"INVITE sips:")
    line.writer.write(data)
    await (await desk.next()).answer()
    ok = await line.final("INVITE")
    assert ok.header("Contact") == f"<sips:127.0.0.1:{desk.address[1]}>"
    line.writer.close()


async def test_a_ping_of_line_ends_gets_its_pong(desk: Desk, authority: Authority) -> None:
    """RFC 5626 section 3.5.1, also split between two writes."""
    line = await connect(desk, trusting(authority))
    line.writer.write(b"\r\n\r\n")
    assert await asyncio.wait_for(line.reader.readexactly(2), 5) == b"\r\n"
    line.writer.write(b"\r\n")
    await line.writer.drain()
    line.writer.write(b"\r\n" + encrypted(message("OPTIONS")))
    assert await asyncio.wait_for(line.reader.readexactly(2), 5) == b"\r\n"
    assert (await line.final("OPTIONS")).status == 200
    line.writer.close()


def test_a_single_line_end_waits_for_nothing() -> None:
    framer = MessageFramer()
    assert framer.feed(b"\r\n") == [] and len(framer) == 0 and framer.pings == 0


async def test_a_client_without_a_certificate_is_sent_away(
    authority: Authority, tmp_path: Path
) -> None:
    desk = Desk(authority.identity("line", asks_clients=True))
    await desk.server.start()
    try:
        line = await connect(desk, trusting(authority))
        line.writer.write(encrypted(message("OPTIONS")))
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await line.final("OPTIONS")
        line.writer.close()
        stranger = Authority.open(tmp_path / "other", "somebody else").identity("peer")
        for identity, let_in in ((stranger, False), (authority.identity("peer"), True)):
            context = trusting(authority)
            context.load_cert_chain(identity.certificate, identity.key)
            line = await connect(desk, context)
            line.writer.write(encrypted(message("OPTIONS")))
            if let_in:
                assert (await line.final("OPTIONS")).status == 200
            else:
                with pytest.raises((ssl.SSLError, ConnectionError)):
                    await line.final("OPTIONS")
            line.writer.close()
    finally:
        await desk.server.stop()
        await asyncio.sleep(0.01)


async def test_where_encryption_is_demanded_anything_else_is_488(authority: Authority) -> None:
    desk = Desk(authority.identity("line"), MediaPolicy(encrypted_only=True))
    await desk.server.start()
    try:
        line = await connect(desk, trusting(authority))
        line.writer.write(encrypted(message("INVITE", body=OFFER)))
        with pytest.raises(OfferRefused):
            await (await desk.next()).answer()
        refused = await line.final("INVITE")
        assert refused.status == 488 and "encrypted" in refused.header("Warning")
        line.writer.close()
        crypto = f"a=crypto:{new_crypto('AES_CM_128_HMAC_SHA1_80')}\r\n"
        secure = OFFER.replace("RTP/AVP", "RTP/SAVP") + crypto
        clear = Line(*await asyncio.open_connection(*desk.server.address))
        clear.writer.write(message("INVITE", body=secure).replace(b": tcp", b": another"))
        with pytest.raises(OfferRefused):
            await (await desk.next()).answer()
        assert (await clear.final("INVITE")).status == 488
        clear.writer.close()
    finally:
        await desk.server.stop()
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("spoiled", ["missing", "nonsense", "of another key"])
def test_a_certificate_that_cannot_be_used_is_named(
    authority: Authority, tmp_path: Path, spoiled: str
) -> None:
    good, other = authority.identity("line"), authority.identity("other")
    path = tmp_path / "spoiled.pem"
    if spoiled == "nonsense":
        path.write_text("nonsense")
    elif spoiled == "of another key":
        path = other.certificate
    with pytest.raises(TlsUnusable, match=re.escape(str(path))):
        server_context(TlsIdentity(certificate=path, key=good.key))


@pytest.mark.peer
@pytest.mark.skipif(shutil.which("baresip") is None, reason="baresip-core is not installed")
@pytest.mark.parametrize("encryption", ["srtp-mand", "srtp"])
async def test_baresip_calls_over_tls_and_its_voice_is_encrypted(
    desk: Desk, authority: Authority, tmp_path: Path, encryption: str
) -> None:
    says = read_prompt(CALLER_SAYS, seconds=3)
    lead, tail = np.zeros(4000, np.int16), np.zeros(40_000, np.int16)
    microphone = write_wav(tmp_path / "mic.wav", np.concatenate([lead, says, tail]))
    frames: list[Frame] = []
    async with baresip(
        tmp_path, microphone, "PCMA",
        account=f";mediaenc={encryption}",
        config=f"sip_cafile {authority.path}\nsip_verify_server yes",
    ) as phone:  # fmt: skip
        await phone.command("dial", f"sip:0261910001@127.0.0.1:{desk.address[1]};transport=tls")
        call = await desk.next()
        endpoint = await call.answer()
        assert isinstance(endpoint, RtpEndpoint) and endpoint._sealing is not None
        bridge = Bridge(endpoint)

        async def listen() -> None:
            frames.extend([frame async for frame in bridge.caller.frames()])

        listening = asyncio.create_task(listen())
        await asyncio.sleep(4.5)
        await phone.command("hangup")
        await asyncio.wait_for(call.ended.wait(), 5)
        assert (call.ended_by, call.end_reason) == ("caller", "hung_up")
        assert endpoint.stats.packets_foreign == 0
        await bridge.close()
        await listening
    assert likeness(says, concatenate([frame.pcm for frame in frames])) > 0.95
