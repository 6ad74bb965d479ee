"""SDP offers and answers of SIP calls (RFC 3264, RFC 8866): one stream of G.711, DTMF beside it.

aiosipua reads and writes the lines. Choosing is ours: its negotiation knows codecs by payload
type only, and answers with its own number for DTMF whatever was offered.
"""

from __future__ import annotations

import email.parser
import email.policy
import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from aiosipua.message import SipMessage
from aiosipua.sdp import (
    ConnectionData,
    MediaDescription,
    Origin,
    SdpMessage,
    parse_sdp,
    serialize_sdp,
)

from telephony.call import CodecName
from telephony.errors import OfferRefused
from telephony.sip.message import Address, is_address

Direction: TypeAlias = Literal["sendrecv", "sendonly", "recvonly", "inactive"]

CODECS: tuple[CodecName, ...] = ("PCMA", "PCMU")
STATIC_PAYLOAD_TYPES: dict[CodecName, int] = {"PCMU": 0, "PCMA": 8}
_ANSWER: dict[Direction, Direction] = {
    "sendrecv": "sendrecv",
    "sendonly": "recvonly",
    "recvonly": "sendonly",
    "inactive": "inactive",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteMedia:
    """Where the peer wants its voice, and how."""

    address: Address
    codec: CodecName
    """The one we send."""
    payload_types: dict[int, CodecName]
    """What each payload type means; every G.711 type offered may come."""
    dtmf_payload_type: int | None
    direction: Direction
    """As the peer says it: `sendonly` holds us."""
    sdp: SdpMessage
    index: int
    """Which m= line."""

    @property
    def held(self) -> bool:
        """The peer does not want to hear us now (RFC 3264 section 8.4, RFC 2543's 0.0.0.0)."""
        return self.direction in ("sendonly", "inactive") or _is_unspecified(self.address[0])


def session_description(message: SipMessage) -> str | None:
    """The SDP of a message, alone or as a part of a multipart body; None when there is none.

    Raises OfferRefused when there is a body that is not one we can read.
    """
    if not message.body.strip():
        return None
    kind = (message.content_type or "application/sdp").partition(";")[0].strip().lower()
    if kind == "application/sdp":
        return message.text
    if kind.startswith("multipart/"):
        head = f"Content-Type: {message.content_type}\r\n\r\n".encode("utf-8", "replace")
        parsed = email.parser.BytesParser(policy=email.policy.SMTP).parsebytes(head + message.body)
        for part in parsed.walk():
            if part.get_content_type() == "application/sdp":
                payload = part.get_payload(decode=True)
                return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else None
    raise OfferRefused(f"no session description in a body of type {kind}")


def read_media(text: str, *, prefer: CodecName | None = None) -> RemoteMedia:
    """Choose the voice stream and codec of an offer or an answer.

    The peer's first G.711 codec is taken, or `prefer` (what we already send) if it is there.
    Raises OfferRefused.
    """
    try:
        sdp = parse_sdp(text)
    except (ValueError, IndexError, OverflowError) as error:
        raise OfferRefused(f"unreadable session description: {error}") from error
    for index, media in enumerate(sdp.media):
        if media.media != "audio" or media.port == 0 or media.proto.upper() != "RTP/AVP":
            continue
        types = _payload_types(media)
        if types:
            codecs = list(types.values())
            return RemoteMedia(
                address=_address(sdp, media),
                codec=prefer if prefer in codecs else codecs[0],
                payload_types=types,
                dtmf_payload_type=_dtmf_payload_type(media),
                direction=_direction(sdp, media),
                sdp=sdp,
                index=index,
            )
    raise OfferRefused("no G.711 voice over RTP/AVP offered")


def write_answer(offer: RemoteMedia, local: Address, *, version: int, hold: bool = False) -> str:
    """Our answer: the offered payload types echoed, every other stream refused (port 0)."""
    streams = [
        _voice(local, offer, hold=hold) if index == offer.index else _refused(media)
        for index, media in enumerate(offer.sdp.media)
    ]
    return serialize_sdp(_session(local, streams, version=version))


def write_offer(local: Address, *, version: int) -> str:
    """Our own offer, for an INVITE that came without one (RFC 3261 section 14.2)."""
    numbers = [STATIC_PAYLOAD_TYPES[codec] for codec in CODECS]
    voice = MediaDescription(
        media="audio",
        port=local[1],
        formats=[str(number) for number in [*numbers, 101]],
        attributes={
            "rtpmap": [
                *(f"{STATIC_PAYLOAD_TYPES[codec]} {codec}/8000" for codec in CODECS),
                "101 telephone-event/8000",
            ],
            "fmtp": ["101 0-15"],
            "ptime": ["20"],
            "sendrecv": [],
        },
    )
    return serialize_sdp(_session(local, [voice], version=version))


def _payload_types(media: MediaDescription) -> dict[int, CodecName]:
    """G.711 payload types in the peer's order, matched by name and clock (RFC 3264 section 5.1)."""
    found: dict[int, CodecName] = {}
    for codec in media.codecs:
        name = codec.encoding_name.upper()
        mono = codec.channels in (None, 1)
        if name in CODECS and codec.clock_rate == 8000 and mono and 0 <= codec.payload_type < 128:
            found[codec.payload_type] = "PCMA" if name == "PCMA" else "PCMU"
    return found


def _dtmf_payload_type(media: MediaDescription) -> int | None:
    for codec in media.codecs:
        if codec.encoding_name.lower() == "telephone-event" and codec.clock_rate == 8000:
            return codec.payload_type
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


def _voice(local: Address, offer: RemoteMedia, *, hold: bool) -> MediaDescription:
    offered = offer.sdp.media[offer.index]
    types = {number: codec for number, codec in offer.payload_types.items() if codec == offer.codec}
    number = next(iter(types))
    formats, maps = [str(number)], [f"{number} {offer.codec}/8000"]
    attributes: dict[str, list[str]] = {"rtpmap": maps}
    if offer.dtmf_payload_type is not None:
        formats.append(str(offer.dtmf_payload_type))
        maps.append(f"{offer.dtmf_payload_type} telephone-event/8000")
        attributes["fmtp"] = [f"{offer.dtmf_payload_type} 0-15"]
    attributes["ptime"] = ["20"]
    answered = _ANSWER[offer.direction]
    if hold:
        answered = "sendonly" if answered in ("sendrecv", "sendonly") else "inactive"
    attributes[answered] = []
    return MediaDescription(
        media="audio", port=local[1], proto=offered.proto, formats=formats, attributes=attributes
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
