"""The administrator's pages in a real Chromium, against the real service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from copilot.privacy.presets import PRESETS, SETS
from tests.end_to_end.axe import assert_accessible
from tests.end_to_end.people import SUPERVISOR, browser, new_page, sign_in
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


async def focused(page: Any, control: str) -> None:
    """Wait until this control has the keyboard."""
    await page.wait_for_function("id => document.activeElement.id === id", arg=control)


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
    await focused(page, "client-shown")
    await assert_accessible(page, "client form, with what is wrong")
    await page.screenshot(path=tmp_path / "client.png", full_page=True)
    await page.locator("#client-shown").fill("01 99 00 12 99")
    await page.get_by_test_id("client-save").click()
    await page.get_by_test_id("clients").wait_for()
    kept = await kept_client(service)
    assert kept["supervision"] == "forbidden" and kept["transfer_transcribed"]
    assert kept["shown_number"] == "+33199001299" and kept["transfer_shows"] == "caller"


async def make_group(page: Any, name: str, skills: str) -> None:
    await page.get_by_test_id("group-add").click()
    await focused(page, "group-name")
    await page.locator("#group-name").fill(name)
    await page.locator("#group-skills").fill(skills)
    await page.get_by_test_id("group-save").click()
    await page.get_by_test_id("group-form").wait_for(state="hidden")


async def test_groups_skills_and_who_answers_for_a_client(service: Running, tmp_path: Path) -> None:
    """By a supervisor: the floor is theirs too."""
    assert service.house.accounts_shown is not None
    async with browser() as chromium:
        page = await new_page(chromium)
        await sign_in(page, service.url, SUPERVISOR, service.house.accounts_shown.operator.password)
        await page.goto(f"{service.url}/admin?tab=floor")
        await page.get_by_test_id("no-groups").wait_for()
        await make_group(page, "Médical", "Médical, urgences")
        assert "ne fait sonner personne" in await page.get_by_test_id("group-members").inner_text()
        await make_group(page, "Tous", "")

        await page.get_by_test_id("group-edit").first.click()
        await page.locator("#group-name").fill("Tous")
        await page.locator("#group-strategy").select_option("longest_idle")
        await page.locator("#group-step").fill("0")
        await page.get_by_test_id("group-save").click()
        assert "autre groupe" in await page.get_by_test_id("group-name-error").inner_text()
        assert "1 à 300" in await page.get_by_test_id("group-step-error").inner_text()
        await focused(page, "group-name")
        await assert_accessible(page, "group form, with what is wrong")
        await page.locator("#group-name").fill("Cabinets")
        await page.locator("#group-step").fill("20")
        await page.locator("#group-overflow").select_option(label="Tous")
        await page.locator("#group-after").fill("45")
        await page.get_by_test_id("group-save").click()
        await page.get_by_text("déborde vers Tous après 45 s").wait_for()

        operator = page.get_by_test_id("operator-row").first
        await operator.get_by_role("textbox").fill("x" * 41)
        await operator.get_by_test_id("skills-save").click()
        assert "trop long" in await operator.get_by_test_id("skills-error").inner_text()
        await operator.get_by_role("textbox").fill("urgences ; médical")
        await operator.get_by_role("checkbox", name="anglais").check()
        await operator.get_by_test_id("skills-save").click()
        await operator.get_by_text("Enregistré.").wait_for()
        assert "Opérateurs" in await page.get_by_test_id("group-members").first.inner_text()

        client = page.get_by_test_id("client-group").filter(has_text="Delorme")
        await client.get_by_role("combobox").select_option(label="Cabinets")
        await client.get_by_test_id("client-group-save").click()
        await client.get_by_text("Enregistré.").wait_for()
        await assert_accessible(page, "groups and skills")
        await page.screenshot(path=tmp_path / "floor.png")
        await page.set_viewport_size({"width": 360, "height": 1600})
        await page.screenshot(path=tmp_path / "floor-phone.png")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")

        floor = service.house.store.floor
        cabinets, everybody = await floor.groups()
        assert (cabinets.name, cabinets.skills, cabinets.step_s) == (
            "Cabinets", ("médical", "urgences"), 20,
        )  # fmt: skip
        assert (cabinets.overflow_to, cabinets.overflow_after_s) == (everybody.id, 45)
        known = (await floor.answerers())[0]
        assert set(known.skills) == {"médical", "urgences"} and "en" in known.languages
        kept = await service.house.store.for_client("demo-delorme").client()
        assert kept.settings.welcome.group == cabinets.id

        gone = page.get_by_test_id("group-row").filter(has_text="Opérateurs").last
        await gone.get_by_test_id("group-remove").click()
        await gone.get_by_test_id("group-remove").click()
        await page.get_by_text("déborde vers").wait_for(state="hidden")
        (left,) = await floor.groups()
        assert left.id == cabinets.id and left.overflow_to is None
        trail = {entry.act.action for entry in await service.house.store.audit.entries()}
        assert {"groups.changed", "skills.changed", "client.group"} <= trail
        assert page.failures == []


async def test_a_program_s_token_is_shown_once_and_revoked(
    service: Running, page: Any, tmp_path: Path
) -> None:
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=service.url)
    await page.get_by_test_id("admin-tokens").click()
    await page.get_by_test_id("no-tokens").wait_for()
    await page.get_by_test_id("token-add").click()
    assert await page.get_by_test_id("token-scopes").get_by_role("checkbox").count() == 4
    await page.locator("#token-client").select_option(label="Plomberie Delorme")
    assert await page.get_by_test_id("token-scopes").get_by_role("checkbox").count() == 8
    await page.locator("#token-name").fill("CRM")
    await page.locator("#token-days").fill("400")
    await page.get_by_test_id("token-save").click()
    assert "366" in await page.get_by_test_id("token-days-error").inner_text()
    assert "au moins un" in await page.get_by_test_id("token-scopes-error").inner_text()
    assert await page.locator("#token-name").input_value() == "CRM"
    await focused(page, "token-days")
    await assert_accessible(page, "token form, with what is wrong")
    await page.locator("#token-days").fill("30")
    await page.get_by_role("checkbox", name="Lire les messages").check()
    await page.get_by_test_id("token-save").click()
    secret = await page.get_by_test_id("token-secret").input_value()
    await page.get_by_test_id("token-copy").click()
    await page.get_by_text("Copié", exact=True).wait_for()
    assert await page.evaluate("navigator.clipboard.readText()") == secret
    await assert_accessible(page, "a token's secret")
    await page.screenshot(path=tmp_path / "token.png")

    program = service.browser(Authorization=f"Bearer {secret}")
    assert (await program.get("/api/messages")).status_code == 200
    await page.reload()
    row = page.get_by_test_id("token")
    await row.get_by_test_id("token-revoke").click()
    assert secret not in await page.content()
    await row.get_by_test_id("token-revoke").click()
    await page.locator('[data-testid="token"][data-state="revoked"]').wait_for()
    assert (await program.get("/api/messages")).status_code == 401
    await page.screenshot(path=tmp_path / "tokens.png")


async def test_a_trade_s_privacy_is_set_in_one_go(
    service: Running, page: Any, tmp_path: Path
) -> None:
    await page.goto(f"{service.url}/admin?tab=clients&client=demo-delorme")
    for preset in PRESETS:
        said = await page.get_by_test_id(f"preset-{preset}-sets").inner_text()
        assert f"Transcriptions gardées {SETS[preset]['transcript_days']} j" in said
        assert f"appels {SETS[preset]['call_days']} j" in said
        assert ("termes de santé" in said) == ("health" in SETS[preset]["redact"])
    await page.locator("#client-greeting").fill("Cabinet Delorme, bonjour !")
    before = await kept_client(service)
    await page.get_by_test_id("preset-health").click()
    assert "effacé pour de bon" in await page.get_by_test_id("preset-asked").inner_text()
    assert await kept_client(service) == before
    await assert_accessible(page, "privacy, before it is applied")
    await page.get_by_test_id("preset-apply").click()
    await page.get_by_test_id("preset-done").wait_for()
    assert "termes de santé" in await page.get_by_test_id("privacy-kept").inner_text()
    assert await page.locator("#client-supervision").input_value() == "forbidden"
    await page.screenshot(path=tmp_path / "privacy.png")
    await page.get_by_test_id("client-save").click()
    await page.get_by_test_id("clients").wait_for()
    kept = await kept_client(service)
    assert kept["greeting"] == "Cabinet Delorme, bonjour !"
    assert (kept["transcript_days"], kept["supervision"]) == (7, "forbidden")
    trail = [entry.act for entry in await service.house.store.audit.entries()]
    assert [act.detail for act in trail if act.action == "client.preset"] == [{"preset": "health"}]
