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
from tests.end_to_end.people import CLIENT, OPERATOR, SUPERVISOR, browser, new_page, sign_in
from tests.end_to_end.service import ROOT, Service, running_service


async def replay(service: Service, recording: Path) -> asyncio.subprocess.Process:
    """Play a call in real time."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "copilot.cli", "replay", str(recording),
        cwd=ROOT, env=service.settings, stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip


async def picture(page: Any, folder: Path, name: str) -> None:
    await page.screenshot(path=str(folder / f"{name}.png"))


async def take(service: Service, folder: Path, recording: Path) -> None:
    """Every page, during and after a call."""
    async with browser() as chromium:
        desk = await new_page(chromium)
        await sign_in(desk, service.url, OPERATOR, service.password)
        await picture(desk, folder, "desk-idle")
        playing = await replay(service, recording)
        await desk.get_by_test_id("suggestion").first.wait_for()
        await desk.locator('[data-field="phone"][data-value^="+33"]').wait_for()
        gallery = await new_page(chromium)
        await sign_in(gallery, service.url, SUPERVISOR, service.password)
        await picture(gallery, folder, "gallery")
        await picture(desk, folder, "desk")
        await playing.wait()
        await desk.get_by_test_id("approve").click()
        await desk.get_by_test_id("approve").click()
        await desk.locator('[data-testid="message-state"]').wait_for()
        dark = await new_page(chromium, color_scheme="dark", width=1280, height=800)
        await sign_in(dark, service.url, CLIENT, service.password)
        await dark.get_by_test_id("message-row").first.click()
        await dark.get_by_test_id("turn").first.wait_for()
        await picture(dark, folder, "portal-dark")


def main() -> None:
    """Write the pictures into a folder."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        recording = Path(scratch) / "call.wav"
        build_demo_call(ROOT / "var" / "sounds", recording)
        with running_service(Path(scratch) / "data") as service:
            service.wait_until_ready()
            asyncio.run(take(service, folder, recording))


if __name__ == "__main__":
    main()
