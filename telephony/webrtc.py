"""A browser's two-way voice over WebRTC, and calls that come from one.

The voice is in the other party's codec end to end.

aiortc negotiates, connects and encrypts; encoded voice then goes straight between its SRTP session
and the bridge, past its senders, its receivers' 80 ms prefetch and their decoder (docs/adr/0022).
What of aiortc 1.16.0 and aioice is reached into for that is in `_Media`, and nowhere else.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from telephony.call import CodecName, EndpointStats, VoicePacket
from telephony.carried import CarriedCall
from telephony.codec import CODECS, MAX_TICKS, ticks
from telephony.errors import KeysRefused, OfferRefused
from telephony.packet import Numbering, RtpPacket, Ticks, ahead, parse_rtp, rtp_bytes

if TYPE_CHECKING:
    from aiortc import RTCPeerConnection, RTCRtpTransceiver

log = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 20.0
LOOPBACK = "127.0.0.1"


class _Media:
    """aiortc's transport, opened where encoded voice can be taken out and put in."""

    def __init__(self, transceiver: RTCRtpTransceiver, on_rtp: Callable[[bytes], None]) -> None:
        from pylibsrtp import Error as SrtpError

        self._srtp_error = SrtpError
        self._dtls: Any = transceiver.sender.transport
        self._ice: Any = self._dtls.transport._connection
        self._on_rtp = on_rtp
        codecs = transceiver._codecs
        self.ssrc: int = transceiver.sender._ssrc
        self.payload_types: dict[int, CodecName] = {
            codec.payloadType: name
            for codec in codecs
            for name in CODECS
            if codec.name.upper() == name.upper() and codec.payloadType is not None
        }

    def offer_addresses(self, hosts: Sequence[str] | None) -> None:
        """Candidates on these addresses only; by default the machine's, or loopback alone."""
        gather = self._ice.get_component_candidates

        async def gather_on(component: int, addresses: list[str], timeout: int = 5) -> Any:
            chosen = list(hosts) if hosts is not None else addresses or [LOOPBACK]
            return await gather(component=component, addresses=chosen, timeout=timeout)

        self._ice.get_component_candidates = gather_on

    def intercept(self) -> None:
        """Take SRTP off the sockets before aioice queues it (or takes it for STUN)."""
        for protocol in self._ice._protocols:
            protocol.datagram_received = self._receiver(protocol)

    def _receiver(self, protocol: Any) -> Callable[[bytes, tuple[Any, ...]], None]:
        other = protocol.datagram_received
        component = protocol.local_candidate.component
        dtls, on_rtp, queue = self._dtls, self._on_rtp, self._ice.data_received
        srtp_error = self._srtp_error

        def datagram_received(data: bytes, addr: tuple[Any, ...]) -> None:
            # RFC 7983: the first byte tells STUN, DTLS and RTP apart.
            if len(data) < 2 or not 128 <= data[0] < 192:
                other(data, addr)
            elif 192 <= data[1] < 224:
                queue(data, component)
            elif dtls._rx_srtp is not None:
                with contextlib.suppress(srtp_error):
                    on_rtp(dtls._rx_srtp.unprotect(data))

        return datagram_received

    def send(self, packet: RtpPacket) -> bool:
        """Encrypt and send; False when not connected (yet, or any more)."""
        pair = self._ice._nominated.get(1)
        if pair is None or self._dtls._tx_srtp is None:
            return False
        transport = pair.protocol.transport
        if transport is None or transport.is_closing():
            return False
        try:
            data = self._dtls._tx_srtp.protect(rtp_bytes(packet))
        except self._srtp_error:
            return False  # too far back in the series to be encrypted twice
        transport.sendto(data, pair.remote_addr)
        return True


class WebRtcEndpoint:
    """One browser's voice. Built with `WebRtcEndpoint.accept`."""

    def __init__(self, peer: RTCPeerConnection, transceiver: RTCRtpTransceiver) -> None:
        self.on_packet: Callable[[VoicePacket], None] | None = None
        self.on_digit: Callable[[str], None] | None = None
        self.connected = asyncio.Event()
        """Set once voice can flow."""
        self._ended = asyncio.Event()
        self._peer = peer
        self._loop = asyncio.get_running_loop()
        self._media = _Media(transceiver, self._receive)
        self._payload_type, self._codec = next(iter(self._media.payload_types.items()))
        self._numbering = Numbering()
        self._received = self._sent = self._lost = self._invalid = 0
        self._newest: tuple[int, int] | None = None
        self._ticks: tuple[tuple[int, CodecName], Ticks] | None = None
        self._watch = self._loop.call_later(CONNECT_TIMEOUT_S, self._give_up)
        self._closing: asyncio.Task[None] | None = None
        peer.on("connectionstatechange", self._state_changed)

    @classmethod
    async def accept(
        cls,
        offer_sdp: str,
        *,
        prefer: CodecName = "PCMA",
        hosts: Sequence[str] | None = None,
    ) -> tuple[WebRtcEndpoint, str]:
        """Answer a browser's complete offer (all candidates in it) with a complete answer.

        `prefer` is the codec the other party speaks, so that nothing is converted. `hosts` are
        the addresses browsers can reach this machine at (default: all it has). Returns before the
        browser has connected. Raises OfferRefused when the offer cannot be read or has no G.711.
        """
        from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription
        from aiortc.exceptions import InvalidAccessError, InvalidStateError, OperationError

        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        transceiver = peer.addTransceiver(_parked_track(), direction="sendrecv")
        wanted = [f"audio/{name}" for name in dict.fromkeys((prefer, "PCMA", "PCMU"))]
        known = {codec.mimeType: codec for codec in RTCRtpSender.getCapabilities("audio").codecs}
        transceiver.setCodecPreferences([known[name] for name in wanted])
        try:
            await peer.setRemoteDescription(
                RTCSessionDescription(sdp=_without_names(offer_sdp), type="offer")
            )
            if transceiver.mid is None:
                raise OfferRefused("the browser's offer has no audio")
            if "a=fingerprint:" not in offer_sdp:
                raise OfferRefused("the browser's offer has no DTLS fingerprint")
            endpoint = cls(peer, transceiver)
            endpoint._media.offer_addresses(hosts)
            await peer.setLocalDescription(await peer.createAnswer())
            endpoint._media.intercept()
        except OfferRefused:
            await peer.close()
            raise
        except (
            ValueError, KeyError, IndexError, AttributeError, TypeError, AssertionError,
            InvalidAccessError, InvalidStateError, OperationError,
        ) as error:  # fmt: skip
            # aiortc's parser has no error of its own for an offer that makes no sense.
            await peer.close()
            raise OfferRefused(f"the browser's offer cannot be taken: {error}") from error
        return endpoint, peer.localDescription.sdp

    @property
    def codec(self) -> CodecName:
        return self._codec

    @property
    def ended(self) -> asyncio.Event:
        return self._ended

    @property
    def stats(self) -> EndpointStats:
        return EndpointStats(
            packets_received=self._received,
            packets_sent=self._sent,
            packets_lost=max(0, self._lost),
            packets_invalid=self._invalid,
        )

    def send(self, payload: bytes, *, sequence: int, timestamp: int, marker: bool = False) -> None:
        if self._ended.is_set():
            return
        sequence, timestamp = self._numbering.follow(sequence, timestamp, self._loop.time())
        clock = timestamp * CODECS[self._codec].clocks_per_tick & 0xFFFFFFFF
        packet = RtpPacket(self._payload_type, marker, sequence, clock, self._media.ssrc, payload)
        self._sent += self._media.send(packet)

    async def send_keys(self, keys: str) -> None:  # noqa: ARG002 (a browser is not dialled)
        raise KeysRefused("a browser has no use for telephone keys")

    async def close(self) -> None:
        self._watch.cancel()
        self._ended.set()
        await self._peer.close()

    def _receive(self, data: bytes) -> None:
        packet = parse_rtp(data)
        codec = self._media.payload_types.get(packet.payload_type) if packet else None
        if packet is None or codec is None or not 0 < ticks(packet.payload, codec) <= MAX_TICKS:
            self._invalid += 1
            return
        self._count(packet)
        if self._ticks is None or self._ticks[0] != (packet.ssrc, codec):
            self._ticks = (packet.ssrc, codec), Ticks(CODECS[codec].clocks_per_tick)
        if self.on_packet is not None:
            self.on_packet(
                VoicePacket(
                    payload=packet.payload,
                    codec=codec,
                    sequence=packet.sequence_number,
                    timestamp=self._ticks[1].of(packet.timestamp),
                    ssrc=packet.ssrc,
                    arrived_s=self._loop.time(),
                )
            )

    def _count(self, packet: RtpPacket) -> None:
        self._received += 1
        ssrc, sequence = packet.ssrc, packet.sequence_number
        if self._newest is None or self._newest[0] != ssrc:
            self._newest = (ssrc, sequence)
            return
        step = ahead(sequence, self._newest[1], bits=16)
        self._lost += step - 1 if step > 0 else -1
        if step > 0:
            self._newest = (ssrc, sequence)

    def _state_changed(self) -> None:
        state = self._peer.connectionState
        if state == "connected":
            self._watch.cancel()
            self.connected.set()
        elif state in ("failed", "closed"):
            self._ended.set()

    def _give_up(self) -> None:
        log.info("browser did not connect within %.0f s", CONNECT_TIMEOUT_S)
        self._closing = asyncio.create_task(self.close())


class WebRtcCall(CarriedCall):
    """An `IncomingCall` from a browser: the demonstration caller. Built with `receive`."""

    def __init__(self, endpoint: WebRtcEndpoint, **told: Any) -> None:
        super().__init__(endpoint, source="webrtc", **told)
        self._connected = endpoint.connected

    @classmethod
    async def receive(
        cls,
        offer_sdp: str,
        *,
        dialled: str,
        caller_number: str | None = None,
        caller_name: str | None = None,
        forwarded_from: str | None = None,
        hosts: Sequence[str] | None = None,
    ) -> tuple[WebRtcCall, str]:
        """A browser calls `dialled`: the call, and the SDP to answer it with at once.

        Raises OfferRefused. The caller hears silence, then a ringing tone, then the operator.
        """
        endpoint, answer_sdp = await WebRtcEndpoint.accept(offer_sdp, hosts=hosts)
        call = cls(
            endpoint,
            dialled=dialled,
            caller_number=caller_number,
            caller_name=caller_name,
            forwarded_from=forwarded_from,
        )
        return call, answer_sdp

    async def flowing(self) -> None:
        await self._connected.wait()

    def why_gone(self) -> str:
        return "hung_up" if self._connected.is_set() else "lost"


def _without_names(offer_sdp: str) -> str:
    """Drop mDNS candidates and the end-of-candidates mark.

    Resolving `.local` names costs seconds and rarely works across networks; the browser's checks
    reach us anyway and make it known by the address they come from (RFC 8445 section 7.3.1.3).
    """
    lines = re.split(r"\r?\n", offer_sdp)
    kept = [
        line
        for line in lines
        if not (line.startswith("a=candidate:") and ".local " in line)
        and line != "a=end-of-candidates"
    ]
    return "\r\n".join(kept)


def _parked_track() -> Any:
    """A track that never has anything to send: we send past aiortc's sender."""
    from aiortc import MediaStreamTrack

    class ParkedTrack(MediaStreamTrack):
        kind = "audio"

        async def recv(self) -> Any:
            await asyncio.Event().wait()

    return ParkedTrack()
