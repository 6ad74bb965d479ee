"""How the gallery holds: a 90-minute call read over a slow network, two operators on one call.

    python -m tests.end_to_end.bench_gallery [--seconds 10]

The supervisor's network is throttled in the browser; 200 events a second arrive in the call while
somebody writes a remark about it. Prints interaction to next paint, memory, and how far the two
pages agree at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.end_to_end.bench_web import (
    TYPED_EVERY_S,
    UTTERANCES,
    WATCH,
    heap_mb,
    percentile,
    stream,
)
from tests.end_to_end.people import OPERATOR, SUPERVISOR, browser, new_page, sign_in
from tests.end_to_end.scenes import answered, long_talk
from tests.web.running import running

SLOW = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 400_000 / 8,
    "uploadThroughput": 400_000 / 8,
}
"""A poor mobile connection: milliseconds, bytes a second."""


@dataclass(frozen=True, kw_only=True)
class Load:
    """What was measured."""

    opened_s: float
    """From the address to the first words, over the slow network."""
    events: int
    interactions: int
    inp_p95_ms: float
    heap_before_mb: float
    heap_after_mb: float
    desk_turns: int
    gallery_turns: int
    """What the operator's page and the supervisor's show once all has arrived."""


async def slowed(page: Any) -> None:
    """Throttle the page's network, as the browser's own tools do."""
    session = await page.context.new_cdp_session(page)
    await session.send("Network.enable")
    await session.send("Network.emulateNetworkConditions", SLOW)


async def write_meanwhile(page: Any) -> None:
    """A remark, a key at a time, until cancelled."""
    await page.get_by_test_id("remark-text").click()
    for letter in "Bien reformulé avant de transmettre " * 1000:
        await page.keyboard.press(letter if letter != " " else "Space")
        await asyncio.sleep(TYPED_EVERY_S)


async def measure(data: Path, *, seconds: float, utterances: int = UTTERANCES) -> Load:
    """Load the gallery and a desk with one call, and watch the gallery."""
    async with running(data) as service, browser() as chromium:
        assert service.house.accounts_shown is not None
        password = service.house.accounts_shown.operator.password
        me = (await (await service.signed_in(OPERATOR)).http.get("/api/session")).json()
        scene = await answered(service, me["id"])
        for (leg, text), _ in zip(long_talk(), range(utterances), strict=False):
            scene.say(leg, text)
        await service.house.journal.kept(timeout_s=30.0)
        desk, gallery = await new_page(chromium), await new_page(chromium)
        await sign_in(desk, service.url, OPERATOR, password)
        await desk.get_by_test_id("turn").first.wait_for()
        await gallery.add_init_script(WATCH)
        await sign_in(gallery, service.url, SUPERVISOR, password)
        await slowed(gallery)
        loop = asyncio.get_running_loop()
        began = loop.time()
        await gallery.goto(f"{service.url}/gallery?call={scene.call_id}")
        await gallery.get_by_test_id("turn").first.wait_for()
        opened_s = loop.time() - began
        await gallery.get_by_test_id("review-tab-quality").click()
        before = await heap_mb(gallery)
        writing = asyncio.create_task(write_meanwhile(gallery))
        told = await stream(scene, seconds)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        took_ms: list[float] = await gallery.evaluate("[...window.interactions.values()]")
        last = scene.say("caller", "Merci, au revoir.")
        for page in (desk, gallery):
            await page.locator(f'[data-utterance="{last}"]').wait_for(timeout=60_000)
        load = Load(
            opened_s=round(opened_s, 1),
            events=told,
            interactions=len(took_ms),
            inp_p95_ms=percentile(took_ms, 0.95),
            heap_before_mb=round(before, 1),
            heap_after_mb=round(await heap_mb(gallery), 1),
            desk_turns=await desk.get_by_test_id("turn").count(),
            gallery_turns=await gallery.get_by_test_id("turn").count(),
        )
        assert desk.failures == gallery.failures == [], (desk.failures, gallery.failures)
    return load


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as data:
        load = asyncio.run(measure(Path(data), seconds=wanted.seconds))
    print(json.dumps(asdict(load), indent=1))


if __name__ == "__main__":
    main()
