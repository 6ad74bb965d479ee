"""Known callers over HTTP, and their calls at the line: recognised, expected, turned away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from models.scripted import ScriptedRecogniser
from tests.telephony.sipcaller import sip_caller
from tests.web.running import CLIENT, DELORME_LINE, OPERATOR, Browser, Running, running
from tests.web.test_line_controls import first_call
from tests.web.test_waiting import SPEECH

PEOPLE = "/api/clients/demo-delorme/known-callers"
CALLING = "0199001122"
FILE = "nom;téléphone;statut\nZoé Martin;01 99 00 11 22;VIP\nSans rien;;\n".encode("cp1252")
ZOE = {"name": "Zoé Martin", "numbers": [CALLING], "standing": "vip"}


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path, recogniser=ScriptedRecogniser(["bonjour"])) as service:
        yield service


@pytest.fixture
async def portal(service: Running) -> Browser:
    return await service.signed_in(CLIENT)


async def sent(portal: Browser, what: str, content: bytes, **fields: str) -> httpx.Response:
    files = {"file": ("contacts.csv", content, "text/csv")}
    return await portal.http.post(f"{PEOPLE}/{what}", data=fields, files=files)


async def people(portal: Browser, q: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await portal.http.get(PEOPLE, params={"q": q})).json()["people"]
    return found


async def added(portal: Browser, **given: Any) -> dict[str, Any]:
    answer = await portal.http.post(PEOPLE, json={**ZOE, **given})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_a_file_is_previewed_then_taken_in_whole_and_undone(portal: Browser) -> None:
    preview = (await sent(portal, "preview", FILE)).json()
    assert (preview["added"], preview["changed"], preview["left_out"]) == (1, 0, 1)
    assert preview["problems"][0]["place"] == "l. 3"
    assert await people(portal) == []
    # Another file than the one previewed, or other people since: nothing.
    assert (await sent(portal, "apply", FILE + b" ", token=preview["token"])).status_code == 409
    applied = await sent(portal, "apply", FILE, token=preview["token"])
    assert applied.json() == {"added": 1, "changed": 0, "version": 1}
    assert (await sent(portal, "apply", FILE, token=preview["token"])).status_code == 409
    assert [one["numbers"] for one in await people(portal, "zoe")] == [["+33199001122"]]
    assert (await portal.http.post(f"{PEOPLE}/versions/1/undo")).status_code == 204
    assert await people(portal) == []


async def test_a_refusal_names_the_file_and_the_mend(portal: Browser) -> None:
    refused = await sent(portal, "preview", b"a;b\n1;2\n")
    assert refused.status_code == 422
    assert "contacts.csv" in refused.json()["message"]
    big = await sent(portal, "preview", b"x" * (26 * 1024 * 1024))
    assert big.status_code == 413
    wrong = await portal.http.post(PEOPLE, json={"name": "Zoé", "numbers": ["12"]})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "bad_person")
    backwards = {"expected_from": "2026-12-02T10:00:00Z", "expected_until": "2026-12-01T10:00:00Z"}
    wrong = await portal.http.post(PEOPLE, json={**ZOE, **backwards})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "bad_person")


async def test_expected_times_are_those_of_the_client_s_clock(portal: Browser) -> None:
    times = {"expected_from": "2026-12-01T09:00", "expected_until": "2026-12-01T18:30"}
    made = await added(portal, **times)
    assert made["expected_from"] == "2026-12-01T09:00:00+01:00"
    (listed,) = await people(portal)
    assert listed["expected_until"] == "2026-12-01T18:30:00+01:00"
    for far in ("0001-01-01T00:00", "9999-12-31T23:59Z"):
        wrong = await portal.http.post(PEOPLE, json={**ZOE, **times, "expected_until": far})
        assert (wrong.status_code, wrong.json()["code"]) == (422, "bad_person")


async def test_only_what_can_be_undone_is_offered(portal: Browser) -> None:
    async def reversible() -> list[tuple[str, bool]]:
        versions = (await portal.http.get(f"{PEOPLE}/state")).json()["versions"]
        return [(one["action"], one["reversible"]) for one in reversed(versions)]

    one = await added(portal)
    preview = (await sent(portal, "preview", FILE)).json()
    assert (await sent(portal, "apply", FILE, token=preview["token"])).status_code == 200
    changed = {**ZOE, "name": "Zoé Blanc"}
    assert (await portal.http.put(f"{PEOPLE}/{one['id']}", json=changed)).status_code == 200
    last = (await reversible())[-1]
    assert last == ("edit", True)
    told = dict(enumerate(await reversible(), start=1))
    for number, (_, may) in told.items():
        if not may:
            refused = await portal.http.post(f"{PEOPLE}/versions/{number}/undo")
            assert refused.status_code == 409
    assert not told[1][1], "somebody it touched was changed since"
    assert (await portal.http.post(f"{PEOPLE}/versions/{len(told)}/undo")).status_code == 204
    assert dict(enumerate(await reversible(), start=1))[len(told)] == ("edit", False)
    offered = [number for number, (_, may) in enumerate(await reversible(), start=1) if may]
    assert len(told) + 1 in offered, "the undoing itself"
    assert len(told) - 1 in offered, "what the undoing brought back"


async def test_duplicates_are_merged_and_people_forgotten(portal: Browser) -> None:
    first, second = await added(portal), await added(portal, numbers=["0639981122"])
    state = (await portal.http.get(f"{PEOPLE}/state")).json()
    (group,) = state["duplicates"]
    assert {one["id"] for one in group} == {first["id"], second["id"]}
    one = await portal.http.post(f"{PEOPLE}/merge", json={"ids": [first["id"], second["id"]]})
    assert one.json()["numbers"] == ["+33199001122", "+33639981122"]
    out = await portal.http.get(f"{PEOPLE}/export", params={"format": "vcf"})
    assert b"tel:+33639981122" in out.content
    gone = {"ids": [first["id"]], "reason": "demande de la personne"}
    assert (await portal.http.post(f"{PEOPLE}/erase", json=gone)).json() == {"erased": 1}
    assert await people(portal) == []
    assert (await portal.http.post(f"{PEOPLE}/erase", json=gone)).status_code == 404


async def test_another_client_s_people_do_not_exist(service: Running, portal: Browser) -> None:
    theirs = PEOPLE.replace("delorme", "vasseur")
    for path in ("", "/state", "/export"):
        assert (await portal.http.get(theirs + path)).status_code == 404
    assert (await portal.http.post(theirs, json=ZOE)).status_code == 404


async def test_the_desk_knows_who_rings_before_the_first_word(
    service: Running, portal: Browser
) -> None:
    now = datetime.now(UTC)
    await added(
        portal,
        expected_from=(now - timedelta(hours=1)).isoformat(),
        expected_until=(now + timedelta(hours=1)).isoformat(),
        consigne="Passer Karim.",
    )
    await added(portal, name="Paul Martin", standing="usual")
    desk = await service.signed_in(OPERATOR)
    peer, call_id = await service.demo_caller(SPEECH)
    caller = (await desk.http.get(f"/api/calls/{call_id}/caller")).json()
    assert [(one["name"], one["expected_now"]) for one in caller["people"]] == [
        ("Zoé Martin", True), ("Paul Martin", False),
    ]  # fmt: skip
    assert caller["people"][0]["consigne"] == "Passer Karim."
    assert not caller["hidden"]
    await peer.close()


@pytest.mark.parametrize("rule", ["refused", "announced"])
async def test_a_blocked_caller_rings_nowhere_and_is_never_lost(
    service: Running, portal: Browser, rule: str
) -> None:
    await added(portal, standing="blocked")
    saved = await portal.http.put(f"{PEOPLE}/blocked", json={"rule": rule})
    assert saved.status_code == 200
    assert service.house.sip is not None
    async with sip_caller(service.house.sip.address, DELORME_LINE, SPEECH) as caller:
        refused = await asyncio.wait_for(caller.refused, 10)
    assert refused.status == (603 if rule == "refused" else 480)
    await service.house.journal.kept(timeout_s=5)
    (call,) = await service.house.store.for_client("demo-delorme").calls()
    assert (call.state, call.end_reason) == ("ended", "blocked")
    (entry,) = await service.house.store.audit.entries(action="call.blocked")
    assert (entry.act.subject, entry.act.detail) == (call.id, {"rule": rule})


async def test_a_blocked_caller_who_shares_a_number_rings(
    service: Running, portal: Browser
) -> None:
    await portal.http.put(f"{PEOPLE}/blocked", json={"rule": "refused"})
    await added(portal, standing="blocked")
    await added(portal, name="Paul", standing="usual")
    assert service.house.sip is not None
    async with sip_caller(service.house.sip.address, DELORME_LINE, SPEECH):
        call_id = await first_call(service)
        async with asyncio.timeout(10):
            while call_id not in {one.call_id for one in service.house.board.waiting()}:
                await service.house.board.changed_since(service.house.board.version, timeout_s=0.2)
