"""A client uploads its FAQ, looks at what would change, applies it and takes it back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.people import CLIENT, browser, new_page, sign_in
from tests.knowledge.documents.crafted import HEADER, row, workbook
from tests.web.running import Running, running

pytestmark = [pytest.mark.browser, pytest.mark.timeout(60)]

QUESTION = "Posez-vous des adoucisseurs d'eau ?"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def test_a_spreadsheet_is_previewed_applied_and_undone(tmp_path: Path) -> None:
    faq = workbook(HEADER + row(QUESTION, "Oui, sur devis."))
    async with running(tmp_path) as service, browser() as chromium:
        assert service.house.accounts_shown is not None
        page = await new_page(chromium)
        password = service.house.accounts_shown.client.password
        await sign_in(page, service.url, CLIENT, password)
        await page.goto(f"{service.url}/portal?tab=knowledge")
        entries, ours = page.get_by_test_id("entry"), page.get_by_text(QUESTION)
        await entries.first.wait_for()
        before = await entries.count()
        await page.goto(f"{service.url}/portal?tab=knowledge&view=import")
        await page.get_by_role("radio").last.check()
        await page.get_by_test_id("import-file").set_input_files(
            {"name": "faq.xlsx", "mimeType": SHEET, "buffer": faq}
        )
        await page.locator('[data-testid="change"][data-kind="added"]').wait_for()
        assert await page.get_by_test_id("change").count() == 1
        assert await ours.count() == 1
        assert [entry["question"] for entry in await _entries(service)].count(QUESTION) == 0
        await page.get_by_test_id("import-apply").click()
        await page.get_by_test_id("import-applied").wait_for()
        await page.goto(f"{service.url}/portal?tab=knowledge")
        await entries.filter(has_text=QUESTION).wait_for()
        assert await entries.count() == before + 1
        await page.goto(f"{service.url}/portal?tab=knowledge&view=history")
        for _ in ("asked", "sure"):
            await page.get_by_test_id("version-undo").first.click()
        await page.get_by_test_id("history-told").wait_for()
        await page.goto(f"{service.url}/portal?tab=knowledge")
        await entries.first.wait_for()
        assert await entries.count() == before
        assert await entries.filter(has_text=QUESTION).count() == 0
        assert page.failures == []


async def test_what_a_preview_removes_is_kept_at_a_press_and_a_failure_outlives_the_page(
    tmp_path: Path,
) -> None:
    faq = workbook(HEADER + row(QUESTION, "Oui, sur devis."))
    async with running(tmp_path) as service, browser() as chromium:
        assert service.house.accounts_shown is not None
        page = await new_page(chromium)
        await sign_in(page, service.url, CLIENT, service.house.accounts_shown.client.password)
        await page.goto(f"{service.url}/portal?tab=knowledge&view=import")
        file, failure = page.get_by_test_id("import-file"), page.get_by_test_id("import-error")
        await file.set_input_files({"name": "faq.xlsx", "mimeType": SHEET, "buffer": b"PK\x03\x04"})
        await failure.wait_for()
        await page.reload()
        await failure.wait_for()  # still told
        await page.get_by_test_id("import-again").click()
        await file.wait_for(state="attached")
        await page.reload()
        await file.wait_for(state="attached")
        assert await failure.count() == 0  # put away for good

        await file.set_input_files({"name": "faq.xlsx", "mimeType": SHEET, "buffer": faq})
        removed = page.get_by_test_id("import-removed").locator("strong")
        await page.get_by_test_id("import-mode").wait_for()
        assert int(await removed.inner_text()) > 10
        await page.get_by_test_id("import-switch-mode").click()
        await page.locator('[data-testid="import-removed"]:not(.some)').wait_for()
        await page.get_by_test_id("import-apply").click()
        await page.get_by_test_id("import-applied").wait_for()
        assert len(await _entries(service)) > 10
        assert page.failures == []


async def test_an_address_is_typed_as_it_stands_on_a_card(tmp_path: Path) -> None:
    async with running(tmp_path) as service, browser() as chromium:
        assert service.house.accounts_shown is not None
        page = await new_page(chromium)
        await sign_in(page, service.url, CLIENT, service.house.accounts_shown.client.password)
        await page.goto(f"{service.url}/portal?tab=knowledge&view=import")
        await page.get_by_test_id("import-address").fill("127.0.0.1/faq")
        await page.get_by_test_id("import-read").click()
        failure = page.get_by_test_id("import-error")
        await failure.wait_for()
        assert "https://127.0.0.1/faq" in await failure.inner_text()


async def _entries(service: Running) -> list[dict[str, Any]]:
    client = await service.signed_in(CLIENT)
    found: list[dict[str, Any]] = (await client.http.get("/api/portal/entries")).json()
    await client.close()
    return found
