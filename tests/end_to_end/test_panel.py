"""The panel in another software's page, of another origin: as an element and in a frame."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from copilot.store.audit import SYSTEM
from docs.examples.panel.host import serve
from tests.end_to_end.axe import assert_accessible
from tests.end_to_end.people import OPERATOR, browser, new_page
from tests.end_to_end.scenes import answered
from tests.servers import free_port
from tests.web.running import Running, running

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

HALF_OF_13_INCHES = {"width": 1280, "height": 720}
"""The software has one half, the panel the other."""


@contextmanager
def software(service: Running, token: str, port: int) -> Iterator[str]:
    """Another software, on a port of its own: another origin."""
    host = serve(port, service=service.url, token=token, operator=OPERATOR)
    thread = threading.Thread(target=host.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        host.shutdown()
        thread.join()
        host.server_close()


class House:
    """The service, and two other softwares: one that is allowed, one that is not."""

    def __init__(self, service: Running, page: Any, good: str, evil: str, operator: str) -> None:
        self.service = service
        self.page = page
        self.good = good
        self.evil = evil
        self.operator = operator

    async def told(self, kind: str) -> str:
        """What the panel told its page, once it has."""
        line = self.page.locator(f'#told [data-type="{kind}"]').last
        await line.wait_for()
        return str(await line.inner_text())


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    good, evil = free_port(), free_port()
    async with running(tmp_path, panel_origins=f"http://127.0.0.1:{good}") as service:
        new = await service.house.trust.tokens.issue(
            name="CRM", client_id=None, scopes=["panel:open"], days=1, actor=SYSTEM
        )
        found = await service.house.store.people.by_email(OPERATOR)
        assert found is not None
        with (
            software(service, new.secret, good) as allowed,
            software(service, new.secret, evil) as hostile,
        ):
            async with browser() as chromium:
                page = await new_page(chromium, **HALF_OF_13_INCHES)
                yield House(service, page, allowed, hostile, found.user.id)


async def works(house: House, inside: Any) -> None:
    """A whole call in the panel: followed, answered from, its message written and sent."""
    scene = await answered(house.service, house.operator, "panelled")
    await inside.get_by_test_id("message").wait_for()
    assert "panelled" in await house.told("call-selected")
    await scene.talk()
    await inside.get_by_test_id("utterance").first.wait_for()
    await inside.get_by_test_id("suggestion").first.wait_for()
    await house.page.locator("#focus").click()
    name = inside.locator('[data-field="caller_name"]')
    await name.fill("Jean Martin")
    phone = inside.locator('[data-field="phone"]')
    await phone.fill("06 39 98 12 34")
    await inside.locator('[data-testid="draft-save"][data-state="saved"]').wait_for()
    await inside.get_by_test_id("approve").click()
    await inside.get_by_test_id("message-state").wait_for()
    assert "panelled" in await house.told("message-approved")
    message = await house.service.house.store.for_client("demo-delorme").message_of_call("panelled")
    assert message is not None
    assert message.fields["caller_name"] == "Jean Martin"


async def test_the_element_in_another_origin_s_page(house: House, tmp_path: Path) -> None:
    page = house.page
    await page.goto(house.good)
    panel = page.locator("souffleur-panel")
    await panel.get_by_test_id("panel-idle").wait_for()
    await works(house, panel)
    await page.screenshot(path=tmp_path / "element.png")
    await assert_accessible(page, "the element in a page")
    # The page's styles stay out, its colours come in.
    styles = await panel.get_by_test_id("panel-sheet").evaluate(
        "e => [getComputedStyle(e).fontSize, getComputedStyle(e).backgroundColor,"
        " getComputedStyle(e).getPropertyValue('--accent')]"
    )
    assert styles[0] == "13px" and styles[1] == "rgba(0, 0, 0, 0)" and "5b2d8e" in styles[2]
    assert await page.evaluate("document.cookie") == ""
    assert await page.evaluate("Object.keys(localStorage).length") == 0
    # A narrow column has its parts behind tabs.
    await page.set_viewport_size({"width": 760, "height": 700})
    await panel.get_by_test_id("panel-tab-message").click()
    await panel.get_by_test_id("note").wait_for()
    assert not await panel.locator("input[type=search]").is_visible()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.evaluate("document.querySelector('souffleur-panel').setAttribute('theme', 'dark')")
    await assert_accessible(page, "the element, narrow and dark")
    assert page.failures == []


async def test_the_frame_in_another_origin_s_page(house: House, tmp_path: Path) -> None:
    page = house.page
    await page.goto(f"{house.good}/frame")
    panel = page.frame_locator("iframe")
    await panel.get_by_test_id("panel-idle").wait_for()
    await works(house, panel)
    await assert_accessible(page, "the frame in a page")
    await page.evaluate(
        "panelSay({type: 'theme', theme: 'dark', colours: {accent: '#ff8800', text: 'url(x)'}})"
    )
    element = panel.locator("souffleur-panel")
    await panel.locator('souffleur-panel[theme="dark"]').wait_for()
    assert (
        await element.evaluate("e => e.style.getPropertyValue('--souffleur-accent')") == "#ff8800"
    )
    assert await element.evaluate("e => e.style.getPropertyValue('--souffleur-text')") == ""
    await page.evaluate("panelSay({type: 'language', language: 'en'})")
    await panel.get_by_role("heading", name="Message").wait_for()
    await page.evaluate("panelSay({type: 'select', call_name: 'nobody@pbx.example.com'})")
    assert "no-such-call" in await house.told("refused")
    await page.evaluate("panelSay({type: 'nonsense'})")
    await page.locator('#told [data-type="refused"]').filter(has_text="unreadable").wait_for()
    await page.screenshot(path=tmp_path / "frame.png")
    # Its session ended by the software's administrator: the page is told, and asks again.
    await page.evaluate("panelSay({type: 'sign-out'})")
    await page.locator('#told [data-type="sign-in-needed"]').last.wait_for()
    await panel.get_by_test_id("message").wait_for()
    assert page.failures == []


async def test_a_page_that_is_not_allowed_gets_nothing(house: House) -> None:
    page = house.page
    await page.goto(f"{house.evil}/frame")
    blocked = page.frame_locator("iframe")
    assert await blocked.locator("souffleur-panel").count() == 0
    assert await page.locator("#told li").count() == 0
    async with page.expect_event("requestfailed"):  # the script, which is not shared with it
        await page.goto(house.evil)
    assert not await page.evaluate("!!customElements.get('souffleur-panel')")
    read = await page.evaluate(
        "url => fetch(url).then(() => 'read', () => 'refused')",
        f"{house.service.url}/api/panel/session",
    )
    assert read == "refused"


async def test_messages_of_other_windows_are_not_heard(house: House) -> None:
    """Neither of another origin's page nor of a frame beside the panel."""
    page = house.page
    await page.goto(f"{house.good}/frame")
    await page.frame_locator("iframe").get_by_test_id("panel-idle").wait_for()
    frame = next(one for one in page.frames if one.url.endswith("/panel"))
    await frame.evaluate(
        "window.postMessage({souffleur: 1, type: 'language', language: 'en'}, '*')"
    )
    await page.evaluate("panelSay({type: 'language', language: 'fr'})")
    await page.frame_locator("iframe").locator('souffleur-panel[language="fr"]').wait_for()
    assert await page.locator('#told [data-type="refused"]').count() == 0
