"""One SIP caller's voice over RTP (RFC 3550): sockets, who may speak, DTMF, RTCP.

Packets are passed on as they come, without a playout buffer (docs/adr/0021): the far end has one.
"""

from __future__ import annotations

import asyncio
import logging
import random
import socket
from collections.abc import Callable
from typing import cast

from aiortp.clock import current_ntp_time
from aiortp.dtmf import DtmfReceiver
from aiortp.packet import (
    RtcpByePacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpSdesPacket,
    RtcpSenderInfo,
    RtcpSourceInfo,
    RtcpSrPacket,
)
from aiortp.packet import RtpPacket as AnyRtpPacket
from aiortp.stats import StreamStatistics

from telephony.call import CodecName, EndpointStats, VoicePacket
from telephony.codec import CODECS, MAX_TICKS, ticks
from telephony.dtmf import PAUSE_MS, STEP_MS, is_keys, press
from telephony.errors import KeysRefused, PortsExhausted
from telephony.packet import Numbering, RtpPacket, Ticks, parse_rtp, rtp_bytes
from telephony.srtp import Opening, Sealing

log = logging.getLogger(__name__)

RTCP_INTERVAL_S = 5.0
Address = tuple[str, int]


class Latch:
    """Who may speak: the address the call's signalling names, its port learned once.

    A translator in between changes the port, and the address into the one signalling came from;
    a stranger has neither. Once a source is taken it stays, except that the very address of the
    session description always wins over another port of the same host.
    """

    def __init__(self, announced: Address, *, signalling_host: str | None = None) -> None:
        self.announced = announced
        self.target = announced
        """Where to send."""
        self._hosts = {announced[0], signalling_host}
        self._source: Address | None = None

    def admits(self, source: Address) -> bool:
        """Whether a well-formed packet from `source` is the peer's; learns the first."""
        if source == self._source:
            return True
        if source == self.announced or (self._source is None and source[0] in self._hosts):
            if self._source != self.announced:
                self._source = self.target = source
            return source == self._source
        return False


class _Socket(asyncio.DatagramProtocol):
    def __init__(self, on_datagram: Callable[[bytes, Address], None]) -> None:
        self._on_datagram = on_datagram
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._on_datagram(data, (addr[0], addr[1]))

    def error_received(self, exc: Exception) -> None:
        # An unreachable peer; its silence is told by the bridge, not by this.
        log.debug("rtp socket: %s", exc)

    def send(self, data: bytes, target: Address) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.sendto(data, target)


def open_port_pair(host: str, ports: tuple[int, int]) -> tuple[socket.socket, socket.socket]:
    """Bind an even RTP port and the RTCP port after it, from `ports` (first, last).

    Starts anywhere in the range, so that a port just released is not reused at once while its old
    peer may still be sending. Raises PortsExhausted.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    evens = range(ports[0] + ports[0] % 2, ports[1], 2)
    start = random.randrange(len(evens)) if evens else 0
    for offset in range(len(evens)):
        port = evens[(start + offset) % len(evens)]
        pair: list[socket.socket] = []
        try:
            for number in (port, port + 1):
                sock = socket.socket(family, socket.SOCK_DGRAM)
                pair.append(sock)
                sock.setblocking(False)
                sock.bind((host, number))
        except OSError:
            for sock in pair:
                sock.close()
            continue
        return pair[0], pair[1]
    raise PortsExhausted(f"no free RTP port between {ports[0]} and {ports[1]}")


class RtpEndpoint:
    """The caller's two-way media of a SIP call. Built with `RtpEndpoint.open`."""

    def __init__(self, host: str, port: int) -> None:
        self.local: Address = (host, port)
        self.on_packet: Callable[[VoicePacket], None] | None = None
        self.on_digit: Callable[[str], None] | None = None
        self._ended = asyncio.Event()
        self._rtp = _Socket(self._receive)
        self._rtcp = _Socket(lambda _data, _source: None)
        self._ssrc = random.getrandbits(32)
        self._numbering = Numbering()
        self._codec: CodecName = "PCMA"
        self._payload_type = 8
        self._payload_types: dict[int, CodecName] = {}
        self._dtmf_payload_type: int | None = None
        self._dtmf = DtmfReceiver(self._digit)
        self._dtmf_clock_hz = 8000
        self._pressing = asyncio.Lock()
        self._latch: Latch | None = None
        self._sealing: Sealing | None = None
        self._opening: Opening | None = None
        self._ticks: dict[CodecName, Ticks] = {}
        self._muted = False
        self._reception: StreamStatistics | None = None
        self._remote_ssrc: int | None = None
        self._lost_before = 0
        self._received = self._sent = self._sent_bytes = self._foreign = self._invalid = 0
        self._last_timestamp = 0
        self._loop = asyncio.get_running_loop()
        self._reports: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, host: str, ports: tuple[int, int]) -> RtpEndpoint:
        """Bind a pair of ports. Raises PortsExhausted. Sends nothing before `connect`."""
        rtp, rtcp = open_port_pair(host, ports)
        endpoint = cls(host, rtp.getsockname()[1])
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: endpoint._rtp, sock=rtp)
        await loop.create_datagram_endpoint(lambda: endpoint._rtcp, sock=rtcp)
        return endpoint

    def connect(
        self,
        announced: Address,
        *,
        codec: CodecName,
        payload_types: dict[int, CodecName],
        dtmf_payload_type: int | None,
        signalling_host: str | None = None,
        muted: bool = False,
        sealing: Sealing | None = None,
        opening: Opening | None = None,
    ) -> None:
        """Take the peer's media as negotiated; again after a re-INVITE. `muted` sends nothing.

        With `sealing` and `opening` voice and reports are encrypted both ways (SRTP).
        """
        self._sealing, self._opening = sealing, opening
        self._codec = codec
        self._payload_types = payload_types
        self._payload_type = next(n for n, name in payload_types.items() if name == codec)
        self._dtmf_payload_type = dtmf_payload_type
        self._dtmf_clock_hz = CODECS[codec].clock_rate_hz
        self._muted = muted
        if self._latch is None or self._latch.announced != announced:
            self._latch = Latch(announced, signalling_host=signalling_host)
        if self._reports is None:
            self._reports = asyncio.create_task(self._report(), name="rtcp")

    @property
    def codec(self) -> CodecName:
        return self._codec

    @property
    def ended(self) -> asyncio.Event:
        return self._ended

    @property
    def stats(self) -> EndpointStats:
        lost = self._reception.packets_lost if self._reception else 0
        return EndpointStats(
            packets_received=self._received,
            packets_sent=self._sent,
            packets_lost=self._lost_before + max(0, lost),
            packets_foreign=self._foreign,
            packets_invalid=self._invalid,
        )

    def send(self, payload: bytes, *, sequence: int, timestamp: int, marker: bool = False) -> None:
        if self._pressing.locked():
            return  # the keys take the line
        sequence, timestamp = self._numbering.follow(sequence, timestamp, self._loop.time())
        clock = timestamp * CODECS[self._codec].clocks_per_tick & 0xFFFFFFFF
        self._send(RtpPacket(self._payload_type, marker, sequence, clock, self._ssrc, payload))

    def _send(self, packet: RtpPacket) -> None:
        if self._latch is None or self._muted or self._ended.is_set():
            return
        data: bytes | None = rtp_bytes(packet)
        if self._sealing is not None and data is not None:
            data = self._sealing.seal(data)
        if data is None:
            return
        self._rtp.send(data, self._latch.target)
        self._sent += 1
        self._sent_bytes += len(packet.payload)
        self._last_timestamp = packet.timestamp

    async def send_keys(self, keys: str) -> None:
        if not is_keys(keys):
            raise KeysRefused("a telephone has the keys 0 to 9, *, # and A to D")
        if self._dtmf_payload_type is None:
            raise KeysRefused("the other side's telephone did not agree to receive keys")
        async with self._pressing:
            for key in keys:
                await self._press(key)

    async def _press(self, key: str) -> None:
        due_s, began = self._loop.time(), 0
        for packet in press(key, clock_rate_hz=self._dtmf_clock_hz):
            sequence, timestamp = self._numbering.insert(self._loop.time())
            if packet.starts_press:
                began = timestamp * self._dtmf_clock_hz // 8000 & 0xFFFFFFFF
            kind = self._dtmf_payload_type or 0
            self._send(RtpPacket(kind, packet.marker, sequence, began, self._ssrc, packet.payload))
            due_s += STEP_MS / 1000
            await asyncio.sleep(due_s - self._loop.time())
        await asyncio.sleep(PAUSE_MS / 1000)

    async def close(self) -> None:
        self.shut()

    def shut(self) -> None:
        """Close, at once: sockets, reports, with an RTCP BYE. Idempotent."""
        if self._ended.is_set():
            return
        self._ended.set()
        if self._reports is not None:
            self._reports.cancel()
            self._send_rtcp(bytes(RtcpByePacket(sources=[self._ssrc])))
        for sock in (self._rtp, self._rtcp):
            if sock.transport is not None:
                sock.transport.close()

    def _receive(self, data: bytes, source: Address) -> None:
        if len(data) > 1 and 192 <= data[1] <= 223:
            return  # RTCP on the RTP port (RFC 5761): nothing in it is needed
        packet = parse_rtp(data)
        if packet is None or self._latch is None:
            self._invalid += 1
            return
        codec = self._payload_types.get(packet.payload_type)
        if codec is None and packet.payload_type != self._dtmf_payload_type:
            self._invalid += 1
            return
        if self._opening is not None:
            # Before anything is learned from it: a stranger cannot forge the peer's seal.
            packet = parse_rtp(self._opening.open(data) or b"")
            if packet is None:
                self._foreign += 1
                return
        if not self._latch.admits(source):
            self._foreign += 1
            return
        if codec is not None and not 0 <= ticks(packet.payload, codec) <= MAX_TICKS:
            self._invalid += 1
            return
        self._count(packet)
        if codec is None:
            self._receive_digit(packet)
        elif self.on_packet is not None and packet.payload:
            self.on_packet(
                VoicePacket(
                    payload=packet.payload,
                    codec=codec,
                    sequence=packet.sequence_number,
                    timestamp=self._ticks[codec].of(packet.timestamp),
                    ssrc=packet.ssrc,
                    arrived_s=self._loop.time(),
                )
            )

    def _count(self, packet: RtpPacket) -> None:
        self._received += 1
        if self._reception is None or packet.ssrc != self._remote_ssrc:
            self._lost_before = self.stats.packets_lost
            self._reception = StreamStatistics(clockrate=CODECS[self._codec].clock_rate_hz)
            self._ticks = {name: Ticks(CODECS[name].clocks_per_tick) for name in CODECS}
            self._remote_ssrc = packet.ssrc
        # Both read the fields they need by name.
        self._reception.add(cast(AnyRtpPacket, packet))

    def _receive_digit(self, packet: RtpPacket) -> None:
        if len(packet.payload) < 4 or packet.payload[0] > 15:
            self._invalid += 1
            return
        self._dtmf.handle_packet(cast(AnyRtpPacket, packet))

    def _digit(self, digit: str, _duration: int) -> None:
        if self.on_digit is not None:
            self.on_digit(digit)

    async def _report(self) -> None:
        """Sender and receiver reports, at random intervals (RFC 3550 section 6.2)."""
        while True:
            await asyncio.sleep(RTCP_INTERVAL_S * random.uniform(0.5, 1.5))
            blocks = self._receiver_blocks()
            name = RtcpSourceInfo(ssrc=self._ssrc, items=[(1, b"souffleur")])
            sdes = bytes(RtcpSdesPacket(chunks=[name]))
            if self._sent:
                info = RtcpSenderInfo(
                    ntp_timestamp=current_ntp_time(),
                    rtp_timestamp=self._last_timestamp,
                    packet_count=self._sent & 0xFFFFFFFF,
                    octet_count=self._sent_bytes & 0xFFFFFFFF,
                )
                report = RtcpSrPacket(ssrc=self._ssrc, sender_info=info, reports=blocks)
                self._send_rtcp(bytes(report) + sdes)
            elif blocks:
                self._send_rtcp(bytes(RtcpRrPacket(ssrc=self._ssrc, reports=blocks)) + sdes)

    def _receiver_blocks(self) -> list[RtcpReceiverInfo]:
        if self._reception is None or self._remote_ssrc is None:
            return []
        statistics = self._reception
        return [
            RtcpReceiverInfo(
                ssrc=self._remote_ssrc,
                fraction_lost=statistics.fraction_lost,
                packets_lost=statistics.packets_lost,
                highest_sequence=(statistics.cycles + (statistics.max_seq or 0)) & 0xFFFFFFFF,
                jitter=statistics.jitter,
                lsr=0,
                dlsr=0,
            )
        ]

    def _send_rtcp(self, data: bytes) -> None:
        if self._latch is None or self._muted or self._latch.target[1] == 65535:
            return
        host, port = self._latch.target
        sealed = self._sealing.seal(data, rtcp=True) if self._sealing is not None else data
        if sealed is not None:
            self._rtcp.send(sealed, (host, port + 1))
