"""Calls that go out: raw datagrams of who is called, so that every turn can be tried."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.call import Presented
from telephony.dialplan import DialPlan, NumberClass, number_class
from telephony.errors import CallFailed, CallOver, LinesBusy, NumberBarred
from telephony.sip import SipServer
from telephony.sip.dialler import OutgoingPolicy
from telephony.sip.gateway import Gateway
from telephony.sip.outgoing import PlacedCall
from telephony.sip.transaction import Timers
from tests.telephony.phone import OFFER, Phone, Reply, udp
from tests.telephony.test_session import reply_to

NUMBER = "+33261910044"
CLIENT = Presented(number="+33199001122", name="Étude Exemple")


async def refuse(call: Any) -> None:
    call.refuse(404, "Not Found")


class Callee:
    """A telephone that is called, and the line that calls it."""

    def __init__(self, server: SipServer, phone: Phone) -> None:
        self.server, self.phone = server, phone

    async def called(self, **options: Any) -> tuple[PlacedCall, Reply]:
        call = await self.server.dial(NUMBER, presented=CLIENT, **options)
        return call, await self.phone.request("INVITE")

    def answer(self, invite: Reply, status: str, *headers: str, tag: str = "", sdp: bool = False):  # type: ignore[no-untyped-def]
        host, port = self.phone.address
        contact = f"Contact: <sip:called@{host}:{port}>"
        text = reply_to(invite, status, contact, *headers, body=OFFER if sdp else "")
        if tag:
            text = re.sub(r"(?m)^(To: [^\r]*)", rf"\1;tag={tag}", text, count=1)
        self.phone.send(text)

    async def talking(self, **options: Any) -> tuple[PlacedCall, Reply]:
        call, invite = await self.called(**options)
        self.answer(invite, "200 OK", tag="one", sdp=True)
        await asyncio.wait_for(call.answered(), 5)
        await self.phone.request("ACK")
        return call, invite


@asynccontextmanager
async def line(*gateways: Gateway, phone: Phone, **options: Any) -> AsyncIterator[Callee]:
    server = SipServer(
        host="127.0.0.1", port=0, on_call=refuse, rtp_ports=(47000, 47499),
        outgoing=OutgoingPolicy(gateways=gateways, **options), timers=Timers(t1=0.05),
    )  # fmt: skip
    await server.start()
    phone.server = server.address
    try:
        yield Callee(server, phone)
    finally:
        await server.stop()


def gateway(phone: Phone, **parts: Any) -> Gateway:
    return Gateway(name="trunk", servers=(f"sip:127.0.0.1:{phone.address[1]}",), **parts)


@pytest.fixture
async def phone() -> AsyncIterator[Phone]:
    phone = await Phone.open(("127.0.0.1", 9))
    yield phone
    phone.close()


@pytest.fixture
async def callee(phone: Phone) -> AsyncIterator[Callee]:
    async with line(gateway(phone), phone=phone, max_calls=2) as callee:
        yield callee


async def test_a_call_is_placed_answered_and_ended_by_us(callee: Callee) -> None:
    call, invite = await callee.called()
    assert invite.text.startswith(f"INVITE sip:{NUMBER}@127.0.0.1 SIP/2.0")
    assert invite.header("From").startswith('"Étude Exemple" <sip:+33199001122@127.0.0.1>;tag=')
    assert invite.header("P-Asserted-Identity") == "<sip:+33199001122@127.0.0.1>"
    callee.answer(invite, "180 Ringing", tag="one")
    await asyncio.wait_for(call.ringing.wait(), 5)
    callee.answer(invite, "200 OK", tag="one", sdp=True)
    endpoint = await asyncio.wait_for(call.answered(), 5)
    ack = await callee.phone.request("ACK")
    assert ack.header("CSeq") == "1 ACK" and ";tag=one" in ack.header("To")
    assert endpoint.codec == "PCMA"
    await call.hang_up()
    bye = await callee.phone.request("BYE")
    assert bye.text.startswith(f"BYE sip:called@127.0.0.1:{callee.phone.address[1]} ")
    assert bye.header("CSeq") == "2 BYE"
    assert (call.ended_by, call.end_reason, callee.server.calls) == ("operator", "hung_up", 0)


async def test_who_is_called_hangs_up(callee: Callee) -> None:
    call, invite = await callee.talking()
    tag = re.search(r"tag=(\S+)", invite.header("From"))
    assert tag
    callee.phone.send(
        callee.phone.message(
            "BYE", call_id=invite.header("Call-ID"), from_tag="one", to_tag=tag[1], cseq=7
        )
    )
    assert (await callee.phone.final("BYE")).status == 200
    assert (call.ended_by, call.end_reason) == ("caller", "hung_up")


async def test_a_repeated_answer_is_acknowledged_again(callee: Callee) -> None:
    call, invite = await callee.talking()
    callee.answer(invite, "200 OK", tag="one", sdp=True)
    assert (await callee.phone.request("ACK")).header("CSeq") == "1 ACK"
    assert not call.ended.is_set()


async def test_the_second_answer_of_a_fork_is_acknowledged_and_ended(callee: Callee) -> None:
    call, invite = await callee.talking()
    for _ in range(2):  # its copy too
        callee.answer(invite, "200 OK", tag="two", sdp=True)
        assert ";tag=two" in (await callee.phone.request("ACK")).header("To")
    bye = await callee.phone.request("BYE")
    assert ";tag=two" in bye.header("To")
    assert not call.ended.is_set()


@pytest.mark.parametrize("status", [401, 407])
async def test_a_challenge_is_answered_once(phone: Phone, status: int) -> None:
    asking, answering = (
        ("WWW-Authenticate", "Authorization")
        if status == 401
        else ("Proxy-Authenticate", "Proxy-Authorization")
    )
    challenge = f'{asking}: Digest realm="carrier", nonce="n1", qop="auth", algorithm=SHA-256'
    async with line(gateway(phone, user="us", password="secret"), phone=phone) as callee:
        call, first = await callee.called()
        assert not first.header(answering)
        callee.answer(first, f"{status} Who Is It", challenge, tag="proxy")
        second = await phone.request("INVITE")
        assert 'username="us"' in second.header(answering)
        assert second.header("CSeq") == "2 INVITE"
        assert second.header("Call-ID") == first.header("Call-ID")
        callee.answer(second, "200 OK", tag="one", sdp=True)
        await asyncio.wait_for(call.answered(), 5)
        while (ack := await phone.request("ACK")).header("CSeq") != "2 ACK":
            pass
        assert 'username="us"' in ack.header(answering)
        await call.hang_up()


async def test_a_refused_password_ends_the_call(phone: Phone) -> None:
    challenge = 'WWW-Authenticate: Digest realm="carrier", nonce="n1", qop="auth"'
    async with line(gateway(phone, user="us", password="wrong"), phone=phone) as callee:
        call, first = await callee.called()
        callee.answer(first, "401 Who", challenge, tag="p")
        callee.answer(await phone.request("INVITE"), "401 Who", challenge, tag="p")
        with pytest.raises(CallFailed) as failed:
            await asyncio.wait_for(call.answered(), 5)
        assert (failed.value.reason, failed.value.status) == ("forbidden", 401)


async def test_a_call_is_cancelled_only_once_it_was_heard_of(callee: Callee) -> None:
    call, invite = await callee.called()
    await call.hang_up()
    assert call.end_reason == "cancelled"
    callee.answer(invite, "180 Ringing", tag="one")
    cancel = await callee.phone.request("CANCEL")
    assert cancel.header("Via") == invite.header("Via")
    assert cancel.header("CSeq") == "1 CANCEL"
    with pytest.raises(CallOver):
        await call.answered()


async def test_an_answer_that_crosses_the_cancel_is_ended(callee: Callee) -> None:
    call, invite = await callee.called()
    callee.answer(invite, "180 Ringing", tag="one")
    await asyncio.wait_for(call.ringing.wait(), 5)
    await call.hang_up()
    callee.answer(invite, "200 OK", tag="one", sdp=True)
    assert ";tag=one" in (await callee.phone.request("ACK")).header("To")
    assert ";tag=one" in (await callee.phone.request("BYE")).header("To")


async def test_a_cancelled_call_that_is_never_answered_is_forgotten(callee: Callee) -> None:
    call, invite = await callee.called()
    callee.answer(invite, "180 Ringing", tag="one")
    await asyncio.wait_for(call.ringing.wait(), 5)
    await call.hang_up()
    async with asyncio.timeout(10):
        while udp(callee.server).layer._clients:  # noqa: ASYNC110 (nothing tells it)
            await asyncio.sleep(0.05)


async def test_reliable_early_media_is_confirmed_and_heard(callee: Callee) -> None:
    call, invite = await callee.called()
    reliable = ("Require: 100rel", "RSeq: 17")
    for _ in range(2):  # the copy is not confirmed twice
        callee.answer(invite, "183 Session Progress", *reliable, tag="one", sdp=True)
    prack = await callee.phone.request("PRACK")
    assert prack.header("RAck") == "17 1 INVITE"
    callee.phone.send(reply_to(prack, "200 OK"))
    await asyncio.wait_for(call.early_media.wait(), 5)
    callee.answer(invite, "200 OK", tag="one")  # its answer was in the 183
    await asyncio.wait_for(call.answered(), 5)
    await call.hang_up()
    bye = await callee.phone.request("BYE")
    assert bye.header("CSeq") == "3 BYE"


@pytest.mark.parametrize(
    ("status", "header", "reason"),
    [
        ("486 Busy Here", "", "busy"),
        ("600 Busy Everywhere", "", "busy"),
        ("480 Temporarily Unavailable", "", "no_answer"),
        ("404 Not Found", "", "unknown_number"),
        ("484 Address Incomplete", "", "unknown_number"),
        ("603 Decline", "", "declined"),
        ("403 Forbidden", "", "forbidden"),
        ("488 Not Acceptable Here", "", "no_media"),
        ("302 Moved", "", "redirected"),
        ("503 Service Unavailable", "", "unreachable"),
        ("480 Temporarily Unavailable", "Reason: Q.850;cause=17;text=busy", "busy"),
        ("500 Server Error", "Reason: Q.850 ;cause=1", "unknown_number"),
        ("499 Odd", "", "declined"),
    ],
)
async def test_why_nobody_was_reached(
    callee: Callee, status: str, header: str, reason: str
) -> None:
    call, invite = await callee.called()
    callee.answer(invite, status, *([header] if header else []), tag="one")
    with pytest.raises(CallFailed) as failed:
        await asyncio.wait_for(call.answered(), 5)
    assert failed.value.reason == reason == call.end_reason
    assert (await callee.phone.request("ACK")).header("CSeq") == "1 ACK"
    assert callee.server.calls == 0


async def test_it_rings_only_so_long(callee: Callee) -> None:
    call, invite = await callee.called(ring_s=0.3)
    callee.answer(invite, "180 Ringing", tag="one")
    with pytest.raises(CallFailed) as failed:
        await asyncio.wait_for(call.answered(), 5)
    assert failed.value.reason == "no_answer"
    await callee.phone.request("CANCEL")


async def test_an_answer_without_a_codec_we_know_is_ended(callee: Callee) -> None:
    call, invite = await callee.called()
    host, port = callee.phone.address
    odd = OFFER.replace("8 0 101", "3").replace("PCMA", "GSM").replace("PCMU", "GSM")
    text = reply_to(invite, "200 OK", f"Contact: <sip:c@{host}:{port}>", body=odd)
    callee.phone.send(re.sub(r"(?m)^(To: [^\r]*)", r"\1;tag=one", text, count=1))
    with pytest.raises(CallFailed) as failed:
        await asyncio.wait_for(call.answered(), 5)
    assert failed.value.reason == "no_media"
    await callee.phone.request("ACK")
    await callee.phone.request("BYE")


async def test_a_longer_interval_is_taken(callee: Callee) -> None:
    call, invite = await callee.called()
    assert invite.header("Session-Expires") == "1800"
    callee.answer(invite, "422 Too Small", "Min-SE: 3600", tag="p")
    again = await callee.phone.request("INVITE")
    assert (again.header("Session-Expires"), again.header("Min-SE")) == ("3600", "3600")
    callee.answer(again, "200 OK", "Session-Expires: 3600;refresher=uac", tag="one", sdp=True)
    await asyncio.wait_for(call.answered(), 5)
    assert call._session is not None and call._session.we_refresh


async def test_the_next_gateway_carries_what_the_first_cannot(phone: Phone) -> None:
    other = await Phone.open(("127.0.0.1", 9))
    try:
        async with line(gateway(other), gateway(phone), phone=phone) as callee:
            other.server = callee.server.address
            call = await callee.server.dial(NUMBER, presented=CLIENT)
            first = await other.request("INVITE")
            other.send(reply_to(first, "503 Service Unavailable"))
            callee.answer(await phone.request("INVITE"), "200 OK", tag="one", sdp=True)
            await asyncio.wait_for(call.answered(), 5)
            await phone.request("ACK")
    finally:
        other.close()


async def test_a_dead_gateway_is_told_within_its_time(phone: Phone) -> None:
    async with line(Gateway(name="dead", servers=("sip:127.0.0.1:9",)), phone=phone) as callee:
        call = await callee.server.dial(NUMBER, presented=CLIENT)
        with pytest.raises(CallFailed) as failed:
            await asyncio.wait_for(call.answered(), 10)
        assert failed.value.reason == "unreachable"


async def test_without_a_gateway_nothing_goes_out(phone: Phone) -> None:
    async with line(phone=phone) as callee:
        assert not callee.server.calls_out
        with pytest.raises(CallFailed):
            await callee.server.dial(NUMBER, presented=CLIENT)


async def test_only_so_many_calls_go_out_at_once(callee: Callee) -> None:
    calls = [await callee.server.dial(NUMBER, presented=CLIENT) for _ in range(2)]
    with pytest.raises(LinesBusy):
        await callee.server.dial(NUMBER, presented=CLIENT)
    await calls[0].hang_up()
    await callee.server.dial(NUMBER, presented=CLIENT)


async def test_a_barred_number_never_leaves(callee: Callee) -> None:
    with pytest.raises(NumberBarred):
        await callee.server.dial("+33899123456", presented=CLIENT)
    assert await callee.phone.falls_quiet(quiet_s=0.2)


async def test_a_diverted_and_a_hidden_caller_are_told_as_such(phone: Phone) -> None:
    async with line(gateway(phone, number_form="national"), phone=phone) as callee:
        diverted = Presented(
            number="+33639980001", asserted="+33199001122", diverted_from="+33199001122"
        )
        await callee.server.dial(NUMBER, presented=diverted)
        invite = await phone.request("INVITE")
        assert "<sip:0639980001@" in invite.header("From")
        assert "<sip:0199001122@" in invite.header("P-Asserted-Identity")
        assert invite.header("Diversion").startswith("<sip:0199001122@")
        hidden = Presented(number=None, asserted="+33199001122")
        await callee.server.dial(NUMBER, presented=hidden)
        while (invite := await phone.request("INVITE")).header("Privacy") != "id":
            pass
        assert "anonymous.invalid" in invite.header("From")


@pytest.mark.parametrize(
    ("number", "allowed"),
    [
        ("+33199001122", True), ("+33639980001", True), ("+33800123456", True),
        ("+33899123456", False), ("+33820123456", False), ("+442079460000", False),
        ("+33", False), ("112", False), ("3237", False), ("sip:a@b", False), ("", False),
    ],
)  # fmt: skip
def test_what_may_be_called(number: str, allowed: bool) -> None:
    if allowed:
        DialPlan().check(number)
        return
    with pytest.raises(NumberBarred):
        DialPlan().check(number)


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("+33899123456", "premium"), ("+33820123456", "shared_cost"), ("+33199001122", None),
        ("+33639980001", None), ("+33800123456", None), ("+449098790000", "premium"),
        ("+447012345678", "personal"), ("+8816123456789", "satellite"),
        ("+97912345678", "satellite"),
        ("+442079460000", None), ("204", None), ("+1", None),
    ],
)  # fmt: skip
def test_what_is_dear_is_barred_wherever_it_is(number: str, kind: NumberClass | None) -> None:
    assert number_class(number) == kind
    everywhere = DialPlan(allowed=("+", "204"), barred=())
    if kind is None and len(number) > 2:
        everywhere.check(number)
    elif kind is not None:
        with pytest.raises(NumberBarred):
            everywhere.check(number)
        DialPlan(allowed=("+",), barred=(), costly=frozenset({kind})).check(number)


def test_short_numbers_are_allowed_one_by_one_or_by_range() -> None:
    plan = DialPlan(allowed=("+33", "2*", "118"), barred=("201",))
    plan.check("204")
    plan.check("118")
    for number in ("201", "1181", "312"):
        with pytest.raises(NumberBarred):
            plan.check(number)


@given(st.text(alphabet="+0123456789", max_size=18))
def test_nothing_abroad_or_premium_is_ever_allowed(number: str) -> None:
    try:
        DialPlan().check(number)
    except NumberBarred:
        return
    assert number.startswith("+33")
    assert not number.startswith("+338") or number.startswith("+3380")


@pytest.mark.parametrize(
    ("form", "home", "abroad"),
    [
        ("e164", "+33199001122", "+3221234567"), ("plain", "33199001122", "3221234567"),
        ("international", "0033199001122", "003221234567"),
        ("national", "0199001122", "003221234567"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_the_carrier_wants(form: Any, home: str, abroad: str) -> None:
    plan = DialPlan()
    assert plan.written("+33199001122", form) == home
    assert plan.written("+3221234567", form) == abroad
    assert plan.written("204", form) == "204"
