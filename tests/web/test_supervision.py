"""The supervisor's ear over HTTP, on a real call: SIP telephone, WebRTC operator and supervisor."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from copilot.store.records.clients import Supervision
from models.scripted import ScriptedRecogniser
from telephony.g711 import Pcm
from tests.telephony.browser import AiortcPeer
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

REASON = "formation de la semaine"
PITCH_HZ = {"caller": 425, "operator": 725, "supervisor": 1625}
SAID, UNSAID = 1000.0, 150.0


def tone(person: str) -> Pcm:
    at = np.arange(8000 * 60) / 8000
    return (4000 * np.sin(2 * np.pi * PITCH_HZ[person] * at)).astype(np.int16)


def amplitude(pcm: Pcm, person: str) -> float:
    pieces = pcm[: len(pcm) // 400 * 400].reshape(-1, 400).astype(np.float64)
    wave = np.exp(-2j * np.pi * PITCH_HZ[person] * np.arange(400) / 8000)
    return float(np.median(np.abs(pieces @ wave)) * 2 / 400) if len(pieces) else 0.0


def spoken(ear: SipCaller | AiortcPeer, since: int) -> set[str]:
    """Who is heard in what came since."""
    heard = ear.heard[since:]
    return {person for person in PITCH_HZ if amplitude(heard[-4000:], person) > SAID}


async def hears(ear: SipCaller | AiortcPeer, *people: str) -> None:
    """Wait until these, and nobody else, are heard for half a second."""
    since, steady, last = len(ear.heard), 0, -1
    async with asyncio.timeout(20):
        while steady < 6:
            await asyncio.sleep(0.1)
            now = len(ear.heard)
            if now - since < 4000 or now == last:
                continue
            last = now
            steady = steady + 1 if spoken(ear, since) == set(people) else 0


@dataclass
class Floor:
    """A call with an operator, and a supervisor who is not on it yet."""

    service: Running
    desk: Browser
    gallery: Browser
    caller: SipCaller
    operator: AiortcPeer
    call_id: str

    async def join(self, part: str, *, gallery: Browser | None = None) -> AiortcPeer:
        peer = AiortcPeer(tone("supervisor"))
        answer = await self.ask(peer, part, gallery=gallery)
        assert answer.status_code == 200, answer.text
        await peer.take(answer.json()["sdp"])
        return peer

    async def ask(
        self, peer: AiortcPeer, part: str, *, reason: str = REASON, gallery: Browser | None = None
    ) -> httpx.Response:
        offer = {"type": "offer", "sdp": await peer.offer()}
        body = {"offer": offer, "part": part, "reason": reason}
        http = (gallery or self.gallery).http
        return await http.post(f"/api/calls/{self.call_id}/supervision", json=body)

    async def change(self, part: str) -> None:
        path = f"/api/calls/{self.call_id}/supervision"
        answer = await self.gallery.http.put(path, json={"part": part})
        assert answer.status_code == 204, answer.text

    async def leave(self) -> None:
        answer = await self.gallery.http.delete(f"/api/calls/{self.call_id}/supervision")
        assert answer.status_code == 204, answer.text

    async def audited(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Oldest first: action, reason, detail."""
        entries = await self.service.house.store.audit.entries(limit=50)
        return [
            (e.act.action.removeprefix("call.supervision."), e.act.reason, dict(e.act.detail))
            for e in reversed(entries)
            if e.act.action.startswith("call.supervision")
        ]

    async def audited_end(self) -> dict[str, Any]:
        async with asyncio.timeout(10):
            while True:
                for action, _, detail in await self.audited():
                    if action == "ended":
                        return detail
                await asyncio.sleep(0.05)


@asynccontextmanager
async def call(tmp_path: Path, **settings: Any) -> AsyncIterator[Floor]:
    async with running(tmp_path, recogniser=ScriptedRecogniser(["bonjour"]), **settings) as service:
        desk = await service.signed_in(OPERATOR)
        gallery = await service.signed_in(SUPERVISOR)
        assert service.house.sip is not None
        async with sip_caller(service.house.sip.address, DELORME_LINE, tone("caller")) as caller:
            call_id = await first_call(service)
            operator = await desk.answer(call_id, tone("operator"))
            await hears(caller, "operator")
            yield Floor(service, desk, gallery, caller, operator, call_id)
            await desk.http.post(f"/api/calls/{call_id}/hangup")
            await operator.close()


async def wants(service: Running, supervision: Supervision) -> None:
    """Set what the client of the line wants."""
    provider = service.house.store.provider
    route = await provider.route(DELORME_LINE)
    assert route is not None
    scope = service.house.store.for_client(route.client_id)
    client = await scope.client()
    changed = replace(client, settings=replace(client.settings, supervision=supervision))
    await provider.save_client(
        changed, numbers=await scope.numbers(), at=service.house.journal.now()
    )


async def test_listen_whisper_and_barge_in_reach_whom_they_should(tmp_path: Path) -> None:
    async with (
        call(tmp_path) as floor,
        floor.desk.socket(f"/api/calls/{floor.call_id}/socket") as events,
        floor.gallery.socket("/api/board/socket") as board,
    ):
        supervisor = await floor.join("listen")
        told = await next_event(events, "call_supervised", part="listen")
        assert told["data"]["supervisor_name"]
        await next_board(board, supervised="listen")
        await hears(supervisor, "caller", "operator")
        await hears(floor.operator, "caller")
        await hears(floor.caller, "operator")

        await floor.change("whisper")
        await next_event(events, "call_supervised", part="whisper")
        await hears(floor.operator, "caller", "supervisor")
        await hears(floor.caller, "operator")

        await floor.change("barge")
        await hears(floor.caller, "operator", "supervisor")

        await floor.leave()
        await next_event(events, "call_supervised", part=None)
        await next_board(board, supervised=None)
        await hears(floor.operator, "caller")
        await hears(floor.caller, "operator")
        assert [(action, reason) for action, reason, _ in await floor.audited()] == [
            ("begun", REASON), ("changed", ""), ("changed", ""), ("ended", ""),
        ]  # fmt: skip
        assert (await floor.audited_end())["why"] == "left"
        await supervisor.close()


async def test_only_a_supervisor_with_a_reason_and_one_at_a_time(tmp_path: Path) -> None:
    async with call(tmp_path) as floor:
        peer = AiortcPeer(tone("supervisor"))
        assert (await floor.ask(peer, "listen", gallery=floor.desk)).status_code == 404
        assert (await floor.ask(peer, "listen", reason="  ")).status_code == 422
        assert (await floor.ask(peer, "eavesdrop")).status_code == 422
        assert await floor.audited() == []
        nothing = await floor.gallery.http.delete(f"/api/calls/{floor.call_id}/supervision")
        assert (nothing.status_code, nothing.json()["code"]) == (404, "no_such_call")
        broken = await floor.gallery.http.post(
            f"/api/calls/{floor.call_id}/supervision",
            json={"offer": {"type": "offer", "sdp": "v=0"}, "part": "listen", "reason": REASON},
        )
        assert broken.status_code == 422
        assert await floor.audited() == [], "nothing was heard"
        await hears(floor.caller, "operator")
        await peer.close()


async def test_a_client_may_forbid_it_or_want_it_silent(tmp_path: Path) -> None:
    async with running(tmp_path) as service:
        await wants(service, "forbidden")
    async with call(tmp_path) as floor:
        peer = AiortcPeer(tone("supervisor"))
        refused = await floor.ask(peer, "listen")
        assert (refused.status_code, refused.json()["code"]) == (409, "supervision_forbidden")
        assert await floor.audited() == []
        await peer.close()
        await wants(floor.service, "hidden")
    async with call(tmp_path) as floor:
        supervisor = await floor.join("listen")
        await hears(supervisor, "caller", "operator")
        detail = (await floor.desk.http.get(f"/api/calls/{floor.call_id}")).json()
        assert "call_supervised" not in {event["kind"] for event in detail["events"]}
        assert [action for action, _, _ in await floor.audited()] == ["begun"], "but written down"
        async with floor.desk.socket(f"/api/calls/{floor.call_id}/socket") as events:
            await floor.change("whisper")
            await next_event(events, "call_supervised", part="whisper")
        await supervisor.close()


async def test_a_supervisor_comes_back_after_a_reload_and_is_not_audited_twice(
    tmp_path: Path,
) -> None:
    async with call(tmp_path) as floor:
        first = await floor.join("listen")
        await hears(first, "caller", "operator")
        await first.close()
        second = await floor.join("listen")
        await hears(second, "caller", "operator")
        assert [action for action, _, _ in await floor.audited()] == ["begun"]
        await hears(floor.operator, "caller")
        await second.close()


async def test_a_supervisor_whose_browser_vanishes_is_let_go(tmp_path: Path) -> None:
    async with call(tmp_path) as floor:
        floor.service.house.supervision._come_back_s = 0.5
        supervisor = await floor.join("barge")
        await hears(floor.caller, "operator", "supervisor")
        await supervisor.close()
        assert (await floor.audited_end())["why"] == "lost"
        await hears(floor.caller, "operator")
        await hears(floor.operator, "caller")


async def test_the_end_of_the_call_ends_the_ear(tmp_path: Path) -> None:
    async with call(tmp_path) as floor:
        supervisor = await floor.join("listen")
        await hears(supervisor, "caller", "operator")
        await floor.desk.http.post(f"/api/calls/{floor.call_id}/hangup")
        ended = await floor.audited_end()
        assert ended["why"] == "call_ended" and ended["part"] == "listen"
        await supervisor.close()
