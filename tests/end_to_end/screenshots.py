"""The pictures of the documentation: `python -m tests.end_to_end.screenshots docs/images`.

Starts the service as a newcomer would, plays the demonstration call and looks at every page.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Any

from copilot.demo.call import build_demo_call
from tests.end_to_end.axe import SETTLE
from tests.end_to_end.people import CLIENT, OPERATOR, SUPERVISOR, browser, new_page, sign_in
from tests.end_to_end.service import ROOT, Service, running_service

WIDTH, HEIGHT = 1280, 800
READY_S = 600.0
HEARD_MS = 180_000
"""What is said takes its time, and a busy machine hears it late."""

FAQ = """question;réponse
Quels sont vos horaires d'ouverture ?;Du lundi au vendredi de 8 h à 18 h.
Posez-vous des adoucisseurs d'eau ?;Oui, sur devis, dans un délai de trois semaines.
Prenez-vous les chèques ?;Oui.
Prenez-vous les chèques ?;Non, carte ou virement.
"""
"""One answer changed, one added, two that contradict each other."""


async def replay(service: Service, recording: Path) -> asyncio.subprocess.Process:
    """Play a call in real time."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "copilot.cli", "replay", str(recording),
        cwd=ROOT, env=service.settings, stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip


async def picture(page: Any, folder: Path, name: str) -> None:
    """The page as it stands, in both themes; the light one has the name alone."""
    for theme, suffix in (("light", ""), ("dark", "-dark")):
        await page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        await page.evaluate(SETTLE)
        await page.screenshot(path=str(folder / f"{name}{suffix}.png"))


async def ring(chromium: Any, service: Service, line: str) -> Any:
    """A demonstration caller who waits."""
    caller = await new_page(chromium, width=390, height=844)
    await caller.goto(f"{service.url}/demo/caller")
    await caller.get_by_test_id("demo-number").fill(line)
    await caller.get_by_test_id("demo-call").click()
    return caller


async def take_desk(chromium: Any, service: Service, folder: Path, recording: Path) -> None:
    """The operator: waiting, ringing, during and after a call."""
    desk = await new_page(chromium, width=WIDTH, height=HEIGHT)
    await sign_in(desk, service.url, OPERATOR, service.password)
    await desk.get_by_test_id("idle").wait_for()
    await picture(desk, folder, "desk-idle")
    caller = await ring(chromium, service, "06 39 98 12 34")
    await desk.get_by_test_id("consignes").wait_for()
    await picture(desk, folder, "desk-ringing")
    await caller.get_by_test_id("demo-hangup").click()
    await desk.get_by_test_id("idle").wait_for()
    gallery = await new_page(chromium, width=WIDTH, height=HEIGHT)
    await sign_in(gallery, service.url, SUPERVISOR, service.password)
    playing = await replay(service, recording)
    await gallery.get_by_test_id("board-call").click(timeout=HEARD_MS)
    await gallery.get_by_test_id("turn").first.wait_for(timeout=HEARD_MS)
    await desk.get_by_test_id("suggestion").first.wait_for(timeout=HEARD_MS)
    await desk.locator('[data-field="phone"][data-value^="+33"]').wait_for(timeout=HEARD_MS)
    await picture(gallery, folder, "gallery")
    await picture(desk, folder, "desk")
    await desk.set_viewport_size({"width": 640, "height": 720})
    await picture(desk, folder, "desk-half")
    await desk.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    await desk.keyboard.press("Control+k")
    await desk.get_by_test_id("palette-ask").wait_for()
    await picture(desk, folder, "desk-palette")
    await desk.keyboard.press("Escape")
    await playing.wait()
    await desk.get_by_test_id("approve").click()
    await desk.get_by_test_id("approve").click()
    await desk.locator('[data-testid="message-state"]').wait_for()


async def take_gallery(chromium: Any, service: Service, folder: Path) -> None:
    """The supervisor's other tabs."""
    page = await new_page(chromium, width=WIDTH, height=HEIGHT)
    await sign_in(page, service.url, SUPERVISOR, service.password)
    for tab, shown in (("quality", "alert-rules"), ("reports", "figures"), ("usage", "usage")):
        await page.goto(f"{service.url}/gallery?tab={tab}")
        await page.get_by_test_id(shown).wait_for()
        if tab == "reports":
            await page.locator("canvas").first.wait_for()
        if tab == "usage":
            await page.get_by_test_id("usage-client").first.click()
            await page.get_by_test_id("agreement").wait_for()
        await picture(page, folder, f"gallery-{tab}")


async def take_portal(chromium: Any, service: Service, folder: Path) -> None:
    """The client company, on a screen and on a phone."""
    portal = await new_page(chromium, width=WIDTH, height=HEIGHT)
    await sign_in(portal, service.url, CLIENT, service.password)
    await portal.get_by_test_id("message-row").first.click()
    await portal.get_by_test_id("turn").first.wait_for()
    await picture(portal, folder, "portal")
    await portal.goto(f"{service.url}/portal?tab=knowledge")
    await portal.get_by_test_id("entry").first.click()
    await portal.get_by_test_id("entry-editor").wait_for()
    await picture(portal, folder, "portal-answers")
    await portal.goto(f"{service.url}/portal?tab=knowledge&view=import")
    await portal.get_by_test_id("import-file").set_input_files(
        {"name": "faq-2026.csv", "mimeType": "text/csv", "buffer": FAQ.encode()}
    )
    await portal.get_by_test_id("change").first.wait_for()
    await picture(portal, folder, "portal-import")
    await portal.goto(f"{service.url}/portal?tab=consignes")
    await portal.get_by_test_id("consigne-row").first.click()
    await portal.get_by_test_id("consigne-editor").wait_for()
    await picture(portal, folder, "portal-consignes")
    phone = await new_page(chromium, width=390, height=844)
    await sign_in(phone, service.url, CLIENT, service.password)
    await phone.get_by_test_id("message-row").first.wait_for()
    await picture(phone, folder, "portal-phone")


async def take(service: Service, folder: Path, recording: Path) -> None:
    """Every page, during and after a call."""
    async with browser() as chromium:
        await take_desk(chromium, service, folder, recording)
        await take_gallery(chromium, service, folder)
        await take_portal(chromium, service, folder)


def main() -> None:
    """Write the pictures into a folder."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        recording = Path(scratch) / "call.wav"
        build_demo_call(ROOT / "var" / "sounds", recording)
        with running_service(Path(scratch) / "data") as service:
            service.wait_until_ready(limit_s=READY_S)
            asyncio.run(take(service, folder, recording))


if __name__ == "__main__":
    main()
