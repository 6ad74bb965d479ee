"""The nastiest of the attack texts in a real Chromium: transcript, card, message, portal.

A page that runs any of it sets `__pwned`, opens a dialog or asks another host for something.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from copilot.messageevents import WritingChanged, WrittenText
from tests.end_to_end.people import CLIENT, OPERATOR, SUPERVISOR, browser, new_page, sign_in
from tests.end_to_end.scenes import Scene, answered
from tests.injection.attacks import Attack, attacks
from tests.web.running import Running, running

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

NASTY = tuple(attack for attack in attacks() if not attack.wants and attack.way != "file")
DISTURBED = (
    "() => window.__pwned !== undefined || document.querySelector('iframe, object') !== null"
)


async def guarded(chromium: Any, service: Running, email: str) -> Any:
    """A signed-in page that remembers what it should not have done."""
    assert service.house.accounts_shown is not None
    page = await new_page(chromium, width=1280, height=900)
    page.misdeeds = []
    page.on("dialog", lambda dialog: page.misdeeds.append(dialog.message))
    page.on(
        "request",
        lambda asked: (
            None
            if asked.url.startswith(
                (service.url, "data:", "blob:", service.url.replace("http", "ws"))
            )
            else page.misdeeds.append(asked.url)
        ),
    )
    await sign_in(page, service.url, email, service.house.accounts_shown.operator.password)
    return page


async def assert_undisturbed(page: Any) -> None:
    assert not await page.evaluate(DISTURBED)
    assert page.misdeeds == []
    assert page.failures == []


def fill(scene: Scene, some: tuple[Attack, ...]) -> None:
    """Everything a call shows, made of attacks."""
    for attack in some:
        utterance_id = scene.say("caller", attack.text)
        scene.offer(utterance_id, attack.text)
    first, second, third, *_ = some
    scene.draft(
        reason=first.text, address=second.text, company=third.text, caller_name=first.text,
        email="javascript:window.__pwned=1",
    )  # fmt: skip
    scene.log.tell(
        WritingChanged(
            **scene.log.stamp(),
            state="written",
            texts=(
                WrittenText(name="reason", text=first.text),
                WrittenText(name="summary", text=second.text),
                WrittenText(name="reply", text=third.text),
            ),
            model="<b>model</b>",
        )
    )


async def test_nothing_said_is_executed_on_any_page(tmp_path: Path) -> None:
    async with running(tmp_path) as service, browser() as chromium:
        desk = await guarded(chromium, service, OPERATOR)
        operator = await service.signed_in(OPERATOR)
        me = (await operator.http.get("/api/session")).json()
        scene = await answered(service, me["id"])
        fill(scene, NASTY)
        await service.house.journal.kept(timeout_s=20.0)
        await desk.get_by_test_id("call").wait_for()
        await desk.get_by_test_id("proposal").first.wait_for()
        shown = await desk.get_by_test_id("proposal-text").all_inner_texts()
        assert [text.strip() for text in shown] == [one.text.strip() for one in NASTY[:3]]
        await assert_undisturbed(desk)

        await scene.end()
        await desk.get_by_test_id("wrap-up").wait_for()
        await assert_undisturbed(desk)

        gallery = await guarded(chromium, service, SUPERVISOR)
        await gallery.goto(f"{service.url}/gallery?call={scene.call_id}")
        await gallery.get_by_test_id("message-sheet").wait_for()
        await gallery.get_by_test_id("edit-measures").click()
        await assert_undisturbed(gallery)


async def test_nothing_a_client_wrote_is_executed_in_the_portal(tmp_path: Path) -> None:
    async with running(tmp_path) as service, browser() as chromium:
        person = await service.signed_in(CLIENT)
        for attack in NASTY:
            entry = {"question": attack.text[:200], "answer": attack.text}
            answer = await person.http.post("/api/portal/entries", json=entry)
            assert answer.status_code in (201, 422), answer.text
        portal = await guarded(chromium, service, CLIENT)
        for path in ("/portal", "/portal?tab=knowledge", "/portal?tab=knowledge&view=history"):
            await portal.goto(f"{service.url}{path}")
            await portal.wait_for_load_state("networkidle")
            await assert_undisturbed(portal)
        body = await portal.content()
        assert "window.__pwned=1</script>" not in body.replace("&lt;/script&gt;", "")
