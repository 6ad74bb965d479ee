"""The client's own pages: the sheet, and an import that applies whole or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.web.running import CLIENT, OPERATOR, Browser, Running, running

ADDRESS = "/api/portal/entries/import"


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path) as service:
        yield service


@pytest.fixture
async def portal(service: Running) -> AsyncIterator[Browser]:
    browser = await service.signed_in(CLIENT)
    yield browser
    await browser.close()


async def upload(
    portal: Browser, content: bytes, *, apply: bool, name: str = "faq.csv"
) -> tuple[int, Any]:
    answer = await portal.http.post(
        ADDRESS, params={"apply": apply}, files={"file": (name, content, "text/csv")}
    )
    return answer.status_code, answer.json()


async def test_the_sheet_is_the_company_s_own(portal: Browser) -> None:
    sheet = (await portal.http.get("/api/portal/client")).json()
    assert sheet["name"] == "Plomberie Delorme"
    assert sheet["consignes"]
    assert sheet["contacts"]


async def test_an_import_is_previewed_then_applied(service: Running, portal: Browser) -> None:
    before = (await portal.http.get("/api/portal/entries")).json()
    csv = "id;question;réponse\nhoraires;Quels sont vos horaires ?;De 8 h à 18 h\n".encode("cp1252")
    status, preview = await upload(portal, csv, apply=False)
    assert status == 200
    assert (preview["applied"], preview["changed"]) == (False, 1)
    assert preview["removed"] == len(before) - 1
    assert (await portal.http.get("/api/portal/entries")).json() == before
    status, applied = await upload(portal, csv, apply=True)
    assert (status, applied["applied"]) == (200, True)
    (entry,) = (await portal.http.get("/api/portal/entries")).json()
    assert entry["answer"] == "De 8 h à 18 h"
    status, again = await upload(portal, csv, apply=True)
    assert (again["added"], again["changed"], again["removed"]) == (0, 0, 0)


async def test_the_desk_answers_from_the_new_entries(service: Running, portal: Browser) -> None:
    (before, *_) = await service.house.shelf.ask("demo-delorme", "vos horaires d'ouverture ?")
    csv = b"id,question,answer\nhoraires,Vos horaires d'ouverture ?,Jamais le lundi\n"
    await upload(portal, csv, apply=True)
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
    before = (await portal.http.get("/api/portal/entries")).json()
    status, problem = await upload(portal, content, apply=True, name="ma faq.csv")
    assert status == 422
    assert "ma faq.csv" in problem["message"]
    assert (await portal.http.get("/api/portal/entries")).json() == before


async def test_operators_have_no_portal(service: Running) -> None:
    desk = await service.signed_in(OPERATOR)
    assert (await desk.http.get("/api/portal/entries")).status_code == 404
    await desk.close()
