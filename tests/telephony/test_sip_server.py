"""The call server against a telephone of raw datagrams: each fault seen in the stacks tried."""

from __future__ import annotations

import asyncio
import ipaddress
import random
from typing import Any

import pytest

from telephony.errors import CallOver
from telephony.rtp import RtpEndpoint
from telephony.sip import SipServer
from tests.telephony.desk import FAST, Desk, answered
from tests.telephony.phone import OFFER, Phone, udp


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
