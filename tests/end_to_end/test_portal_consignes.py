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


async def test_what_was_typed_is_found_again_until_it_is_saved(tmp_path: Path) -> None:
    async with running(tmp_path) as service, browser() as chromium:
        assert service.house.accounts_shown is not None
        page = await new_page(chromium)
        await sign_in(page, service.url, CLIENT, service.house.accounts_shown.client.password)
        await page.goto(f"{service.url}/portal?tab=consignes")
        rows, body = page.get_by_test_id("consigne-row"), page.get_by_test_id("consigne-body")
        await rows.first.click()
        before = await body.input_value()
        await body.fill("À moitié écrit")
        await page.get_by_test_id("consigne-close").click()
        await page.get_by_test_id("consigne-unsaved").wait_for()
        await page.get_by_test_id("consigne-new").click()
        await page.get_by_test_id("consigne-title").fill("Congés")
        await page.get_by_test_id("tab-messages").click()
        await page.get_by_test_id("tab-consignes").click()
        await page.get_by_test_id("consigne-new").click()
        assert await page.get_by_test_id("consigne-title").input_value() == "Congés"
        await page.get_by_test_id("consigne-start-over").click()
        title = page.get_by_test_id("consigne-title")
        assert await title.input_value() == ""
        assert await title.evaluate("field => field === document.activeElement")
        await rows.first.click()
        assert await body.input_value() == "À moitié écrit"

        client = await service.signed_in(CLIENT)
        every = (await client.http.get("/api/portal/consignes")).json()
        (first,) = [one for one in every if one["body"] == before]
        same = {name: first[name] for name in ("title", "kind", "topic", "weekdays", "holidays")}
        faster = {**same, "version": first["version"], "body": "Écrit par une collègue"}
        address = f"/api/portal/consignes/{first['id']}"
        changed = await client.http.patch(address, json=faster)
        assert changed.status_code == 200, changed.text
        await page.get_by_test_id("consigne-save").click()
        await page.get_by_test_id("consigne-fault").wait_for()  # never over a colleague's change
        assert await body.input_value() == "À moitié écrit"
        await page.get_by_test_id("consigne-start-over").click()
        assert await body.input_value() == "Écrit par une collègue"
        again = {**faster, "version": changed.json()["version"], "body": "Écrit une fois de plus"}
        assert (await client.http.patch(address, json=again)).status_code == 200
        for _ in range(2):
            await page.get_by_test_id("remove").click()
        await page.get_by_test_id("consigne-fault").filter(has_text="la voici à jour").wait_for()
        await page.get_by_text("Écrit une fois de plus").wait_for()
        assert await body.input_value() == "Écrit une fois de plus"
        assert await page.get_by_test_id("consigne-start-over").count() == 0, "nothing was typed"
        await body.fill("Écrit ensuite")
        await page.get_by_test_id("consigne-save").click()
        await page.get_by_text("Écrit ensuite").wait_for()
        assert await page.get_by_test_id("consigne-unsaved").count() == 0
        assert page.failures == []


async def test_what_was_typed_outlives_a_consigne_that_somebody_else_removed(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as service, browser() as chromium:
        assert service.house.accounts_shown is not None
        page = await new_page(chromium)
        await sign_in(page, service.url, CLIENT, service.house.accounts_shown.client.password)
        await page.goto(f"{service.url}/portal?tab=consignes")
        rows, body = page.get_by_test_id("consigne-row"), page.get_by_test_id("consigne-body")
        lost = page.get_by_test_id("consigne-lost")
        client = await service.signed_in(CLIENT)

        async def opened_and_removed(text: str = "") -> None:
            await rows.first.click()
            chosen = await rows.first.get_attribute("data-consigne")
            if text:
                await body.fill(text)
            every = (await client.http.get("/api/portal/consignes")).json()
            (version,) = [one["version"] for one in every if one["id"] == chosen]
            gone = await client.http.delete(f"/api/portal/consignes/{chosen}?version={version}")
            assert gone.status_code == 204, gone.text

        async def typed_and_removed(text: str) -> None:
            await opened_and_removed(text)
            await page.get_by_test_id("consigne-save").click()
            await page.get_by_test_id("consigne-gone").wait_for()
            assert await body.input_value() == text

        await typed_and_removed("Écrit trop tard")
        await page.get_by_test_id("consigne-close").click()
        await lost.filter(has_text="Écrit trop tard").click()
        await page.get_by_test_id("consigne-save").click()
        await rows.filter(has_text="Écrit trop tard").wait_for()
        assert await lost.count() == 0

        await typed_and_removed("À oublier")
        await page.get_by_test_id("consigne-start-over").click()
        await page.get_by_test_id("consigne-editor").wait_for(state="detached")
        assert await lost.count() == 0

        await opened_and_removed()  # nothing was typed: nothing is kept
        await page.get_by_test_id("consigne-save").click()
        await page.get_by_test_id("consigne-editor").wait_for(state="detached")
        assert await lost.count() == 0
        assert page.failures == []
