"""The call server against a telephone of raw datagrams: each fault seen in the stacks tried."""

from __future__ import annotations

import asyncio
import ipaddress
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiosipua.message import SipRequest
from hypothesis import given, settings
from hypothesis import strategies as st

from telephony.call import IncomingCall
from telephony.errors import CallOver, OfferRefused, SipSyntaxError
from telephony.rtp import RtpEndpoint
from telephony.sip import SipServer
from telephony.sip.message import check_request, parse_message
from telephony.sip.transaction import Timers
from tests.telephony.phone import OFFER, Phone, udp

RTP_PORTS = (42000, 42999)
FAST = Timers(t1=0.05, t2=0.4, t4=0.5)


class Desk:
    """Keeps every call that comes; answers nothing by itself."""

    def __init__(self) -> None:
        self.calls: list[IncomingCall] = []
        self.arrived: asyncio.Queue[IncomingCall] = asyncio.Queue()

    async def take(self, call: IncomingCall) -> None:
        if call.dialled == "0261919999":
            call.refuse(404, "Not Found")
            return
        if call.dialled == "0261918888":
            raise RuntimeError("the desk is on fire")
        self.calls.append(call)
        call.ring()
        self.arrived.put_nowait(call)

    async def next(self) -> IncomingCall:
        return await asyncio.wait_for(self.arrived.get(), 10)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def server(desk: Desk) -> AsyncIterator[SipServer]:
    server = SipServer(
        host="127.0.0.1", port=0, on_call=desk.take, rtp_ports=RTP_PORTS, timers=FAST
    )
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def phone(server: SipServer) -> AsyncIterator[Phone]:
    phone = await Phone.open(server.address)
    yield phone
    phone.close()


async def answered(phone: Phone, desk: Desk, **parts: Any) -> tuple[IncomingCall, str]:
    """A call in progress, and our tag in it."""
    phone.send(phone.invite(**parts))
    call = await desk.next()
    await call.answer()
    ok = await phone.final("INVITE", call_id=parts.get("call_id"))
    assert ok.status == 200
    phone.send(phone.ack(ok))
    return call, ok.to_tag


async def test_a_call_is_rung_answered_and_hung_up_by_the_caller(phone: Phone, desk: Desk) -> None:
    phone.send(phone.invite(headers=("Record-Route: <sip:10.0.0.1;lr>", "Timestamp: 54")))
    trying, ringing = await phone.reply(), await phone.reply()
    assert (trying.status, ringing.status) == (100, 180)
    assert trying.header("Timestamp") == "54"
    call = await desk.next()
    assert (call.source, call.dialled) == ("sip", "0261910001")
    assert (call.caller_number, call.caller_name) == ("0199001122", "Jeanne Martin")
    endpoint = await call.answer()
    ok = await phone.final("INVITE")
    assert ok.to_tag == ringing.to_tag
    assert ok.header("Record-Route") == "<sip:10.0.0.1;lr>"
    assert f"127.0.0.1:{phone.server[1]}" in ok.header("Contact")
    assert "m=audio" in ok.body and "RTP/AVP 8 101" in ok.body
    phone.send(phone.ack(ok))
    assert isinstance(endpoint, RtpEndpoint)
    phone.send(phone.message("BYE", cseq=2, branch="z9hG4bKbye", to_tag=ok.to_tag))
    assert (await phone.final("BYE")).status == 200
    await asyncio.wait_for(call.ended.wait(), 1)
    assert (call.ended_by, call.end_reason) == ("caller", "hung_up")


async def test_a_repeated_invite_is_one_call(phone: Phone, desk: Desk, server: SipServer) -> None:
    for _ in range(5):
        phone.send(phone.invite())
    call = await desk.next()
    await call.answer()
    for _ in range(5):
        phone.send(phone.invite())
    await asyncio.sleep(0.1)
    assert len(desk.calls) == 1 and server.calls == 1
    assert udp(server).layer.requests_absorbed == 9


async def test_a_2xx_is_resent_until_its_ack_and_then_no_more(phone: Phone, desk: Desk) -> None:
    phone.send(phone.invite())
    await (await desk.next()).answer()
    first = await phone.final("INVITE")
    assert (await phone.final("INVITE")).text == first.text
    phone.send(phone.ack(first))
    assert await phone.falls_quiet()


async def test_a_refusal_is_resent_until_its_ack(phone: Phone, desk: Desk) -> None:
    phone.send(phone.invite())
    (await desk.next()).refuse(486, "Busy Here")
    busy = await phone.final("INVITE")
    assert busy.status == 486
    assert (await phone.final("INVITE")).text == busy.text
    phone.send(phone.invite())
    assert (await phone.final("INVITE")).text == busy.text
    phone.send(phone.message("ACK", to_tag=busy.to_tag))
    assert await phone.falls_quiet()


async def test_a_repeated_bye_gets_its_200_again(phone: Phone, desk: Desk) -> None:
    _, tag = await answered(phone, desk)
    for _ in range(3):
        phone.send(phone.message("BYE", cseq=2, branch="z9hG4bKbye", to_tag=tag))
        assert (await phone.final("BYE")).status == 200


async def test_a_repeated_cancel_gets_its_200_again(phone: Phone, desk: Desk) -> None:
    phone.send(phone.invite())
    call = await desk.next()
    statuses = []
    for _ in range(3):
        phone.send(phone.message("CANCEL"))
        statuses.append((await phone.final("CANCEL")).status)
    assert statuses == [200, 200, 200]
    assert (call.ended_by, call.end_reason) == ("caller", "cancelled")


async def test_cancel_ends_a_ringing_call_with_487(phone: Phone, desk: Desk) -> None:
    phone.send(phone.invite())
    call = await desk.next()
    phone.send(phone.message("CANCEL"))
    replies = [await phone.reply() for _ in range(4)]
    assert {(r.method, r.status) for r in replies[-2:]} == {("CANCEL", 200), ("INVITE", 487)}
    with pytest.raises(CallOver):
        await call.answer()


async def test_cancel_after_the_answer_changes_nothing(phone: Phone, desk: Desk) -> None:
    phone.send(phone.invite())
    call = await desk.next()
    await call.answer()
    phone.send(phone.message("CANCEL"))
    assert (await phone.final("CANCEL")).status == 200
    assert not call.ended.is_set()


async def test_cancel_during_the_answer_wins_or_loses_whole(phone: Phone, desk: Desk) -> None:
    """The race itself: whatever order, one final answer, and the call knows which."""
    for number in range(20):
        parts: dict[str, Any] = {"call_id": f"race-{number}", "branch": f"z9hG4bKrace{number}"}
        phone.send(phone.invite(**parts))
        call = await desk.next()
        phone.send(phone.message("CANCEL", **parts))
        await asyncio.sleep(random.uniform(0, 0.002))
        try:
            await call.answer()
            expected = 200
        except CallOver:
            expected = 487
        final = await phone.final("INVITE", call_id=parts["call_id"])
        assert final.status == expected
        if expected == 487:
            phone.send(phone.message("ACK", to_tag=final.to_tag, **parts))
        else:
            phone.send(phone.ack(final, branch=f"z9hG4bKack{number}"))
        while not phone.inbox.empty():
            phone.inbox.get_nowait()


async def test_cancel_for_nothing_is_481(phone: Phone) -> None:
    phone.send(phone.message("CANCEL", branch="z9hG4bKnever"))
    assert (await phone.final("CANCEL")).status == 481


async def test_the_operator_hangs_up(phone: Phone, desk: Desk, server: SipServer) -> None:
    call, tag = await answered(phone, desk)
    await call.hang_up()
    bye = await phone.request("BYE")
    assert f";tag={tag}" in bye.header("From")
    assert bye.header("CSeq") == "1 BYE"
    again = await phone.request("BYE")
    assert again.text == bye.text, "unanswered, it is sent again"
    lines = [f"Via: {bye.header('Via')}", f"From: {bye.header('From')}", f"To: {bye.header('To')}"]
    lines += [f"Call-ID: {bye.header('Call-ID')}", "CSeq: 1 BYE", "Content-Length: 0", "", ""]
    phone.send("\r\n".join(["SIP/2.0 200 OK", *lines]))
    assert await phone.falls_quiet()
    assert (call.ended_by, server.calls) == ("operator", 0)


async def test_hanging_up_before_the_ack_waits_for_it(phone: Phone, desk: Desk) -> None:
    phone.send(phone.invite())
    call = await desk.next()
    await call.answer()
    ok = await phone.final("INVITE")
    await call.hang_up()
    with pytest.raises(TimeoutError):
        await phone.request("BYE", timeout_s=0.2)
    phone.send(phone.ack(ok))
    await phone.request("BYE")


async def test_a_caller_that_never_acknowledges_is_let_go(phone: Phone, desk: Desk) -> None:
    phone.send(phone.invite())
    call = await desk.next()
    endpoint = await call.answer()
    await asyncio.wait_for(call.ended.wait(), 64 * FAST.t1 + 2)
    assert (call.ended_by, call.end_reason) == ("system", "no_ack")
    await phone.request("BYE")
    await call.hang_up()
    assert endpoint.ended.is_set()


async def test_hanging_up_while_it_rings_declines(phone: Phone, desk: Desk) -> None:
    phone.send(phone.invite())
    await (await desk.next()).hang_up()
    assert (await phone.final("INVITE")).status == 603


async def test_an_unknown_number_is_refused(phone: Phone, desk: Desk) -> None:
    phone.send(phone.invite(user="0261919999"))
    final = await phone.final("INVITE")
    assert (final.status, desk.calls) == (404, [])


async def test_a_handler_that_fails_refuses_the_call(phone: Phone) -> None:
    phone.send(phone.invite(user="0261918888"))
    assert (await phone.final("INVITE")).status == 500


async def test_another_from_tag_is_another_call(phone: Phone, desk: Desk) -> None:
    """Dialogs are matched by Call-ID and both tags."""
    phone.send(phone.invite())
    first = await desk.next()
    phone.send(phone.invite(from_tag="other", branch="z9hG4bKsecond"))
    second = await desk.next()
    assert first is not second
    assert not first.ended.is_set()


async def test_the_same_invite_by_two_ways_is_one_call(phone: Phone, desk: Desk) -> None:
    phone.send(phone.invite())
    await desk.next()
    phone.send(phone.invite(branch="z9hG4bKelsewhere"))
    assert (await phone.final("INVITE")).status == 482
    assert len(desk.calls) == 1


async def test_an_unknown_extension_is_420(phone: Phone, desk: Desk) -> None:
    phone.send(phone.invite(headers=("Require: 100rel, nothingSupportsThis",)))
    final = await phone.final("INVITE")
    assert final.status == 420
    assert "nothingSupportsThis" in final.header("Unsupported")
    assert desk.calls == []


async def test_options_is_answered(phone: Phone) -> None:
    phone.send(phone.message("OPTIONS"))
    final = await phone.final("OPTIONS")
    assert final.status == 200
    assert "INVITE" in final.header("Allow")
    assert final.header("Accept") == "application/sdp"


@pytest.mark.parametrize("method", ["SUBSCRIBE", "REGISTER", "MESSAGE", "FOO"])
async def test_other_methods_are_405(phone: Phone, method: str) -> None:
    phone.send(phone.message(method))
    final = await phone.final(method)
    assert final.status == 405
    assert "INVITE" in final.header("Allow")


async def test_requests_for_no_dialog_are_481(phone: Phone) -> None:
    for number, method in enumerate(("BYE", "INVITE", "UPDATE")):
        phone.send(phone.message(method, to_tag="none", branch=f"z9hG4bK{number}", body=OFFER))
        assert (await phone.final(method)).status == 481


async def test_hold_and_resume_by_the_caller(phone: Phone, desk: Desk) -> None:
    _, tag = await answered(phone, desk)
    held = OFFER.replace("a=sendrecv", "a=sendonly").replace("o=- 1 1", "o=- 1 2")
    for cseq, body, direction in ((2, held, "recvonly"), (3, OFFER, "sendrecv")):
        phone.send(phone.invite(cseq=cseq, branch=f"z9hG4bKre{cseq}", to_tag=tag, body=body))
        ok = await phone.final("INVITE")
        assert ok.status == 200
        assert f"a={direction}" in ok.body
        assert f" {cseq} IN IP4" in ok.body, "the session's version grows with each answer"
        phone.send(phone.ack(ok, branch=f"z9hG4bKack{cseq}"))


async def test_a_session_refresh_is_answered(phone: Phone, desk: Desk) -> None:
    call, tag = await answered(phone, desk)
    phone.send(phone.message("UPDATE", cseq=2, branch="z9hG4bKup", to_tag=tag))
    update = await phone.final("UPDATE")
    assert (update.status, update.body) == (200, "")
    phone.send(phone.message("INVITE", cseq=3, branch="z9hG4bKre", to_tag=tag))
    reinvite = await phone.final("INVITE")
    assert reinvite.status == 200 and "m=audio" in reinvite.body
    assert not call.ended.is_set()


async def test_a_renegotiation_without_our_codecs_leaves_the_call(phone: Phone, desk: Desk) -> None:
    call, tag = await answered(phone, desk)
    body = OFFER.replace("RTP/AVP 8 0 101", "RTP/AVP 18")
    phone.send(phone.invite(cseq=2, branch="z9hG4bKre", to_tag=tag, body=body))
    assert (await phone.final("INVITE")).status == 488
    assert not call.ended.is_set()


async def test_an_update_before_the_answer_must_wait(phone: Phone, desk: Desk) -> None:
    """Their first offer has no answer yet: 500 with Retry-After (RFC 3311 section 5.2)."""
    phone.send(phone.invite())
    await desk.next()
    await phone.reply()
    tag = (await phone.reply()).to_tag
    phone.send(phone.message("UPDATE", cseq=2, branch="z9hG4bKup", to_tag=tag, body=OFFER))
    refused = await phone.final("UPDATE")
    assert refused.status == 500 and 0 <= int(refused.header("Retry-After")) <= 10
    phone.send(phone.message("UPDATE", cseq=3, branch="z9hG4bKno", to_tag=tag))
    assert (await phone.final("UPDATE")).status == 200


async def test_a_request_out_of_order_is_500(phone: Phone, desk: Desk) -> None:
    call, tag = await answered(phone, desk, cseq=10)
    phone.send(phone.message("BYE", cseq=9, branch="z9hG4bKold", to_tag=tag))
    assert (await phone.final("BYE")).status == 500
    assert not call.ended.is_set()


async def test_an_invite_without_an_offer_gets_ours(phone: Phone, desk: Desk) -> None:
    phone.send(phone.message("INVITE"))
    call = await desk.next()
    await call.answer()
    ok = await phone.final("INVITE")
    assert "RTP/AVP 8 0 9 107 101 102" in ok.body
    phone.send(phone.ack(ok, body=OFFER.replace("RTP/AVP 8 0 101", "RTP/AVP 0 101")))
    await asyncio.sleep(0.05)
    assert not call.ended.is_set()
    endpoint = call._voice.endpoint  # type: ignore[attr-defined]
    assert endpoint.codec == "PCMU"


async def test_an_offer_we_cannot_take_is_488(phone: Phone, desk: Desk) -> None:
    phone.send(phone.invite(body=OFFER.replace("RTP/AVP 8 0 101", "RTP/AVP 18 101")))
    call = await desk.next()
    with pytest.raises(OfferRefused):
        await call.answer()
    assert (await phone.final("INVITE")).status == 488
    assert call.ended.is_set()


async def test_a_multipart_body_is_read(phone: Phone, desk: Desk) -> None:
    body = (
        "--x\r\nContent-Type: application/sdp\r\n\r\n" + OFFER + "\r\n--x\r\n"
        "Content-Type: application/isup;version=itu-t92+\r\n\r\nabc\r\n--x--\r\n"
    )
    phone.send(phone.invite(body=body, content_type="multipart/mixed;boundary=x"))
    await (await desk.next()).answer()
    assert "RTP/AVP 8 101" in (await phone.final("INVITE")).body


@pytest.mark.parametrize("port", ["99999", "0", "-1", "65536", "5060x", ""])
async def test_a_port_that_cannot_be_kills_nothing(phone: Phone, desk: Desk, port: str) -> None:
    """asyncio closes the socket for good when it is told to send to port 99999."""
    via = f"SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bKport"
    phone.send(phone.invite(via=via, headers=(f"Record-Route: <sip:127.0.0.1:{port};lr>",)))
    await asyncio.sleep(0.05)
    assert await phone.is_answered()
    assert desk.calls == [] or port == ""


async def test_a_contact_that_cannot_be_reached_kills_nothing(phone: Phone, desk: Desk) -> None:
    contact = f"@127.0.0.1:{phone.address[1]}>"
    phone.send(phone.invite().replace(contact, "@127.0.0.1:99999>"))
    assert (await phone.final("INVITE")).status == 400
    assert await phone.is_answered()


async def test_a_contact_with_a_name_is_reached_where_it_called_from(
    phone: Phone, desk: Desk
) -> None:
    contact = f"@127.0.0.1:{phone.address[1]}>"
    parts: dict[str, Any] = {"call_id": "named", "branch": "z9hG4bKnamed"}
    phone.send(phone.invite(**parts).replace(contact, "@phone.invalid>"))
    call = await desk.next()
    await call.answer()
    phone.send(phone.ack(await phone.final("INVITE")))
    await asyncio.sleep(0.05)
    await call.hang_up()
    assert (await phone.request("BYE")).text.startswith("BYE sip:0199001122@phone.invalid ")


async def test_rport_brings_the_answer_to_the_real_port(phone: Phone) -> None:
    via = "SIP/2.0/UDP 10.0.0.9:5060;rport;branch=z9hG4bKnat"
    phone.send(phone.message("OPTIONS", via=via))
    top = (await phone.final("OPTIONS")).header("Via")
    assert f"rport={phone.address[1]}" in top and "received=127.0.0.1" in top


async def test_stopping_hangs_everybody_up(phone: Phone, desk: Desk, server: SipServer) -> None:
    call, _ = await answered(phone, desk)
    phone.send(phone.invite(call_id="call-2", branch="z9hG4bK2"))
    ringing = await desk.next()
    await server.stop()
    assert (call.ended_by, call.end_reason) == ("system", "server_stopped")
    assert (ringing.ended_by, ringing.end_reason) == ("system", "server_stopped")
    await phone.request("BYE")


async def test_only_the_trunk_may_call(desk: Desk) -> None:
    network = ipaddress.ip_network("192.0.2.0/24")
    server = SipServer(host="127.0.0.1", port=0, on_call=desk.take, trunks=[network])
    await server.start()
    phone = await Phone.open(server.address)
    phone.send(phone.invite())
    assert (await phone.final("INVITE")).status == 403
    phone.close()
    await server.stop()


async def test_more_calls_than_allowed_are_503(desk: Desk) -> None:
    server = SipServer(host="127.0.0.1", port=0, on_call=desk.take, max_calls=1)
    await server.start()
    phone = await Phone.open(server.address)
    phone.send(phone.invite())
    await desk.next()
    phone.send(phone.invite(call_id="call-2", branch="z9hG4bK2"))
    assert (await phone.final("INVITE")).status == 503
    phone.close()
    await server.stop()


async def test_nothing_is_kept_of_calls_that_ended(
    phone: Phone, desk: Desk, server: SipServer
) -> None:
    for number in range(5):
        parts = {"call_id": f"c{number}", "branch": f"z9hG4bK{number}"}
        call, tag = await answered(phone, desk, **parts)
        bye: dict[str, Any] = {**parts, "branch": f"z9hG4bKbye{number}"}
        phone.send(phone.message("BYE", cseq=2, to_tag=tag, **bye))
        await phone.final("BYE")
        await call.hang_up()
    await asyncio.sleep(64 * FAST.t1 + 1)
    assert len(udp(server).layer) == 0
    assert not server._kept


VALID = (
    "INVITE sip:0261910001@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5071;branch=z9hG4bKx\r\n"
    "Max-Forwards: 70\r\nFrom: <sip:a@127.0.0.1>;tag=a\r\nTo: <sip:0261910001@127.0.0.1>\r\n"
    "Call-ID: fuzz\r\nCSeq: 1 INVITE\r\nContact: <sip:a@127.0.0.1:5071>\r\n"
    f"Content-Type: application/sdp\r\nContent-Length: {len(OFFER)}\r\n\r\n{OFFER}"
).encode()


SPOILS = [b"", b"\r\n", b":", b"99999", b";", b'"', b"<", b"%", b"-1", b"\x00", b",", b"\xff"]


def mutate(data: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    for place, cut, insert in edits:
        at = place % (len(data) + 1)
        data = data[:at] + insert + data[at + cut :]
    return data


edits = st.lists(
    st.tuples(
        st.integers(0, 2000),
        st.integers(0, 40),
        st.one_of(
            st.binary(max_size=12),
            st.sampled_from(
                [b"\r\n", b":", b"99999", b";", b'"', b"<", b"%", b"-1", b"\x00", b","]
            ),
        ),
    ),
    min_size=1,
    max_size=8,
)


@given(edits)
@settings(max_examples=400)
def test_a_message_is_read_or_refused_but_never_breaks_the_reader(
    changes: list[tuple[int, int, bytes]],
) -> None:
    data = mutate(VALID, changes)
    try:
        message = parse_message(data)
    except SipSyntaxError:
        return
    if isinstance(message, SipRequest):
        status = 200
        try:
            check_request(message, data)
        except SipSyntaxError as error:
            status = error.status
        assert status in (200, 400, 416, 505)


async def test_no_datagram_deafens_the_server(phone: Phone, desk: Desk, server: SipServer) -> None:
    """Two thousand spoiled messages through the real socket; then a real call."""
    raised: list[object] = []
    asyncio.get_running_loop().set_exception_handler(
        lambda _loop, context: raised.append(context.get("exception"))
    )
    generator = random.Random(5)
    for number in range(2000):
        changes = [
            (
                generator.randrange(1200),
                generator.randrange(30),
                generator.choice(SPOILS),
            )
            for _ in range(generator.randrange(1, 6))
        ]
        data = mutate(VALID, changes) if number % 3 else generator.randbytes(number % 900)
        phone.send(data)
        if number % 100 == 99:
            await asyncio.sleep(0.01)
    while not phone.inbox.empty():
        phone.inbox.get_nowait()
    assert await phone.is_answered()
    desk.arrived = asyncio.Queue()
    await answered(phone, desk, call_id="after-all", branch="z9hG4bKafter")
    assert udp(server).is_open
    assert raised == []
