"""What an operator leaves at the end of a call is shown to them until it is done."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.axe import assert_accessible
from tests.end_to_end.people import OPERATOR, browser, new_page, sign_in
from tests.end_to_end.scenes import answered
from tests.servers import smtp_sink
from tests.web.test_delivery import service_with, settings

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


async def test_a_message_that_was_left_is_found_sent_or_told_not_to_be_needed(
    tmp_path: Path,
) -> None:
    with smtp_sink() as sink:
        async with service_with(tmp_path, sink) as service, browser() as chromium:
            await settings(service, recipients=["atelier@example.fr"])
            assert service.house.accounts_shown is not None
            desk = await new_page(chromium, width=1280, height=720)
            await sign_in(
                desk, service.url, OPERATOR, service.house.accounts_shown.operator.password
            )
            me = (await (await service.signed_in(OPERATOR)).http.get("/api/session")).json()["id"]
            left = desk.get_by_test_id("unfinished-call")
            for call_id in ("leak", "wrong"):
                scene = await answered(service, me, call_id)
                await desk.locator(f'[data-testid="call"][data-call="{call_id}"]').wait_for()
                await scene.talk()
                await scene.end()
                await desk.get_by_test_id("finish").click()
                await desk.locator(
                    f'[data-testid="unfinished-call"][data-call="{call_id}"]'
                ).wait_for()
            await assert_accessible(desk, "desk with messages left")

            await (
                left.filter(has=desk.get_by_test_id("nothing-to-send"))
                .first.get_by_test_id("nothing-to-send")
                .click()
            )
            await desk.locator('[data-testid="unfinished-call"][data-call="wrong"]').wait_for(
                state="detached"
            )
            await left.get_by_test_id("unfinished-open").click()

            # The number that the network showed is a click away, and a digit short is told.
            phone = desk.locator('[data-field="phone"]')
            await phone.fill("06 39 98 12 3")
            await phone.blur()
            await desk.locator("#error-phone").wait_for()
            await desk.reload()
            await desk.get_by_test_id("call").wait_for()
            await phone.fill("")
            assert await desk.get_by_test_id("known-phone").count() == 0, "emptied on purpose"
            await desk.get_by_test_id("approve").click()
            await desk.get_by_test_id("approve").click()
            await desk.locator('[data-testid="message-state"][data-state="delivered"]').wait_for()
            await desk.keyboard.press("t")
            await desk.get_by_test_id("idle").wait_for()
            await desk.get_by_test_id("own-call").first.wait_for()
            assert await desk.get_by_test_id("unfinished").count() == 0
            assert desk.failures == []


async def test_the_number_that_was_shown_is_a_click_away(tmp_path: Path) -> None:
    with smtp_sink() as sink:
        async with service_with(tmp_path, sink) as service, browser() as chromium:
            assert service.house.accounts_shown is not None
            desk = await new_page(chromium)
            await sign_in(
                desk, service.url, OPERATOR, service.house.accounts_shown.operator.password
            )
            me = (await (await service.signed_in(OPERATOR)).http.get("/api/session")).json()["id"]
            scene = await answered(service, me)
            scene.say("caller", "Bonjour, c'est pour une fuite.")
            known = desk.get_by_test_id("known-phone")
            await known.filter(has_text="06 39 98 12 34").wait_for()
            await assert_accessible(desk, "desk, a number shown")
            await known.click()
            await known.wait_for(state="detached")
            assert await desk.locator('[data-field="phone"]').input_value() == "06 39 98 12 34"
            await desk.locator('[data-testid="draft-save"][data-state="saved"]').wait_for()
            draft = (await (await service.signed_in(OPERATOR)).http.get("/api/calls/scene")).json()
            kept = {field["name"]: field["value"] for field in draft["draft"]}
            assert kept["phone"] == "+33639981234"
