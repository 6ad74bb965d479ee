"""A first start in a real Chromium: the set-up link, a company, an invitation, second factors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyotp
import pytest

from tests.end_to_end.people import browser, new_page
from tests.web.running import running

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

PASSWORD = "quatre chevaux verts"


async def set_up(page: Any, link: str) -> None:
    await page.goto(link)
    await page.get_by_test_id("welcome").wait_for()
    await page.get_by_test_id("welcome-enter").click()
    assert await page.get_by_test_id("welcome-name-error").inner_text()
    await page.locator("#welcome-name").fill("Léa Montreuil")
    await page.locator("#welcome-email").fill("lea@example.fr")
    await page.locator("#welcome-password").fill("motdepasse12")
    await page.get_by_test_id("welcome-enter").click()
    error = await page.get_by_test_id("welcome-password-error").inner_text()
    assert "difficile à deviner" in error
    await page.locator("#welcome-password").fill(PASSWORD)
    await page.get_by_test_id("welcome-enter").click()
    await page.get_by_test_id("no-clients").wait_for()


async def add_company(page: Any) -> None:
    await page.get_by_test_id("client-add").click()
    await page.locator("#client-name").fill("Atelier Vasseur")
    await page.locator("#client-numbers").fill("12")
    await page.get_by_test_id("client-save").click()
    assert "12" in await page.get_by_test_id("client-numbers-error").inner_text()
    await page.locator("#client-numbers").fill("01 99 00 56 78")
    await page.get_by_test_id("client-save").click()
    row = page.get_by_test_id("client-row")
    await row.wait_for()
    assert "01 99 00 56 78" in await row.inner_text()


async def invite(page: Any) -> str:
    await page.get_by_test_id("admin-people").click()
    await page.get_by_test_id("invite").click()
    await page.locator("#invite-name").fill("Inès Carpentier")
    await page.locator("#invite-email").fill("ines@example.fr")
    await page.get_by_test_id("invite-send").click()
    link: str = await page.get_by_test_id("link").input_value()
    return link


async def test_from_the_printed_link_to_an_operator_with_a_second_factor(tmp_path: Path) -> None:
    async with running(tmp_path, demonstration=False) as service, browser() as chromium:
        assert service.house.trust.set_up_link is not None
        lea = await new_page(chromium)
        await set_up(lea, service.house.trust.set_up_link)
        assert "#" not in lea.url
        await add_company(lea)
        link = await invite(lea)
        await lea.screenshot(path=tmp_path / "people.png")
        ines = await new_page(chromium)
        await ines.goto(link)
        await ines.locator("#welcome-password").fill(PASSWORD)
        await ines.get_by_test_id("welcome-enter").click()
        await ines.get_by_test_id("idle").wait_for()
        await ines.goto(f"{service.url}/account")
        await ines.locator("#factor-password").fill(PASSWORD)
        await ines.get_by_test_id("factor-begin").click()
        secret = await ines.locator("code").inner_text()
        await ines.locator("#factor-code").fill(pyotp.TOTP(secret).now())
        await ines.get_by_test_id("factor-confirm").click()
        await ines.get_by_test_id("recovery-codes").wait_for()
        code = await ines.get_by_test_id("recovery-codes").locator("li").first.inner_text()
        await ines.get_by_test_id("recovery-done").click()
        await ines.locator('[data-testid="second-factor"][data-state="on"]').wait_for()
        await ines.screenshot(path=tmp_path / "account.png")
        await ines.get_by_test_id("end-all").click()
        await ines.locator("#end-password").fill(PASSWORD)
        await ines.get_by_test_id("end-confirm").click()
        await ines.get_by_test_id("sign-in-email").fill("ines@example.fr")
        await ines.get_by_test_id("sign-in-password").fill(PASSWORD)
        await ines.get_by_test_id("sign-in-submit").click()
        await ines.get_by_test_id("sign-in-code").fill(code)
        await ines.get_by_test_id("sign-in-submit").click()
        await ines.get_by_test_id("account-menu-button").wait_for()
        await lea.get_by_test_id("admin-audit").click()
        await lea.get_by_test_id("audit-verify").click()
        assert "tient" in await lea.get_by_test_id("audit-check").inner_text()
        assert "Second facteur activé" in await lea.get_by_test_id("audit").inner_text()
        assert lea.failures == ines.failures == []
