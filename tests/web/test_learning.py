"""Gaps become entries, use is told, a client has its own threshold."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from copilot.drafting.draft import Turn
from copilot.store.records.calls import NewCall
from models.scripted import ScriptedRecogniser
from tests.web.running import (
    CLIENT,
    OPERATOR,
    SUPERVISOR,
    LastWordsDrafter,
    Running,
    WordPrompter,
    running,
)
from web.composition.backends import Backends

OWN, OTHER = "demo-delorme", "demo-vasseur"


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path) as service:
        yield service


async def gap_of(service: Running, client_id: str, text: str) -> str:
    scope = service.house.store.for_client(client_id)
    call = NewCall(
        id=f"call-{client_id}", dialled="+33199001234", source="sip", ringing_at=datetime.now(UTC)
    )
    await scope.create_call(call)
    return await scope.record_gap_question(
        gap_id=None, call_id=call.id, utterance_id="u1", text=text, at=datetime.now(UTC)
    )


async def test_a_gap_becomes_an_entry_with_its_wordings(service: Running) -> None:
    gap_id = await gap_of(service, OWN, "vous faites les fosses septiques ?")
    portal = await service.signed_in(CLIENT)
    (gap,) = (await portal.http.get("/api/portal/gaps")).json()
    assert (gap["id"], gap["count"], gap["state"]) == (gap_id, 1, "open")
    assert gap["wordings"][0]["last_call_id"] == f"call-{OWN}"
    answer = {"question": "Videz-vous les fosses septiques ?", "answer": "Non."}
    made = await portal.http.post(f"/api/portal/gaps/{gap_id}/entry", json=answer)
    assert made.status_code == 201, made.text
    entries = {e["id"]: e for e in (await portal.http.get("/api/portal/entries")).json()}
    entry = entries[made.json()["entry_id"]]
    assert entry["alternatives"] == ["vous faites les fosses septiques ?"]
    assert (await portal.http.get("/api/portal/gaps")).json() == []
    again = await portal.http.post(f"/api/portal/gaps/{gap_id}/entry", json=answer)
    assert again.status_code == 409
    await portal.close()


async def test_a_gap_is_dismissed_and_opened_again(service: Running) -> None:
    gap_id = await gap_of(service, OWN, "vous vendez des vélos ?")
    portal = await service.signed_in(CLIENT)
    assert (await portal.http.post(f"/api/portal/gaps/{gap_id}/dismiss")).json()["state"] == (
        "dismissed"
    )
    (gap,) = (await portal.http.get("/api/portal/gaps", params={"state": "dismissed"})).json()
    assert gap["label"] == "vous vendez des vélos ?"
    assert (await portal.http.post(f"/api/portal/gaps/{gap_id}/reopen")).json()["state"] == "open"
    await portal.close()


async def test_a_gap_opened_again_is_answered_anew(service: Running) -> None:
    gap_id = await gap_of(service, OWN, "vous faites les fosses septiques ?")
    portal = await service.signed_in(CLIENT)
    path = f"/api/portal/gaps/{gap_id}"
    first = {"question": "Fosses septiques ?", "answer": "Non.", "tags": ["fosses"]}
    assert (await portal.http.post(f"{path}/entry", json=first)).status_code == 201
    assert (await portal.http.post(f"{path}/reopen")).json()["state"] == "open"
    now = {"question": "Videz-vous les fosses ?", "answer": "Oui, depuis mars."}
    made = await portal.http.post(f"{path}/entry", json=now)
    assert made.status_code == 201, made.text
    entries = {e["id"]: e for e in (await portal.http.get("/api/portal/entries")).json()}
    entry = entries[made.json()["entry_id"]]
    assert {key: entry[key] for key in now} == now
    assert (entry["tags"], entry["alternatives"]) == (
        ["fosses"],
        ["vous faites les fosses septiques ?"],
    )
    await portal.close()


async def test_a_gap_whose_answer_was_removed_opens_when_it_is_asked_again(
    tmp_path: Path,
) -> None:
    asked = "vous faites les fosses septiques ?"
    backends = Backends(
        recogniser=ScriptedRecogniser,
        build_prompter=WordPrompter,
        open_drafter=lambda **_: LastWordsDrafter(),
        likeness=lambda said, known: [float(said == text) for text in known],
    )
    async with running(tmp_path, backends=backends) as service:
        gap_id = await gap_of(service, OWN, asked)
        scope = service.house.store.for_client(OWN)
        portal = await service.signed_in(CLIENT)
        path = f"/api/portal/gaps/{gap_id}"
        await portal.http.post(f"{path}/entry", json={"question": "Fosses ?", "answer": "Non."})

        async def asked_again(utterance: str) -> str:
            turn = Turn(speaker="caller", text=asked, utterance_id=utterance)
            service.house.gaps.missed(OWN, f"call-{OWN}", turn)
            await service.house.gaps.kept()
            (gap,) = await scope.gaps()
            return gap.state

        assert await asked_again("u2") == "answered"
        version = (await scope.stored_entry(f"gap-{gap_id}")).version
        entry = f"/api/portal/entries/gap-{gap_id}"
        assert (await portal.http.delete(entry, params={"version": version})).status_code == 204
        assert await asked_again("u3") == "open"
        await portal.http.post(f"{path}/dismiss")
        assert await asked_again("u4") == "dismissed"
        await portal.close()


async def test_another_client_s_gap_does_not_exist(service: Running) -> None:
    gap_id = await gap_of(service, OTHER, "question de Vasseur")
    portal = await service.signed_in(CLIENT)
    assert (await portal.http.get("/api/portal/gaps")).json() == []
    for path in ("dismiss", "reopen"):
        answer = await portal.http.post(f"/api/portal/gaps/{gap_id}/{path}")
        assert answer.status_code == 404
    answer = await portal.http.post(
        f"/api/portal/gaps/{gap_id}/entry", json={"question": "q", "answer": "a"}
    )
    assert answer.status_code == 404
    await portal.close()


async def test_feedback_about_another_client_s_entry_is_refused(service: Running) -> None:
    await gap_of(service, OWN, "x")
    foreign = (await service.house.store.for_client(OTHER).entries())[0].entry_id
    own = (await service.house.store.for_client(OWN).entries())[0].entry_id
    desk = await service.signed_in(OPERATOR)
    path = f"/api/calls/call-{OWN}/suggestions/ask/feedback"
    own_ids = {one.entry_id for one in await service.house.store.for_client(OWN).entries()}
    if foreign not in own_ids:
        refused = await desk.http.post(path, json={"action": "used", "entry_id": foreign})
        assert refused.status_code == 404
    refused = await desk.http.post(path, json={"action": "used", "entry_id": "nobody's"})
    assert refused.status_code == 404
    assert (await desk.http.post(path, json={"action": "used", "entry_id": own})).status_code == 204
    await desk.close()
    portal = await service.signed_in(CLIENT)
    (use,) = (await portal.http.get("/api/portal/entries/use")).json()
    assert (use["entry_id"], use["used"]) == (own, 1)
    assert 0 < use["weight"] <= 0.75
    await portal.close()


async def test_feedback_is_taken_back_and_told_to_who_gave_it(service: Running) -> None:
    await gap_of(service, OWN, "x")
    own = (await service.house.store.for_client(OWN).entries())[0]
    desk = await service.signed_in(OPERATOR)
    path = f"/api/calls/call-{OWN}/suggestions/ask/feedback"
    used = {"action": "used", "entry_id": own.entry_id}
    for _ in range(2):
        assert (await desk.http.post(path, json=used)).status_code == 204
    call = (await desk.http.get(f"/api/calls/call-{OWN}")).json()
    assert call["feedback"] == [{"suggestion_id": "ask", **used}]
    done = (await desk.http.get(f"/api/calls/call-{OWN}/wrapup")).json()["actions"]
    assert [(one["deed"], one["what"], one["times"]) for one in done] == [
        ("answer_given", own.question, 1)
    ]
    supervisor = await service.signed_in(SUPERVISOR)
    read = (await supervisor.http.get(f"/api/calls/call-{OWN}")).json()
    assert read["feedback"] == [], "another's is not one's own"
    await supervisor.close()
    for _ in range(2):
        answer = await desk.http.post(path, json={**used, "withdrawn": True})
        assert answer.status_code == 204
    assert (await desk.http.get(f"/api/calls/call-{OWN}")).json()["feedback"] == []
    await desk.close()
    portal = await service.signed_in(CLIENT)
    assert (await portal.http.get("/api/portal/entries/use")).json() == []
    await portal.close()


async def test_a_client_has_its_own_threshold(service: Running) -> None:
    path = f"/api/clients/{OWN}/suggestions"
    supervisor = await service.signed_in(SUPERVISOR)
    before = (await supervisor.http.get(path)).json()
    assert before["threshold"] is None and 0 < before["calibrated_threshold"] < 1
    changed = await supervisor.http.put(path, json={"threshold": 0.8})
    assert changed.json()["threshold"] == 0.8
    assert (await supervisor.http.put(path, json={"threshold": 2})).status_code == 422
    (noted,) = await service.house.store.audit.entries(action="client.suggestions")
    assert noted.act.client_id == OWN and noted.act.actor.role == "supervisor"
    assert noted.act.detail == {"before": None, "after": 0.8}
    prompter = await service.house.shelf.prompter(OWN)
    assert (await supervisor.http.put(path, json={"threshold": None})).json()["threshold"] is None
    assert prompter is not None
    await supervisor.close()


async def test_a_question_that_found_nothing_is_kept_in_the_background(service: Running) -> None:
    await gap_of(service, OWN, "vous livrez ?")
    scope = service.house.store.for_client(OWN)
    turn = Turn(speaker="caller", text="vous avez un parking ?", utterance_id="u9")
    service.house.gaps.missed(OWN, f"call-{OWN}", turn)
    await service.house.gaps.kept()
    assert {q.text for gap in await scope.gaps() for q in gap.questions} == {
        "vous livrez ?",
        "vous avez un parking ?",
    }


async def test_wordings_are_decided_by_the_client_and_looked_up_once_approved(
    service: Running,
) -> None:
    scope = service.house.store.for_client(OWN)
    entry = (await scope.entries())[0]
    at = datetime.now(UTC)
    texts = ["ça coule de partout", "à refuser"]
    await scope.propose_wordings(entry.entry_id, texts, origin="machine", writer="m", at=at)
    portal = await service.signed_in(CLIENT)
    kept, refused = (await portal.http.get("/api/portal/wordings")).json()
    assert (kept["question"], kept["origin"], kept["writer"]) == (entry.question, "machine", "m")
    for one, decision in ((kept, "approved"), (refused, "refused")):
        given = {"ids": [one["id"]], "decision": decision}
        answer = await portal.http.post("/api/portal/wordings/decide", json=given)
        assert answer.status_code == 204, answer.text
    assert (await portal.http.get("/api/portal/wordings")).json() == []
    approved = await portal.http.get("/api/portal/wordings", params={"state": "approved"})
    assert [one["text"] for one in approved.json()] == [kept["text"]]
    indexed = {one.entry_id: one for one in await scope.entries_to_index(at.date())}
    assert indexed[entry.entry_id].alternatives[-1] == kept["text"]
    both = {"ids": [kept["id"], "nobody's"], "decision": "refused"}
    assert (await portal.http.post("/api/portal/wordings/decide", json=both)).status_code == 404
    assert len(await scope.wordings("approved")) == 1
    await portal.close()


async def test_a_writer_is_asked_when_the_knowledge_changes(tmp_path: Path) -> None:
    class Writer:
        name = "scripted"

        async def write(self, question: str, answer: str, *, count: int) -> list[str]:
            return [f"autrement dit {question}"]

    backends = Backends(
        recogniser=ScriptedRecogniser,
        build_prompter=WordPrompter,
        open_drafter=lambda **_: LastWordsDrafter(),
        wording_writer=Writer(),
    )
    async with running(tmp_path, backends=backends) as service:
        assert service.house.wordings is not None
        portal = await service.signed_in(CLIENT)
        question = {"question": "Vendez-vous des vis ?", "answer": "Oui."}
        made = (await portal.http.post("/api/portal/entries", json=question)).json()
        await service.house.wordings.settled()
        found = (await portal.http.get("/api/portal/wordings")).json()
        (text,) = [one["text"] for one in found if one["entry_id"] == made["id"]]
        assert text == "autrement dit Vendez-vous des vis ?"
        await portal.close()
