"""axe finds nothing serious on any page, in either theme."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.axe import assert_accessible
from tests.end_to_end.people import CLIENT, OPERATOR, SUPERVISOR, browser, new_page, sign_in
from tests.end_to_end.scenes import answered, ringing
from tests.web.running import Running, running

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path) as service:
        yield service


@pytest.fixture
async def chromium() -> AsyncIterator[Any]:
    async with browser() as chromium:
        yield chromium


async def person(chromium: Any, service: Running, email: str, **options: Any) -> Any:
    """A tab of somebody signed in."""
    assert service.house.accounts_shown is not None
    page = await new_page(chromium, **options)
    await sign_in(page, service.url, email, service.house.accounts_shown.operator.password)
    return page


async def operator_id(service: Running) -> str:
    browser_ = await service.signed_in(OPERATOR)
    me = (await browser_.http.get("/api/session")).json()
    return str(me["id"])


async def test_the_way_in(service: Running, chromium: Any) -> None:
    page = await new_page(chromium)
    await page.goto(service.url)
    await page.get_by_test_id("sign-in-submit").click()
    await assert_accessible(page, "sign in, with what is wrong")
    await page.goto(f"{service.url}/demo/caller")
    await page.get_by_test_id("demo-call").wait_for()
    await assert_accessible(page, "demonstration caller")
    assert page.failures == []


async def test_the_desk(service: Running, chromium: Any) -> None:
    page = await person(chromium, service, OPERATOR)
    await page.get_by_test_id("idle").wait_for()
    await assert_accessible(page, "desk, waiting")
    await ringing(service, "rings")
    await page.get_by_test_id("consignes").wait_for()
    await assert_accessible(page, "desk, ringing")
    scene = await answered(service, await operator_id(service), "live")
    await scene.talk()
    await page.get_by_test_id("suggestion").wait_for()
    await assert_accessible(page, "desk, in a call, another rings")
    for key, what in (("f", "caller-past"), ("Control+k", "palette-ask"), ("?", "keys-single")):
        await page.keyboard.press(key)
        await page.get_by_test_id(what).wait_for()
        await assert_accessible(page, f"desk, {what}")
        await page.keyboard.press("f" if key == "f" else "Escape")
        await page.get_by_test_id(what).wait_for(state="hidden")
    await scene.end()
    await page.get_by_test_id("finish").wait_for()
    await page.get_by_test_id("approve").click()
    await assert_accessible(page, "desk, after a call, with what is missing")
    await page.set_viewport_size({"width": 640, "height": 720})
    await assert_accessible(page, "desk, half a screen")
    assert page.failures == []


async def test_the_gallery(service: Running, chromium: Any) -> None:
    page = await person(chromium, service, SUPERVISOR)
    scene = await answered(service, await operator_id(service))
    await scene.talk()
    await page.get_by_test_id("board-call").click()
    await page.get_by_test_id("turn").first.wait_for()
    await assert_accessible(page, "gallery, a live call")
    await page.get_by_test_id("tab-calls").click()
    await page.get_by_test_id("recent").wait_for()
    await assert_accessible(page, "gallery, calls")
    await page.get_by_test_id("said-search").fill("EVIER")
    await page.get_by_test_id("said-line").click()
    await assert_accessible(page, "gallery, words found")
    await page.goto(f"{service.url}/desk")
    await page.get_by_test_id("forbidden").wait_for()
    await assert_accessible(page, "forbidden")
    assert page.failures == []


async def test_the_portal(service: Running, chromium: Any) -> None:
    scene = await answered(service, await operator_id(service))
    await scene.talk()
    await scene.end()
    operator = await service.signed_in(OPERATOR)
    fields = {"caller_name": "Jean Martin", "reason": "Fuite", "urgency": "urgent"}
    approved = await operator.http.post(
        f"/api/calls/{scene.call_id}/message", json={"fields": fields, "note": "Rappeler vite"}
    )
    assert approved.status_code == 202, approved.text
    page = await person(chromium, service, CLIENT, width=390, height=844)
    await page.get_by_test_id("message-row").click()
    await page.get_by_test_id("turn").first.wait_for()
    await assert_accessible(page, "portal, a message on a phone")
    await page.set_viewport_size({"width": 1280, "height": 800})
    for address, shown in (
        ("tab=messages", "message-row"),
        ("tab=knowledge", "entry"),
        ("tab=knowledge&entry=new", "entry-editor"),
        ("tab=knowledge&view=import", "import"),
        ("tab=knowledge&view=gaps", "gaps"),
        ("tab=knowledge&view=history", "history"),
        ("tab=consignes", "consigne-row"),
        ("tab=consignes&consigne=new", "consigne-editor"),
        ("tab=consignes&view=at", "preview"),
        ("tab=calls", "call-row"),
        ("tab=contacts", "known-callers"),
        ("tab=contacts&view=staff", "contacts"),
        ("tab=setup", "set-up"),
        ("tab=setup&step=urgencies", "care-urgencies"),
    ):
        await page.goto(f"{service.url}/portal?{address}")
        await page.get_by_test_id(shown).first.wait_for()
        await assert_accessible(page, f"portal, {address}")
    assert page.failures == []
