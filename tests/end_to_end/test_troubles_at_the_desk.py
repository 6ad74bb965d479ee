"""What goes wrong after the approval, as whoever sits at the desk sees it, in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from tests.end_to_end.axe import assert_accessible
from tests.end_to_end.people import OPERATOR, browser, new_page, sign_in
from tests.end_to_end.scenes import Scene, answered
from tests.servers import smtp_sink
from tests.web.running import Running
from tests.web.test_delivery import ON_CALL, ROOM_PAGES, service_with, settings

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

USUAL = "atelier@example.fr"


async def at_the_desk(chromium: Any, service: Running) -> tuple[Any, Scene]:
    """An urgent call that is over, its message ready to go."""
    assert service.house.accounts_shown is not None
    desk = await new_page(chromium)
    await sign_in(desk, service.url, OPERATOR, service.house.accounts_shown.operator.password)
    me = (await (await service.signed_in(OPERATOR)).http.get("/api/session")).json()
    scene = await answered(service, me["id"])
    await scene.talk()
    scene.draft(
        caller_name="Odette Girard", phone="+33639981234", reason="Fuite sous l'évier",
        address="12 rue des Tanneurs", urgency="critique",
    )  # fmt: skip
    await desk.get_by_test_id("call").wait_for()
    await scene.end()
    await desk.locator('[data-testid="deed"][data-deed="ended"]').wait_for()
    desk.set_default_timeout(30_000)
    return desk, scene


async def test_somebody_on_call_who_is_not_reached_does_not_redden_what_arrived(
    tmp_path: Path,
) -> None:
    with smtp_sink() as sink:
        sink.recipient_answers |= dict.fromkeys(("tom@example.fr", "lea@example.fr"), "550 Inconnu")
        async with service_with(tmp_path, sink) as service, browser() as chromium:
            await settings(service, recipients=[USUAL], on_call=ON_CALL)
            desk, _ = await at_the_desk(chromium, service)
            await desk.keyboard.press("Control+Enter")
            await desk.get_by_test_id("follow-up-toggle").click()
            await desk.locator('[data-testid="ladder"][data-state="exhausted"]').wait_for()
            standing = desk.get_by_test_id("message-state")
            # The ladder may have come to its end before the news of the delivery did.
            await desk.locator('[data-testid="message-state"][data-state="delivered"]').wait_for()
            assert "550" not in await standing.inner_text()
            tried = desk.locator('[data-testid="try"][data-state="dead"]')
            assert await tried.count() == 2, "the follow-up says who was not reached"
            await assert_accessible(desk, "desk after a ladder that reached nobody")
            await desk.reload()
            await standing.wait_for()
            assert await standing.get_attribute("data-state") == "delivered", "as after a reload"


async def test_a_refused_recipient_and_a_full_disk_are_said_and_the_message_stays(
    tmp_path: Path,
) -> None:
    with smtp_sink() as sink:
        sink.recipient_answers[USUAL] = "550 Inconnu ici"
        async with service_with(tmp_path, sink) as service, browser() as chromium:
            await settings(service, recipients=[USUAL])
            desk, scene = await at_the_desk(chromium, service)
            engine = service.house.store.database.engine.sync_engine
            pages = 1

            def bound(connection: Any, *_: object) -> None:
                connection.execute(f"PRAGMA max_page_count = {pages}").close()

            event.listen(engine, "checkout", bound)
            await desk.locator('[data-field="reason"]').fill("très long " * 1900)
            await desk.keyboard.press("Control+Enter")
            await desk.get_by_role("alert").filter(has_text="disque").first.wait_for()
            pages = ROOM_PAGES
            typed = await desk.locator('[data-field="reason"]').input_value()
            assert typed.startswith("très long"), "what was typed is there still"
            scope = service.house.store.for_client(scene.client_id)
            assert await scope.message_of_call(scene.call_id) is None
            await desk.locator('[data-field="reason"]').fill("Fuite sous l'évier")
            await desk.keyboard.press("Control+Enter")
            standing = desk.locator('[data-testid="message-state"][data-state="failed"]')
            await standing.filter(has_text="Vérifiez l’adresse").wait_for()
            await desk.get_by_test_id("message-retry").wait_for()
            await assert_accessible(desk, "desk with a refused recipient")
