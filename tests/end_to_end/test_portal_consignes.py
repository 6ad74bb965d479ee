"""A client dates its consignes: days are those of its own calendar, wherever the browser is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.people import CLIENT, browser, new_page, sign_in
from tests.end_to_end.test_one_call import until
from tests.web.running import running

pytestmark = [pytest.mark.browser, pytest.mark.timeout(60)]


async def test_the_days_of_a_consigne_are_the_client_s(tmp_path: Path) -> None:
    async with running(tmp_path) as service, browser() as chromium:
        portal = await service.signed_in(CLIENT)

        async def dated() -> list[dict[str, Any]]:
            every = (await portal.http.get("/api/portal/consignes")).json()
            return [one for one in every if one["valid_from"]]

        assert service.house.accounts_shown is not None
        page = await new_page(chromium, timezone_id="America/Martinique")
        await sign_in(page, service.url, CLIENT, service.house.accounts_shown.client.password)
        await page.goto(f"{service.url}/portal?tab=consignes&consigne=new")
        await page.get_by_test_id("consigne-title").fill("Congés de Noël")
        await page.get_by_test_id("consigne-body").fill("Fermé.")
        await page.get_by_test_id("consigne-from").fill("2026-12-24")
        await page.get_by_test_id("consigne-until").fill("2026-12-26")
        await page.get_by_test_id("consigne-save").click()
        await page.get_by_text("26 décembre").wait_for()
        (made,) = await dated()
        assert made["valid_from"] == "2026-12-24T00:00:00+01:00"
        assert made["valid_until"] == "2026-12-27T00:00:00+01:00"

        await page.get_by_text("Congés de Noël").click()
        assert await page.get_by_test_id("consigne-from").input_value() == "2026-12-24"
        assert await page.get_by_test_id("consigne-until").input_value() == "2026-12-26"
        await page.get_by_test_id("consigne-body").fill("Fermé, sauf urgences.")
        await page.get_by_test_id("consigne-save").click()

        async def edited() -> bool:
            return [one["body"] for one in await dated()] == ["Fermé, sauf urgences."]

        await until(edited, limit_s=10)
        (after,) = await dated()
        dates = ("valid_from", "valid_until")
        assert [after[name] for name in dates] == [made[name] for name in dates]

        await page.goto(f"{service.url}/portal?tab=consignes&view=at")
        moment, dated_line = (
            page.get_by_test_id("preview-moment"),
            page.get_by_text("Congés de Noël"),
        )
        await moment.wait_for()
        await moment.fill("2026-12-26T23:59")  # the client's, a minute before the end
        await dated_line.wait_for()
        await moment.fill("2026-12-27T00:00")
        await dated_line.wait_for(state="detached")
        assert page.failures == []
