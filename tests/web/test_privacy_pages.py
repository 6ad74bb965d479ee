"""Papers from the settings in force, and what somebody may ask of us, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from copilot.store.records.knowncallers import KnownCaller, KnownChange
from copilot.store.records.versions import Author
from tests.store.examples import recording, utterance
from tests.store.test_separation import an_exercise
from tests.web.fuzzing import things
from tests.web.running import CLIENT, Browser, Running, running
from tests.web.test_access import person_of

ABOUT = "/api/admin/clients/demo-delorme/people"


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path) as service:
        yield service


@pytest.fixture
async def admin(service: Running) -> Browser:
    return await person_of(service, "administrator")


async def test_the_papers_are_shown_and_kept_as_files(service: Running, admin: Browser) -> None:
    where = "/api/admin/privacy"
    english = (await admin.http.get(where, params={"paper": "register"})).json()
    titles = [table["title"] for table in english["tables"]]
    assert any("Vasseur" in title for title in titles) and any("Delorme" in t for t in titles)
    one = {"paper": "assessment", "client_id": "demo-delorme"}
    paper = (await admin.http.get(where, params=one)).json()
    assert "Delorme" in paper["title"] and len(paper["tables"]) == 5
    whole = await admin.http.get(where, params={"paper": "assessment"})
    assert whole.status_code == 404, "an assessment is about one client"
    file = await admin.http.get(f"{where}/file", params=one)
    assert file.content.startswith(b"%PDF") and "attachment" in file.headers["content-disposition"]
    (noted,) = await service.house.store.audit.entries(action="privacy.exported")
    assert (noted.act.client_id, noted.act.subject) == ("demo-delorme", "assessment")
    for wrong in ({"paper": "x"}, {**one, "client_id": "nobody"}):
        assert (await admin.http.get(where, params=wrong)).status_code in (404, 422)


async def test_a_company_sees_its_own_part_alone(service: Running) -> None:
    portal = await service.signed_in(CLIENT)
    for paper in ("register", "assessment"):
        answer = await portal.http.get("/api/portal/privacy", params={"paper": paper})
        assert answer.status_code == 200
        assert "Delorme" in answer.text and "Vasseur" not in answer.text
        other = {"paper": paper, "client_id": "demo-vasseur"}
        assert "Vasseur" not in (await portal.http.get("/api/portal/privacy", params=other)).text
    file = await portal.http.get("/api/portal/privacy/file", params={"paper": "register"})
    assert file.content.startswith(b"%PDF")
    assert (await portal.http.get("/api/admin/privacy", params=other)).status_code == 404


async def test_somebody_is_found_given_out_and_erased_with_a_certificate(
    service: Running, admin: Browser
) -> None:
    await things(service)
    scope = service.house.store.for_client("demo-delorme")
    now = service.house.journal.now()
    await scope.append_events("known", [utterance("known", 2, "Claire Fontaine à l'appareil")])
    await scope.open_recording(recording("demo-delorme", "known"))
    person = KnownCaller(id="claire", name="Claire Fontaine", emails=("claire@example.fr",))
    await scope.change_known_callers(
        lambda _: [KnownChange(before=None, after=person)],
        action="create", label="x", author=Author(user_id="o", name="n"), at=now,
    )  # fmt: skip
    await scope.save_exercise(an_exercise("lesson", "Madame Claire Fontaine appelle"))
    await scope.mark_ended("known", ended_by="caller", reason="r", at=now)

    async def find(**sought: Any) -> dict[str, Any]:
        answer = await admin.http.post(f"{ABOUT}/find", json=sought)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    found = await find(name="CLAIRE fontaine")
    assert [(one["call"]["id"], one["places"]) for one in found["calls"]] == [
        ("known", ["recording", "transcript"])
    ]
    assert {(one["kind"], one["id"]) for one in found["things"]} == {
        ("known_caller", "claire"), ("exercise", "lesson"),
    }  # fmt: skip
    assert [one["id"] for one in (await find(email="Claire@Example.fr"))["things"]] == ["claire"]
    for nobody in ({}, {"phone": "abc"}, {"name": " - "}):
        refused = await admin.http.post(f"{ABOUT}/find", json=nobody)
        assert (refused.status_code, refused.json()["code"]) == (422, "nobody_sought"), nobody
    sought = await service.house.store.audit.entries(action="person.sought")
    assert "laire" not in str([entry.act for entry in sought])
    nothing = await admin.http.post(f"{ABOUT}/erase", json={"reason": "demande"})
    assert nothing.status_code == 422
    chosen = {"call_ids": ["known"], "known_callers": ["claire"], "exercises": ["lesson"]}
    mixed = await admin.http.post(
        "/api/admin/clients/demo-vasseur/people/erase", json={**chosen, "reason": "demande"}
    )
    assert mixed.status_code == 404
    done = await admin.http.post(f"{ABOUT}/erase", json={**chosen, "reason": "demande"})
    assert done.status_code == 200, done.text
    certificate = done.json()
    assert certificate["rows"]["known_callers"] == certificate["rows"]["training_exercises"] == 1
    (entry,) = await service.house.store.audit.entries(action="person.erased")
    assert (entry.seq, entry.digest) == (certificate["audit_seq"], certificate["audit_digest"])
    assert await find(name="claire fontaine") == {"calls": [], "things": []}
