"""Remarks, evaluations and alerts over HTTP: who sees what, blind calibrations, live alerts."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.scenes import Scene, answered
from tests.web.running import CLIENT, OPERATOR, SUPERVISOR, Browser, Running, running

CRITERIA = [
    {"id": "a", "text": "Phrase d'accueil", "weight": 1, "critical": False},
    {"id": "b", "text": "Ne promet rien", "weight": 3, "critical": True},
]


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path) as service:
        yield service


async def ended(service: Running, operator: Browser) -> Scene:
    me = (await operator.http.get("/api/session")).json()["id"]
    scene = await answered(service, me)
    await scene.talk()
    await scene.end()
    return scene


async def second_supervisor(service: Running) -> Browser:
    await service.house.accounts.create_user(
        email="autre@example.fr", name="Autre", role="supervisor", password="quatre chevaux verts"
    )
    return await service.signed_in("autre@example.fr", password="quatre chevaux verts")


async def test_remarks_are_between_supervisors_but_coaching_is_the_operators(
    service: Running,
) -> None:
    operator, supervisor = await service.signed_in(OPERATOR), await service.signed_in(SUPERVISOR)
    scene = await ended(service, operator)
    address = f"/api/calls/{scene.call_id}/remarks"
    moment = {"utterance_id": "caller-2", "span": [0, 7]}
    for kind in ("flag", "comment", "coaching"):
        given = {"kind": kind, "text": f"un {kind}", "moment": moment}
        made = await supervisor.http.post(address, json=given)
        assert made.status_code == 201 and made.json()["moment"] == moment
    assert len((await supervisor.http.get(address)).json()) == 3
    (mine,) = (await operator.http.get(address)).json()
    assert mine["kind"] == "coaching"
    told = (await operator.http.get("/api/coaching")).json()
    assert [one["id"] for one in told["remarks"]] == [mine["id"]]
    client = await service.signed_in(CLIENT)
    assert (await client.http.get(address)).status_code == 404
    settled = await supervisor.http.post(f"{address}/{mine['id']}/settle", json={"resolved": True})
    assert settled.json()["resolved_by_name"]
    assert len((await supervisor.http.get("/api/remarks")).json()) == 2
    actions = [entry.act.action for entry in await service.house.store.audit.entries(limit=500)]
    assert actions.count("remark.added") == 3 and "remark.resolved" in actions


async def test_a_calibration_is_blind_until_ones_own_is_given(service: Running) -> None:
    operator, one = await service.signed_in(OPERATOR), await service.signed_in(SUPERVISOR)
    other = await second_supervisor(service)
    scene = await ended(service, operator)
    grid = {"name": "Accueil", "criteria": CRITERIA, "over": 0}
    made = (await one.http.post("/api/quality/grids", json=grid)).json()
    stale = await one.http.put(f"/api/quality/grids/{made['id']}", json={**grid, "over": 5})
    assert stale.status_code == 404
    second = await one.http.put(f"/api/quality/grids/{made['id']}", json={**grid, "over": 1})
    assert second.json()["version"] == 2
    late = await one.http.put(f"/api/quality/grids/{made['id']}", json={**grid, "over": 1})
    assert late.status_code == 409
    address = f"/api/calls/{scene.call_id}/evaluations"

    async def evaluate(browser: Browser, marks: dict[str, str]) -> Any:
        given = {"grid_id": made["id"], "grid_version": 2, "marks": marks, "calibrating": True}
        path = f"/api/calls/{scene.call_id}/evaluation"
        return await browser.http.put(path, json=given)

    assert (await evaluate(one, {"a": "yes"})).json()["code"] == "bad_grid"
    assert (await evaluate(one, {"a": "partly", "b": "yes"})).json()["score"] == 87.5
    before = (await other.http.get(address)).json()
    assert (before["evaluations"], before["hidden"]) == ([], 1)
    assert (await evaluate(other, {"a": "yes", "b": "no"})).json()["score"] == 0.0
    after = (await other.http.get(address)).json()
    assert len(after["evaluations"]) == 2 and after["hidden"] == 0
    assert [(d["criterion_id"], d["marks"]) for d in after["differences"]] == [
        ("a", ["partly", "yes"]), ("b", ["yes", "no"]),
    ]  # fmt: skip
    assert (await operator.http.get(address)).json()["evaluations"] == []
    counted = await one.http.get("/api/quality/trend", params={"grid_id": made["id"]})
    assert counted.json()["evaluations"] == 0


async def test_an_evaluation_that_counts_is_its_operators_to_see(service: Running) -> None:
    operator, supervisor = await service.signed_in(OPERATOR), await service.signed_in(SUPERVISOR)
    scene = await ended(service, operator)
    grid = (
        await supervisor.http.post(
            "/api/quality/grids", json={"name": "Accueil", "criteria": CRITERIA, "over": 0}
        )
    ).json()
    given = {"grid_id": grid["id"], "grid_version": 1, "marks": {"a": "no", "b": "yes"}}
    path = f"/api/calls/{scene.call_id}/evaluation"
    assert (await supervisor.http.put(path, json=given)).json()["score"] == 75.0
    (seen,) = (await operator.http.get("/api/coaching")).json()["evaluations"]
    assert (seen["score"], seen["own"]) == (75.0, False)
    found = await supervisor.http.get("/api/quality/trend", params={"grid_id": grid["id"]})
    assert found.json()["score"] == 75.0 and len(found.json()["points"]) == 2


async def test_alerts_are_on_the_supervisors_board_until_taken(service: Running) -> None:
    supervisor, operator = await service.signed_in(SUPERVISOR), await service.signed_in(OPERATOR)
    rules = {"words": ["résilier"], "long_wait_s": 5}
    kept = await supervisor.http.put("/api/alert-rules", json=rules)
    assert kept.status_code == 200 and kept.json()["long_silence_s"] == 45
    bad = await supervisor.http.put("/api/alert-rules", json={"long_wait_s": 2})
    assert bad.json()["code"] == "bad_alert_rules"
    me = (await operator.http.get("/api/session")).json()["id"]
    async with supervisor.socket("/api/board/socket") as board:
        scene = await answered(service, me)
        said = scene.say("caller", "Je voudrais résilier")
        alerts: list[dict[str, Any]] = []
        while not alerts:
            alerts = json.loads(await board.recv())["alerts"]
        assert [(one["kind"], one["about"], one["words"]) for one in alerts] == [
            ("word", said, "résilier")
        ]
        assert (await operator.http.get("/api/board")).json()["alerts"] == []
        taken = await supervisor.http.post(f"/api/alerts/{alerts[0]['id']}/take")
        assert taken.status_code == 204
        while alerts:
            alerts = json.loads(await board.recv())["alerts"]
    assert (await operator.http.post(f"/api/alerts/{said}/take")).status_code == 404
    entries = await service.house.store.audit.entries(action="alert.taken")
    assert len(entries) == 1


async def test_an_urgent_message_that_nobody_takes_calls(service: Running) -> None:
    operator, supervisor = await service.signed_in(OPERATOR), await service.signed_in(SUPERVISOR)
    scene = await ended(service, operator)
    await service.house.store.for_client(scene.client_id).approve_message(
        scene.call_id, fields={"urgency": "critique"}, note="", urgency="critique",
        approved_by="o", approved_by_name="n",
        at=service.house.journal.now() - timedelta(hours=1),
    )  # fmt: skip
    async with supervisor.socket("/api/board/socket") as board:
        kinds: list[str] = []
        while "urgency" not in kinds:
            kinds = [one["kind"] for one in json.loads(await board.recv())["alerts"]]
