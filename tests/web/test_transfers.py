"""Transfers over HTTP: a SIP caller, a WebRTC operator, a SIP telephone that is called."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.telephony.callee import holds_tone, tone
from tests.web.callfloor import (
    CALLEE_HZ,
    CALLER_HZ,
    NUMBER,
    OPERATOR_HZ,
    bye,
    floor,
    long_tone,
)
from tests.web.running import DELORME_LINE, SUPERVISOR, next_board, next_event
from tests.web.test_waiting import upload, wav

ANNOUNCED_HZ, HOLD_HZ = 800.0, 1300.0


async def test_a_consulted_callee_gets_the_caller(tmp_path: Path) -> None:
    async with floor(tmp_path) as here:
        await here.transfer()
        await here.comes("dialling", mode="consult", number="+33199005544")
        await here.comes("consulting")
        await here.talk((here.operator, CALLEE_HZ), (here.callee, OPERATOR_HZ))
        assert not holds_tone(here.caller.heard, OPERATOR_HZ), "the caller waits apart"
        assert not holds_tone(here.callee.heard, CALLER_HZ)
        async with here.desk.socket("/api/board/socket") as board:
            await next_board(board, id=here.call_id, transfer="under_way")
            await here.command("transfer/complete")
            assert (await here.comes("completed"))["transcribed"] is False
            await next_board(board, id=here.call_id, transfer="completed")
        await here.caller_and_callee_talk()
        # The operator is out, and cannot end what is no longer theirs.
        refused = await here.command("hangup", 409)
        assert refused["code"] == "transferring"
        here.callee.hang_up()
        ended = await next_event(here.events, "call_ended")
        assert ended["data"]["reason"] == "callee_hung_up"
        invite = here.callee.invites[0]
        assert "<sip:+33" in invite.header("From"), "the client's number is shown"


@pytest.mark.parametrize("refers", [False, True])
async def test_an_operator_is_free_once_the_caller_is_anothers(
    tmp_path: Path, refers: bool
) -> None:
    """Their wrap-up begins then, not when the two others hang up."""
    async with floor(tmp_path, transfer_refer=refers) as here:
        house = here.service.house
        (call,) = house.reception.calls
        assert call.operator is not None
        me = call.operator.id
        await here.transfer("blind")
        if refers:
            refer = await asyncio.wait_for(here.caller.referred.get(), 10)
            here.caller.tell_referral(refer, "SIP/2.0 200 OK")
        await here.comes("completed")
        async with asyncio.timeout(10):
            while house.attendance.presence(me).state != "wrap_up":  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        if not refers:
            async with here.desk.socket("/api/board/socket") as board:
                await next_board(board, id=here.call_id, transfer="completed")
            assert here.still_there(), "the two others go on"
        (seen,) = [one for one in house.line.state().operators if one.user_id == me]
        assert seen.state != "in_call"


async def test_three_talk_until_the_operator_lets_one_go(tmp_path: Path) -> None:
    async with floor(tmp_path) as here:
        assert (await here.command("transfer/together", 409))["code"] == "no_transfer"
        await here.transfer()
        await here.comes("ringing")
        await here.comes("consulting")
        await here.command("transfer/together")
        await here.comes("together")
        await here.command("transfer/together")  # again: nothing
        ears: tuple[tuple[Any, float, float], ...] = (
            (here.caller, OPERATOR_HZ, CALLEE_HZ),
            (here.callee, CALLER_HZ, OPERATOR_HZ),
            (here.operator, CALLER_HZ, CALLEE_HZ),
        )
        await here.talk(*((ear, one) for ear, one, _ in ears))
        await here.talk(*((ear, other) for ear, _, other in ears))
        await here.command("transfer/take-back")
        await here.comes("returned", reason="taken_back")
        await here.caller_and_operator_talk()
        await here.transfer()
        await here.comes("consulting")
        await here.command("transfer/together")
        await here.comes("together")
        await here.command("transfer/complete")
        await here.comes("completed")
        await here.caller_and_callee_talk()


async def test_a_blind_transfer_joins_whoever_answers(tmp_path: Path) -> None:
    async with floor(tmp_path) as here:
        here.callee.manner = "ring"
        await here.transfer("blind")
        await here.comes("ringing")
        await here.talk((here.caller, 440.0))  # hears that it rings
        here.callee.answer()
        await here.comes("completed")
        await here.caller_and_callee_talk()
        here.caller.phone.send(bye(here.caller))
        await asyncio.wait_for(here.callee.hung_up.wait(), 10)
        await next_event(here.events, "call_ended", ended_by="caller")


@pytest.mark.parametrize(
    ("mode", "refusal", "reason"),
    [
        ("blind", "486 Busy Here", "busy"),
        ("blind", "404 Not Found", "unknown_number"),
        ("consult", "603 Decline", "declined"),
    ],
)
async def test_a_refused_caller_is_back_with_the_operator(
    tmp_path: Path, mode: str, refusal: str, reason: str
) -> None:
    async with floor(tmp_path) as here:
        here.callee.refusal = refusal
        await here.transfer(mode)
        assert (await here.comes("returned"))["reason"] == reason
        await here.caller_and_operator_talk()
        here.callee.refusal = ""
        await here.transfer("consult")  # and once more, this time it works
        await here.comes("consulting")


async def test_nobody_answers_in_time(tmp_path: Path) -> None:
    async with floor(tmp_path, outgoing_ring_s=0.5) as here:
        here.callee.manner = "ring"
        await here.transfer("blind")
        assert (await here.comes("returned"))["reason"] == "no_answer"
        await asyncio.wait_for(here.callee.cancelled.wait(), 5)
        await here.caller_and_operator_talk()


async def test_the_operator_takes_the_caller_back_while_it_rings(tmp_path: Path) -> None:
    async with floor(tmp_path) as here:
        here.callee.manner = "answer on cancel"  # the answer crosses the CANCEL
        await here.transfer("blind")
        await here.comes("ringing")
        await here.command("transfer/take-back")
        assert (await here.comes("returned"))["reason"] == "taken_back"
        await asyncio.wait_for(here.callee.hung_up.wait(), 5)
        await here.caller_and_operator_talk()
        assert (await here.command("transfer/take-back", 409))["code"] == "no_transfer"


@pytest.mark.parametrize(
    ("key", "state", "reason"), [("1", "completed", ""), ("2", "returned", "refused")]
)
async def test_a_consulted_callee_accepts_or_refuses_by_key(
    tmp_path: Path, key: str, state: str, reason: str
) -> None:
    async with floor(tmp_path) as here:
        await here.transfer()
        await here.comes("consulting")
        await here.callee.press(key)
        assert (await here.comes(state))["reason"] == reason
        if key == "1":
            await here.caller_and_callee_talk()
        else:
            await asyncio.wait_for(here.callee.hung_up.wait(), 5)
            await here.caller_and_operator_talk()


async def test_the_callee_hangs_up_in_mid_consult(tmp_path: Path) -> None:
    async with floor(tmp_path) as here:
        await here.transfer()
        await here.comes("consulting")
        here.callee.hang_up()
        assert (await here.comes("returned"))["reason"] == "hung_up"
        await here.caller_and_operator_talk()


async def test_the_operator_hangs_up_in_mid_consult(tmp_path: Path) -> None:
    """It ends the consultation: the caller is never dropped by it."""
    async with floor(tmp_path) as here:
        await here.transfer()
        await here.comes("consulting")
        await here.command("hangup")
        assert (await here.comes("returned"))["reason"] == "operator_hung_up"
        await asyncio.wait_for(here.callee.hung_up.wait(), 5)
        await here.caller_and_operator_talk()
        await here.command("hangup")
        await next_event(here.events, "call_ended", ended_by="operator")


async def test_the_browser_is_lost_in_mid_consult(tmp_path: Path) -> None:
    async with floor(tmp_path) as here:
        await here.transfer()
        await here.comes("consulting")
        await here.operator.close()
        again = await here.desk.answer(here.call_id, long_tone(OPERATOR_HZ))
        await here.talk((again, CALLEE_HZ), (here.callee, OPERATOR_HZ))
        assert not holds_tone(here.caller.heard, OPERATOR_HZ)
        await here.command("transfer/take-back")
        await here.comes("returned")
        await here.talk((here.caller, OPERATOR_HZ), (again, CALLER_HZ))
        await again.close()


async def test_the_callee_dies_in_mid_consult(tmp_path: Path) -> None:
    async with floor(tmp_path, no_audio_s=1.0) as here:
        await here.transfer()
        await here.comes("consulting")
        await here.talk((here.operator, CALLEE_HZ))
        await here.callee.die()
        await next_event(here.events, "trouble", code="no_audio_guest", recovered=False)
        await here.command("transfer/take-back")
        await here.comes("returned")
        await here.caller_and_operator_talk()


@pytest.mark.parametrize("manner", ["ring", "answer"])
async def test_the_caller_hangs_up_during_a_transfer(tmp_path: Path, manner: Any) -> None:
    async with floor(tmp_path) as here:
        here.callee.manner = manner
        await here.transfer()
        await here.comes("ringing" if manner == "ring" else "consulting")
        here.caller.phone.send(bye(here.caller))
        await here.comes("abandoned")
        gone = here.callee.cancelled if manner == "ring" else here.callee.hung_up
        await asyncio.wait_for(gone.wait(), 5)


async def test_who_rings_during_a_consultation_may_be_given_the_caller_unheard(
    tmp_path: Path,
) -> None:
    async with floor(tmp_path) as here:
        here.callee.manner = "ring"
        await here.transfer()
        await here.comes("ringing")
        await here.command("transfer/complete")
        here.callee.answer()
        await here.comes("completed")
        await here.caller_and_callee_talk()


async def test_a_call_on_hold_and_muted_can_be_transferred(tmp_path: Path) -> None:
    async with floor(tmp_path) as here:
        await here.command("mute", muted=True)
        await here.command("hold", held=True)
        await here.transfer("blind")
        await here.comes("completed")
        await here.caller_and_callee_talk()


@pytest.mark.parametrize(
    ("key", "state", "reason"), [("1", "completed", ""), ("2", "returned", "refused")]
)
async def test_who_hears_the_announcement_accepts_or_refuses_by_key(
    tmp_path: Path, key: str, state: str, reason: str
) -> None:
    async with floor(tmp_path) as here:
        route = await here.service.house.store.provider.route(DELORME_LINE)
        assert route is not None
        keeper = await here.service.signed_in(SUPERVISOR)
        for kind, frequency_hz in (("transfer", ANNOUNCED_HZ), ("hold", HOLD_HZ)):
            kept = await upload(keeper, route.client_id, kind, wav(tone(frequency_hz, seconds=20)))
            assert kept.status_code == 200, kept.text
        await here.transfer("announced")
        await here.comes("announcing", mode="announced")
        await here.talk((here.callee, ANNOUNCED_HZ), (here.caller, HOLD_HZ))
        assert not holds_tone(here.callee.heard, CALLER_HZ)
        assert not holds_tone(here.caller.heard, ANNOUNCED_HZ), "the caller hears the music"
        await here.callee.press(key)
        assert (await here.comes(state))["reason"] == reason
        if key == "1":
            await here.caller_and_callee_talk()
        else:
            await asyncio.wait_for(here.callee.hung_up.wait(), 10)
            await here.caller_and_operator_talk()


async def test_what_cannot_be_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    async with floor(tmp_path) as here:
        for number, status, code in (
            ("08 99 12 34 56", 202, ""),
            ("12", 202, ""),
            ("pas un numéro", 422, "bad_number"),
            ("", 422, "bad_number"),
        ):
            answer = await here.command("transfer", status, mode="blind", number=number)
            if code:
                assert answer["code"] == code
            else:
                assert (await here.comes("returned"))["reason"] == "number_barred"
                await here.caller_and_operator_talk()
        answer = await here.command("transfer", 409, mode="announced", number=NUMBER)
        assert answer["code"] == "no_announcement"
        answer = await here.command("transfer", 404, mode="blind", contact_id="nobody")
        watching = await here.service.signed_in(SUPERVISOR)
        for path in ("transfer", "transfer/complete", "transfer/take-back"):
            refused = await watching.http.post(
                f"/api/calls/{here.call_id}/{path}", json={"mode": "blind", "number": NUMBER}
            )
            assert refused.status_code == 404
        assert not here.callee.invites
        await here.transfer()
        answer = await here.command("transfer", 409, mode="blind", number=NUMBER)
        assert answer["code"] == "transferring"
        assert (await here.command("hold", 409, held=True))["code"] == "transferring"


async def test_the_other_side_takes_the_call_over_where_it_can(tmp_path: Path) -> None:
    async with floor(tmp_path, transfer_refer=True) as here:
        await here.transfer("blind")
        refer = await asyncio.wait_for(here.caller.referred.get(), 10)
        assert "<sip:+33199005544@" in refer.header("Refer-To")
        here.caller.tell_referral(refer, "SIP/2.0 200 OK")
        assert (await here.comes("completed"))["via"] == "refer"
        await next_event(here.events, "call_ended", reason="transferred")
        assert not here.callee.invites


async def test_a_side_that_tried_and_failed_gives_the_caller_back(tmp_path: Path) -> None:
    async with floor(tmp_path, transfer_refer=True) as here:
        await here.transfer("blind")
        refer = await asyncio.wait_for(here.caller.referred.get(), 10)
        here.caller.tell_referral(refer, "SIP/2.0 486 Busy Here")
        assert (await here.comes("returned"))["reason"] == "busy"
        await here.caller_and_operator_talk()


async def test_a_side_that_takes_nothing_over_is_joined_through_us(tmp_path: Path) -> None:
    async with floor(tmp_path, transfer_refer=True) as here:
        here.caller.takes_refer = False
        await here.transfer("blind")
        assert (await here.comes("completed"))["via"] == "bridge"
        await here.caller_and_callee_talk()
