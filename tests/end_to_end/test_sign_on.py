"""Single sign-on in Chromium: refused with a sentence, then in, then out at both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.end_to_end.axe import assert_accessible
from tests.end_to_end.people import SUPERVISOR, browser, new_page
from tests.end_to_end.service import Service, running_service
from tests.identityprovider import IdentityProvider


async def test_somebody_signs_on_by_the_provider(tmp_path: Path) -> None:
    provider = IdentityProvider(
        person={"sub": "s-1", "email": SUPERVISOR, "email_verified": False, "amr": ["mfa"]}
    )
    settings = {f"SOUFFLEUR_{name.upper()}": value for name, value in provider.settings.items()}
    async with provider.running(), browser() as chromium:
        with running_service(tmp_path, **settings) as service:
            await journey(chromium, service, provider)


async def journey(chromium: Any, service: Service, provider: IdentityProvider) -> None:
    page = await new_page(chromium)
    await page.goto(service.url)
    button = page.get_by_test_id("sign-in-provider")
    await button.wait_for()
    assert await button.inner_text() == "Se connecter avec Compte Delta"
    await button.click()
    said = page.get_by_test_id("sign-in-error")
    await said.wait_for()
    assert "adresse e-mail" in await said.inner_text()
    assert "sign_on" not in page.url
    await assert_accessible(page, "sign-in with a provider")
    provider.person["email_verified"] = True
    await button.click()
    await page.get_by_test_id("account-menu-button").click()
    await page.get_by_test_id("sign-out").click()
    await page.wait_for_url(f"{provider.issuer}/end?*")
    await page.goto(service.url)
    await button.wait_for()
    assert page.failures == []
