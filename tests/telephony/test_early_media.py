"""Heard before the answer: 183 with a description, acknowledged where the caller can."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import numpy as np
import pytest

from telephony.announcement import Piece
from telephony.bridge import Bridge
from telephony.call import IncomingCall
from telephony.errors import CallOver, OfferRefused
from telephony.resampling import Interpolator
from telephony.sip import SipServer
from telephony.sip.transaction import Timers
from telephony.tone import ringing
from tests.telephony.desk import Desk
from tests.telephony.phone import OFFER, Phone, Reply
from tests.telephony.softphone import baresip
from tests.telephony.speech import OPERATOR_SAYS, likeness, read_prompt, write_wav


@pytest.fixture
def timers() -> Timers:
    return Timers()


async def progress(phone: Phone) -> Reply:
    reply = await phone.reply()
    while reply.status != 183:
        reply = await phone.reply()
    return reply


async def test_the_183_answers_the_offer_and_the_200_says_the_same(
    phone: Phone, desk: Desk
) -> None:
    phone.send(phone.invite())
    call = await desk.next()
    endpoint = await call.early()
    early = await progress(phone)
    assert "m=audio" in early.body
    assert not early.header("Require")
    assert await call.early() is endpoint
    assert await call.answer() is endpoint
    final = await phone.final("INVITE")
    assert (final.status, final.body) == (200, early.body)
    phone.send(phone.ack(final))
    with pytest.raises(CallOver):
        await call.early()


async def test_the_answer_waits_for_the_acknowledgement_of_the_183(
    phone: Phone, desk: Desk
) -> None:
    phone.send(phone.invite(headers=("Supported: timer, 100rel",)))
    call = await desk.next()
    await call.early()
    early = await progress(phone)
    again = await progress(phone)
    assert early.header("RSeq") == again.header("RSeq") != ""
    answering = asyncio.create_task(call.answer())
    third = await progress(phone)
    assert not answering.done(), "a 200 before the PRACK"
    rack = (f"RAck: {third.header('RSeq')} 1 INVITE",)
    phone.send(phone.message("PRACK", cseq=2, branch="z9hG4bKp", headers=rack,
                             to_tag=third.to_tag))  # fmt: skip
    assert (await phone.final("PRACK")).status == 200
    assert (await phone.final("INVITE")).status == 200
    await answering


async def confirmed_early(phone: Phone, desk: Desk, prack_body: str = "") -> tuple[str, Reply]:
    """A call heard early whose 183 was acknowledged: its tag, and the answer to the PRACK."""
    phone.send(phone.invite(headers=("Supported: 100rel",)))
    call = await desk.next()
    await call.early()
    early = await progress(phone)
    rack = (f"RAck: {early.header('RSeq')} 1 INVITE",)
    phone.send(phone.message("PRACK", cseq=2, branch="z9hG4bKp", headers=rack,
                             to_tag=early.to_tag, body=prack_body))  # fmt: skip
    return early.to_tag, await phone.final("PRACK")


MOVED = OFFER.replace("40000", "40002").replace("sendrecv", "sendonly").replace("- 1 1", "- 1 2")


async def test_an_offer_in_the_acknowledgement_is_answered_there(phone: Phone, desk: Desk) -> None:
    """RFC 3262 section 5."""
    _, answer = await confirmed_early(phone, desk, MOVED)
    assert answer.status == 200
    assert "m=audio" in answer.body and "a=recvonly" in answer.body


async def test_an_offer_that_cannot_be_taken_leaves_what_was_agreed(
    phone: Phone, desk: Desk
) -> None:
    _, answer = await confirmed_early(phone, desk, OFFER.replace("RTP/AVP 8 0 101", "RTP/AVP 18"))
    assert answer.status == 488
    (call,) = desk.calls
    await call.answer()
    assert (await phone.final("INVITE")).status == 200


async def test_an_update_changes_what_is_heard_early_and_the_200_says_so(
    phone: Phone, desk: Desk
) -> None:
    """RFC 3311 section 5.2: once the early answer is known to have arrived."""
    tag, _ = await confirmed_early(phone, desk)
    phone.send(phone.message("UPDATE", cseq=3, branch="z9hG4bKu", to_tag=tag, body=MOVED))
    changed = await phone.final("UPDATE")
    assert changed.status == 200 and "a=recvonly" in changed.body
    (call,) = desk.calls
    await call.answer()
    final = await phone.final("INVITE")
    assert (final.status, final.body) == (200, changed.body)


async def test_a_caller_who_acknowledges_nothing_is_refused_and_the_answer_does_not_hang(
    phone: Phone, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("telephony.sip.reliable.GIVE_UP_S", 1.0)
    phone.send(phone.invite(headers=("Supported: 100rel",)))
    call = await desk.next()
    await call.early()
    with pytest.raises(CallOver):
        await call.answer()
    assert (await phone.final("INVITE")).status == 504


async def test_without_an_offer_nothing_is_heard_early_and_the_call_goes_on(
    phone: Phone, desk: Desk
) -> None:
    phone.send(phone.invite(body=""))
    call = await desk.next()
    with pytest.raises(OfferRefused):
        await call.early()
    await call.answer()
    assert (await phone.final("INVITE")).status == 200


async def test_giving_up_while_it_plays_frees_the_media(
    phone: Phone, desk: Desk, server: SipServer
) -> None:
    phone.send(phone.invite())
    call = await desk.next()
    endpoint = await call.early()
    bridge = Bridge(endpoint)
    playing = bridge.play("caller", ringing())
    await progress(phone)
    phone.send(phone.message("CANCEL", cseq_method="CANCEL"))
    assert (await phone.final("INVITE")).status == 487
    await asyncio.wait_for(call.ended.wait(), 5)
    assert endpoint.ended.is_set()
    await bridge.close()
    assert await playing.finished() is False
    with pytest.raises(CallOver):
        await call.answer()


async def test_a_refusal_can_say_when_to_call_again(phone: Phone, desk: Desk) -> None:
    phone.send(phone.invite())
    call = await desk.next()
    call.refuse(503, "Too Many Waiting", retry_after_s=30)
    refused = await phone.final("INVITE")
    assert (refused.status, refused.header("Retry-After")) == (503, "30")


@pytest.mark.peer
@pytest.mark.skipif(shutil.which("baresip") is None, reason="baresip-core is not installed")
async def test_baresip_hears_the_greeting_before_the_answer(tmp_path: Path) -> None:
    """The greeting, early, then a voice after the answer: one unbroken stream at the telephone."""
    greeting = read_prompt(OPERATOR_SAYS, seconds=2)
    calls: asyncio.Queue[IncomingCall] = asyncio.Queue()
    greeted = asyncio.Event()

    async def take(call: IncomingCall) -> None:
        calls.put_nowait(call)
        bridge = Bridge(await call.early())
        try:
            piece = Piece(Interpolator(2).take(greeting))
            assert await bridge.play("caller", piece).finished()
            greeted.set()
            await call.answer()
            assert await bridge.play("caller", piece).finished()
            await call.hang_up()
        finally:
            await bridge.close()

    server = SipServer(host="127.0.0.1", port=0, on_call=take, rtp_ports=(46000, 46999))
    await server.start()
    microphone = write_wav(tmp_path / "mic.wav", np.zeros(160_000, np.int16))
    try:
        async with baresip(tmp_path, microphone, "PCMA") as phone:
            await phone.command("dial", f"sip:0261910001@127.0.0.1:{server.address[1]}")
            call = await asyncio.wait_for(calls.get(), 15)
            await asyncio.wait_for(greeted.wait(), 10)
            assert not call.ended.is_set()
            await asyncio.wait_for(call.ended.wait(), 15)
            heard = phone.heard()
    finally:
        await server.stop()
    middle = len(heard) // 2
    assert likeness(greeting[4000:], heard[: middle + 4000]) > 0.85, "early"
    assert likeness(greeting[4000:], heard[middle - 4000 :]) > 0.85, "after the answer"
