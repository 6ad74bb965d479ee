"""Calls that go out to real SIP user agents: SIPp for every turn, baresip for the voice."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from telephony.call import Presented
from telephony.errors import CallFailed
from telephony.sip import SipServer
from telephony.sip.dialler import OutgoingPolicy
from telephony.sip.gateway import Gateway
from telephony.sip.outgoing import PlacedCall
from telephony.sip.transaction import Timers
from tests.telephony.sipp import Await, Pause, Say, Step, sipp_called

NUMBER = "+33261910044"
CLIENT = Presented(number="+33199001122", name="Étude Exemple")
RINGING, OK = Say(line="180 Ringing"), Say(line="200 OK")
ANSWER = Say(line="200 OK", sdp="sendrecv")

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(shutil.which("sipp") is None, reason="sip-tester is not installed"),
]


@contextlib.asynccontextmanager
async def calling(port: int, **gateway: Any) -> AsyncIterator[SipServer]:
    """A line whose calls go out to this port."""

    async def refuse(call: Any) -> None:
        call.refuse(404, "Not Found")

    way = Gateway(name="peer", servers=(f"sip:127.0.0.1:{port}",), **gateway)
    server = SipServer(
        host="127.0.0.1", port=0, on_call=refuse, rtp_ports=(48000, 48499),
        outgoing=OutgoingPolicy(gateways=(way,)), timers=Timers(t1=0.1),
    )  # fmt: skip
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@contextlib.asynccontextmanager
async def called(
    tmp_path: Path, *steps: Step, ring_s: float | None = None, **gateway: Any
) -> AsyncIterator[PlacedCall]:
    """A call of ours to a SIPp that does this; its scenario has come true at the end."""
    async with sipp_called(tmp_path, *steps) as peer, calling(peer.port, **gateway) as server:
        call = await server.dial(NUMBER, presented=CLIENT, ring_s=ring_s)
        yield call
        await peer.done()
        assert server.calls == 0


async def answered(call: PlacedCall) -> None:
    await asyncio.wait_for(call.answered(), 10)


async def ended(call: PlacedCall) -> str:
    await asyncio.wait_for(call.ended.wait(), 10)
    return call.end_reason


BYE_BY_US: tuple[Step, ...] = (Await(what="BYE"), OK)
BYE_BY_THEM: tuple[Step, ...] = (Say(line="BYE", cseq="9 BYE"), "200")


async def test_a_call_is_answered_and_ended_by_us(tmp_path: Path) -> None:
    async with called(tmp_path, "INVITE", RINGING, ANSWER, "ACK", *BYE_BY_US) as call:
        await answered(call)
        await call.hang_up()
        assert call.end_reason == "hung_up"


async def test_a_call_is_answered_and_ended_by_them(tmp_path: Path) -> None:
    async with called(tmp_path, "INVITE", RINGING, ANSWER, "ACK", *BYE_BY_THEM) as call:
        await answered(call)
        assert await ended(call) == "hung_up"
        assert call.ended_by == "caller"


@pytest.mark.parametrize(
    ("status", "reason"), [("486 Busy Here", "busy"), ("603 Decline", "declined")]
)
async def test_a_call_is_refused(tmp_path: Path, status: str, reason: str) -> None:
    async with called(tmp_path, "INVITE", RINGING, Say(line=status), "ACK") as call:
        with pytest.raises(CallFailed) as failed:
            await answered(call)
        assert failed.value.reason == reason


async def test_nobody_answers_in_time(tmp_path: Path) -> None:
    gone = Say(line="487 Request Terminated", cseq="1 INVITE")
    steps: tuple[Step, ...] = ("INVITE", RINGING, "CANCEL", OK, gone, "ACK")
    async with called(tmp_path, *steps, ring_s=0.5) as call:
        assert await ended(call) == "no_answer"


async def test_an_answer_crosses_our_cancel(tmp_path: Path) -> None:
    late = Say(line="200 OK", cseq="1 INVITE", sdp="sendrecv")
    steps: tuple[Step, ...] = ("INVITE", RINGING, "CANCEL", OK, late, "ACK", *BYE_BY_US)
    async with called(tmp_path, *steps) as call:
        await asyncio.wait_for(call.ringing.wait(), 10)
        await call.hang_up()
        assert call.end_reason == "cancelled"


async def test_a_proxy_asks_for_the_password(tmp_path: Path) -> None:
    challenge = 'Proxy-Authenticate: Digest realm="carrier", nonce="n1", qop="auth", algorithm=MD5'
    asks = Say(line="407 Proxy Authentication Required", headers=(challenge,))
    proven = ('Proxy-Authorization: Digest .*username="us"', "CSeq: 2 INVITE")
    steps: tuple[Step, ...] = (
        "INVITE", asks, "ACK", Await(what="INVITE", matching=proven), ANSWER, "ACK", *BYE_BY_US,
    )  # fmt: skip
    async with called(tmp_path, *steps, user="us", password="secret") as call:
        await answered(call)
        await call.hang_up()


async def test_early_media_is_confirmed_changed_and_answered(tmp_path: Path) -> None:
    """183 reliable with their answer, PRACK, an UPDATE with a new offer (RFC 3311), then a 200
    that repeats the first description, which is not to be taken for a new one (13.2.1)."""
    early = Say(line="183 Session Progress", headers=("Require: 100rel", "RSeq: 7"), sdp="sendrecv")
    update = Say(line="UPDATE", cseq="5 UPDATE", sdp="sendonly", version=2)
    taken = Await(what="200", matching=("CSeq: 5 UPDATE", "a=recvonly"))
    late = Say(line="200 OK", cseq="1 INVITE", sdp="sendrecv")
    confirmed = Await(what="PRACK", matching=("7 1 INVITE",))
    async with called(
        tmp_path, "INVITE", early, confirmed, OK, update, taken, late, "ACK", *BYE_BY_THEM
    ) as call:
        await asyncio.wait_for(call.early_media.wait(), 10)
        await answered(call)
        assert await ended(call) == "hung_up"
        remote = call._voice.remote
        assert remote is not None and remote.direction == "sendonly"


async def test_an_update_before_anything_was_agreed_must_wait(tmp_path: Path) -> None:
    update = Say(line="UPDATE", cseq="5 UPDATE", sdp="sendrecv", version=2)
    refresh = Say(line="UPDATE", cseq="6 UPDATE")
    late = Say(line="200 OK", cseq="1 INVITE", sdp="sendrecv")
    async with called(
        tmp_path, "INVITE", RINGING, update, "491", refresh, "200", late, "ACK", *BYE_BY_THEM
    ) as call:
        await answered(call)
        assert await ended(call) == "hung_up"


async def test_who_was_called_holds_and_resumes(tmp_path: Path) -> None:
    def again(direction: str, back: str, number: int) -> tuple[Step, ...]:
        return (
            Say(line="INVITE", cseq=f"{number} INVITE", sdp=direction, version=number),
            Await(what="200", matching=(f"a={back}",)),
            Say(line="ACK", cseq=f"{number} ACK"),
        )

    held, resumed = again("sendonly", "recvonly", 3), again("sendrecv", "sendrecv", 4)
    async with called(
        tmp_path, "INVITE", ANSWER, "ACK", *held, Pause(milliseconds=100), *resumed, *BYE_BY_THEM
    ) as call:
        await answered(call)
        assert await ended(call) == "hung_up"


async def test_we_hold_and_resume_who_was_called(tmp_path: Path) -> None:
    def again(direction: str, back: str) -> tuple[Step, ...]:
        return (
            Await(what="INVITE", matching=(f"a={direction}",)),
            Say(line="200 OK", sdp=back),
            "ACK",
        )

    steps = (*again("sendonly", "recvonly"), *again("sendrecv", "sendrecv"))
    async with called(tmp_path, "INVITE", ANSWER, "ACK", *steps, *BYE_BY_US) as call:
        await answered(call)
        await call.hold(True)
        await call.hold(False)
        await call.hang_up()


async def test_who_was_called_asks_us_to_call_somebody_else(tmp_path: Path) -> None:
    """Where our calls go is ours to decide, unless this network may say so."""
    refer = Say(line="REFER", cseq="3 REFER", headers=("Refer-To: <sip:0891234567@127.0.0.1>",))
    async with called(tmp_path, "INVITE", ANSWER, "ACK", refer, "405", *BYE_BY_THEM) as call:
        await answered(call)
        assert await ended(call) == "hung_up"
