"""The 49 torture messages of RFC 4475, each with what the RFC has a user agent server do.

Written anew from the RFC's description of each: what makes the message what it is, in a frame of
ours. A user agent that takes no registrations answers REGISTER with 405 however it is written.
"""

from __future__ import annotations

from dataclasses import dataclass

RINGS, IGNORED = 180, 0
"""Expected besides statuses: a call comes of it; nothing is answered and nothing happens."""
SDP = (
    "v=0\r\no=mhandley 29739 7272939 IN IP4 192.0.2.3\r\ns=-\r\nc=IN IP4 192.0.2.4\r\nt=0 0\r\n"
    "m=audio 49217 RTP/AVP 0 12\r\nm=video 3227 RTP/AVP 31\r\na=rtpmap:31 LPC\r\n"
)


@dataclass(frozen=True)
class Torture:
    """One message."""

    name: str
    section: str
    data: bytes
    expected: frozenset[int]


def _message(start: str, *headers: str, body: str = "", length: str | None = None) -> bytes:
    kept = [header for header in headers if header]
    length = str(len(body.encode())) if length is None else length
    if length:
        kept.append(f"Content-Length: {length}")
    return "\r\n".join([start, *kept, "", body]).encode("utf-8", "surrogateescape")


def _usual(name: str, method: str, **changed: str) -> list[str]:
    """Headers of an ordinary request; `changed` ones replaced, or left out when empty."""
    headers = {
        "via": f"Via: SIP/2.0/UDP 192.0.2.15:5060;branch=z9hG4bK{name};rport",
        "hops": "Max-Forwards: 70",
        "sender": "From: <sip:caller@example.net>;tag=134161461246",
        "to": "To: <sip:user@example.com>",
        "call": f"Call-ID: {name}.0ha0isndaksdj@192.0.2.15",
        "seq": f"CSeq: 8 {method}",
        "contact": "Contact: <sip:caller@host5.example.net>",
    } | changed
    return [header for header in headers.values() if header]


def _request(
    name: str, method: str, *extra: str, uri: str = "sip:user@example.com", body: str = "",
    length: str | None = None, version: str = "SIP/2.0", **changed: str,
) -> bytes:  # fmt: skip
    kind = ["Content-Type: application/sdp"] if body == SDP else []
    headers = [*_usual(name, method, **changed), *extra, *kind]
    return _message(f"{method} {uri} {version}", *headers, body=body, length=length)


def _response(name: str, start: str, *extra: str, **changed: str) -> bytes:
    return _message(start, *_usual(name, "INVITE", **changed), *extra)


WSINV = (
    "INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0\r\n"
    "TO :\r\n sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n\r\n"
    'from   : "J Rosenberg \\\\\\""       <sip:jdrosen@example.com>\r\n  ;\r\n  tag = 98asjd8\r\n'
    "MaX-fOrWaRdS: 0068\r\nCall-ID: wsinv.ndaksdj@192.0.2.1\r\n"
    f"Content-Length   : {len(SDP)}\r\ncseq: 0009\r\n  INVITE\r\n"
    "Via  : SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=390skdjuw;rport\r\ns :\r\n"
    "NewFangledHeader:   newfangled value\r\n continued newfangled value\r\n"
    "UnknownHeaderWithUnusualValue: ;;,,;;,;\r\nContent-Type: application/sdp\r\n"
    "Route:\r\n <sip:services.example.com;lr;unknownwith=value;unknown-no-value>\r\n"
    "v:  SIP  / 2.0  / TCP     spindle.example.com   ;\r\n  branch  =   z9hG4bK9ikj8  ,\r\n"
    " SIP  /    2.0   / UDP  192.168.255.111   ; branch=\r\n z9hG4bK30239\r\n"
    'm:"Quoted string \\"\\"" <sip:jdrosen@example.com> ; newparam =\r\n      newvalue ;\r\n'
    "  secondparam ; q = 0.33\r\n\r\n" + SDP
).encode()
METHOD = "!interesting-Method0123456789_*+`.%indeed'~"
SIGNED = (
    "--7a9cbec02ceef655\r\nContent-Type: text/plain\r\n\r\nHello\r\n--7a9cbec02ceef655\r\n"
    "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    "0\x82\x01R\x06\t*\x86H\x86\x00\x01\r\n--7a9cbec02ceef655--\r\n"
)
LONG = "".join(f"very{'long' * 20}{n}" for n in range(6))
BIG = str(2**65)


def _table() -> list[tuple[str, str, bytes, set[int]]]:
    return [
        ("wsinv", "3.1.1.1", WSINV, {481}),  # well formed, and of no call we know
        ("intmeth", "3.1.1.2", _request(
            "intmeth", METHOD,
            uri="sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas"
                "$wo~d_too.(doesn't-it)@example.com",
            to='To: "BEL:\\\x07 NUL:\\\x00 DEL:\\\x7f" <sip:1_unusual.URI@example.com>',
        ), {405, 501}),
        ("esc01", "3.1.1.3", _request(
            "esc01", "INVITE", uri="sip:sips%3Auser%40example.com@example.net", body=SDP,
            to="To: sip:%75se%72@example.com",
            contact='Contact: <sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31>',
        ), {RINGS}),
        ("escnull", "3.1.1.4", _request(
            "escnull", "REGISTER", uri="sip:example.com", to="To: sip:null-%00-null@example.com",
            contact="Contact: <sip:%00@host5.example.com>, <sip:%00%00@host5.example.com>",
        ), {405}),
        ("esc02", "3.1.1.5", _request("esc02", "RE%47IST%45R", uri="sip:registrar.example.com"),
         {405, 501}),
        ("lwsdisp", "3.1.1.6", _request(
            "lwsdisp", "OPTIONS", sender="From: caller<sip:caller@example.com>;tag=323"), {200}),
        ("longreq", "3.1.1.7", _request(
            "longreq", "INVITE", f"Unknown-{LONG}: unknown-{LONG}-value",
            *(f"Via: SIP/2.0/TCP sip{n}.example.com;branch=z9hG4bK{LONG}{n}" for n in range(9)),
            f"Route: <sip:{LONG}.example.com;lr>",
            sender=f'From: sip:{LONG}@example.net;tag=12982982982{LONG}',
            to=f'To: "I have a user name of {LONG}" <sip:user@example.com>', body=SDP,
        ), {RINGS}),
        ("dblreq", "3.1.1.8", _request("dblreq", "REGISTER", uri="sip:example.com")
         + _request("dblreq2", "INVITE", body=SDP), {405}),
        ("semiuri", "3.1.1.9", _request(
            "semiuri", "OPTIONS", uri="sip:user;par=u%40example.net@example.com"), {200}),
        ("transports", "3.1.1.10", _request(
            "transports", "OPTIONS", *(
                f"Via: SIP/2.0/{kind} t{n}.example.com;branch=z9hG4bK{n}"
                for n, kind in enumerate(("SCTP", "TLS", "UNKNOWN", "TCP")))), {200}),
        ("mpart01", "3.1.1.11", _request(
            "mpart01", "MESSAGE", "Content-Type: multipart/mixed;boundary=7a9cbec02ceef655",
            body=SIGNED), {405}),
        ("unreason", "3.1.1.12", _response(
            "unreason", "SIP/2.0 200 = 2**3 * 5**2 но сто девяносто девять - простое"), {IGNORED}),
        ("noreason", "3.1.1.13", _response("noreason", "SIP/2.0 100 "), {IGNORED}),
        ("badinv01", "3.1.2.1", _request(
            "badinv01", "INVITE", body=SDP, via="Via: SIP/2.0/UDP 192.0.2.15;;,;,,",
            contact='Contact: "Joe" <sip:joe@example.org>;;;;'), {400}),
        ("clerr", "3.1.2.2", _request("clerr", "INVITE", body=SDP, length="9999"), {400}),
        ("ncl", "3.1.2.3", _request("ncl", "INVITE", body=SDP, length="-999"), {400}),
        ("scalar02", "3.1.2.4", _request(
            "scalar02", "REGISTER", f"Expires: 1{'0' * 40}", seq=f"CSeq: {BIG} REGISTER",
            hops="Max-Forwards: 300"), {400}),
        ("scalarlg", "3.1.2.5", _response(
            "scalarlg", "SIP/2.0 503 Service Unavailable", f"Retry-After: {BIG}",
            f"Warning: {BIG} overture \"In Progress\"", seq=f"CSeq: {BIG}000 INVITE"), {IGNORED}),
        ("quotbal", "3.1.2.6", _request(
            "quotbal", "INVITE", to='To: "Mr. J. User <sip:j.user@example.com>', body=SDP), {400}),
        ("ltgtruri", "3.1.2.7", _request(
            "ltgtruri", "INVITE", uri="<sip:user@example.com>", body=SDP), {400}),
        ("lwsruri", "3.1.2.8", _request(
            "lwsruri", "INVITE", uri="sip:user@example.com; lr", body=SDP), {400}),
        ("lwsstart", "3.1.2.9", _request(
            "lwsstart", "INVITE", uri=" sip:user@example.com ", body=SDP), {400}),
        ("trws", "3.1.2.10", _request("trws", "OPTIONS", version="SIP/2.0  "), {400}),
        ("escruri", "3.1.2.11", _request(
            "escruri", "INVITE", uri="sip:user@example.com?Route=%3Csip:example.com%3E", body=SDP),
         {400}),
        ("baddate", "3.1.2.12", _request(
            "baddate", "INVITE", "Date: Fri, 01 Jan 2010 16:00:00 EST", body=SDP), {RINGS, 400}),
        ("regbadct", "3.1.2.13", _request(
            "regbadct", "REGISTER",
            contact="Contact: sip:user@example.com?Route=%3Csip:sip.example.com%3E"), {400, 405}),
        ("badaspec", "3.1.2.14", _request(
            "badaspec", "OPTIONS", to='To: "Watson, Thomas" < sip:t.watson@example.org >'),
         {200, 400}),
        ("baddn", "3.1.2.15", _request(
            "baddn", "OPTIONS", sender="From: Bell, Alexander <sip:a.g.bell@example.com>;tag=43"),
         {200, 400}),
        ("badvers", "3.1.2.16", _request(
            "badvers", "OPTIONS", version="SIP/7.0",
            via="Via: SIP/7.0/UDP c.example.com;branch=z9hG4bKkdjuw;rport"), {505}),
        ("mismatch01", "3.1.2.17", _request("mismatch01", "OPTIONS", seq="CSeq: 8 INVITE"), {400}),
        ("mismatch02", "3.1.2.18", _request("mismatch02", "NEWMETHOD", seq="CSeq: 8 INVITE"),
         {400, 501}),
        ("bigcode", "3.1.2.19", _response(
            "bigcode", "SIP/2.0 4294967301 better not break the receiver"), {IGNORED}),
        ("badbranch", "3.2.1", _request(
            "badbranch", "OPTIONS", via="Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK;rport"), {200}),
        ("insuf", "3.3.1", _request("insuf", "INVITE", call="", sender="", to="", body=SDP), {400}),
        ("unkscm", "3.3.2", _request(
            "unkscm", "OPTIONS", uri="nobodyKnowsThisScheme:totallyopaquecontent"), {416}),
        ("novelsc", "3.3.3", _request("novelsc", "OPTIONS", uri="soap.beep://192.0.2.103:3002"),
         {416}),
        ("unksm2", "3.3.4", _request(
            "unksm2", "REGISTER", to="To: isbn:2983792873",
            sender="From: <http://www.example.com>;tag=234902",
            contact="Contact: <name:John_Smith>"), {400, 405}),
        ("bext01", "3.3.5", _request(
            "bext01", "OPTIONS", "Require: nothingSupportsThis, nothingSupportsThisEither",
            "Proxy-Require: noProxiesSupportThis, norDoAnyProxiesSupportThis"), {420}),
        ("invut", "3.3.6", _request(
            "invut", "INVITE", "Content-Type: application/unknownformat", body="<audio/>"), {415}),
        ("regaut01", "3.3.7", _request(
            "regaut01", "REGISTER", "Authorization: NoOneKnowsThisScheme opaque-data=here"), {405}),
        ("multi01", "3.3.8", _request(
            "multi01", "INVITE", "CSeq: 59 INVITE", "Call-ID: multi02.98asdh@192.0.2.1",
            "To: sip:user2@example.com", "From: sip:caller@example.net;tag=39291",
            "Max-Forwards: 5", body=SDP), {400}),
        ("mcl01", "3.3.9", _request("mcl01", "OPTIONS", "l: 13", body="No way to tell"),
         {400}),
        ("bcast", "3.3.10", _response(
            "bcast", "SIP/2.0 200 OK",
            "Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23"), {IGNORED}),
        ("zeromf", "3.3.11", _request("zeromf", "OPTIONS", hops="Max-Forwards: 0"), {200}),
        ("cparam01", "3.3.12", _request(
            "cparam01", "REGISTER", contact="Contact: sip:+13035551111@gw.example.net;unknown"),
         {405}),
        ("cparam02", "3.3.13", _request(
            "cparam02", "REGISTER",
            contact="Contact: <sip:+19725552222@gw1.example.net;unknownparam>"), {405}),
        ("regescrt", "3.3.14", _request(
            "regescrt", "REGISTER",
            contact="Contact: <sip:user@example.com?Route=%3Csip:sip.example.com%3E>"), {405}),
        ("sdp01", "3.3.15", _request(
            "sdp01", "INVITE", "Accept: text/nobodyKnowsThis", body=SDP), {406}),
        ("inv2543", "3.4.1", _message(
            "INVITE sip:UserB@example.com SIP/2.0", "Via: SIP/2.0/UDP iftgw.example.com;rport",
            "From: <sip:+13035551111@ift.client.example.net;user=phone>",
            "Record-Route: <sip:UserB@example.com;maddr=ss1.example.com>",
            "To: sip:+16505552222@ss1.example.net;user=phone", "Call-ID: inv2543.1717@example.com",
            "CSeq: 56 INVITE", "Content-Type: application/sdp", body=SDP), {RINGS}),
    ]  # fmt: skip


MESSAGES = [
    Torture(name, section, data, frozenset(expected)) for name, section, data, expected in _table()
]
