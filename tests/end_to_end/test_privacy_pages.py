"""Personal data in a real Chromium: papers, somebody found and erased; the company's own part."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.axe import assert_accessible
from tests.end_to_end.people import browser, new_page, sign_in
from tests.store.examples import utterance
from tests.web.fuzzing import things
from tests.web.running import CLIENT, running

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

ADMINISTRATOR = "lea@example.fr"
PASSWORD = "quatre chevaux verts"


async def test_papers_are_read_and_somebody_is_forgotten(tmp_path: Path) -> None:
    async with running(tmp_path) as service, browser() as chromium:
        await service.house.accounts.create_user(
            email=ADMINISTRATOR, name="Léa Montreuil", role="administrator", password=PASSWORD
        )
        await things(service)
        scope = service.house.store.for_client("demo-delorme")
        now = service.house.journal.now()
        await scope.append_events("known", [utterance("known", 2, "Claire Fontaine à l'appareil")])
        await scope.mark_ended("known", ended_by="caller", reason="r", at=now)
        page = await new_page(chromium)
        await sign_in(page, service.url, ADMINISTRATOR, PASSWORD)
        await page.goto(f"{service.url}/admin?tab=privacy")
        await page.get_by_test_id("paper").wait_for()
        assert "Registre des activités" in await page.get_by_test_id("paper").inner_text()
        await page.locator("#privacy-client").select_option("demo-delorme")
        await page.get_by_test_id("paper-assessment").click()
        await page.get_by_text("Nécessité et proportionnalité").wait_for()
        async with page.expect_download() as kept:
            await page.get_by_test_id("file-pdf").click()
        assert (await kept.value).suggested_filename.endswith(".pdf")
        await page.locator("#person-name").fill("claire fontaine")
        await page.get_by_test_id("person-search").click()
        await page.get_by_test_id("person-found").wait_for()
        assert "transcription" in await page.get_by_test_id("person-found").inner_text()
        await page.get_by_test_id("person-erase").click()
        assert await page.get_by_test_id("person-reason-error").is_visible()
        await page.locator("#person-reason").fill("demande du 22 novembre")
        await assert_accessible(page, "personal data")
        await page.screenshot(path=tmp_path / "privacy.png", full_page=True)
        await page.get_by_test_id("person-erase").click()
        await page.get_by_test_id("erase-confirm").click()
        certificate = await page.get_by_test_id("certificate").inner_text()
        (entry,) = await service.house.store.audit.entries(action="person.erased")
        assert entry.digest in certificate and "calls" in certificate
        portal = await new_page(chromium)
        assert service.house.accounts_shown is not None
        await sign_in(portal, service.url, CLIENT, service.house.accounts_shown.operator.password)
        await portal.goto(f"{service.url}/portal?tab=privacy")
        await portal.get_by_test_id("paper").wait_for()
        shown = await portal.get_by_test_id("paper").inner_text()
        assert "Delorme" in shown and "Vasseur" not in shown
        await assert_accessible(portal, "the company's papers")
        assert page.failures == portal.failures == []
