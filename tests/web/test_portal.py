"""The client's own pages: the sheet, imports that apply whole or not at all, entries, undo."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.web.running import CLIENT, OPERATOR, Browser, Running, running

FAQ = "id;question;réponse\nhoraires;Quels sont vos horaires ?;De 8 h à 18 h\n".encode("cp1252")


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path) as service:
        yield service


@pytest.fixture
async def portal(service: Running) -> AsyncIterator[Browser]:
    browser = await service.signed_in(CLIENT)
    yield browser
    await browser.close()


async def entries(portal: Browser) -> list[dict[str, Any]]:
    answer = await portal.http.get("/api/portal/entries")
    found: list[dict[str, Any]] = answer.json()
    return found


async def upload(
    portal: Browser, content: bytes, *, name: str = "faq.csv", **fields: str
) -> dict[str, Any]:
    """The job once it is read."""
    answer = await portal.http.post(
        "/api/portal/imports", data=fields, files={"file": (name, content, "text/csv")}
    )
    assert answer.status_code == 202, answer.text
    return await finished(portal, answer.json()["id"])


async def finished(portal: Browser, job_id: str) -> dict[str, Any]:
    async with asyncio.timeout(60):
        while True:
            job: dict[str, Any] = (await portal.http.get(f"/api/portal/imports/{job_id}")).json()
            if job["state"] != "reading":
                return job
            await asyncio.sleep(0.05)


async def apply(portal: Browser, job: dict[str, Any]) -> httpx.Response:
    return await portal.http.post(
        f"/api/portal/imports/{job['id']}/apply", json={"token": job["summary"]["token"]}
    )


async def test_the_sheet_is_the_company_s_own(portal: Browser) -> None:
    sheet = (await portal.http.get("/api/portal/client")).json()
    assert sheet["name"] == "Plomberie Delorme"
    assert sheet["consignes"]
    assert sheet["contacts"]


async def test_an_import_is_previewed_applied_and_undone(portal: Browser) -> None:
    before = await entries(portal)
    job = await upload(portal, FAQ)
    assert (job["state"], job["summary"]["changed"]) == ("ready", 1)
    assert job["summary"]["removed"] == len(before) - 1
    assert await entries(portal) == before
    changes = (await portal.http.get(f"/api/portal/imports/{job['id']}/changes")).json()
    (changed,) = [change for change in changes if change["kind"] == "changed"]
    assert changed["after"]["answer"] == "De 8 h à 18 h"
    assert changed["before"]["answer"] != changed["after"]["answer"]
    assert "answer" in changed["fields"]
    answer = await apply(portal, job)
    assert (answer.status_code, answer.json()["state"]) == (200, "applied")
    (entry,) = await entries(portal)
    assert (entry["answer"], entry["author"]) == ("De 8 h à 18 h", "Maud Delorme")
    again = await upload(portal, FAQ)
    assert {again["summary"][name] for name in ("added", "changed", "removed")} == {0}
    assert (await apply(portal, again)).json()["version"] is None
    versions = (await portal.http.get("/api/portal/versions")).json()
    assert [version["label"] for version in versions] == ["faq.csv", "delorme.csv"]
    latest = versions[0]["number"]
    undone = await portal.http.post(f"/api/portal/versions/{latest}/undo", json={"latest": latest})
    assert (undone.status_code, undone.json()["number"]) == (200, latest + 1)
    assert await entries(portal) == before


async def test_a_preview_out_of_date_is_refused_then_refreshed(portal: Browser) -> None:
    job = await upload(portal, FAQ)
    created = await portal.http.post(
        "/api/portal/entries", json={"question": "Nouveau ?", "answer": "Oui."}
    )
    assert created.status_code == 201
    stale = (await portal.http.get(f"/api/portal/imports/{job['id']}")).json()
    assert stale["summary"]["stale"]
    refused = await apply(portal, job)
    assert (refused.status_code, refused.json()["code"]) == (409, "import_stale")
    assert "refaites l'aperçu" in refused.json()["message"]
    assert len(await entries(portal)) > 10
    fresh = (await portal.http.post(f"/api/portal/imports/{job['id']}/refresh")).json()
    assert not fresh["summary"]["stale"]
    assert (await apply(portal, fresh)).status_code == 200
    assert len(await entries(portal)) == 1


async def test_what_a_preview_would_remove_can_be_kept_instead(portal: Browser) -> None:
    there = len(await entries(portal))
    job = await upload(portal, "question;réponse\nUne nouvelle ?;Oui.\n".encode())
    assert (job["summary"]["added"], job["summary"]["removed"]) == (1, there)
    refresh = f"/api/portal/imports/{job['id']}/refresh"
    kept = (await portal.http.post(refresh, params={"mode": "merge"})).json()
    assert (kept["mode"], kept["summary"]["removed"]) == ("merge", 0)
    again = (await portal.http.post(refresh)).json()
    assert again["mode"] == "merge"
    assert (await apply(portal, again)).status_code == 200
    assert len(await entries(portal)) == there + 1


async def test_the_desk_answers_from_the_new_entries(service: Running, portal: Browser) -> None:
    (before, *_) = await service.house.shelf.ask("demo-delorme", "vos horaires d'ouverture ?")
    csv = b"id,question,answer\nhoraires,Vos horaires d'ouverture ?,Jamais le lundi\n"
    await apply(portal, await upload(portal, csv))
    async with asyncio.timeout(10):
        while True:
            (after, *_) = await service.house.shelf.ask(
                "demo-delorme", "vos horaires d'ouverture ?"
            )
            if after.entry.answer != before.entry.answer:
                break
            await asyncio.sleep(0.02)
    assert after.entry.answer == "Jamais le lundi"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nom,valeur\nA,B\n",
        b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00",
        b"question\nQuels horaires ?\n",
    ],
    ids=["empty", "missing columns", "a sound", "no answers"],
)
async def test_a_bad_file_is_refused_by_name_and_changes_nothing(
    portal: Browser, content: bytes
) -> None:
    before = await entries(portal)
    job = await upload(portal, content, name="ma faq.csv")
    assert job["state"] == "failed"
    assert "ma faq.csv" in job["failure"]["message"]
    english = await portal.http.get(
        f"/api/portal/imports/{job['id']}", headers={"Accept-Language": "en"}
    )
    assert english.json()["failure"]["message"] != job["failure"]["message"]
    assert await entries(portal) == before


async def test_a_file_that_is_too_large_is_refused_while_it_arrives(portal: Browser) -> None:
    sent = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal sent
        yield (
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="g.csv"\r\n'
            b"Content-Type: text/csv\r\n\r\n"
        )
        for _ in range(200):
            sent += 1
            yield bytes(1024 * 1024)
        yield b"\r\n--x--\r\n"

    answer = await portal.http.post(
        "/api/portal/imports",
        content=pieces(),
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "import_too_large")
    assert "20 Mo" in answer.json()["message"]


async def test_entries_are_written_one_by_one(portal: Browser) -> None:
    given = {
        "question": " Fermé  en août ? ",
        "answer": "Oui.",
        "tags": ["congés"],
        "note": "ne pas donner au téléphone",
        "valid_from": "2026-08-01",
        "valid_until": "2026-08-31",
        "links": [{"label": "Plan", "address": "https://example.fr/plan"}],
    }
    made = (await portal.http.post("/api/portal/entries", json=given)).json()
    assert (made["question"], made["in_force"]) == ("Fermé en août ?", False)
    address = f"/api/portal/entries/{made['id']}"
    edit = {"version": made["version"], "answer": "Non.", "valid_until": None}
    edited = (await portal.http.patch(address, json=edit)).json()
    assert (edited["answer"], edited["valid_until"], edited["note"]) == (
        "Non.", None, "ne pas donner au téléphone",
    )  # fmt: skip
    late = await portal.http.patch(address, json=edit)
    assert (late.status_code, late.json()["code"]) == (409, "conflict")
    gone = await portal.http.delete(address, params={"version": edited["version"]})
    assert gone.status_code == 204
    assert (await portal.http.patch(address, json=edit)).status_code == 404
    wrong = {**given, "valid_until": "2026-07-31"}
    assert (await portal.http.post("/api/portal/entries", json=wrong)).status_code == 422


async def test_an_export_imported_again_changes_nothing(portal: Browser) -> None:
    given = {"question": "=1+1 ?", "answer": "+33199001234", "alternatives": ["a;b", "c"]}
    await portal.http.post("/api/portal/entries", json=given)
    for kind in ("csv", "xlsx"):
        answer = await portal.http.get("/api/portal/entries/export", params={"format": kind})
        assert answer.headers["content-disposition"] == f'attachment; filename="faq.{kind}"'
        job = await upload(portal, answer.content, name=f"faq.{kind}")
        assert job["state"] == "ready", job
        assert {job["summary"][name] for name in ("added", "changed", "removed")} == {0}, kind


async def test_a_document_is_opened_at_its_place_by_those_who_may(
    service: Running, portal: Browser
) -> None:
    page = (
        "<html><body><h1>Tarifs</h1><h2>Une visite coûte combien ?</h2><p>40 €.</p></body></html>"
    )
    job = await upload(portal, page.encode(), name="tarifs.html")
    assert (await apply(portal, job)).status_code == 200
    (document,) = (await portal.http.get("/api/portal/documents")).json()
    assert (document["passages"], document["kind"]) == (1, "html")
    (passage,) = [entry for entry in await entries(portal) if entry["document_id"]]
    assert passage["source_address"].startswith(document["source_address"] + "#")
    operator = await service.signed_in(OPERATOR)
    opened = await operator.http.get(document["source_address"])
    assert opened.content == page.encode()
    assert opened.headers["content-disposition"].startswith("attachment")
    assert opened.headers["content-type"] == "application/octet-stream"
    assert opened.headers["x-content-type-options"] == "nosniff"
    stolen = document["source_address"].replace("demo-delorme", "demo-vasseur")
    assert (await portal.http.get(stolen)).status_code == 404
    assert (await operator.http.get(stolen)).status_code == 404
    await portal.http.delete(f"/api/portal/documents/{document['id']}")
    assert (await portal.http.get("/api/portal/documents")).json() == []
    await operator.close()


async def test_attachments_are_of_safe_kinds_and_of_their_client(
    service: Running, portal: Browser
) -> None:
    async def attach(name: str, content: bytes) -> httpx.Response:
        return await portal.http.post("/api/portal/attachments", files={"file": (name, content)})

    kept = await attach("plan d'accès.pdf", b"%PDF-1.4 plan")
    assert kept.status_code == 201
    attachment = kept.json()
    given = {"question": "Où ?", "answer": "Ici.", "attachments": [attachment["id"]]}
    made = (await portal.http.post("/api/portal/entries", json=given)).json()
    assert made["attachments"] == [attachment]
    opened = await portal.http.get(attachment["address"])
    assert opened.content == b"%PDF-1.4 plan"
    assert opened.headers["content-disposition"].startswith("inline;")
    for name, content in (
        ("page.html", b"<script>"), ("x.svg", b"<svg/>"), ("faux.pdf", b"<html>"), ("a.exe", b"MZ"),
    ):  # fmt: skip
        refused = await attach(name, content)
        assert (refused.status_code, refused.json()["code"]) == (422, "attachment_refused"), name
        assert name in refused.json()["message"]
    stolen = attachment["address"].replace("demo-delorme", "demo-vasseur")
    assert (await portal.http.get(stolen)).status_code == 404
    missing = {**given, "attachments": ["nothing"]}
    assert (await portal.http.post("/api/portal/entries", json=missing)).status_code == 404


async def test_a_page_of_a_private_network_is_never_fetched(portal: Browser) -> None:
    answer = await portal.http.post(
        "/api/portal/imports/address", json={"address": str(portal.http.base_url)}
    )
    job = await finished(portal, answer.json()["id"])
    assert (job["state"], job["failure"]["code"]) == ("failed", "import_address")
    assert "réseau privé" in job["failure"]["message"]


async def test_an_import_survives_the_page_and_can_be_thrown_away(portal: Browser) -> None:
    job = await upload(portal, FAQ)
    (listed, *_) = (await portal.http.get("/api/portal/imports")).json()
    assert listed == job
    assert (await portal.http.delete(f"/api/portal/imports/{job['id']}")).status_code == 204
    assert (await apply(portal, job)).status_code == 409


async def test_operators_have_no_portal(service: Running) -> None:
    desk = await service.signed_in(OPERATOR)
    assert (await desk.http.get("/api/portal/entries")).status_code == 404
    assert (await desk.http.get("/api/portal/imports")).status_code == 404
    await desk.close()
