"""What RFC 3261 says to refuse, after the torture messages of RFC 4475 (names in brackets)."""

from __future__ import annotations

import pytest
from aiosipua.message import SipRequest, SipResponse

from telephony.errors import SipSyntaxError
from telephony.sip.message import (
    check_request,
    is_keep_alive,
    parse_message,
    response_destination,
    stamp_source,
    top_via,
)

SOURCE = ("203.0.113.7", 33000)


def text(
    start: str = "OPTIONS sip:user@example.com SIP/2.0",
    *,
    drop: str = "",
    body: str = "",
    **replace: str,
) -> bytes:
    headers = {
        "Via": "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1",
        "Max-Forwards": "70",
        "From": "<sip:caller@example.net>;tag=1",
        "To": "<sip:user@example.com>",
        "Call-ID": "a@192.0.2.1",
        "CSeq": "1 OPTIONS",
        "Contact": "<sip:caller@192.0.2.1>",
        "Content-Length": str(len(body)),
    }
    headers |= {name.replace("_", "-"): value for name, value in replace.items()}
    headers.pop(drop, None)
    lines = [start, *(f"{name}: {value}" for name, value in headers.items()), "", body]
    return "\r\n".join(lines).encode()


def status(data: bytes) -> int:
    """What the server would answer for its form alone; 0 when it stays silent, 200 when fine."""
    try:
        message = parse_message(data)
    except SipSyntaxError:
        return 0
    if isinstance(message, SipResponse):
        return 200
    try:
        check_request(message, data)
    except SipSyntaxError as error:
        return error.status
    return 200


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(text(), id="plain"),
        pytest.param(text("!interesting-Method0123456789_*+`.%indeed'~ sip:1@x SIP/2.0",
            CSeq="1 !interesting-Method0123456789_*+`.%indeed'~"), id="intmeth"),
        pytest.param(text("OPTIONS sip:sips%3Auser%40example.com@example.net SIP/2.0"), id="esc01"),
        pytest.param(text("OPTIONS sip:null-%00-null@example.com SIP/2.0"), id="escnull"),
        pytest.param(text("OPTIONS sip:+33199001122;npdi=yes@example.com SIP/2.0"), id="semiuri"),
        pytest.param(text(Via="SIP/2.0/UDP t1.example.org;branch=z9hG4bK1, "
            "SIP/2.0/TCP [2001:db8::1]:5070;branch=z9hG4bK2"), id="transports"),
        pytest.param(text(To='"J. \\"Bob\\" Smith" <sip:bob@example.com>'), id="quotes"),
        pytest.param(text(Contact="<tel:+33199001122>"), id="tel contact"),
        pytest.param(text(From="sip:caller@example.net;tag=1"), id="no brackets"),
        pytest.param(text().replace(b"Call-ID", b"i").replace(b"Via", b"v"), id="compact"),
        pytest.param(b"\r\n\r\n" + text(), id="leading empty lines"),
        pytest.param(text(drop="Max-Forwards"), id="no Max-Forwards"),
        pytest.param(text(body="x" * 10, Content_Length="4"), id="more body than said"),
    ],
)  # fmt: skip
def test_unusual_but_right_is_taken(data: bytes) -> None:
    assert status(data) == 200


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(text(Content_Length="9999"), 400, id="clerr"),
        pytest.param(text(Content_Length="-999"), 400, id="ncl"),
        pytest.param(text(CSeq="36893488147419103232 OPTIONS"), 400, id="scalar02"),
        pytest.param(text(CSeq="2147483648 OPTIONS"), 400, id="cseq beyond 2^31"),
        pytest.param(text(CSeq="8 INVITE"), 400, id="mismatch01"),
        pytest.param(text(Max_Forwards="300"), 400, id="scalar02 hops"),
        pytest.param(text(To='"Mr. J. User <sip:j.user@example.com>'), 400, id="quotbal"),
        pytest.param(text("OPTIONS <sip:user@example.com> SIP/2.0"), 400, id="ltgtruri"),
        pytest.param(text("OPTIONS sip:user@example.com; lr SIP/2.0"), 400, id="lwsruri"),
        pytest.param(text("OPTIONS sip:user@example.com SIP/2.0  "), 400, id="trws"),
        pytest.param(text("OPTIONS  sip:user@example.com SIP/2.0"), 400, id="lwsstart"),
        pytest.param(text("OPTIONS sip:user@example.com SIP/7.0"), 505, id="badvers"),
        pytest.param(text("OPTIONS nobodyKnowsThisScheme:user SIP/2.0"), 416, id="unkscm"),
        pytest.param(text("OPTIONS urn:service:x SIP/2.0"), 416, id="novelsc"),
        pytest.param(text("OPTIONS sip:%zz@example.com SIP/2.0"), 400, id="bad escape"),
        pytest.param(text("OPTIONS sip:user@example.com:99999 SIP/2.0"), 400, id="uri port"),
        pytest.param(text(drop="Call-ID"), 400, id="insuf"),
        pytest.param(text(drop="From"), 400, id="insuf from"),
        pytest.param(text() .replace(b"To:", b"To: <sip:a@b>\r\nTo:"), 400, id="multi01"),
        pytest.param(text(Via="SIP/7.0/UDP 192.0.2.1;branch=z9hG4bK1"), 400, id="badvers via"),
        pytest.param(text(Via="SIP/2.0/UDP 192.0.2.1:99999;branch=z9hG4bK1"), 400, id="via port"),
        pytest.param(text(Via="SIP/2.0/UDP ;branch=z9hG4bK1"), 400, id="via host"),
        pytest.param(text(drop="Via"), 0, id="no via"),
        pytest.param(b"\x00" * 40, 0, id="zeros"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 0, id="http"),
        pytest.param(text("SIP/2.0 4294967301 better not break the receiver"), 0, id="bigcode"),
        pytest.param(text("SIP/2.0 99 x"), 0, id="low code"),
    ],
)  # fmt: skip
def test_wrong_is_refused_as_it_deserves(data: bytes, expected: int) -> None:
    assert status(data) == expected


@pytest.mark.parametrize("data", [b"", b"\r\n\r\n", b"\r\n", b"\x00", b"\x00\x01\x00\x00" * 5])
def test_keep_alives_are_nothing(data: bytes) -> None:
    assert is_keep_alive(data)
    assert not is_keep_alive(text())


@pytest.mark.parametrize(
    ("via", "destination", "written"),
    [
        ("192.0.2.1:5070", ("203.0.113.7", 5070), "received=203.0.113.7"),
        ("192.0.2.1", ("203.0.113.7", 5060), "received=203.0.113.7"),
        ("203.0.113.7:5070", ("203.0.113.7", 5070), ""),
        ("192.0.2.1:5070;rport", SOURCE, "rport=33000"),
        ("phone.example.com;rport", SOURCE, "received=203.0.113.7"),
    ],
)
def test_answers_go_where_the_request_came_from(
    via: str, destination: tuple[str, int], written: str
) -> None:
    message = parse_message(text(Via=f"SIP/2.0/UDP {via};branch=z9hG4bK1"))
    assert isinstance(message, SipRequest)
    stamp_source(message, SOURCE)
    assert response_destination(message, SOURCE) == destination
    assert written in message.headers.get("via")[0]
    assert ("received" in top_via(message).params) == bool(written)
