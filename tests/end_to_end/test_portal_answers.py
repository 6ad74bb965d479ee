"""A client writes its answers: what was typed is found again, whatever is looked at meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.people import CLIENT, browser, new_page, sign_in
from tests.knowledge.documents import crafted
from tests.web.running import running

pytestmark = [pytest.mark.browser, pytest.mark.timeout(60)]

NOTE = "Ne pas donner au téléphone.\nRappeler Karim."


async def test_what_was_typed_is_found_again_until_it_is_saved(tmp_path: Path) -> None:
    async with running(tmp_path) as service, browser() as chromium:
        assert service.house.accounts_shown is not None
        page = await new_page(chromium)
        await sign_in(page, service.url, CLIENT, service.house.accounts_shown.client.password)
        await page.goto(f"{service.url}/portal?tab=knowledge")
        listed, note = page.get_by_test_id("entry"), page.get_by_test_id("entry-note")
        await listed.first.click()
        await note.fill(NOTE)
        await listed.nth(1).click()  # another answer, then another tab
        await page.get_by_test_id("entry-unsaved").wait_for()
        assert await note.input_value() == ""
        await page.get_by_test_id("tab-messages").click()
        await page.get_by_test_id("tab-knowledge").click()
        await listed.first.click()
        assert await note.input_value() == NOTE

        client = await service.signed_in(CLIENT)
        (first, second, *_) = (await client.http.get("/api/portal/entries")).json()
        changed = {"version": first["version"], "answer": "Écrite par une collègue."}
        address = f"/api/portal/entries/{first['id']}"
        assert (await client.http.patch(address, json=changed)).status_code == 200
        await page.get_by_test_id("entry-save").click()
        await page.get_by_test_id("entry-fault").wait_for()  # never over a colleague's change
        assert await note.input_value() == NOTE
        await page.get_by_test_id("entry-start-over").click()
        assert await note.input_value() == ""
        assert await page.get_by_test_id("entry-unsaved").count() == 0
        assert await page.get_by_test_id("entry-answer").input_value() == changed["answer"]
        await note.fill("Relue ensuite")
        await page.get_by_test_id("entry-save").click()
        await page.get_by_test_id("entry-start-over").wait_for(state="detached")

        await listed.nth(1).click()
        await note.fill(NOTE)
        await page.get_by_test_id("entry-save").click()
        await page.get_by_test_id("entry-start-over").wait_for(state="detached")
        answers = {one["id"]: one for one in (await client.http.get("/api/portal/entries")).json()}
        assert answers[second["id"]]["note"] == NOTE
        assert answers[first["id"]]["answer"] == changed["answer"]

        address = f"/api/portal/entries/{second['id']}"
        await note.fill("Trop tard")
        removed = await client.http.delete(
            address, params={"version": answers[second["id"]]["version"]}
        )
        assert removed.status_code == 204, removed.text
        await page.get_by_test_id("entry-save").click()
        await page.get_by_test_id("entry-gone").wait_for()  # somebody else removed it
        await listed.first.click()
        await page.get_by_test_id("entry-lost").click()
        assert await note.input_value() == "Trop tard"
        await page.get_by_test_id("entry-save").click()
        await page.get_by_test_id("entry-lost").wait_for(state="detached")
        notes = [one["note"] for one in (await client.http.get("/api/portal/entries")).json()]
        assert notes.count("Trop tard") == 1

        rest = (await client.http.get("/api/portal/entries")).json()
        await page.goto(f"{service.url}/portal?tab=knowledge&entry={rest[-1]['id']}")
        await page.get_by_test_id("entry-save").wait_for()
        address = f"/api/portal/entries/{rest[-1]['id']}"
        removed = await client.http.delete(address, params={"version": rest[-1]["version"]})
        assert removed.status_code == 204, removed.text
        await page.get_by_test_id("entry-save").click()  # nothing was typed: nothing is kept
        await page.get_by_test_id("entry-save").wait_for(state="detached")
        assert await page.get_by_test_id("entry-lost").count() == 0
        assert page.failures == []


async def test_an_import_says_what_became_of_it(tmp_path: Path) -> None:
    """What failed promises no change; what contradicts itself stands above what is left out."""
    faq = "question;réponse;auteur\n" + "A ?;a\n" * 12 + "Ouvert le 3 ?;9 h\nouvert le 3;10 h\n"
    async with running(tmp_path) as service, browser() as chromium:
        assert service.house.accounts_shown is not None
        page = await new_page(chromium)
        await sign_in(page, service.url, CLIENT, service.house.accounts_shown.client.password)
        await page.goto(f"{service.url}/portal?tab=knowledge&view=import")
        scan = {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": crafted.scanned_pdf()}
        await page.get_by_test_id("import-file").set_input_files(scan)
        await page.get_by_test_id("import-error").wait_for()
        preview = page.get_by_test_id("import-preview")
        assert await preview.get_by_role("heading").inner_text() == "scan.pdf n’est pas importé"
        await preview.get_by_role("button").click()
        table = {"name": "faq.xlsx", "mimeType": "text/csv", "buffer": faq.encode()}
        await page.get_by_test_id("import-file").set_input_files(table)
        problems = page.get_by_test_id("import-problem")
        await problems.first.wait_for()
        codes = [await one.get_attribute("data-code") for one in await problems.all()]
        assert codes[:4] == ["misnamed", "unread_columns", "contradiction", "duplicate"]
        shown = len(codes)
        await page.get_by_test_id("import-all-problems").click()
        assert await problems.count() == 14 > shown
        assert page.failures == []
