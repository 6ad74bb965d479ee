"""A passkey in Chromium, with its virtual authenticator: added, then the way in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.end_to_end.axe import assert_accessible
from tests.end_to_end.people import SUPERVISOR, browser, new_page, sign_in
from tests.end_to_end.service import Service, running_service


async def test_somebody_adds_a_passkey_and_signs_in_with_it(tmp_path: Path) -> None:
    with running_service(tmp_path) as service:
        async with browser() as chromium:
            await journey(chromium, service)


async def journey(chromium: Any, service: Service) -> None:
    page = await new_page(chromium)
    devices = await page.context.new_cdp_session(page)
    await devices.send("WebAuthn.enable")
    await devices.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    url = service.url.replace("127.0.0.1", "localhost")
    await sign_in(page, url, SUPERVISOR, service.password)
    await page.goto(f"{url}/account")
    await page.get_by_test_id("passkeys").wait_for()
    await page.get_by_test_id("passkey-submit").click()
    assert await page.locator("#passkey-name").get_attribute("aria-invalid") == "true"
    await page.locator("#passkey-name").fill("Portable du bureau")
    await page.locator("#passkey-password").fill(service.password)
    await page.get_by_test_id("passkey-submit").click()
    await page.get_by_test_id("passkey-added").wait_for()
    assert "Portable du bureau" in await page.get_by_test_id("passkey").inner_text()
    await assert_accessible(page, "account with a passkey")
    await page.context.clear_cookies()
    await page.goto(url)
    await page.get_by_test_id("sign-in-passkey").click()
    await page.get_by_test_id("account-menu-button").wait_for()
    assert page.failures == []
