"""Callers let in by password: every way an answer to a challenge can be wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiosipua.auth import SipDigestAuth, build_credentials
from aiosipua.headers import parse_auth, stringify_auth
from aiosipua.message import SipRequest
from hypothesis import given
from hypothesis import strategies as st

from telephony.call import IncomingCall
from telephony.sip import SipServer
from telephony.sip.digest import NONCE_LIFE_S, Guard
from telephony.sip.transaction import Timers
from tests.telephony.phone import Phone

PASSWORD = "s3cret"


def request(*, challenge: str, password: str = PASSWORD, user: str = "carrier", count: int = 1,
            method: str = "INVITE") -> SipRequest:  # fmt: skip
    asked = SipRequest(method=method, uri="sip:0261910001@127.0.0.1")
    answer = build_credentials(
        SipDigestAuth(username=user, password=password),
        parse_auth(challenge), method, asked.uri, nonce_count=count,
    )  # fmt: skip
    assert answer is not None
    asked.headers.set_single("Authorization", stringify_auth(answer))
    return asked


@pytest.fixture
def guard() -> Guard:
    return Guard({"carrier": PASSWORD})


@pytest.mark.parametrize("which", [0, 1], ids=["SHA-256", "MD5"])
def test_the_right_answer_is_taken_once_a_count(guard: Guard, which: int) -> None:
    challenge = guard.challenges(1000)[which]
    first = request(challenge=challenge)
    assert guard.check(first, 1001) == "accepted"
    assert guard.check(first, 1002) == "stale"  # a copy by somebody who listened
    assert guard.check(request(challenge=challenge, count=2), 1003) == "accepted"
    assert guard.check(request(challenge=challenge, count=2), 1004) == "stale"


def test_wrong_answers(guard: Guard) -> None:
    challenge = guard.challenges(1000)[0]
    assert guard.check(SipRequest(method="INVITE", uri="sip:a@b"), 1000) == "absent"
    assert guard.check(request(challenge=challenge, password="x"), 1000) == "refused"
    assert guard.check(request(challenge=challenge, user="x"), 1000) == "refused"
    other = Guard({"carrier": PASSWORD}).challenges(1000)[0]
    assert guard.check(request(challenge=other), 1000) == "refused"
    assert guard.check(request(challenge=challenge.replace(' qop="auth",', "")), 1000) == "refused"
    stolen = request(challenge=challenge)
    stolen.method = "BYE"
    assert guard.check(stolen, 1000) == "refused"


def test_an_old_nonce_is_stale_only_for_who_knows_the_password(guard: Guard) -> None:
    challenge, late_s = guard.challenges(1000)[0], 1001 + NONCE_LIFE_S
    assert guard.check(request(challenge=challenge), late_s) == "stale"
    assert guard.check(request(challenge=challenge, password="x"), late_s) == "refused"
    assert all("stale=true" in value for value in guard.challenges(late_s, stale=True))


@given(st.text(st.characters(exclude_characters="\r\n"), max_size=120))
def test_nonsense_is_never_let_in(text: str) -> None:
    guard = Guard({"carrier": PASSWORD})
    asked = SipRequest(method="INVITE", uri="sip:a@b")
    for value in (text, f'Digest realm="souffleur", {text}'):
        asked.headers.set_single("Authorization", value)
        assert guard.check(asked, 0) in ("absent", "refused")


@pytest.fixture
async def arrived() -> asyncio.Queue[IncomingCall]:
    return asyncio.Queue()


@pytest.fixture
async def server(arrived: asyncio.Queue[IncomingCall]) -> AsyncIterator[SipServer]:
    async def on_call(call: IncomingCall) -> None:
        call.ring()
        arrived.put_nowait(call)

    server = SipServer(
        host="127.0.0.1", port=0, on_call=on_call, rtp_ports=(47500, 47599),
        trunks=[], passwords={"carrier": PASSWORD}, timers=Timers(t1=0.05, t2=0.4, t4=0.5),
    )  # fmt: skip
    await server.start()
    yield server
    await server.stop()


async def test_a_stranger_with_a_password_calls_and_hangs_up(
    server: SipServer, arrived: asyncio.Queue[IncomingCall]
) -> None:
    phone = await Phone.open(server.address)
    phone.send(phone.invite())
    asked = await phone.final("INVITE")
    assert asked.status == 401
    challenges = asked.headers("WWW-Authenticate")
    assert ["SHA-256" in challenges[0], "MD5" in challenges[1]] == [True, True]
    phone.send(phone.message("ACK", to_tag=asked.to_tag))
    answer = request(challenge=challenges[1]).get_header("authorization")
    phone.send(phone.invite(cseq=2, branch="z9hG4bKagain", headers=(f"Authorization: {answer}",)))
    call = await asyncio.wait_for(arrived.get(), 5)
    await call.answer()
    ok = await phone.final("INVITE")
    assert ok.status == 200
    phone.send(phone.ack(ok).replace("CSeq: 1", "CSeq: 2"))
    # Within the call no password is asked for: only who was answered knows its tags.
    phone.send(phone.message("BYE", cseq=3, branch="z9hG4bKbye", to_tag=ok.to_tag))
    assert (await phone.final("BYE")).status == 200
    phone.send(phone.message("BYE", cseq=4, branch="z9hG4bKbye2", to_tag="guessed"))
    assert (await phone.final("BYE")).status == 401
    phone.close()


async def test_a_stranger_with_a_wrong_password_is_asked_again(
    server: SipServer, arrived: asyncio.Queue[IncomingCall]
) -> None:
    phone = await Phone.open(server.address)
    phone.send(phone.invite())
    challenge = (await phone.final("INVITE")).headers("WWW-Authenticate")[0]
    wrong = request(challenge=challenge, password="x").get_header("authorization")
    phone.send(phone.invite(cseq=2, branch="z9hG4bKagain", headers=(f"Authorization: {wrong}",)))
    replies = {(await phone.final("INVITE")).status}
    assert replies == {401} and arrived.empty() and server.requests_refused == 1
    phone.close()
