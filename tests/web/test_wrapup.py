"""The end of a call over HTTP: its summary, proposed texts taken or refused, edits measured."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import websockets

from tests.end_to_end.scenes import Scene, answered
from tests.languagemodel.scripted import (
    Behaviour,
    ScriptedServer,
    answers,
    scripted_server,
    sends,
)
from tests.web.running import CLIENT, OPERATOR, SUPERVISOR, Browser, Running, next_event, running

WRITTEN = {
    "reason": "La cliente signale une fuite sous l'évier de la cuisine.",
    "summary": "La cliente signale une fuite sous l'évier de la cuisine depuis ce matin. "
    "Elle demande si une intervention est possible le week-end.",
    "reply": "",
}


@asynccontextmanager
async def over(
    data: Path, *behaviours: Behaviour
) -> AsyncIterator[tuple[Running, Browser, Scene, ScriptedServer]]:
    """A call that has ended, at the desk of who answered it."""
    async with (
        scripted_server(*behaviours) as server,
        running(
            data,
            llm_url=server.url if behaviours else "",
            llm_model="scripted",
            llm_wordings=False,
        ) as service,
    ):
        desk = await service.signed_in(OPERATOR)
        me = (await desk.http.get("/api/session")).json()
        scene = await answered(service, me["id"])
        await scene.talk()
        await scene.end()
        yield service, desk, scene, server


@asynccontextmanager
async def following(desk: Browser, scene: Scene) -> AsyncIterator[websockets.ClientConnection]:
    """What happens to the call from now on."""
    detail = (await desk.http.get(f"/api/calls/{scene.call_id}")).json()
    since = detail["events"][-1]["seq"]
    async with desk.socket(f"/api/calls/{scene.call_id}/socket?since={since}") as socket:
        yield socket


async def written(desk: Browser, scene: Scene, state: str = "written") -> dict[str, Any]:
    """Ask for the texts; what becomes of them."""
    async with following(desk, scene) as socket:
        answer = await desk.http.post(f"/api/calls/{scene.call_id}/texts")
        assert answer.status_code == 202, answer.text
        event = await next_event(socket, "writing_changed", state=state)
    return dict(event["data"])


async def fields_of(desk: Browser, scene: Scene) -> dict[str, dict[str, Any]]:
    detail = (await desk.http.get(f"/api/calls/{scene.call_id}")).json()
    return {field["name"]: field for field in detail["draft"]}


async def test_without_a_model_the_wrap_up_is_complete(tmp_path: Path) -> None:
    async with over(tmp_path) as (_, desk, scene, _):
        summary = (await fields_of(desk, scene))["summary"]
        assert summary["value"] == (
            "Appel sans nom. Motif : Fuite sous l'évier. Adresse : 12 rue des Tanneurs."
        )
        assert not summary["edited"]
        done = (await desk.http.get(f"/api/calls/{scene.call_id}/wrapup")).json()["actions"]
        assert [one["deed"] for one in done] == ["answered", "asked", "ended"]
        refused = await desk.http.post(f"/api/calls/{scene.call_id}/texts")
        assert (refused.status_code, refused.json()["code"]) == (409, "no_language_model")
        assert (await desk.http.get(f"/api/calls/{scene.call_id}")).json()["writer"] is None


async def test_the_summary_follows_what_the_operator_types_until_they_type_it(
    tmp_path: Path,
) -> None:
    async with over(tmp_path) as (_, desk, scene, _):
        path = f"/api/calls/{scene.call_id}/draft"
        await desk.http.patch(path, json={"fields": {"caller_name": "Odette Girard"}})
        summary = (await fields_of(desk, scene))["summary"]
        assert summary["value"].startswith("Odette Girard a appelé.")
        await desk.http.patch(path, json={"fields": {"summary": "Fuite, rappeler."}})
        await desk.http.patch(path, json={"fields": {"caller_name": "Odile Girard"}})
        summary = (await fields_of(desk, scene))["summary"]
        assert (summary["value"], summary["edited"]) == ("Fuite, rappeler.", True)


async def test_a_text_is_nothing_until_it_is_taken(tmp_path: Path) -> None:
    async with over(tmp_path, answers(WRITTEN)) as (service, desk, scene, server):
        before = await fields_of(desk, scene)
        event = await written(desk, scene)
        assert event["model"] == "scripted"
        assert {text["name"]: text["text"] for text in event["texts"]} == {
            "reason": WRITTEN["reason"],
            "summary": WRITTEN["summary"],
        }
        assert await fields_of(desk, scene) == before
        (asked,) = server.asked
        assert "fuite sous l'évier" in asked.data

        decide = f"/api/calls/{scene.call_id}/texts"
        other = await desk.http.post(f"{decide}/reason", json={"taken": True, "text": "Autre."})
        assert other.status_code == 409
        none = await desk.http.post(f"{decide}/reply", json={"taken": True, "text": "Autre."})
        assert none.status_code == 404
        taken = await desk.http.post(
            f"{decide}/reason", json={"taken": True, "text": WRITTEN["reason"]}
        )
        assert taken.status_code == 200
        refused = await desk.http.post(f"{decide}/summary", json={"taken": False, "text": ""})
        assert refused.status_code == 200
        after = await fields_of(desk, scene)
        assert (after["reason"]["value"], after["reason"]["edited"]) == (WRITTEN["reason"], True)
        assert not after["summary"]["edited"]
        kept = await service.house.store.for_client(scene.client_id).draft_edits(scene.call_id)
        assert kept == {"reason": WRITTEN["reason"]}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Monsieur Tartempion signale une fuite sous l'évier.", "name"),
        ("La cliente signale une fuite, à rappeler au 06 39 98 99 99.", "phone"),
        ("Le rendez-vous de la cliente est confirmé.", "promise"),
        ("<b>La cliente</b> signale une fuite sous l'évier.", "markup"),
        ("The caller has a leak under the sink of her kitchen.", "language"),
        ("Fuite sous l'évier. " * 40, "too_long"),
    ],
)
async def test_a_text_that_says_more_than_was_said_is_never_shown(
    tmp_path: Path, text: str, why: str
) -> None:
    async with over(tmp_path, answers({**WRITTEN, "reason": text})) as (_, desk, scene, _):
        event = await written(desk, scene)
        assert event["rejected"] == [{"name": "reason", "why": why}]
        assert [kept["name"] for kept in event["texts"]] == ["summary"]


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        (answers("{"), "language_model_unreadable"),
        (sends(b"", status="500 No", Retry_After="0"), "language_model_overloaded"),
        (sends(b"", status="401 No"), "language_model_refused"),
    ],
)
async def test_a_failing_model_is_said_and_takes_nothing_away(
    tmp_path: Path, behaviour: Behaviour, code: str
) -> None:
    async with over(tmp_path, behaviour) as (_service, desk, scene, _):
        for _ in range(3):
            event = await written(desk, scene, state="failed")
            assert event["failure"] == code
        assert (await written(desk, scene, state="failed"))["failure"] == "language_model_resting"
        parts = (await desk.http.get("/healthz")).json()["parts"]
        assert parts["language_model"] == "unavailable"
        approved = await desk.http.post(
            f"/api/calls/{scene.call_id}/message",
            json={"fields": {"reason": "Fuite", "summary": "Fuite."}},
        )
        assert approved.status_code == 202
        assert approved.json()["fields"]["summary"] == "Fuite."


async def test_edits_are_measured_for_the_client_and_nobody_is_named(tmp_path: Path) -> None:
    async with over(tmp_path) as (service, desk, scene, _):
        await desk.http.post(
            f"/api/calls/{scene.call_id}/message",
            json={
                "fields": {
                    "reason": "Fuite sous l'évier",
                    "address": "12 bis rue des Tanneurs",
                    "email": "odette.girard@example.fr",
                }
            },
        )
        board = await service.signed_in(SUPERVISOR)
        answer = await board.http.get(f"/api/clients/{scene.client_id}/edits")
        assert answer.status_code == 200
        measured = {one["field"]: one for one in answer.json()["fields"]}
        assert measured["reason"]["kept"] == 1
        assert measured["address"]["changed"] == 1
        assert measured["address"]["changed_share"] == pytest.approx(4 / 23, abs=0.001)
        assert measured["email"]["added"] == 1
        assert measured["summary"]["emptied"] == 1
        me = (await desk.http.get("/api/session")).json()
        assert me["id"] not in answer.text and me["name"] not in answer.text
        for other in (desk, await service.signed_in(CLIENT)):
            path = f"/api/clients/{scene.client_id}/edits"
            assert (await other.http.get(path)).status_code == 404


async def test_the_same_call_is_written_about_once_at_a_time(tmp_path: Path) -> None:
    released = asyncio.Event()

    async def late(asked: Any, writer: asyncio.StreamWriter) -> None:
        await released.wait()
        await answers(WRITTEN)(asked, writer)

    async with over(tmp_path, late) as (_, desk, scene, server):
        async with following(desk, scene) as socket:
            for _ in range(3):
                answer = await desk.http.post(f"/api/calls/{scene.call_id}/texts")
                assert answer.status_code == 202
            released.set()
            await next_event(socket, "writing_changed", state="written")
        assert len(server.asked) == 1
