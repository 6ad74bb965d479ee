"""Offers within and before a call: hold, refresh, another voice, none that we take."""

from __future__ import annotations

import asyncio

import pytest

from telephony.errors import OfferRefused
from tests.telephony.desk import Desk, answered
from tests.telephony.phone import OFFER, Phone


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
