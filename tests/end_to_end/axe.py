"""axe-core in a page: what it finds, as sentences."""

from __future__ import annotations

from functools import cache
from typing import Any

from tests.end_to_end.service import ROOT

SERIOUS = {"serious", "critical"}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

SETTLE = """async () => {
  document.getAnimations().forEach(one => {
    if (one.effect?.getComputedTiming().endTime === Infinity) one.cancel(); else one.finish();
  });
  for (let drawn = 0; drawn < 2; drawn += 1) await new Promise(requestAnimationFrame);
}"""
"""What still moves is at its end, and drawn there."""


EVERYTHING_DRAWN = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync('* { content-visibility: visible !important }');
  document.adoptedStyleSheets = [sheet];
}"""
"""What is off the screen keeps the colours of the former theme until it is drawn."""


@cache
def source() -> str:
    """axe-core, as installed for the browser app's development."""
    return (ROOT / "web/ui/node_modules/axe-core/axe.min.js").read_text()


async def findings(page: Any) -> list[str]:
    """Serious and critical findings of the page as it stands."""
    if not await page.evaluate("typeof window.axe === 'object'"):
        await page.evaluate(source())
    await page.evaluate(SETTLE)
    result = await page.evaluate(
        "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES
    )
    return [
        f"{found['id']}: {found['help']}: {node['html'][:160]} {node['failureSummary']}"
        for found in result["violations"]
        if found["impact"] in SERIOUS
        for node in found["nodes"][:3]
    ]


async def assert_accessible(page: Any, name: str) -> None:
    """Both themes of the page as it stands. Raises AssertionError with what axe says."""
    found: list[str] = []
    await page.evaluate(EVERYTHING_DRAWN)
    for theme in ("light", "dark"):
        await page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        await page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        found += [f"{name}, {theme}: {one}" for one in await findings(page)]
    assert found == [], "\n".join(found)
