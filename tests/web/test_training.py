"""Exercises at the desk: played, scored, seen by whom they concern, and no call anywhere."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from copilot.events import UtteranceHeard
from copilot.store.records.calls import NewCall
from tests.web.running import OPERATOR, SUPERVISOR, Browser, Running, next_event, running

DELORME = "demo-delorme"
EXERCISE: dict[str, Any] = {
    "client_id": DELORME,
    "title": "Fuite sous l'évier",
    "lines": [
        {"speaker": "operator", "text": "Plomberie Delorme, bonjour."},
        {"speaker": "caller", "text": "Vous intervenez aussi le week-end ?"},
        {"speaker": "caller", "text": "J'ai une fuite sous l'évier de la cuisine."},
    ],
    "expected": {"caller_name": "Hélène Marchand", "urgency": "urgent", "email": None},
    "points": ["fuite sous l'évier"],
    "target_s": 60,
}


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path) as service:
        service.house.training.speed = 50.0
        yield service


async def prepared(service: Running, **changes: Any) -> tuple[Browser, dict[str, Any]]:
    supervisor = await service.signed_in(SUPERVISOR)
    answer = await supervisor.http.post("/api/training/exercises", json={**EXERCISE, **changes})
    assert answer.status_code == 201, answer.text
    return supervisor, answer.json()


async def begun(service: Running, exercise: dict[str, Any]) -> tuple[Browser, str]:
    trainee = await service.signed_in(OPERATOR)
    answer = await trainee.http.post("/api/training/runs", json={"exercise_id": exercise["id"]})
    assert answer.status_code == 201, answer.text
    return trainee, str(answer.json()["id"])


async def played(trainee: Browser, run_id: str) -> list[str]:
    """Wait for the end of the call; what was said."""
    async with trainee.socket(f"/api/training/runs/{run_id}/socket") as events:
        said = [
            str((await next_event(events, "utterance_heard"))["data"]["text"])
            for _ in EXERCISE["lines"]
        ]
        await next_event(events, "call_ended")
    return said


async def test_a_whole_exercise(service: Running) -> None:
    supervisor, exercise = await prepared(service)
    trainee, run_id = await begun(service, exercise)
    assert await played(trainee, run_id) == [line["text"] for line in EXERCISE["lines"]]
    http = trainee.http
    detail = (await http.get(f"/api/training/runs/{run_id}")).json()
    kinds = [event["kind"] for event in detail["events"]]
    assert {"suggestion_offered", "draft_changed"} <= set(kinds), kinds
    edit = {"fields": {"caller_name": "Hélène Marchand", "urgency": "urgent"}}
    typed = await http.patch(f"/api/training/runs/{run_id}/draft", json=edit)
    edited = {one["name"] for one in typed.json()["fields"] if one["edited"]}
    assert {"caller_name", "urgency"} <= edited
    assert (await http.get(f"/api/training/runs/{run_id}/ask", params={"q": "week-end"})).is_success
    fields = {**edit["fields"], "reason": "Une fuite sous l'évier"}
    sent = await http.post(f"/api/training/runs/{run_id}/message", json={"fields": fields})
    assert sent.status_code == 200, sent.text
    score = sent.json()["score"]
    assert {one["name"]: one["grade"] for one in score["fields"]} == {
        "caller_name": "exact", "urgency": "exact", "email": "exact",
    }  # fmt: skip
    assert score["covered"] == EXERCISE["points"] and not score["emergency_missed"]
    assert (await http.post(f"/api/training/runs/{run_id}/message", json={"fields": fields})
            ).status_code == 409  # fmt: skip
    own = (await http.get("/api/training/runs")).json()
    assert [(run["id"], run["score"]["percent"]) for run in own] == [(run_id, score["percent"])]
    seen = (await supervisor.http.get("/api/training/runs")).json()
    assert [run["operator_name"] for run in seen] == ["Inès Carpentier"]


async def test_an_exercise_is_no_call(service: Running) -> None:
    supervisor, exercise = await prepared(service)
    trainee, run_id = await begun(service, exercise)
    await played(trainee, run_id)
    sent = await trainee.http.post(
        f"/api/training/runs/{run_id}/message", json={"fields": {"reason": "x"}}
    )
    assert sent.status_code == 200
    for path in ("/api/calls", "/api/messages"):
        assert (await supervisor.http.get(path)).json() == [], path
    assert (await supervisor.http.get("/api/board")).json()["calls"] == []
    assert (await supervisor.http.get("/api/search", params={"q": "evier"})).json()["lines"] == []
    assert (await trainee.http.get(f"/api/calls/{run_id}")).status_code == 404
    scope = service.house.store.for_client(DELORME)
    assert await scope.gaps() == ()


async def test_what_is_expected_is_not_told_to_trainees(service: Running) -> None:
    _, exercise = await prepared(service)
    trainee, run_id = await begun(service, exercise)
    offered = (await trainee.http.get("/api/training/offered")).json()
    assert [one["title"] for one in offered] == [EXERCISE["title"]]
    shown = [offered, (await trainee.http.get(f"/api/training/runs/{run_id}")).json()]
    assert "Hélène Marchand" not in str(shown)
    assert (await trainee.http.get("/api/training/exercises")).status_code == 404


async def test_another_trainee_s_turn_does_not_exist(service: Running) -> None:
    _, exercise = await prepared(service)
    _, run_id = await begun(service, exercise)
    await service.house.accounts.create_user(
        email="autre@example.fr", name="Autre", role="operator", password="quatre chevaux verts"
    )
    other = await service.signed_in("autre@example.fr", password="quatre chevaux verts")
    assert (await other.http.get("/api/training/runs")).json() == []
    for path in ("", "/result", "/ask?q=x"):
        assert (await other.http.get(f"/api/training/runs/{run_id}{path}")).status_code == 404
    body: dict[str, Any] = {"fields": {}}
    assert (await other.http.post(f"/api/training/runs/{run_id}/message", json=body)
            ).status_code == 404  # fmt: skip


async def test_a_turn_begun_anew_puts_the_former_away(service: Running) -> None:
    _, exercise = await prepared(service)
    trainee, first = await begun(service, exercise)
    again = await trainee.http.post("/api/training/runs", json={"exercise_id": exercise["id"]})
    assert again.status_code == 201
    assert (await trainee.http.get(f"/api/training/runs/{first}")).status_code == 404
    late = await trainee.http.post(f"/api/training/runs/{first}/message", json={"fields": {}})
    assert late.status_code == 409


async def test_a_reviewed_call_becomes_an_exercise_of_nobody(service: Running) -> None:
    scope = service.house.store.for_client(DELORME)
    at = datetime.now(UTC)
    await scope.create_call(NewCall(id="c", dialled="+33199001234", source="sip", ringing_at=at))
    said = ("Plomberie Delorme", "Odile Berthier, au 06 39 98 41 27, pour un devis.")
    for seq, text in enumerate(said, 1):
        heard = UtteranceHeard(
            call_id="c", seq=seq, at=at, leg="caller" if seq == 2 else "operator",
            utterance_id=f"u{seq}", text=text, heard=text, start_s=seq * 5.0, end_s=seq * 5.0 + 2,
            language="fr", confidence=1.0,
        )  # fmt: skip
        await scope.append_events("c", [heard])
    await scope.mark_answered("c", operator_id="o", operator_name="n", at=at)
    supervisor = await service.signed_in(SUPERVISOR)
    wanted = {"call_id": "c", "reason": "Bon cas de devis"}
    live = await supervisor.http.post("/api/training/exercises/from-call", json=wanted)
    assert live.status_code == 409
    await scope.mark_ended("c", ended_by="caller", reason="r", at=at + timedelta(minutes=1))
    await scope.approve_message(
        "c", fields={"caller_name": "Odile Berthier", "reason": "Devis", "phone": "+33639984127"},
        note="", urgency="normal", approved_by="o", approved_by_name="n", at=at,
    )  # fmt: skip
    made = await supervisor.http.post("/api/training/exercises/from-call", json=wanted)
    assert made.status_code == 200, made.text
    assert "Berthier" not in made.text and "4127" not in made.text and "41 27" not in made.text
    assert made.json()["expected"]["caller_name"] == "Camille Roussel"
    kept = await supervisor.http.post("/api/training/exercises", json=made.json())
    assert kept.status_code == 201, kept.text
    (taken,) = await service.house.store.audit.entries(action="training.taken_from_call")
    assert (taken.act.reason, taken.act.subject) == ("Bon cas de devis", "c")


async def test_an_exercise_is_changed_and_removed_with_its_turns(service: Running) -> None:
    supervisor, exercise = await prepared(service)
    _, run_id = await begun(service, exercise)
    edit = {name: EXERCISE[name] for name in ("lines", "expected")} | {"title": "Autre"}
    path = f"/api/training/exercises/{exercise['id']}"
    assert (await supervisor.http.put(path, json=edit)).json()["title"] == "Autre"
    wrong = await supervisor.http.put(path, json={**edit, "expected": {"nonsense": "x"}})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "bad_exercise")
    assert "nonsense" in wrong.json()["message"]
    assert (await supervisor.http.delete(path)).status_code == 204
    assert (await supervisor.http.delete(path)).status_code == 404
    assert (await supervisor.http.get("/api/training/runs")).json() == []
    assert (await supervisor.http.get(f"/api/training/runs/{run_id}/result")).status_code == 404


async def test_turns_go_with_their_time(service: Running) -> None:
    _, exercise = await prepared(service)
    await begun(service, exercise)
    scope = service.house.store.for_client(DELORME)
    now = datetime.now(UTC)
    assert await scope.forget_training(before=now - timedelta(days=1)) == 0
    assert await scope.forget_training(before=now + timedelta(days=1)) == 1
    assert await service.house.store.trainings.runs() == ()
    (entry,) = await service.house.store.audit.entries(action="retention.training")
    assert entry.act.detail["rows"] == {"training_runs": 1}
