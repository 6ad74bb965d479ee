"""Hold, mute and keys over HTTP, on a real call: a SIP telephone, a WebRTC operator."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.scripted import ScriptedRecogniser
from telephony.bridge import Bridge
from telephony.packet import RtpPacket, rtp_bytes
from telephony.rtp import RtpEndpoint
from tests.sounds import french_prompt
from tests.telephony.browser import AiortcPeer
from tests.telephony.sipcaller import SipCaller, level, sip_caller
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

SPEECH = np.concatenate([french_prompt("demo-congrats").pcm()] * 4)
SPOKEN, QUIET = 150.0, 20.0
"""Mean level of a prompt that goes through, at least, and of silence, at most: A-law has no 0."""


@asynccontextmanager
async def conversation(
    tmp_path: Path, **settings: Any
) -> AsyncIterator[tuple[Running, Browser, SipCaller, AiortcPeer, str]]:
    """A telephone and an operator who both talk."""
    async with running(tmp_path, recogniser=ScriptedRecogniser(["bonjour"]), **settings) as service:
        desk = await service.signed_in(OPERATOR)
        assert service.house.sip is not None
        async with sip_caller(service.house.sip.address, DELORME_LINE, SPEECH) as caller:
            call_id = await first_call(service)
            operator = await desk.answer(call_id, SPEECH)
            await until_louder(caller, operator)
            yield service, desk, caller, operator, call_id
            await desk.http.post(f"/api/calls/{call_id}/hangup")
            await operator.close()


async def first_call(service: Running) -> str:
    version = -1
    async with asyncio.timeout(20):
        while not service.house.board.calls():
            version = await service.house.board.changed_since(version, timeout_s=1.0)
    return service.house.board.calls()[0].id


async def until_louder(*people: SipCaller | AiortcPeer) -> None:
    """Wait until everybody hears somebody, from now on."""
    before = [len(person.heard) for person in people]
    async with asyncio.timeout(20):
        while not all(  # noqa: ASYNC110 - the sound has no event to wait for
            level(person.heard[since:]) > SPOKEN
            for person, since in zip(people, before, strict=True)
        ):
            await asyncio.sleep(0.05)


async def told(desk: Browser, call_id: str, command: str, **body: Any) -> None:
    answer = await desk.http.post(f"/api/calls/{call_id}/{command}", json=body)
    assert answer.status_code == 204, answer.text


async def levels_for(seconds: float, *people: SipCaller | AiortcPeer) -> list[float]:
    """How loud it is for each from now on."""
    await asyncio.sleep(1.0)  # what was on its way, and in buffers
    before = [len(person.heard) for person in people]
    await asyncio.sleep(seconds)
    return [level(person.heard[since:]) for person, since in zip(people, before, strict=True)]


async def test_a_call_on_hold_is_silent_unheard_and_comes_back(tmp_path: Path) -> None:
    async with conversation(tmp_path, no_audio_s=1.5) as (_, desk, caller, operator, call_id):
        async with desk.socket(f"/api/calls/{call_id}/socket") as events:
            await next_event(events, "partial_heard")
            await told(desk, call_id, "hold", held=True)
            held = await next_event(events, "call_held", held=True)
            assert caller.asked == ["sendonly"]
            sent_before = len(caller.heard)
            assert max(await levels_for(2.5, caller, operator)) < QUIET
            assert len(caller.heard) - sent_before > 8000, "silence is sent: the line is alive"
            await told(desk, call_id, "hold", held=True)  # again: nothing
            await told(desk, call_id, "hold", held=False)
            back = await next_event(events, "call_held", held=False)
            await until_louder(caller, operator)
            await next_event(events, "partial_heard")
        assert caller.asked == ["sendonly", "sendrecv"]
        between = (await desk.http.get(f"/api/calls/{call_id}")).json()["events"]
        said = [e for e in between if held["seq"] < e["seq"] < back["seq"]]
        assert not [e for e in said if e["kind"] == "call_held"]
        # What was begun before may still be finished; nothing begins during the hold.
        assert len([e for e in said if e["kind"] == "utterance_heard"]) <= 2
        after = [e for e in between if e["seq"] > held["seq"]]
        assert not [e for e in after if e["kind"] == "trouble"], "no audio is not raised"


async def test_a_telephone_that_will_not_be_held_is_held_on_our_side(tmp_path: Path) -> None:
    async with conversation(tmp_path) as (_, desk, caller, operator, call_id):
        caller.agrees = False
        await told(desk, call_id, "hold", held=True)
        assert max(await levels_for(0.5, caller, operator)) < QUIET
        await told(desk, call_id, "hold", held=False)
        assert caller.asked == ["sendonly"], "it never waited: there is nothing to take back"
        await until_louder(caller, operator)


async def test_a_telephone_that_will_not_come_back_is_told_of(tmp_path: Path) -> None:
    async with conversation(tmp_path) as (_, desk, caller, operator, call_id):
        await told(desk, call_id, "hold", held=True)
        caller.agrees = False
        refused = await desk.http.post(f"/api/calls/{call_id}/hold", json={"held": False})
        assert (refused.status_code, refused.json()["code"]) == (409, "still_held")
        caller.agrees = True
        await told(desk, call_id, "hold", held=False)
        await until_louder(caller, operator)


async def test_a_muted_operator_hears_and_is_not_heard(tmp_path: Path) -> None:
    async with (
        conversation(tmp_path, no_audio_s=1.5) as (_, desk, caller, operator, call_id),
        desk.socket(f"/api/calls/{call_id}/socket") as events,
    ):
        await told(desk, call_id, "mute", muted=True)
        await next_event(events, "operator_muted", muted=True)
        for_caller, for_operator = await levels_for(2.5, caller, operator)
        assert for_caller < QUIET
        assert for_operator > SPOKEN
        # The page is loaded anew: still muted, and the events say so.
        again = await desk.answer(call_id, SPEECH)
        assert (await levels_for(1.0, caller))[0] < QUIET
        detail = (await desk.http.get(f"/api/calls/{call_id}")).json()
        assert "operator_muted" in {event["kind"] for event in detail["events"]}
        assert not [event for event in detail["events"] if event["kind"] == "trouble"]
        await told(desk, call_id, "mute", muted=False)
        await until_louder(caller, again)
        await again.close()


async def test_a_strangers_voice_is_refused_and_told_once(tmp_path: Path) -> None:
    async with (
        conversation(tmp_path) as (service, desk, caller, operator, call_id),
        desk.socket(f"/api/calls/{call_id}/socket") as events,
        desk.socket("/api/board/socket") as board,
    ):
        call = service.house.reception.calls.find(call_id)
        assert call is not None and isinstance(call.bridge, Bridge)
        endpoint = call.bridge._endpoints["caller"]
        assert isinstance(endpoint, RtpEndpoint)
        loud = b"\x2a" * 160
        with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as stranger:
            for number in range(200):
                voice = RtpPacket(8, False, number, number * 160, 99, loud)
                stranger.sendto(rtp_bytes(voice), endpoint.local)
                if number % 20 == 0:
                    await asyncio.sleep(0.05)
            told = await next_event(events, "trouble", code="foreign_packets")
            stranger.sendto(rtp_bytes(voice), endpoint.local)
        assert told["data"]["part"] == "line"
        await next_board(board, troubles=["foreign_packets"])
        assert call.bridge.packets_foreign > 150
        await until_louder(caller, operator)
        detail = (await desk.http.get(f"/api/calls/{call_id}")).json()
        troubles = [e for e in detail["events"] if e["kind"] == "trouble"]
        assert len(troubles) == 1, "once a call"


async def test_keys_reach_the_telephone_and_are_kept_nowhere(tmp_path: Path) -> None:
    async with conversation(tmp_path) as (_, desk, caller, _operator, call_id):
        await told(desk, call_id, "keys", keys="12#")
        assert caller.digits == ["1", "2", "#"]
        detail = await desk.http.get(f"/api/calls/{call_id}")
        assert "12#" not in detail.text
        for wrong in ("", "1 2", "x", "1" * 33):
            refused = await desk.http.post(f"/api/calls/{call_id}/keys", json={"keys": wrong})
            assert (refused.status_code, refused.json()["code"]) == (422, "bad_request")
        assert caller.digits == ["1", "2", "#"]


@pytest.mark.parametrize(
    ("command", "body"),
    [("hold", {"held": True}), ("mute", {"muted": True}), ("keys", {"keys": "1"})],
)
async def test_only_who_has_the_call_has_its_controls(
    tmp_path: Path, command: str, body: dict[str, Any]
) -> None:
    async with running(tmp_path) as service:
        desk = await service.signed_in(OPERATOR)
        caller, call_id = await service.demo_caller(SPEECH)
        path = f"/api/calls/{call_id}/{command}"
        assert (await desk.http.post(path, json=body)).status_code == 409, "it still rings"
        operator = await desk.answer(call_id, SPEECH)
        watching = await service.signed_in(SUPERVISOR)
        assert (await watching.http.post(path, json=body)).status_code == 404
        answer = await desk.http.post(path, json=body)
        if command == "keys":  # a browser takes none, and the operator reads what to do
            assert (answer.status_code, answer.json()["code"]) == (422, "keys_refused")
            assert "à voix haute" in answer.json()["message"]
        else:
            assert answer.status_code == 204
        await desk.http.post(f"/api/calls/{call_id}/hangup")
        await caller.close()
        await operator.close()
        assert (await desk.http.post(path, json=body)).status_code in (404, 409)
        await desk.close()
