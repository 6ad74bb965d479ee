"""Welcome, waiting line and presence, over HTTP and on real calls: a SIP telephone, a browser."""

from __future__ import annotations

import asyncio
import io
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from copilot.store.records.calls import Call
from models.scripted import ScriptedRecogniser
from telephony.g711 import Pcm
from tests.sounds import french_prompt
from tests.telephony.sipcaller import SipCaller, level, sip_caller
from tests.telephony.speech import likeness
from tests.web.running import (
    DELORME_LINE,
    OPERATOR,
    SUPERVISOR,
    Browser,
    Running,
    next_event,
    running,
)
from tests.web.test_line_controls import first_call

SPEECH = np.concatenate([french_prompt("demo-congrats").pcm()[:24000], np.zeros(16000, np.int16)])
GREETING = french_prompt("vm-intro").pcm()[:16000]
NOTICE = french_prompt("demo-instruct").pcm()[:16000]
MUSIC = french_prompt("demo-moreinfo").pcm()[:24000]
WELCOME: dict[str, Any] = {"hours": None}


def wav(pcm: Pcm) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(pcm.astype("<i2").tobytes())
    return file.getvalue()


@asynccontextmanager
async def service(tmp_path: Path, **settings: Any) -> AsyncIterator[tuple[Running, Browser, str]]:
    """A service, its supervisor, and the client called."""
    async with running(
        tmp_path, recogniser=ScriptedRecogniser(["bonjour"]), wrap_up_s=0.0, **settings
    ) as running_service:
        supervisor = await running_service.signed_in(SUPERVISOR)
        route = await running_service.house.store.provider.route(DELORME_LINE)
        assert route is not None
        yield running_service, supervisor, route.client_id


async def upload(browser: Browser, client_id: str, kind: str, content: bytes) -> Any:
    files = {"file": (f"{kind}.wav", content, "audio/wav")}
    return await browser.http.put(f"/api/clients/{client_id}/sounds/{kind}", files=files)


async def welcomed(browser: Browser, client_id: str, **wanted: Any) -> None:
    answer = await browser.http.put(f"/api/clients/{client_id}/welcome", json={**WELCOME, **wanted})
    assert answer.status_code == 200, answer.text


@asynccontextmanager
async def calling(service: Running) -> AsyncIterator[SipCaller]:
    assert service.house.sip is not None
    async with sip_caller(service.house.sip.address, DELORME_LINE, SPEECH) as caller:
        yield caller


async def hears(caller: SipCaller, said: Pcm, *, since: int = 0) -> int:
    """Wait until the caller has heard this; how much they had heard then."""
    async with asyncio.timeout(30):
        while True:
            heard = caller.heard[since:]
            if len(heard) >= len(said) and likeness(said, heard) > 0.85:
                return since + len(heard)
            await asyncio.sleep(0.2)


async def test_the_greeting_and_the_announcement_are_heard_before_anybody_listens(
    tmp_path: Path,
) -> None:
    async with service(tmp_path) as (house, supervisor, client_id):
        for kind, pcm in (("greeting", GREETING), ("announcement", NOTICE)):
            assert (await upload(supervisor, client_id, kind, wav(pcm))).status_code == 200
        await welcomed(supervisor, client_id, announce=True, waiting="tone")
        desk = await house.signed_in(OPERATOR)
        async with calling(house) as caller:
            call_id = await first_call(house)
            async with desk.socket(f"/api/calls/{call_id}/socket") as events:
                # Answered during the greeting, which is cut; the announcement is not.
                operator = await desk.answer(call_id, SPEECH)
                played = await next_event(events, "sound_played", sound="announcement")
                assert played["data"]["whole"]
                assert played["data"]["early"]
                answered = await next_event(events, "call_answered")
                said = await next_event(events, "utterance_heard", leg="caller")
            assert played["seq"] < answered["seq"] < said["seq"]
            assert said["at"] > played["at"]
            await hears(caller, NOTICE[2000:])
            await desk.http.post(f"/api/calls/{call_id}/hangup")
            await operator.close()


async def test_music_is_heard_while_waiting_and_on_hold_and_stops(tmp_path: Path) -> None:
    async with service(tmp_path) as (house, supervisor, client_id):
        assert (await upload(supervisor, client_id, "hold", wav(MUSIC))).status_code == 200
        await welcomed(supervisor, client_id, waiting="music", hold="music")
        desk = await house.signed_in(OPERATOR)
        async with calling(house) as caller:
            call_id = await first_call(house)
            await hears(caller, MUSIC[:8000])
            operator = await desk.answer(call_id, np.zeros(80_000, np.int16))
            await asyncio.sleep(1.0)
            since = len(caller.heard)
            await asyncio.sleep(1.0)
            assert level(caller.heard[since:]) < 20.0, "music after the answer"
            held = await desk.http.post(f"/api/calls/{call_id}/hold", json={"held": True})
            assert held.status_code == 204
            await hears(caller, MUSIC[:8000], since=since)
            await desk.http.post(f"/api/calls/{call_id}/hold", json={"held": False})
            await asyncio.sleep(0.5)
            since = len(caller.heard)
            await asyncio.sleep(1.0)
            assert level(caller.heard[since:]) < 20.0, "music after the hold"
            await desk.http.post(f"/api/calls/{call_id}/hangup")
            await operator.close()


async def ended(house: Running, call_id: str) -> Call:
    """Wait until the call is over."""
    async with asyncio.timeout(15):
        while call_id in {call.id for call in house.house.board.calls()}:
            await house.house.board.changed_since(house.house.board.version, timeout_s=0.2)
    await house.house.journal.kept(timeout_s=5)
    return await house.house.store.provider.call(call_id)


async def test_outside_opening_hours_the_closed_message_is_heard_and_the_call_ends(
    tmp_path: Path,
) -> None:
    async with service(tmp_path) as (house, supervisor, client_id):
        assert (await upload(supervisor, client_id, "closed", wav(GREETING))).status_code == 200
        never: dict[str, Any] = {"week": [[]] * 7, "holidays": "closed", "special": []}
        await welcomed(supervisor, client_id, hours=never)
        view = (await supervisor.http.get(f"/api/clients/{client_id}/welcome")).json()
        assert (view["open_now"], view["opens_at"]) == (False, None)
        async with calling(house) as caller:
            call_id = await first_call(house)
            assert house.house.board.waiting() == ()
            await hears(caller, GREETING[2000:])
            call = await ended(house, call_id)
            assert (call.ended_by, call.end_reason) == ("system", "closed")


async def test_nobody_answers_within_the_longest_wait(tmp_path: Path) -> None:
    async with service(tmp_path) as (house, supervisor, client_id):
        await welcomed(supervisor, client_id, max_wait_s=1)
        async with calling(house):
            call_id = await first_call(house)
            call = await ended(house, call_id)
            assert (call.ended_by, call.end_reason) == ("system", "unanswered")


async def test_one_call_too_many_is_told_to_call_again(tmp_path: Path) -> None:
    async with service(tmp_path) as (house, supervisor, client_id):
        await welcomed(supervisor, client_id, most_waiting=1)
        async with calling(house):
            first = await first_call(house)
            async with calling(house) as second:
                refused = await asyncio.wait_for(second.refused, 10)
            assert (refused.status, refused.header("Retry-After")) == (486, "60")
            assert await house.house.journal.kept(timeout_s=5)
            scope = house.house.store.for_client(client_id)
            (over,) = await scope.calls(state="ended")
            assert over.end_reason == "line_full"
            assert [call.call_id for call in house.house.board.waiting()] == [first]


async def board(desk: Browser) -> dict[str, Any]:
    answer = await desk.http.get("/api/board")
    found: dict[str, Any] = answer.json()
    return found


async def until_board(desk: Browser, what: Any) -> dict[str, Any]:
    async with asyncio.timeout(10):
        while not what(shown := await board(desk)):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return shown


def state_of(shown: dict[str, Any], user_id: str) -> str:
    return str(next(one["state"] for one in shown["operators"] if one["user_id"] == user_id))


async def test_only_who_is_there_and_available_is_rung_and_wrap_up_follows_a_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("copilot.waiting.attendance.GRACE_S", 0.2)
    monkeypatch.setattr("copilot.waiting.attendance.TICK_S", 0.1)
    async with running(
        tmp_path, recogniser=ScriptedRecogniser(["bonjour"]), wrap_up_s=30.0
    ) as house:
        desk = await house.signed_in(OPERATOR)
        me = (await desk.http.get("/api/session")).json()["id"]
        assert state_of(await board(desk), me) == "away"
        async with desk.socket("/api/board/socket"), calling(house):
            await until_board(desk, lambda shown: state_of(shown, me) == "available")
            call_id = await first_call(house)
            rung = await until_board(desk, lambda shown: shown["waiting"])
            assert rung["waiting"][0]["rings"] == [me]
            answer = await desk.http.put("/api/presence", json={"state": "pause"})
            assert answer.json()["state"] == "pause"
            await until_board(desk, lambda shown: shown["waiting"][0]["rings"] == [])
            await desk.http.put("/api/presence", json={"state": "available"})
            operator = await desk.answer(call_id, SPEECH)
            busy = await until_board(desk, lambda shown: state_of(shown, me) == "in_call")
            assert busy["waiting"] == []
            await desk.http.post(f"/api/calls/{call_id}/hangup")
            await operator.close()
            await until_board(desk, lambda shown: state_of(shown, me) == "wrap_up")
            own = (await desk.http.get("/api/presence")).json()
            assert own["state"] == "wrap_up"
            assert own["until"]
            assert own["day"]["calls"] == 1
        await until_board(desk, lambda shown: state_of(shown, me) == "away")


async def test_groups_and_skills_decide_who_is_rung(tmp_path: Path) -> None:
    async with service(tmp_path) as (house, supervisor, client_id):
        desk = await house.signed_in(OPERATOR)
        me = (await desk.http.get("/api/session")).json()["id"]
        wanted = [
            {"name": "Santé", "skills": ["santé"], "overflow_to": "Tous", "overflow_after_s": 600},
            {"name": "Tous", "strategy": "all"},
        ]
        kept = await supervisor.http.put("/api/floor/groups", json={"groups": wanted})
        assert kept.status_code == 200, kept.text
        health = kept.json()["groups"][0]["id"]
        await welcomed(supervisor, client_id, group=health)
        async with desk.socket("/api/board/socket"), calling(house):
            waiting = await until_board(desk, lambda shown: shown["waiting"])
            assert waiting["waiting"][0]["rings"] == []
            assert waiting["waiting"][0]["group"] == "Santé"
            skilled = {"skills": ["Santé"], "languages": ["fr"]}
            answer = await supervisor.http.put(f"/api/floor/operators/{me}", json=skilled)
            assert answer.status_code == 204, answer.text
            await until_board(desk, lambda shown: shown["waiting"][0]["rings"] == [me])
        bad = [{"name": "A", "overflow_to": "B"}]
        refused = await supervisor.http.put("/api/floor/groups", json={"groups": bad})
        assert (refused.status_code, refused.json()["code"]) == (422, "bad_groups")
        assert len((await supervisor.http.get("/api/floor/groups")).json()["groups"]) == 2


async def test_what_cannot_be_played_or_promised_is_refused_and_changes_nothing(
    tmp_path: Path,
) -> None:
    async with service(tmp_path) as (house, supervisor, client_id):
        refused = await upload(supervisor, client_id, "greeting", b"ID3 no wav at all")
        assert (refused.status_code, refused.json()["code"]) == (422, "sound_not_wav")
        long = await upload(supervisor, client_id, "greeting", wav(np.tile(MUSIC, 30)))
        assert long.json()["code"] == "sound_too_long"
        path = f"/api/clients/{client_id}/welcome"
        promised = await supervisor.http.put(path, json={**WELCOME, "announce": True})
        assert promised.json()["code"] == "bad_welcome"
        week = [[{"from_time": "09:00", "until_time": "12:00"},
                 {"from_time": "11:00", "until_time": "13:00"}], *[[]] * 6]  # fmt: skip
        overlapping = await supervisor.http.put(path, json={"hours": {"week": week}})
        assert overlapping.json()["code"] == "bad_hours"
        assert (await supervisor.http.get(path)).json()["hours"] is None
        assert (await upload(supervisor, client_id, "announcement", wav(NOTICE))).status_code == 200
        await welcomed(supervisor, client_id, announce=True)
        taken = await supervisor.http.delete(f"/api/clients/{client_id}/sounds/announcement")
        assert (taken.status_code, taken.json()["code"]) == (409, "sound_needed")
        listened = await supervisor.http.get(f"/api/clients/{client_id}/sounds/announcement")
        with wave.open(io.BytesIO(listened.content)) as file:
            assert (file.getframerate(), file.getnchannels()) == (16000, 1)
            assert file.getnframes() == pytest.approx(2 * len(NOTICE), abs=400)
        actions = {e.act.action for e in await house.house.store.audit.entries()}
        assert {"sound.added", "welcome.changed"} <= actions
