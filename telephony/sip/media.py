"""SDP offers and answers of SIP calls (RFC 3264, RFC 8866): streams of voice, keys beside them.

aiosipua reads and writes the lines. Choosing is ours: its negotiation knows codecs by payload
type only, and answers with its own number for DTMF whatever was offered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from aiosipua.sdp import (
    ConnectionData,
    MediaDescription,
    Origin,
    SdpMessage,
    parse_sdp,
    serialize_sdp,
)

from telephony.call import CodecName
from telephony.codec import CODECS
from telephony.errors import OfferRefused
from telephony.sip.message import Address, is_address
from telephony.srtp import Crypto, choose_crypto

Direction: TypeAlias = Literal["sendrecv", "sendonly", "recvonly", "inactive"]

_ANSWER: dict[Direction, Direction] = {
    "sendrecv": "sendrecv",
    "sendonly": "recvonly",
    "recvonly": "sendonly",
    "inactive": "inactive",
}
_PLAIN = ("RTP/AVP", "RTP/AVPF")
_SECURE = ("RTP/SAVP", "RTP/SAVPF")


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaPolicy:
    """What we take of what is offered."""

    codecs: tuple[CodecName, ...] = ("PCMA", "PCMU", "G722", "opus")
    """In our order, for offers of ours; in an answer the peer's order counts."""
    encrypted_only: bool = False
    """Refuse voice that is not encrypted (RTP/SAVP, or `a=crypto` beside RTP/AVP)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteMedia:
    """Where the peer wants its voice, and how: one m= line that we can take."""

    address: Address
    codec: CodecName
    """The one we send."""
    payload_types: dict[int, CodecName]
    """What each payload type means; every codec offered that we know may come."""
    dtmf_payload_type: int | None
    direction: Direction
    """As the peer says it: `sendonly` holds us."""
    crypto: Crypto | None
    """How the peer encrypts; None: it does not."""
    label: str
    """What other documents call this stream (RFC 4574), "" without a name."""
    sdp: SdpMessage
    index: int
    """Which m= line."""

    @property
    def held(self) -> bool:
        """The peer does not want to hear us now (RFC 3264 section 8.4, RFC 2543's 0.0.0.0)."""
        return self.direction in ("sendonly", "inactive") or _is_unspecified(self.address[0])

    @property
    def sends(self) -> bool:
        """The peer has voice to send now."""
        return self.direction in ("sendrecv", "sendonly") and not _is_unspecified(self.address[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """Our side of one m= line of an answer."""

    remote: RemoteMedia
    local: Address
    direction: Direction
    crypto: Crypto | None = None


def read_streams(
    text: str, policy: MediaPolicy, *, prefer: CodecName | None = None
) -> list[RemoteMedia]:
    """Every voice stream we could take of an offer or an answer, in order.

    The peer's first codec that we know is taken, or `prefer` (what we already send) if it is
    there. Raises OfferRefused when there is none, saying why.
    """
    try:
        sdp = parse_sdp(text)
    except (ValueError, IndexError, OverflowError) as error:
        raise OfferRefused(f"unreadable session description: {error}") from error
    streams: list[RemoteMedia] = []
    why = "no voice over RTP offered in a codec we know"
    for index, media in enumerate(sdp.media):
        protocol = media.proto.upper()
        if media.media != "audio" or media.port == 0 or protocol not in (*_PLAIN, *_SECURE):
            continue
        crypto = choose_crypto(media.attributes.get("crypto", []))
        if crypto is None and protocol in _SECURE:
            why = "no encryption offered that we know (SDES with AES_CM_128_HMAC_SHA1_80 or _32)"
            continue
        if crypto is None and policy.encrypted_only:
            why = "only encrypted voice is taken here, over TLS (RTP/SAVP)"
            continue
        types = _payload_types(media, policy)
        if not types:
            continue
        codecs = list(types.values())
        codec = prefer if prefer in codecs else codecs[0]
        streams.append(
            RemoteMedia(
                address=_address(sdp, media),
                codec=codec,
                payload_types=types,
                dtmf_payload_type=_dtmf_payload_type(media, codec),
                direction=_direction(sdp, media),
                crypto=crypto,
                label=next(iter(media.attributes.get("label", [])), "").strip(),
                sdp=sdp,
                index=index,
            )
        )
    if not streams:
        raise OfferRefused(why)
    return streams


def read_media(
    text: str, policy: MediaPolicy | None = None, *, prefer: CodecName | None = None
) -> RemoteMedia:
    """The one stream of a conversation: the first that is encrypted, else the first.

    Raises OfferRefused.
    """
    streams = read_streams(text, policy or MediaPolicy(), prefer=prefer)
    return next((stream for stream in streams if stream.crypto), streams[0])


def answer_direction(remote: RemoteMedia, *, hold: bool = False) -> Direction:
    """What we say to what the peer says (RFC 3264 section 6.1); `hold` silences the peer."""
    answered = _ANSWER[remote.direction]
    if hold:
        return "sendonly" if answered in ("sendrecv", "sendonly") else "inactive"
    return answered


def write_answer(sdp: SdpMessage, streams: list[Stream], local: Address, *, version: int) -> str:
    """Our answer: the offered payload types echoed, every stream not taken refused (port 0)."""
    ours = {stream.remote.index: stream for stream in streams}
    lines = [
        _answered(ours[index], media) if index in ours else _refused(media)
        for index, media in enumerate(sdp.media)
    ]
    return serialize_sdp(_session(local, lines, version=version))


def write_offer(
    local: Address,
    policy: MediaPolicy,
    *,
    version: int,
    crypto: Crypto | None = None,
    direction: Direction = "sendrecv",
    agreed: RemoteMedia | None = None,
) -> str:
    """Our own offer: everything we know, or what was `agreed` before (RFC 3264 section 8).

    With `crypto` the voice may be encrypted, and must be where the policy says so: RTP/AVP with
    a key is what RFC 8643 offers to peers of which nothing is known.
    """
    if agreed is None:
        voice = _offered(local, policy, crypto, direction)
        return serialize_sdp(_session(local, [voice], version=version))
    stream = Stream(remote=agreed, local=local, direction=direction, crypto=crypto)
    return write_answer(agreed.sdp, [stream], local, version=version)


def _offered(
    local: Address, policy: MediaPolicy, crypto: Crypto | None, direction: Direction
) -> MediaDescription:
    codecs = [CODECS[name] for name in policy.codecs]
    keys = [(101, 8000)]
    if "opus" in policy.codecs:
        keys.append((102, 48000))
    attributes: dict[str, list[str]] = {
        "rtpmap": [
            *(f"{codec.payload_type} {codec.rtpmap}" for codec in codecs),
            *(f"{number} telephone-event/{clock}" for number, clock in keys),
        ],
        "fmtp": [
            *(f"{codec.payload_type} {codec.format}" for codec in codecs if codec.format),
            *(f"{number} 0-15" for number, _ in keys),
        ],
        "ptime": ["20"],
        direction: [],
    }
    if crypto is not None:
        attributes["crypto"] = [str(crypto)]
    numbers = [codec.payload_type for codec in codecs] + [number for number, _ in keys]
    return MediaDescription(
        media="audio",
        port=local[1],
        proto="RTP/SAVP" if crypto is not None and policy.encrypted_only else "RTP/AVP",
        formats=[str(number) for number in numbers],
        attributes=attributes,
    )


def _payload_types(media: MediaDescription, policy: MediaPolicy) -> dict[int, CodecName]:
    """Payload types we know, in the peer's order, matched by name and clock (RFC 3264 5.1)."""
    found: dict[int, CodecName] = {}
    for offered in media.codecs:
        for name in policy.codecs:
            codec = CODECS[name]
            if (
                offered.encoding_name.lower() == name.lower()
                and offered.clock_rate == codec.clock_rate_hz
                and (offered.channels or 1) == codec.channels
                and 0 <= offered.payload_type < 128
            ):
                found[offered.payload_type] = name
    return found


def _dtmf_payload_type(media: MediaDescription, codec: CodecName) -> int | None:
    """Telephone events on the voice's own clock: they share its timestamps (RFC 4733 2.2)."""
    for offered in media.codecs:
        known = offered.encoding_name.lower() == "telephone-event"
        if known and offered.clock_rate == CODECS[codec].clock_rate_hz:
            return offered.payload_type
    return None


def _address(sdp: SdpMessage, media: MediaDescription) -> Address:
    connection = media.connection or sdp.connection
    if connection is None or not is_address(connection.address):
        # A name would have to be looked up, which the media path never waits for.
        raise OfferRefused("the session description gives no IP address for the voice")
    if not 0 < media.port < 65536:
        raise OfferRefused(f"port {media.port} cannot be")
    return connection.address.strip("[]"), media.port


def _direction(sdp: SdpMessage, media: MediaDescription) -> Direction:
    for attributes in (media.attributes, sdp.attributes):
        for direction in _ANSWER:
            if direction in attributes:
                return direction
    return "sendrecv"


def _is_unspecified(host: str) -> bool:
    return re.fullmatch(r"[0.:]+", host) is not None


def _answered(stream: Stream, offered: MediaDescription) -> MediaDescription:
    remote, codec = stream.remote, CODECS[stream.remote.codec]
    number = next(n for n, name in remote.payload_types.items() if name == remote.codec)
    formats, maps, parameters = [str(number)], [f"{number} {codec.rtpmap}"], []
    if codec.format:
        parameters.append(f"{number} {codec.format}")
    if remote.dtmf_payload_type is not None:
        formats.append(str(remote.dtmf_payload_type))
        maps.append(f"{remote.dtmf_payload_type} telephone-event/{codec.clock_rate_hz}")
        parameters.append(f"{remote.dtmf_payload_type} 0-15")
    attributes: dict[str, list[str]] = {"rtpmap": maps}
    if parameters:
        attributes["fmtp"] = parameters
    attributes["ptime"] = ["20"]
    attributes[stream.direction] = []
    if remote.label:
        attributes["label"] = [remote.label]
    if stream.crypto is not None:
        attributes["crypto"] = [str(stream.crypto)]
    return MediaDescription(
        media="audio",
        port=stream.local[1],
        proto=offered.proto,
        formats=formats,
        attributes=attributes,
    )


def _refused(media: MediaDescription) -> MediaDescription:
    return MediaDescription(
        media=media.media, port=0, proto=media.proto, formats=media.formats or ["0"]
    )


def _session(local: Address, media: list[MediaDescription], *, version: int) -> SdpMessage:
    kind = "IP6" if ":" in local[0] else "IP4"
    return SdpMessage(
        origin=Origin(
            username="-",
            session_id=str(local[1]),
            session_version=str(version),
            addr_type=kind,
            address=local[0],
        ),
        session_name="-",
        connection=ConnectionData(addr_type=kind, address=local[0]),
        media=media,
    )
