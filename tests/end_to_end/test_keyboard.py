"""The desk, the portal and the board without a mouse: from signing in to what one came for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.keyboard import Keyboard
from tests.end_to_end.people import CLIENT, OPERATOR, SUPERVISOR, browser, new_page
from tests.end_to_end.scenes import answered
from tests.web.running import Running, running

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path) as service:
        yield service


@pytest.fixture
async def page() -> AsyncIterator[Any]:
    async with browser() as chromium:
        page = await new_page(chromium, width=1280, height=800)
        yield page
        assert page.failures == []


async def signed_in(page: Any, service: Running, email: str) -> Keyboard:
    assert service.house.accounts_shown is not None
    keys = Keyboard(page)
    await page.goto(service.url)
    await page.get_by_test_id("sign-in-submit").wait_for()
    await keys.to("sign-in-email")
    await keys.write(email)
    await keys.to("sign-in-password")
    await keys.write(service.house.accounts_shown.operator.password)
    await keys.press("Enter")
    await page.get_by_test_id("account-menu-button").wait_for()
    return keys


async def test_a_message_is_sent_from_the_desk(service: Running, page: Any) -> None:
    keys = await signed_in(page, service, OPERATOR)
    await page.get_by_test_id("idle").wait_for()
    await keys.round()
    me = await page.evaluate("() => fetch('/api/session').then((told) => told.json())")
    scene = await answered(service, me["id"])
    await scene.talk()
    await page.get_by_test_id("suggestion").wait_for()
    assert {"approve", "note", "hangup"} <= {*await keys.round()}
    await keys.press("Alt+3")
    await keys.to("caller_name")
    await keys.write("Odile Vasseur")
    await keys.to("phone")
    await keys.write("01 99 00 12 16")
    await scene.end()
    await page.get_by_test_id("finish").wait_for()
    await keys.press("Control+Enter")
    await page.get_by_test_id("message-state").wait_for()
    message = (await service.house.store.for_client(scene.client_id).messages())[0]
    assert message.fields["caller_name"] == "Odile Vasseur"
    await keys.press("Control+Enter")
    await page.get_by_test_id("idle").wait_for()


async def test_an_entry_is_written_in_the_portal(service: Running, page: Any) -> None:
    keys = await signed_in(page, service, CLIENT)
    await page.get_by_test_id("tab-knowledge").wait_for()
    await keys.to("tab-knowledge")
    await keys.press("Enter")
    await page.get_by_test_id("entry").first.wait_for()
    await keys.round()
    await keys.to("entry-new")
    await keys.press("Enter")
    await page.get_by_test_id("entry-editor").wait_for()
    await keys.to("entry-question")
    await keys.write("Où se garer ?")
    await keys.to("entry-answer")
    await keys.write("Dans la cour, au fond.")
    await keys.to("entry-save")
    await keys.press("Enter")
    await page.get_by_test_id("entry").filter(has_text="Où se garer ?").wait_for()
    for tab in ("messages", "consignes", "delivery"):
        await keys.to(f"tab-{tab}")
        await keys.press("Enter")
        await page.wait_for_url(f"**tab={tab}**")
        await page.wait_for_load_state("networkidle")
        await keys.round()


async def test_a_call_is_followed_on_the_board(service: Running, page: Any) -> None:
    operator = await service.signed_in(OPERATOR)
    me = (await operator.http.get("/api/session")).json()
    scene = await answered(service, me["id"])
    await scene.talk()
    keys = await signed_in(page, service, SUPERVISOR)
    await page.get_by_test_id("board-call").wait_for()
    await keys.to("board-call")
    await keys.press("Enter")
    await page.get_by_test_id("turn").first.wait_for()
    await keys.round()
