"""Bytes to SIP messages and back: aiosipua's parser, with the checks RFC 3261 asks for around it.

aiosipua 0.7.1 reads almost anything; what RFC 3261 (and the torture messages of RFC 4475) say to
refuse is refused here, before any state is touched.
"""

from __future__ import annotations

import ipaddress
import logging
import re
from typing import TypeAlias

from aiosipua.headers import Via, parse_address, parse_cseq, parse_via, stringify_via
from aiosipua.message import SipMessage, SipRequest, SipResponse

from telephony.errors import SipSyntaxError
from telephony.sip.uri import parse_uri, uri_in

Address: TypeAlias = tuple[str, int]
"""IP address literal and port."""

# It warns of each odd message, which lets a scanner fill the disk; oddities are counted instead.
logging.getLogger("aiosipua").setLevel(logging.ERROR)

MAX_MESSAGE_BYTES = 65_507
ALLOWED_METHODS = ("INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "UPDATE", "INFO", "PRACK", "NOTIFY")
USER_AGENT = "Souffleur"

_TOKEN = r"[A-Za-z0-9\-.!%*_+`'~]+"  # noqa: S105 (a grammar rule, RFC 3261 section 25.1)
_REQUEST_LINE = re.compile(rf"({_TOKEN}) (\S+) (SIP/\d+\.\d+)")
_STATUS_LINE = re.compile(r"(SIP/\d+\.\d+) (\d{3})(?: .*)?")
_HEADER_LINE = re.compile(rf"{_TOKEN}[ \t]*:")
_SINGLE = ("from", "to", "call-id", "cseq", "max-forwards", "content-length", "content-type")
_REQUIRED = ("via", "from", "to", "call-id", "cseq")
_HOST = re.compile(r"[A-Za-z0-9._\-]+|\[[0-9A-Fa-f:.]+\]")


def is_keep_alive(data: bytes) -> bool:
    """CRLF, STUN or an empty datagram (RFC 5626 section 3.5): nothing to answer, nothing wrong."""
    return not data.strip(b"\r\n\x00 ") or (data[0] < 0x20 and data[:1] not in (b"\r", b"\n"))


def parse_message(data: bytes) -> SipRequest | SipResponse:
    """Read one whole message.

    Raises SipSyntaxError: it cannot be read at all, or is a response nobody should act on.
    A request that can be read but must be refused is returned; see `check_request`.
    """
    if len(data) > MAX_MESSAGE_BYTES:
        raise SipSyntaxError("too long", status=513)
    data = data.lstrip(b"\r\n")
    try:
        message = SipMessage.parse(data)
        _tidy_vias(message.headers.get("via"))
        # Touching the parsed forms once finds what would raise later.
        vias = message.via
        sequence = message.cseq
        addresses = message.from_addr, message.to_addr
    except (ValueError, IndexError, KeyError, TypeError, OverflowError) as error:
        raise SipSyntaxError(f"unreadable: {error}") from error
    if not vias:
        raise SipSyntaxError("no Via: nowhere to answer")
    if isinstance(message, SipResponse):
        start = _first_line(data)
        if not _STATUS_LINE.fullmatch(start) or not 100 <= message.status_code <= 699:
            raise SipSyntaxError("malformed status line")
        if sequence is None or None in addresses or not message.call_id:
            raise SipSyntaxError("response lacks a mandatory header")
    return message


def _tidy_vias(values: list[str]) -> None:
    """Take out the white space that a Via may have about its signs (RFC 3261 section 25.1)."""
    for index, value in enumerate(values):
        if '"' not in value and re.search(r"\s[/;=:]|[/;=:]\s", value):
            values[index] = re.sub(r"\s*([/;=:])\s*", r"\1", value)


def check_request(request: SipRequest, data: bytes) -> None:
    """Raise SipSyntaxError with the status the request deserves (RFC 3261 sections 8.2 and 21.4).

    `data` is the message as received: the parser has already forgiven some of it.
    """
    _check_start_line(data)
    _check_headers(request, data)
    _check_via(request)
    _check_sequence(request)
    _check_addresses(request)
    _check_length(request)


def _first_line(data: bytes) -> str:
    line, _, _ = data.lstrip(b"\r\n").partition(b"\n")
    return line.rstrip(b"\r").decode("utf-8", errors="replace")


def _check_start_line(data: bytes) -> None:
    match = _REQUEST_LINE.fullmatch(_first_line(data))
    if match is None:
        raise SipSyntaxError("Malformed Request-Line")
    if match[3] != "SIP/2.0":
        raise SipSyntaxError("Version Not Supported", status=505)
    uri = match[2]
    if uri.startswith("<") or uri.endswith(">"):
        raise SipSyntaxError("Malformed Request-URI")
    scheme = uri.partition(":")[0].lower()
    if scheme not in ("sip", "sips", "tel"):
        raise SipSyntaxError("Unsupported URI Scheme", status=416)
    if scheme != "tel" and "?" in uri.rpartition("@")[2]:
        raise SipSyntaxError("Headers In Request-URI")
    if re.search(r"%(?![0-9A-Fa-f]{2})", uri) or parse_uri(uri) is None:
        raise SipSyntaxError("Malformed Request-URI")


def _check_headers(request: SipRequest, data: bytes) -> None:
    head = re.split(rb"\r?\n\r?\n", data.lstrip(b"\r\n"), maxsplit=1)[0]
    for line in head.split(b"\n")[1:]:
        text = line.rstrip(b"\r").decode("utf-8", errors="replace")
        if text and text[0] not in " \t" and not _HEADER_LINE.match(text):
            raise SipSyntaxError("Malformed Header")
    for name in _REQUIRED:
        if not request.headers.get_first(name):
            raise SipSyntaxError(f"Missing {name.title()} Header")
    for name in _SINGLE:
        if len(request.headers.get(name)) > 1:
            raise SipSyntaxError(f"Repeated {name.title()} Header")
    hops = request.get_header("max-forwards")
    if hops is not None and not (hops.isascii() and hops.isdigit() and int(hops[:9]) <= 255):
        raise SipSyntaxError("Malformed Max-Forwards")


def _check_via(request: SipRequest) -> None:
    for via in request.via:
        if via.protocol.replace(" ", "") != "SIP/2.0":
            raise SipSyntaxError("Malformed Via")
        if not via.host or not _HOST.fullmatch(via.host):
            raise SipSyntaxError("Malformed Via")
        if via.port is not None and not 0 < via.port < 65536:
            raise SipSyntaxError("Malformed Via")


def _check_sequence(request: SipRequest) -> None:
    raw = (request.get_header("cseq") or "").split()
    if len(raw) != 2 or not (raw[0].isascii() and raw[0].isdigit()) or len(raw[0]) > 12:
        raise SipSyntaxError("Malformed CSeq")
    if int(raw[0]) >= 2**31:
        raise SipSyntaxError("CSeq Out Of Range")
    if raw[1] != request.method:
        raise SipSyntaxError("CSeq Method Mismatch")


def _check_addresses(request: SipRequest) -> None:
    for name in ("from", "to", "contact"):
        for value in request.headers.get(name):
            if name == "contact" and value == "*":
                continue
            bare = re.sub(r"\\.", "", value)  # without what is escaped
            if bare.count('"') % 2 or value.count("<") != value.count(">"):
                raise SipSyntaxError(f"Malformed {name.title()}")
            if not _is_uri(uri_in(value)):
                raise SipSyntaxError(f"Malformed {name.title()}")


def _is_uri(text: str) -> bool:
    """Whether it is a URI; only those of telephony are looked into, others are opaque."""
    scheme, colon, _ = text.partition(":")
    if not colon or not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.\-]*", scheme):
        return False
    return scheme.lower() not in ("sip", "sips") or parse_uri(text) is not None


def _check_length(request: SipRequest) -> None:
    declared = request.get_header("content-length")
    if declared is None:
        return
    if not (declared.isascii() and declared.isdigit()) or len(declared) > 9:
        raise SipSyntaxError("Malformed Content-Length")
    if int(declared) > len(request.body):
        raise SipSyntaxError("Content-Length Beyond Message")


def top_via(message: SipRequest | SipResponse) -> Via:
    """The Via the transaction is matched on; every parsed message has one."""
    return parse_via(message.headers.get("via")[0])


def tag_of(message: SipRequest | SipResponse, header: str) -> str:
    """The tag of From or To, or "" (RFC 2543 peers have none)."""
    raw = message.headers.get_first(header)
    return (parse_address(raw).tag or "") if raw else ""


def sequence_of(message: SipRequest | SipResponse) -> tuple[int, str]:
    """Number and method of CSeq."""
    sequence = parse_cseq(message.headers.get_first("cseq") or "")
    return sequence.seq, sequence.method


def is_address(host: str) -> bool:
    """Whether `host` is an IP address literal, brackets allowed."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def response_destination(request: SipRequest, source: Address) -> Address:
    """Where answers to a request go (RFC 3261 section 18.2.2, RFC 3581 section 4).

    The address the request came from, always; its port when the client asked for `rport` or wrote
    a port that cannot be, else the port of the Via.
    """
    via = top_via(request)
    if "rport" in via.params:
        return source
    port = 5060 if via.port is None else via.port
    return (source[0], port if 0 < port < 65536 else source[1])


def stamp_source(request: SipRequest, source: Address) -> None:
    """Write `received` and `rport` into the top Via (RFC 3261 section 18.2.1, RFC 3581)."""
    vias = request.headers.get("via")
    via = parse_via(vias[0])
    wants_port = "rport" in via.params
    if not wants_port and via.host.strip("[]") == source[0]:
        return
    via.params["received"] = source[0]
    if wants_port:
        via.params["rport"] = str(source[1])
    vias[0] = stringify_via(via)


def respond(
    request: SipRequest, status: int, reason: str, *, to_tag: str | None = None
) -> SipResponse:
    """An answer with the headers every answer copies (RFC 3261 section 8.2.6.2)."""
    response = SipResponse(status_code=status, reason_phrase=reason)
    for via in request.headers.get("via"):
        response.headers.append("Via", via)
    for name in ("From", "Call-ID", "CSeq"):
        response.headers.set_single(name, request.headers.get_first(name) or "")
    to = request.headers.get_first("to") or ""
    if to_tag and not tag_of(request, "to"):
        to = f"{to};tag={to_tag}"
    response.headers.set_single("To", to)
    if status > 100:
        response.headers.set_single("Server", USER_AGENT)
    return response
