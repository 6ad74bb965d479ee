"""Calls through the service: sockets, commands, and what happens when a part breaks."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import numpy as np
import pytest

from models.scripted import ScriptedRecogniser
from telephony.g711 import Pcm
from tests.sounds import compose, french_prompt, silence
from tests.telephony.browser import AiortcPeer
from tests.telephony.speech import likeness
from tests.web.running import (
    OPERATOR,
    SUPERVISOR,
    VASSEUR_LINE,
    next_board,
    next_event,
    running,
)

CALLER_SAYS = compose(
    [silence(1.0), french_prompt("vm-mailboxfull").pcm(), silence(2.0)], pause_s=0.0
)
OPERATOR_SAYS = compose(
    [silence(1.5), french_prompt("one-moment-please").pcm(), silence(2.0)], pause_s=0.0
)
LONG_SPEECH = np.concatenate([french_prompt("demo-congrats").pcm()] * 2)


async def test_what_is_said_comes_back_as_words_answers_and_fields(tmp_path: Path) -> None:
    recogniser = ScriptedRecogniser(["votre messagerie"])
    async with running(tmp_path, recogniser=recogniser) as service:
        desk = await service.signed_in(OPERATOR)
        async with desk.socket("/api/board/socket") as board:
            caller, call_id = await service.demo_caller(CALLER_SAYS)
            ringing = await next_board(board, id=call_id, state="ringing")
            assert ringing["calls"][0]["client_name"] == "Plomberie Delorme"
            assert ringing["calls"][0]["caller_number"] == "+33199001122"

            operator = await desk.answer(call_id, OPERATOR_SAYS)
            await next_board(board, id=call_id, state="live", operator_name="Inès Carpentier")
        recogniser._lines[0] = "vos horaires d'ouverture"
        async with desk.socket(f"/api/calls/{call_id}/socket") as events:
            await next_event(events, "call_ringing")
            await next_event(events, "call_answered")
            partial = await next_event(events, "partial_heard")
            heard = await next_event(events, "utterance_heard", leg="caller")
            assert partial["data"]["leg"] in ("caller", "operator")
            assert heard["data"]["text"] == "vos horaires d'ouverture"
            draft = await next_event(events, "draft_changed")
            reason = next(f for f in draft["data"]["fields"] if f["name"] == "reason")
            assert reason["utterance_id"] == heard["data"]["utterance_id"]
            assert (await desk.http.post(f"/api/calls/{call_id}/hangup")).status_code == 204
            ended = await next_event(events, "call_ended")
            assert ended["data"]["ended_by"] == "operator"
        # Coming back from the middle: everything after, nothing twice.
        async with desk.socket(f"/api/calls/{call_id}/socket?since={heard['seq']}") as again:
            first = json.loads(await again.recv())
            assert first["seq"] > heard["seq"]
        await caller.close()
        await operator.close()
        detail = (await desk.http.get(f"/api/calls/{call_id}")).json()
        assert detail["call"]["state"] == "ended"
        await desk.close()


async def test_people_go_on_talking_while_recognition_is_broken(tmp_path: Path) -> None:
    recogniser = ScriptedRecogniser(["bonjour"])
    async with running(tmp_path, recogniser=recogniser) as service:
        desk = await service.signed_in(OPERATOR)
        caller, call_id = await service.demo_caller(LONG_SPEECH)
        operator = await desk.answer(call_id, LONG_SPEECH)
        async with desk.socket(f"/api/calls/{call_id}/socket") as events:
            await next_event(events, "partial_heard")
            recogniser.break_down()
            trouble = await next_event(events, "trouble", part="recognition", recovered=False)
            assert trouble["data"]["code"] == "recognition_failed"
            assert (await desk.http.get("/healthz")).json()["status"] == "degraded"
            broken_at = len(operator.heard), len(caller.heard)
            await asyncio.sleep(2.0)
            heard_while_broken = operator.heard[broken_at[0] :], caller.heard[broken_at[1] :]
            recogniser.mend()
            await next_event(events, "trouble", part="recognition", recovered=True)
            await next_event(events, "partial_heard")
        assert (await desk.http.get("/healthz")).json()["status"] == "ok"
        await desk.http.post(f"/api/calls/{call_id}/hangup")
        for heard in heard_while_broken:
            assert len(heard) > 1.5 * 48_000 * 0.8 or len(heard) > 1.5 * 8_000 * 0.8
            assert np.abs(heard.astype(np.int32)).mean() > 50
        await caller.close()
        await operator.close()
        await desk.close()


async def test_both_hear_each_other_and_again_after_a_reload(tmp_path: Path) -> None:
    async with running(tmp_path) as service:
        desk = await service.signed_in(OPERATOR)
        caller, call_id = await service.demo_caller(LONG_SPEECH)
        first = await desk.answer(call_id, LONG_SPEECH)
        await _hears(first, LONG_SPEECH)
        await first.close()
        second = await desk.answer(call_id, LONG_SPEECH)
        await _hears(second, LONG_SPEECH)
        await _hears(caller, LONG_SPEECH)
        board = (await desk.http.get("/api/board")).json()
        assert [call["state"] for call in board["calls"]] == ["live"]
        await desk.http.post(f"/api/calls/{call_id}/hangup")
        await caller.close()
        await second.close()
        await desk.close()


async def _hears(peer: AiortcPeer, said: Pcm) -> None:
    """Wait until the last second of what the peer hears is part of what is said."""
    async with asyncio.timeout(20):
        while True:
            last = peer.heard[-8000:]
            if len(last) == 8000 and np.abs(last).mean() > 300 and likeness(last, said) > 0.5:
                return
            await asyncio.sleep(0.2)


async def test_a_call_belongs_to_the_operator_who_answered(tmp_path: Path) -> None:
    async with running(tmp_path) as service:
        desk = await service.signed_in(OPERATOR)
        assert service.house.accounts_shown is not None
        password = service.house.accounts_shown.operator.password
        await service.house.accounts.create_user(
            email="collegue@souffleur.example.fr", name="Paul", role="operator", password=password
        )
        colleague = await service.signed_in("collegue@souffleur.example.fr")
        caller, call_id = await service.demo_caller(CALLER_SAYS)
        operator = await desk.answer(call_id, OPERATOR_SAYS)
        offer = {"type": "offer", "sdp": await operator.offer()}
        late = await colleague.http.post(f"/api/calls/{call_id}/answer", json=offer)
        assert (late.status_code, late.json()["code"]) == (409, "taken")
        meddling = await colleague.http.post(f"/api/calls/{call_id}/hangup")
        assert meddling.status_code == 409
        watching = await service.signed_in(SUPERVISOR)
        refused = await watching.http.post(f"/api/calls/{call_id}/hangup")
        assert refused.status_code == 404
        await caller.close()
        async with desk.socket(f"/api/calls/{call_id}/socket") as events:
            ended = await next_event(events, "call_ended")
            assert ended["data"]["ended_by"] == "caller"
        gone = await desk.http.post(f"/api/calls/{call_id}/hangup")
        assert gone.status_code in (204, 404)
        for person in (desk, colleague, watching):
            await person.close()
        await operator.close()


async def test_a_caller_who_gives_up_leaves_a_missed_call(tmp_path: Path) -> None:
    async with running(tmp_path) as service:
        desk = await service.signed_in(OPERATOR)
        caller, call_id = await service.demo_caller(CALLER_SAYS, VASSEUR_LINE)
        hung_up = await desk.http.delete(f"/api/demo/calls/{call_id}")
        assert hung_up.status_code == 204
        async with desk.socket(f"/api/calls/{call_id}/socket") as events:
            ended = await next_event(events, "call_ended")
        assert ended["data"]["duration_s"] == 0.0
        (call,) = (await desk.http.get("/api/calls")).json()
        assert (call["state"], call["answered_at"]) == ("ended", None)
        assert (await desk.http.get("/api/board")).json()["calls"] == []
        await caller.close()
        await desk.close()


async def test_nobody_answers(tmp_path: Path) -> None:
    async with running(tmp_path, ring_timeout_s=1.0) as service:
        desk = await service.signed_in(OPERATOR)
        caller, call_id = await service.demo_caller(CALLER_SAYS)
        async with desk.socket(f"/api/calls/{call_id}/socket") as events:
            ended = await next_event(events, "call_ended")
        assert ended["data"]["ended_by"] == "system"
        await caller.close()
        await desk.close()


async def test_a_leg_without_audio_is_told_and_its_return_too(tmp_path: Path) -> None:
    async with running(tmp_path, no_audio_s=1.0) as service:
        desk = await service.signed_in(OPERATOR)
        caller, call_id = await service.demo_caller(LONG_SPEECH)
        operator = await desk.answer(call_id, LONG_SPEECH)
        async with desk.socket(f"/api/calls/{call_id}/socket") as events:
            await asyncio.sleep(1.0)
            await operator.close()
            await next_event(events, "trouble", code="no_audio_operator", recovered=False)
            back = await desk.answer(call_id, LONG_SPEECH)
            await next_event(events, "trouble", code="no_audio_operator", recovered=True)
        await desk.http.post(f"/api/calls/{call_id}/hangup")
        await caller.close()
        await back.close()
        await desk.close()


async def test_a_bad_offer_does_not_cost_the_caller_the_call(tmp_path: Path) -> None:
    async with running(tmp_path) as service:
        desk = await service.signed_in(OPERATOR)
        caller, call_id = await service.demo_caller(CALLER_SAYS)
        answer = await desk.http.post(
            f"/api/calls/{call_id}/answer", json={"type": "offer", "sdp": "v=0\r\nrubbish"}
        )
        assert answer.status_code in (409, 422)
        board = (await desk.http.get("/api/board")).json()
        assert [call["state"] for call in board["calls"]] == ["ringing"]
        operator = await desk.answer(call_id, OPERATOR_SAYS)
        await desk.http.post(f"/api/calls/{call_id}/hangup")
        await caller.close()
        await operator.close()
        await desk.close()


@pytest.mark.parametrize("number", ["+33199009999", "pas un numéro", ""])
async def test_an_unknown_line_is_refused(tmp_path: Path, number: str) -> None:
    async with running(tmp_path) as service:
        desk = await service.signed_in(OPERATOR)
        offer = {"type": "offer", "sdp": "v=0\r\n"}
        answer = await desk.http.post("/api/demo/calls", json={"number": number, "offer": offer})
        assert answer.status_code == 404
        assert answer.json()["message"]
        await desk.close()
