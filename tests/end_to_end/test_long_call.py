"""A long call in Chromium: its last words first, what came before as its reader wants it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.axe import assert_accessible
from tests.end_to_end.people import OPERATOR, SUPERVISOR, browser, new_page, sign_in
from tests.end_to_end.scenes import answered, long_talk
from tests.web.running import running

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

SAID = 650

TOP_OF = """id => document.querySelector(`[data-utterance="${id}"]`).getBoundingClientRect().top"""


async def test_what_was_said_before_comes_as_one_scrolls_up(tmp_path: Path) -> None:
    async with running(tmp_path) as service, browser() as chromium:
        assert service.house.accounts_shown is not None
        me = (await (await service.signed_in(OPERATOR)).http.get("/api/session")).json()["id"]
        scene = await answered(service, me)
        said = [
            scene.say(leg, text) for (leg, text), _ in zip(long_talk(), range(SAID), strict=False)
        ]
        await service.house.journal.kept(timeout_s=30.0)
        page = await new_page(chromium)
        await sign_in(page, service.url, SUPERVISOR, service.house.accounts_shown.operator.password)
        await page.goto(f"{service.url}/gallery?call={scene.call_id}")
        spoken = page.get_by_test_id("utterance")
        last = page.locator(f'[data-utterance="{said[-1]}"]')
        await last.wait_for()
        assert await spoken.count() == 100
        await page.get_by_test_id("earlier").wait_for(state="attached")
        await assert_accessible(page, "gallery, a long call")

        log = page.get_by_role("log")
        await log.evaluate("pane => { pane.scrollTop = 200; }")
        first = said[-100]
        await page.locator(f'[data-utterance="{said[-300]}"]').wait_for(state="attached")
        assert await spoken.count() == 300
        before = await page.evaluate(TOP_OF, first)
        assert -400 < before < 900, "the reader's place is kept"

        # What a moment of the call points at is fetched up to there.
        await page.goto(f"{service.url}/gallery?call={scene.call_id}&said={said[200]}")
        await page.locator(f'[data-utterance="{said[200]}"].highlighted').wait_for()
        assert await spoken.count() == 500

        # The browser's own search looks in all of it.
        await page.keyboard.press("Control+f")
        await page.locator(f'[data-utterance="{said[0]}"]').wait_for(state="attached")
        assert await spoken.count() == SAID
        await page.get_by_test_id("earlier").wait_for(state="detached")
        scene.say("caller", "Merci, au revoir.")
        await page.get_by_text("Merci, au revoir.").wait_for(state="attached")
        assert page.failures == []
