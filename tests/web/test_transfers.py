"""Transfers and calls out over HTTP: a SIP caller, a WebRTC operator, a SIP telephone that is
called, each with a voice of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from models.scripted import ScriptedRecogniser
from telephony.g711 import Pcm
from tests.telephony.browser import AiortcPeer
from tests.telephony.callee import SipCallee, holds_tone, sip_callee, tone
from tests.telephony.phone import Reply
from tests.telephony.sipcaller import SipCaller, sip_caller
from tests.web.running import (
    DELORME_LINE,
    OPERATOR,
    SUPERVISOR,
    Browser,
    Running,
    next_board,
    next_event,
    running,
)
from tests.web.test_line_controls import first_call
from tests.web.test_waiting import upload, wav

CALLER_HZ, OPERATOR_HZ, CALLEE_HZ = 500.0, 1000.0, 1700.0
ANNOUNCED_HZ, HOLD_HZ = 800.0, 1300.0
NUMBER = "01 99 00 55 44"


@dataclass
class Floor:
    """Everybody of a call, and the desk that commands it."""

    service: Running
    desk: Browser
    caller: SipCaller
    operator: AiortcPeer
    callee: SipCallee
    call_id: str
    events: Any

    async def command(self, path: str, status: int = 204, **body: Any) -> dict[str, Any]:
        answer = await self.desk.http.post(f"/api/calls/{self.call_id}/{path}", json=body)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content and answer.content != b"null" else {}

    async def transfer(self, mode: str = "consult", number: str = NUMBER) -> None:
        await self.command("transfer", 202, mode=mode, number=number)

    async def comes(self, state: str, **data: Any) -> dict[str, Any]:
        event = await next_event(self.events, "transfer_changed", state=state, **data)
        found: dict[str, Any] = event["data"]
        return found

    async def talk(self, *pairs: tuple[SipCaller | SipCallee | AiortcPeer, float]) -> None:
        """Wait until each hears the voice beside it, fresh."""
        before = [len(person.heard) for person, _ in pairs]
        async with asyncio.timeout(15):
            while not all(  # noqa: ASYNC110 - the sound has no event to wait for
                len(person.heard) > since + 1600 and holds_tone(person.heard, voice)
                for (person, voice), since in zip(pairs, before, strict=True)
            ):
                await asyncio.sleep(0.05)

    async def caller_and_operator_talk(self) -> None:
        await self.talk((self.caller, OPERATOR_HZ), (self.operator, CALLER_HZ))
        assert not holds_tone(self.caller.heard, CALLEE_HZ)

    async def caller_and_callee_talk(self) -> None:
        await self.talk((self.caller, CALLEE_HZ), (self.callee, CALLER_HZ))
        assert not holds_tone(self.caller.heard, OPERATOR_HZ)

    def still_there(self) -> bool:
        return self.service.house.reception.calls.find(self.call_id) is not None


@asynccontextmanager
async def floor(tmp_path: Path, **settings: Any) -> AsyncIterator[Floor]:
    """A caller and an operator who talk, and a telephone that can be called."""
    async with sip_callee(tone(CALLEE_HZ)) as callee:
        accounts = tmp_path / "sip.toml"
        accounts.write_text(
            f'[[gateway]]\nname = "carrier"\nserver = "sip:127.0.0.1:{callee.port}"\n'
        )
        recogniser = ScriptedRecogniser(["bonjour"])
        async with running(
            tmp_path, recogniser=recogniser, sip_accounts=str(accounts), **settings
        ) as service:
            assert service.house.sip is not None
            callee.phone.server = service.house.sip.address
            desk = await service.signed_in(OPERATOR)
            async with sip_caller(
                service.house.sip.address, DELORME_LINE, tone(CALLER_HZ)
            ) as caller:
                call_id = await first_call(service)
                operator = await desk.answer(call_id, long_tone(OPERATOR_HZ))
                async with desk.socket(f"/api/calls/{call_id}/socket") as events:
                    here = Floor(service, desk, caller, operator, callee, call_id, events)
                    await here.caller_and_operator_talk()
                    yield here
                    await operator.close()


def long_tone(frequency_hz: float) -> Pcm:
    """An aiortc speaker says its words once."""
    return tone(frequency_hz, seconds=60)


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


# Calls in a client's name


@asynccontextmanager
async def desk_and_callee(
    tmp_path: Path, **settings: Any
) -> AsyncIterator[tuple[Running, Browser, SipCallee]]:
    async with sip_callee(tone(CALLEE_HZ)) as callee:
        accounts = tmp_path / "sip.toml"
        accounts.write_text(
            f'[[gateway]]\nname = "carrier"\nserver = "sip:127.0.0.1:{callee.port}"\n'
        )
        async with running(tmp_path, sip_accounts=str(accounts), **settings) as service:
            assert service.house.sip is not None
            callee.phone.server = service.house.sip.address
            yield service, await service.signed_in(OPERATOR), callee


async def place(service: Running, desk: Browser, number: str = NUMBER) -> tuple[AiortcPeer, Any]:
    route = await service.house.store.provider.route(DELORME_LINE)
    assert route is not None
    peer = AiortcPeer(long_tone(OPERATOR_HZ))
    offer = {"type": "offer", "sdp": await peer.offer()}
    answer = await desk.http.post(
        "/api/calls", json={"client_id": route.client_id, "number": number, "offer": offer}
    )
    return peer, answer


async def test_a_call_in_a_clients_name(tmp_path: Path) -> None:
    async with desk_and_callee(tmp_path) as (service, desk, callee):
        callee.manner = "ring"
        operator, answer = await place(service, desk)
        assert answer.status_code == 201, answer.text
        await operator.take(answer.json()["answer"]["sdp"])
        call_id = answer.json()["call_id"]
        async with desk.socket(f"/api/calls/{call_id}/socket") as events:
            ringing = (await next_event(events, "call_ringing"))["data"]
            assert ringing["source"] == "outgoing"
            assert ringing["caller_number"] == "+33199005544"
            await asyncio.wait_for(callee.ringing.wait(), 5)
            async with asyncio.timeout(10):
                while not holds_tone(operator.heard, 440.0):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            callee.answer()
            await next_event(events, "call_answered")
            async with asyncio.timeout(10):
                while not (  # noqa: ASYNC110
                    holds_tone(operator.heard, CALLEE_HZ) and holds_tone(callee.heard, OPERATOR_HZ)
                ):
                    await asyncio.sleep(0.05)
            assert (await desk.http.post(f"/api/calls/{call_id}/hangup")).status_code == 204
            await asyncio.wait_for(callee.hung_up.wait(), 5)
            await next_event(events, "call_ended", ended_by="operator")
        await operator.close()
        detail = (await desk.http.get(f"/api/calls/{call_id}")).json()
        assert detail["call"]["caller_number"] == "+33199005544"
        assert len(service.house.board.calls()) == 0


async def test_a_call_that_nobody_takes_says_why(tmp_path: Path) -> None:
    async with desk_and_callee(tmp_path) as (service, desk, callee):
        callee.refusal = "486 Busy Here"
        operator, answer = await place(service, desk)
        async with desk.socket(f"/api/calls/{answer.json()['call_id']}/socket") as events:
            await next_event(events, "call_ended", reason="busy")
        await operator.close()


async def test_the_operator_gives_up_while_it_rings(tmp_path: Path) -> None:
    async with desk_and_callee(tmp_path) as (service, desk, callee):
        callee.manner = "ring"
        operator, answer = await place(service, desk)
        await asyncio.wait_for(callee.ringing.wait(), 5)
        call_id = answer.json()["call_id"]
        assert (await desk.http.post(f"/api/calls/{call_id}/hangup")).status_code == 204
        await asyncio.wait_for(callee.cancelled.wait(), 5)
        async with desk.socket(f"/api/calls/{call_id}/socket") as events:
            await next_event(events, "call_ended", reason="cancelled")
        await operator.close()


async def test_a_barred_call_is_kept_in_the_log_and_never_leaves(tmp_path: Path) -> None:
    async with desk_and_callee(tmp_path) as (service, desk, callee):
        operator, answer = await place(service, desk, "+44 20 7946 0000")
        assert (answer.status_code, answer.json()["code"]) == (422, "number_barred")
        calls = (await desk.http.get("/api/calls")).json()
        assert calls[0]["source"] == "outgoing" and calls[0]["state"] == "ended"
        assert not callee.invites
        await operator.close()


async def test_the_line_tells_whether_calls_go_out_and_gives_turn_passwords(tmp_path: Path) -> None:
    async with running(
        tmp_path, turn_urls="turn:turn.example.com:3478?transport=udp", turn_secret="un secret"
    ) as service:
        desk = await service.signed_in(OPERATOR)
        access = (await desk.http.get("/api/line")).json()
        assert access["calls_out"] is False
        (server,) = access["ice_servers"]
        assert server["urls"] == ["turn:turn.example.com:3478?transport=udp"]
        assert server["username"].partition(":")[0].isdigit()
        assert access["expires_s"] == 12 * 3600


def bye(caller: SipCaller) -> str:
    """The caller hangs up."""
    answer: Reply = caller.answered
    return caller.phone.message(
        "BYE", call_id=answer.header("Call-ID"), cseq=2, branch="z9hG4bKbye", to_tag=answer.to_tag,
        from_tag="mine",
    )  # fmt: skip
