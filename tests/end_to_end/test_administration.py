"""The administrator's pages in a real Chromium, against the real service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.axe import assert_accessible
from tests.end_to_end.people import browser, new_page, sign_in
from tests.web.running import Browser, Running, running

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

ADMINISTRATOR = "lea@example.fr"
PASSWORD = "quatre chevaux verts"


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path) as service:
        await service.house.accounts.create_user(
            email=ADMINISTRATOR, name="Léa Montreuil", role="administrator", password=PASSWORD
        )
        yield service


@pytest.fixture
async def page(service: Running) -> AsyncIterator[Any]:
    """The administrator's tab."""
    async with browser() as chromium:
        page = await new_page(chromium)
        await sign_in(page, service.url, ADMINISTRATOR, PASSWORD)
        yield page
        assert page.failures == []


async def administrator(service: Running) -> Browser:
    return await service.signed_in(ADMINISTRATOR, password=PASSWORD)


async def kept_client(service: Running) -> dict[str, Any]:
    """The client company as the service has it."""
    lea = await administrator(service)
    found: dict[str, Any] = (await lea.http.get("/api/admin/clients/demo-delorme")).json()
    return found


async def test_a_client_s_rules_for_listening_and_numbers(
    service: Running, page: Any, tmp_path: Path
) -> None:
    await page.goto(f"{service.url}/admin?tab=clients&client=demo-delorme")
    await page.locator("#client-supervision").select_option("forbidden")
    await page.locator("#client-transfer-shows").select_option("caller")
    await page.locator("#client-transcribed").check()
    await page.locator("#client-shown").fill("01 99")
    await page.get_by_test_id("client-save").click()
    assert "01 99" in await page.get_by_test_id("client-shown-error").inner_text()
    assert await page.locator("#client-supervision").input_value() == "forbidden"
    await assert_accessible(page, "client form, with what is wrong")
    await page.screenshot(path=tmp_path / "client.png", full_page=True)
    await page.locator("#client-shown").fill("01 99 00 12 99")
    await page.get_by_test_id("client-save").click()
    await page.get_by_test_id("clients").wait_for()
    kept = await kept_client(service)
    assert kept["supervision"] == "forbidden" and kept["transfer_transcribed"]
    assert kept["shown_number"] == "+33199001299" and kept["transfer_shows"] == "caller"
