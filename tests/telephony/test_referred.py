"""REFER from the other side: who may, what it may name, how it is told (RFC 3515)."""

from __future__ import annotations

import asyncio
import ipaddress

import pytest
from aiosipua.message import SipRequest
from hypothesis import given
from hypothesis import strategies as st

from telephony.call import Referred
from telephony.sip.referred import refer_asked_for
from telephony.sip.transaction import Timers
from tests.telephony.desk import Desk, talking
from tests.telephony.phone import Phone, Reply
from tests.telephony.test_session import reply_to

LOOPBACK = ipaddress.IPv4Network("127.0.0.0/8")


@pytest.fixture
def timers() -> Timers:
    return Timers()


@pytest.fixture
def referrers() -> list[ipaddress.IPv4Network]:
    return [LOOPBACK]


def refer(phone: Phone, ok: Reply, target: str, *, cseq: int) -> None:
    phone.send(
        phone.message(
            "REFER", cseq=cseq, branch=f"z9hG4bKrefer{cseq}", to_tag=ok.to_tag,
            headers=(f"Refer-To: {target}",),
        )
    )  # fmt: skip


async def notified(phone: Phone) -> Reply:
    notify = await phone.request("NOTIFY")
    phone.send(reply_to(notify, "200 OK"))
    return notify


async def test_how_it_goes_is_told_to_its_end(phone: Phone, desk: Desk) -> None:
    call, ok = await talking(phone, desk)
    assert "REFER" in ok.header("Allow")
    asked: list[Referred] = []
    call.on_referred = asked.append
    refer(phone, ok, "<sip:+33%203@x>", cseq=2)
    assert (await phone.final("REFER")).status == 400
    refer(phone, ok, "<sip:+33199005544;npdi=yes@pbx.example.com>", cseq=3)
    answer = await phone.final("REFER")
    assert answer.status == 202 and answer.header("Contact")
    trying = await notified(phone)
    assert trying.header("Event") == "refer"
    assert trying.header("Subscription-State").startswith("active")
    assert trying.header("Content-Type").startswith("message/sipfrag")
    assert trying.body == "SIP/2.0 100 Trying\r\n"
    (one,) = asked
    assert one.number == "+33199005544"
    refer(phone, ok, "<sip:204@pbx.example.com>", cseq=4)
    assert (await phone.final("REFER")).status == 491
    one.tell(180, "Ringing")
    assert (await notified(phone)).body.startswith("SIP/2.0 180")
    one.tell(486, "Busy Here")
    last = await notified(phone)
    assert last.header("Subscription-State") == "terminated;reason=noresource"
    one.tell(200, "OK")  # nothing more is said
    refer(phone, ok, "<tel:+33-1-99-00-55-44>", cseq=5)
    assert (await phone.final("REFER")).status == 202
    assert (await notified(phone)).header("Event") == "refer;id=5"
    assert asked[1].number == "+33199005544"
    assert not call.ended.is_set()


async def test_who_asks_and_hangs_up_is_told_nothing_more(phone: Phone, desk: Desk) -> None:
    call, ok = await talking(phone, desk)
    asked: list[Referred] = []
    call.on_referred = asked.append
    refer(phone, ok, "<sip:204@pbx.example.com>", cseq=2)
    await notified(phone)
    phone.send(phone.message("BYE", cseq=3, branch="z9hG4bKbye", to_tag=ok.to_tag))
    assert (await phone.final("BYE")).status == 200
    asked[0].tell(200, "OK")
    assert await phone.falls_quiet(quiet_s=0.2)


async def test_nobody_who_listens_declines(phone: Phone, desk: Desk) -> None:
    call, ok = await talking(phone, desk)
    refer(phone, ok, "<sip:204@pbx.example.com>", cseq=2)
    assert (await phone.final("REFER")).status == 603
    assert not call.ended.is_set()


@pytest.mark.parametrize("referrers", [[]])
async def test_a_network_that_may_not_is_refused(phone: Phone, desk: Desk) -> None:
    call, ok = await talking(phone, desk)
    call.on_referred = lambda asked: asyncio.get_running_loop().stop()
    assert "REFER" not in ok.header("Allow")
    refer(phone, ok, "<sip:204@pbx.example.com>", cseq=2)
    refused = await phone.final("REFER")
    assert refused.status == 405 and "REFER" not in refused.header("Allow")
    assert not call.ended.is_set()


def to(*targets: str) -> SipRequest:
    request = SipRequest(method="REFER", uri="sip:line@127.0.0.1")
    for target in targets:
        request.headers.append("Refer-To", target)
    return request


@pytest.mark.parametrize(
    "targets",
    [
        (), ("<sip:204@a>", "<sip:205@a>"), ("<sip:camille@a>",), ("<mailto:a@b>",), ("",),
        ("<sip:204@a?Replaces=x%3Bto-tag%3D1>",), ("<sip:204@a;method=BYE>",), ("<sip:a>",),
        ("<sip:204@a?Subject=x>",), ("<sip:204@a?>",),
    ],
)  # fmt: skip
def test_what_is_no_number_nor_dialog_is_none(targets: tuple[str, ...]) -> None:
    assert refer_asked_for(to(*targets)) is None


@given(st.text(alphabet=st.characters(exclude_characters="\r\n\0"), max_size=60))
def test_only_digits_ever_come_of_it(target: str) -> None:
    asked = refer_asked_for(to(target))
    assert asked is None or (asked.number.lstrip("+").isdigit() and asked.number.isascii())
