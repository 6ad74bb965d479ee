"""Two operators on one call in Chromium: one writes, the other reads, and nothing typed is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.axe import assert_accessible
from tests.end_to_end.people import OPERATOR, browser, new_page, sign_in
from tests.end_to_end.scenes import answered
from tests.web.running import running
from tests.web.test_holding import KARIM, PASSWORD, colleague

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


def field(page: Any, name: str) -> Any:
    return page.locator(f'[data-field="{name}"]')


async def shows(page: Any, name: str, value: str) -> None:
    """Wait until a field has this value."""
    await page.wait_for_function(
        "([name, value]) => document.querySelector(`[data-field=${name}]`)?.value === value",
        arg=[name, value],
    )


async def test_a_colleague_follows_a_call_and_takes_its_message(tmp_path: Path) -> None:
    async with running(tmp_path) as service, browser() as chromium:
        assert service.house.accounts_shown is not None
        http = await service.signed_in(OPERATOR)
        me = (await http.http.get("/api/session")).json()["id"]
        await colleague(service)
        scene = await answered(service, me)
        await scene.talk()
        ines, karim = await new_page(chromium), await new_page(chromium)
        password = service.house.accounts_shown.operator.password
        await sign_in(ines, service.url, OPERATOR, password)
        await sign_in(karim, service.url, KARIM, PASSWORD)
        await field(ines, "caller_name").fill("Jean Martin")
        await karim.get_by_test_id("colleagues").wait_for()
        await assert_accessible(karim, "desk, a colleague is in a call")
        await karim.get_by_test_id("watch-call").click()

        await shows(karim, "caller_name", "Jean Martin")
        assert "Inès Carpentier" in await karim.get_by_test_id("message-theirs").inner_text()
        assert "lecture seule" in await karim.get_by_test_id("watching").inner_text()
        assert await field(karim, "caller_name").get_attribute("readonly") is not None
        for absent in ("approve", "hangup", "pause-transcription"):
            assert await karim.get_by_test_id(absent).count() == 0
        last = scene.say("caller", "Et mon numéro, vous l'avez ?")
        await karim.locator(f'[data-utterance="{last}"]').wait_for()
        await assert_accessible(karim, "desk, a colleague's call")

        # Inès is cut off while she types; Karim takes the message meanwhile.
        await ines.route("**/draft", lambda route: route.abort())
        await field(ines, "caller_name").fill("Jean Martinez")
        await ines.locator('[data-testid="draft-save"][data-state="waiting"]').wait_for()
        await karim.get_by_test_id("take-message").click()
        await karim.get_by_test_id("take-message").click()
        await karim.get_by_test_id("message-theirs").wait_for(state="hidden")
        await ines.get_by_test_id("message-theirs").wait_for()
        assert "Jean Martinez" in await ines.get_by_test_id("unsaved-aside").inner_text()
        await shows(ines, "caller_name", "Jean Martin")
        await ines.unroute("**/draft")
        await field(karim, "company").fill("Établissements Morel")
        await shows(ines, "company", "Établissements Morel")
        await shows(karim, "caller_name", "Jean Martin")
        await assert_accessible(ines, "desk, a colleague took the message")
        await ines.reload()
        assert "Jean Martinez" in await ines.get_by_test_id("unsaved-aside").inner_text()
        await ines.get_by_test_id("drop-aside").click()
        await ines.get_by_test_id("unsaved-aside").wait_for(state="hidden")

        # She still talks, and may take it back.
        assert (
            await ines.get_by_test_id("hangup").count() + await ines.get_by_test_id("timer").count()
        )
        await ines.get_by_test_id("take-message").click()
        await ines.get_by_test_id("take-message").click()
        await karim.get_by_test_id("message-theirs").wait_for()
        await karim.keyboard.press("Escape")
        await karim.get_by_test_id("leave-call").click()
        await karim.get_by_test_id("idle").wait_for()
        assert ines.failures == karim.failures == []
