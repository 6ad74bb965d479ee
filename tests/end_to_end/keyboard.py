"""Somebody at a page without a mouse."""

from __future__ import annotations

from typing import Any

_WHERE = """() => {
  let one = document.activeElement;
  while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
  if (!one || one === document.body) return null;
  const box = one.getBoundingClientRect(), style = getComputedStyle(one);
  const seen = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  const marks = [one, one.parentElement, one.closest('label')].filter(Boolean).map(
    (mark) => getComputedStyle(mark));
  window.walked ??= new Map();
  if (!window.walked.has(one)) window.walked.set(one, window.walked.size);
  return {
    number: window.walked.get(one),
    name: one.dataset.testid ?? one.dataset.field ?? one.id ?? one.className,
    text: `<${one.tagName.toLowerCase()}> ${one.getAttribute('aria-label') ?? one.innerText ?? ''}`
      .slice(0, 60),
    marked: marks.some((mark) => mark.outlineStyle !== 'none' && mark.outlineWidth !== '0px'),
    shown: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight
      && box.right > 0 && box.left < innerWidth,
  };
}"""
_STOPS = """[...document.querySelectorAll(
    'a[href], button, input, select, textarea, summary, [tabindex="0"]')]
  .filter((one) => !one.disabled && one.tabIndex >= 0 && one.checkVisibility(
    { visibilityProperty: true }) && !one.closest('[inert]')
    && !(one.type === 'radio' && document.querySelector(
      `input[type=radio][name="${one.name}"]:checked`) !== one))"""
_AFRESH = f"""() => {{
  window.walked = new Map();
  window.there = new Set({_STOPS});
  document.activeElement.blur();
}}"""
_MISSED = f"""() => {_STOPS}
  .filter((one) => !window.walked?.has(one))
  .map((one) => ({{
    name: one.dataset.testid ?? one.dataset.field ?? one.outerHTML.slice(0, 80),
    came: !window.there.has(one),
  }}))"""
ROUNDS = 3
"""A page that still loads is walked again."""
MOST = 250
PARTS = 6
"""A date or a time is so many stops at most."""


class Keyboard:
    """Moves by Tab alone, and sees to it that one always knows where one is."""

    def __init__(self, page: Any) -> None:
        self._page = page

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self._page.keyboard.press(key)

    async def write(self, text: str) -> None:
        """Over what the field holds."""
        await self.press("Control+a")
        await self._page.keyboard.type(text)

    async def to(self, name: str) -> None:
        """On to the control of this test id or field; fails where it is out of reach."""
        passed = []
        for _ in range(MOST):
            where = await self.step()
            if where and where["name"] == name:
                return
            passed.append(where and where["name"])
        raise AssertionError(f"{name} is not reached: {list(dict.fromkeys(passed))}")

    async def step(self) -> dict[str, Any] | None:
        """One Tab; None when the focus is the browser's own."""
        await self.press("Tab")
        where: dict[str, Any] | None = await self._page.evaluate(_WHERE)
        if where:
            assert where["shown"], f"the focus is out of sight: {where}"
            assert where["marked"], f"the focus is not to be seen: {where}"
        return where

    async def round(self) -> list[str]:
        """Everything a page can be asked, in order; fails on a trap or on what Tab never meets."""
        for _ in range(ROUNDS):
            met = await self._once_round()
            missed = await self._page.evaluate(_MISSED)
            # What came while the page was walked, behind where one was, is met the next time.
            if not any(one["came"] for one in missed):
                break
        assert not missed, f"never met: {missed}"
        return met

    async def _once_round(self) -> list[str]:
        await self._page.evaluate(_AFRESH)
        met: list[str] = []
        parts = 0
        for _ in range(MOST):
            where = await self.step()
            again = where is not None and where["number"] == len(met) - 1 > 0
            parts = parts + 1 if again else 0
            if again and parts < PARTS:
                continue
            if where is None:  # from the page's end, or from nowhere yet, on to its beginning
                continue
            if where["number"] < len(met):
                assert where["number"] == 0, f"trapped at {where}: {met[-5:]}"
                break
            met.append(where["name"])
        return met
