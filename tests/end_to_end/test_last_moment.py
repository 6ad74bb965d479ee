"""Hasty hands and small screens at the desk: what was typed last is sent, all is in reach."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from playwright.async_api import WebSocketRoute

from tests.end_to_end.axe import assert_accessible
from tests.end_to_end.people import OPERATOR, browser, new_page, sign_in
from tests.end_to_end.scenes import answered
from tests.web.running import running

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

TALL_ENOUGH = 200


async def test_the_summary_that_is_sent_says_what_was_typed_last(tmp_path: Path) -> None:
    async with running(tmp_path) as service, browser() as chromium:
        assert service.house.accounts_shown is not None
        desk = await new_page(chromium)
        await sign_in(desk, service.url, OPERATOR, service.house.accounts_shown.operator.password)
        me = (await (await service.signed_in(OPERATOR)).http.get("/api/session")).json()["id"]
        scene = await answered(service, me)
        await scene.talk()
        scene.draft(
            caller_name="Odette Girard", phone="+33639981234", reason="Fuite sous l'évier",
            address="12 rue des Tanneurs",
        )  # fmt: skip
        await desk.get_by_test_id("call").wait_for()
        await scene.end()
        await desk.locator('[data-testid="deed"][data-deed="ended"]').wait_for()
        await desk.locator('[data-field="reason"]').fill("Chaudière en panne")
        await desk.keyboard.press("Control+Enter")
        await desk.get_by_test_id("message-state").wait_for()
        scope = service.house.store.for_client(scene.client_id)
        message = await scope.message_of_call(scene.call_id)
        assert message is not None
        assert message.fields["reason"] == "Chaudière en panne"
        assert "Chaudière en panne" in (message.fields["summary"] or "")
        assert desk.failures == []


async def test_an_older_draft_that_comes_late_takes_nothing_back(tmp_path: Path) -> None:
    """What was typed is saved, and the call's socket brings what was told before it."""
    async with running(tmp_path) as service, browser() as chromium:
        assert service.house.accounts_shown is not None
        desk = await new_page(chromium)
        late: list[tuple[WebSocketRoute, str | bytes]] = []
        holds = False

        def passed_on(socket: WebSocketRoute) -> None:
            def told(message: str | bytes) -> None:
                if holds:
                    late.append((socket, message))
                else:
                    socket.send(message)

            socket.connect_to_server().on_message(told)

        await desk.route_web_socket(re.compile("/api/calls/[^/]+/socket"), passed_on)
        await sign_in(desk, service.url, OPERATOR, service.house.accounts_shown.operator.password)
        me = (await (await service.signed_in(OPERATOR)).http.get("/api/session")).json()["id"]
        scene = await answered(service, me)
        await scene.talk()
        await desk.locator('[data-field="reason"]').wait_for()
        await scene.end()
        await desk.locator('[data-testid="deed"][data-deed="ended"]').wait_for()
        holds = True
        scene.draft(reason="Fuite sous l'évier", company="Girard")
        await scene.kept()
        async with desk.expect_response("**/draft") as saved:
            await desk.locator('[data-field="reason"]').fill("Chaudière en panne")
        await (await saved.value).finished()
        async with asyncio.timeout(20):
            while not late:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        socket, message = late[0]
        socket.send(message)
        await desk.wait_for_timeout(300)
        await desk.keyboard.press("Control+Enter")
        await desk.keyboard.press("Control+Enter")  # what is missing was shown
        scope = service.house.store.for_client(scene.client_id)
        async with asyncio.timeout(20):
            while (sent := await scope.message_of_call(scene.call_id)) is None:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        assert sent.fields["reason"] == "Chaudière en panne"
        assert "Chaudière en panne" in (sent.fields["summary"] or "")


async def test_a_call_is_in_reach_at_twice_its_size_and_buttons_keep_their_words(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as service, browser() as chromium:
        assert service.house.accounts_shown is not None
        desk = await new_page(chromium, width=640, height=360)  # 1280 x 720, enlarged to 200 %
        await sign_in(desk, service.url, OPERATOR, service.house.accounts_shown.operator.password)
        me = (await (await service.signed_in(OPERATOR)).http.get("/api/session")).json()["id"]
        scene = await answered(service, me)
        await scene.talk()
        await desk.get_by_test_id("call").wait_for()
        heights = await desk.locator(".column").evaluate_all(
            "columns => columns.map(column => column.getBoundingClientRect().height)"
        )
        assert len(heights) == 3
        assert min(heights) >= TALL_ENOUGH, heights
        assert await desk.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await desk.get_by_test_id("approve").scroll_into_view_if_needed()
        await assert_accessible(desk, "a call at twice its size")

        hang_up = desk.get_by_test_id("hangup")
        await hang_up.scroll_into_view_if_needed()
        await hang_up.hover()
        await assert_accessible(desk, "the pointer on a button that hangs up")
        red = "getComputedStyle(document.querySelector('[data-testid=hangup]')).backgroundColor"
        under_pointer = await desk.evaluate(red)
        await desk.mouse.move(1, 1)
        await desk.wait_for_timeout(200)
        assert await desk.evaluate(red) == under_pointer, "white words stay on their colour"
