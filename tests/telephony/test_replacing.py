"""Replaces (RFC 3891): what names a dialog, who may take its place, where an INVITE for it goes."""

from __future__ import annotations

import ipaddress
from urllib.parse import quote

import pytest
from aiosipua.message import SipRequest
from hypothesis import given
from hypothesis import strategies as st

from telephony.call import IncomingCall, OutgoingCall, Presented
from telephony.errors import CallFailed, SipSyntaxError
from telephony.sip.channel import TransportName
from telephony.sip.dialog import Dialog
from telephony.sip.referred import ReferTarget, refer_asked_for, replacing_headers
from telephony.sip.referrers import Referrers
from telephony.sip.registration import Target
from telephony.sip.replacing import Replaces, read_replaces, replaces_of
from telephony.sip.transaction import Timers
from tests.telephony.desk import Desk, answered
from tests.telephony.phone import Phone, Reply

PBX = ipaddress.ip_network("192.0.2.0/24")
TOKEN = st.text(alphabet="abcXYZ019-.!%*_+`'~", min_size=1, max_size=30)
CALL_ID = st.text(alphabet="abcXYZ019-.@<>[]", min_size=1, max_size=30)


@given(CALL_ID, TOKEN, TOKEN, st.booleans())
def test_what_is_written_is_read(call_id: str, ours: str, theirs: str, early: bool) -> None:
    named = Replaces(call_id=call_id, to_tag=ours, from_tag=theirs, early_only=early)
    assert read_replaces(str(named)) == named
    request = SipRequest(method="REFER", uri="sip:line@127.0.0.1")
    value = quote(str(named), safe="")
    request.headers.append("Refer-To", f"<sip:204@192.0.2.9:5070?Replaces={value}>")
    asked = refer_asked_for(request)
    assert asked is not None and asked.replaces == named
    assert (asked.uri, asked.number) == ("sip:204@192.0.2.9:5070", "204")


@given(st.text(max_size=60))
def test_what_is_read_is_whole(text: str) -> None:
    try:
        named = read_replaces(text)
    except SipSyntaxError:
        return
    assert all(not set(part) & set(" ;\r\n") for part in named.dialog)


@pytest.mark.parametrize(
    "value",
    [
        "a@b", "a@b;to-tag=1", "a@b;to-tag=1;from-tag=", "a@b;to-tag=1;to-tag=2;from-tag=3",
        ";to-tag=1;from-tag=2", "a b;to-tag=1;from-tag=2",
    ],
)  # fmt: skip
def test_half_a_dialog_is_none(value: str) -> None:
    with pytest.raises(SipSyntaxError):
        read_replaces(value)


@pytest.mark.parametrize("second", ["Replaces", "Join"])
def test_two_calls_to_replace_are_refused(second: str) -> None:
    request = SipRequest(method="INVITE", uri="sip:line@127.0.0.1")
    assert replaces_of(request) is None
    for name in ("Replaces", second):
        request.headers.append(name, "a;to-tag=1;from-tag=2")
    with pytest.raises(SipSyntaxError):
        replaces_of(request)


def test_whoever_knows_nothing_of_replaces_must_not_ring_anew() -> None:
    replaces = Replaces(call_id="a@b", to_tag="1", from_tag="2")
    target = ReferTarget(
        number="", uri="sip:pbx@192.0.2.9", replaces=replaces, referred_by="<sip:201@192.0.2.1>"
    )
    assert replacing_headers(target) == {
        "Replaces": "a@b;to-tag=1;from-tag=2",
        "Require": "replaces",
        "Referred-By": "<sip:201@192.0.2.1>",
    }


@pytest.mark.parametrize(
    ("uri", "transport", "address"),
    [
        ("sip:204@192.0.2.9:5070", "TCP", ("192.0.2.9", 5070)),
        ("sip:204@192.0.2.9", "UDP", ("192.0.2.9", 5060)),
        ("sip:204@192.0.2.9;transport=udp", "UDP", ("192.0.2.9", 5060)),
        ("sips:204@192.0.2.9", "TLS", ("192.0.2.9", 5061)),
        ("sip:204@198.51.100.7", "TCP", ("192.0.2.1", 5066)),
        ("sip:204@pbx.example.com", "TCP", ("192.0.2.1", 5066)),
    ],
)
async def test_an_invite_goes_nowhere_but_to_networks_that_were_named(
    uri: str, transport: str, address: tuple[str, int]
) -> None:
    went: list[Target] = []

    async def dial_into(
        target: ReferTarget, at: Target, presented: Presented, prefer: object
    ) -> OutgoingCall:
        del target, presented, prefer
        went.append(at)
        raise CallFailed("busy")

    asking = Dialog(
        call_id="c", local_tag="l", remote_tag="r", local_address="", remote_address="",
        remote_target="sip:201@198.51.100.7", route_set=(), remote_sequence=1,
        source=("192.0.2.1", 5066),
    )  # fmt: skip
    target = ReferTarget(
        number="204", uri=uri, replaces=Replaces(call_id="a", to_tag="1", from_tag="2")
    )
    came_by: TransportName = "TCP" if transport == "TCP" else "UDP"
    with pytest.raises(CallFailed):
        await Referrers([PBX], dial_into=dial_into).join(
            target, asking, came_by, Presented(number=None), None
        )
    (at,) = went
    assert (at.transport, at.address) == (transport, address)


# INVITE with Replaces


@pytest.fixture
def timers() -> Timers:
    return Timers()


@pytest.fixture
def referrers() -> list[ipaddress.IPv4Network]:
    return [ipaddress.IPv4Network("127.0.0.0/8")]


async def named_call(phone: Phone, desk: Desk) -> tuple[IncomingCall, str]:
    """A call that is answered, and how it is named."""
    call, tag = await answered(phone, desk)
    return call, f"call-1;to-tag={tag};from-tag=mine"


async def comes(phone: Phone, *headers: str, number: int = 2) -> Reply:
    """The final answer to an INVITE that has these headers."""
    phone.send(
        phone.invite(
            call_id=f"call-{number}", branch=f"z9hG4bKnew{number}", from_tag="other",
            headers=headers,
        )
    )  # fmt: skip
    return await phone.final("INVITE", call_id=f"call-{number}")


async def test_somebody_else_takes_the_callers_place(phone: Phone, desk: Desk) -> None:
    call, named = await named_call(phone, desk)
    came: list[IncomingCall] = []

    def listen(coming: IncomingCall) -> None:
        came.append(coming)
        coming.ring()

    call.on_replaced = listen
    phone.send(
        phone.invite(
            call_id="call-2", branch="z9hG4bKnew", from_tag="other",
            headers=(f"Replaces: {named}", "Require: replaces"),
        )
    )  # fmt: skip
    while (ringing := await phone.reply()).status != 180:
        assert ringing.status == 100
    await came[0].answer()
    ok = await phone.final("INVITE", call_id="call-2")
    assert ok.status == 200 and "replaces" in ok.header("Supported")
    await call.hang_up(by="system", reason="moved")
    assert (await phone.request("BYE")).header("Call-ID") == "call-1"
    assert not came[0].ended.is_set() and desk.calls == [call], "it never rang"


async def test_who_takes_nobodys_place_is_refused(phone: Phone, desk: Desk) -> None:
    call, named = await named_call(phone, desk)
    assert (await comes(phone, f"Replaces: {named}")).status == 603, "nobody listens"
    call.on_replaced = lambda coming: coming.refuse(500, "never")
    unknown = "call-1;to-tag=x;from-tag=mine"
    for number, (status, headers) in enumerate(
        (
            (481, (f"Replaces: {unknown}",)),
            (486, (f"Replaces: {named};early-only",)),
            (400, ("Replaces: call-1",)),
            (400, (f"Replaces: {named}", f"Replaces: {named}")),
        ),
        start=3,
    ):
        assert (await comes(phone, *headers, number=number)).status == status
    assert not call.ended.is_set()
    await call.hang_up()
    assert (await comes(phone, f"Replaces: {named}", number=9)).status == 481, "it is over"


@pytest.mark.parametrize("referrers", [[PBX]])
async def test_a_network_that_may_not_is_refused(phone: Phone, desk: Desk) -> None:
    call, named = await named_call(phone, desk)
    call.on_replaced = lambda coming: coming.refuse(500, "never")
    refused = await comes(phone, f"Replaces: {named}")
    assert refused.status == 403
    assert not call.ended.is_set()
