"""How the desk holds under load, in Chromium: a 90-minute transcript, then 200 events a second.

    python -m tests.end_to_end.bench_web [--seconds 20]

While events stream in, somebody types in the message. Prints interaction to next paint (the
browser's own Event Timing), memory before and after, and what the desk weighs.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from copilot.events import PartialHeard
from tests.end_to_end.people import OPERATOR, browser, new_page, sign_in
from tests.end_to_end.scenes import Scene, answered, long_talk
from tests.end_to_end.service import ROOT
from tests.web.running import running

UTTERANCES = 1500
"""Ninety minutes at one utterance every 3.6 seconds."""
EVENTS_A_SECOND = 200
TYPED_EVERY_S = 0.15

WATCH = """
window.interactions = new Map();
window.typed = 0;
addEventListener('keydown', () => { window.typed += 1; }, true);
new PerformanceObserver(list => {
  for (const one of list.getEntries()) if (one.interactionId)
    window.interactions.set(one.interactionId,
      Math.max(one.duration, window.interactions.get(one.interactionId) ?? 0));
}).observe({type: 'event', durationThreshold: 16, buffered: true});
"""


@dataclass(frozen=True, kw_only=True)
class Load:
    """What was measured."""

    interactions: int
    """Keys typed while it was loaded."""
    inp_p95_ms: float
    """Of the interactions that took 16 ms or more: a browser tells of no others."""
    inp_max_ms: float
    busy: float
    """Share of the time that the page's own thread computes, in processor time: other programs on
    the machine do not change it."""
    events: int
    heap_before_mb: float
    heap_after_mb: float
    first_paint_ms: float
    desk_kb_gzip: float


def percentile(values: list[float], share: float) -> float:
    """The value that this share does not exceed; 0 for none."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * share))] if ranked else 0.0


async def heap_mb(page: Any) -> float:
    """What the page's scripts hold, after a collection."""
    session = await page.context.new_cdp_session(page)
    await session.send("HeapProfiler.collectGarbage")
    used = await session.send("Runtime.getHeapUsage")
    await session.detach()
    return float(used["usedSize"]) / 2**20


async def computed_s(session: Any) -> float:
    """Processor time of the page's own thread since the session's `Performance.enable`."""
    found = await session.send("Performance.getMetrics")
    return float({one["name"]: one["value"] for one in found["metrics"]}["TaskDuration"])


async def stream(scene: Scene, seconds: float) -> int:
    """Partials, and an utterance for each ten of them, at the pace asked for; how many."""
    told = 0
    talk = long_talk()
    loop = asyncio.get_running_loop()
    start = loop.time()
    while (elapsed := loop.time() - start) < seconds:
        while told < elapsed * EVENTS_A_SECOND:
            leg, text = next(talk)
            if told % 10 == 9:
                scene.say(leg, text)
            else:
                scene.log.tell(
                    PartialHeard(
                        **scene.log.stamp(), leg="caller", utterance_id=f"partial-{told // 10}",
                        settled=text[:20], provisional=text[20:40], start_s=scene.spoken_s,
                        end_s=scene.spoken_s + 1,
                    )
                )  # fmt: skip
            told += 1
        await asyncio.sleep(0.02)
    return told


async def type_meanwhile(page: Any) -> None:
    """Words into the reason, a key at a time, until cancelled."""
    field = page.locator('[data-field="reason"]').first
    await field.click()
    for letter in "Une fuite sous l'évier de la cuisine depuis ce matin " * 1000:
        await page.keyboard.press(letter if letter != " " else "Space")
        await asyncio.sleep(TYPED_EVERY_S)


async def measure(data: Path, *, seconds: float, utterances: int = UTTERANCES) -> Load:
    """Load the desk and watch it."""
    weights: dict[str, int] = {}

    async with running(data) as service, browser() as chromium:
        assert service.house.accounts_shown is not None
        page = await new_page(chromium)

        def took(response: Any) -> None:
            if "/assets/" in response.url:
                name = response.url.rsplit("/", 1)[1]
                content = (ROOT / "web/static/assets" / name).read_bytes()
                weights[name] = len(gzip.compress(content))

        page.on("response", took)
        await page.add_init_script(WATCH)
        await sign_in(page, service.url, OPERATOR, service.house.accounts_shown.operator.password)
        await page.goto(f"{service.url}/desk")
        await page.get_by_test_id("idle").wait_for()
        # The entry is written after the frame is shown, which on busy cores may be later.
        painted = await page.wait_for_function(
            "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
        )
        first_paint = await painted.json_value()
        me = await (await service.signed_in(OPERATOR)).http.get("/api/session")
        scene = await answered(service, me.json()["id"])
        for (leg, text), _ in zip(long_talk(), range(utterances), strict=False):
            scene.say(leg, text)
        await service.house.journal.kept(timeout_s=30.0)
        await page.reload()
        await page.locator('[data-field="reason"]').first.wait_for()
        before = await heap_mb(page)
        typing = asyncio.create_task(type_meanwhile(page))
        session = await page.context.new_cdp_session(page)
        await session.send("Performance.enable", {"timeDomain": "threadTicks"})
        told = await stream(scene, seconds)
        computed = await computed_s(session)
        typing.cancel()
        await asyncio.gather(typing, return_exceptions=True)
        typed: int = await page.evaluate("window.typed")
        took_ms: list[float] = await page.evaluate("[...window.interactions.values()]")
        after = await heap_mb(page)
        assert page.failures == [], page.failures
    return Load(
        interactions=typed,
        inp_p95_ms=percentile(took_ms, 0.95),
        inp_max_ms=max(took_ms, default=0.0),
        busy=round(computed / seconds, 2),
        events=told,
        heap_before_mb=round(before, 1),
        heap_after_mb=round(after, 1),
        first_paint_ms=round(first_paint, 1),
        desk_kb_gzip=round(sum(weights.values()) / 1000, 1),
    )


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as data:
        load = asyncio.run(measure(Path(data), seconds=wanted.seconds))
    print(json.dumps(load.__dict__, indent=1))


if __name__ == "__main__":
    main()
