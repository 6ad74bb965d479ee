"""The gallery's tabs and the portal's report in a real Chromium, accessible in both themes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.axe import assert_accessible
from tests.end_to_end.people import CLIENT, OPERATOR, SUPERVISOR, browser, new_page, sign_in
from tests.end_to_end.scenes import answered
from tests.web.running import Running, running

pytestmark = [pytest.mark.browser, pytest.mark.timeout(150)]


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path) as service:
        yield service


@pytest.fixture
async def chromium() -> AsyncIterator[Any]:
    async with browser() as chromium:
        yield chromium


async def page_of(chromium: Any, service: Running, email: str) -> Any:
    assert service.house.accounts_shown is not None
    page = await new_page(chromium)
    await sign_in(page, service.url, email, service.house.accounts_shown.operator.password)
    return page


async def a_call(service: Running) -> str:
    """An answered call with a message, over."""
    operator = await service.signed_in(OPERATOR)
    me = (await operator.http.get("/api/session")).json()["id"]
    scene = await answered(service, me)
    await scene.talk()
    await scene.end()
    fields = {"caller_name": "Jean Martin", "reason": "Fuite", "category": "devis"}
    sent = await operator.http.post(
        f"/api/calls/{scene.call_id}/message", json={"fields": fields, "note": ""}
    )
    assert sent.status_code == 202, sent.text
    return scene.call_id


async def test_a_supervisor_notes_evaluates_and_is_alerted(service: Running, chromium: Any) -> None:
    call_id = await a_call(service)
    page = await page_of(chromium, service, SUPERVISOR)
    await page.goto(f"{service.url}/gallery?tab=quality")
    corrected = page.get_by_test_id("corrections")
    await corrected.get_by_test_id("corrections-client").select_option("demo-delorme")
    await corrected.get_by_test_id("edit-measure").first.wait_for()
    await page.get_by_test_id("rule-words").fill("résilier")
    await page.get_by_test_id("rules-save").click()
    await page.get_by_test_id("new-grid").click()
    await page.get_by_test_id("grid-name").fill("Accueil")
    await page.get_by_test_id("criterion").fill("Annonce le client")
    await assert_accessible(page, "gallery, quality")
    await page.get_by_test_id("grid-save").click()
    await page.get_by_test_id("grid").wait_for()
    await page.goto(f"{service.url}/gallery?tab=calls&call={call_id}")
    await page.get_by_test_id("review-tab-quality").click()
    await page.get_by_test_id("remark-coaching").check()
    await page.get_by_test_id("remark-moment").select_option("caller-2")
    await page.get_by_test_id("remark-text").fill("Bien écouté")
    await page.get_by_test_id("remark-add").click()
    await page.get_by_test_id("remark").wait_for()
    await page.get_by_test_id("mark-yes").check()
    await page.get_by_test_id("evaluate").click()
    await page.get_by_test_id("evaluation").wait_for()
    await assert_accessible(page, "gallery, a call's quality")
    desk = await page_of(chromium, service, OPERATOR)
    await desk.get_by_text("Bien écouté").wait_for()
    await desk.get_by_test_id("own-notes").get_by_test_id("evaluation").wait_for()
    await assert_accessible(desk, "desk, own notes")
    await page.goto(f"{service.url}/gallery")
    scene = await answered(service, "somebody", "another")
    scene.say("caller", "Je voudrais résilier")
    alert = page.get_by_test_id("live-alert")
    await alert.wait_for()
    await assert_accessible(page, "gallery, an alert")
    await page.get_by_test_id("take-alert").click()
    await alert.wait_for(state="hidden")
    assert page.failures == desk.failures == []


async def test_reports_and_months_in_money(service: Running, chromium: Any) -> None:
    await a_call(service)
    page = await page_of(chromium, service, SUPERVISOR)
    await page.goto(f"{service.url}/gallery?tab=reports")
    await page.get_by_test_id("report-week").click()
    await page.locator("canvas").first.wait_for()
    await assert_accessible(page, "gallery, reports")
    async with page.expect_download() as saving:
        await page.get_by_test_id("file-pdf").click()
    assert (await saving.value).suggested_filename.endswith(".pdf")
    await page.goto(f"{service.url}/gallery?tab=usage")
    await page.get_by_test_id("usage-client").first.click()
    await page.get_by_test_id("price-call").fill("1,05")
    await page.get_by_test_id("agreement-save").click()
    await page.get_by_role("status").wait_for()
    await assert_accessible(page, "gallery, invoicing")
    portal = await page_of(chromium, service, CLIENT)
    await portal.goto(f"{service.url}/portal?tab=report")
    await portal.get_by_test_id("figures").wait_for()
    await assert_accessible(portal, "portal, report")
    await portal.goto(f"{service.url}/portal?tab=messages")
    await portal.get_by_test_id("message-row").click()
    await portal.get_by_test_id("served-yes").click()
    await portal.locator('[data-testid="served-yes"][aria-pressed="true"]').wait_for()
    await portal.get_by_test_id("export-messages").locator("summary").click()
    async with portal.expect_download() as saving:
        await portal.get_by_test_id("file-csv").click()
    kept = Path(await (await saving.value).path())
    assert "Jean Martin" in (await asyncio.to_thread(kept.read_text, "utf-8-sig"))
    await assert_accessible(portal, "portal, a message and its export")
    assert page.failures == portal.failures == []
