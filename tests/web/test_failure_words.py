"""Why something did not leave, for whoever reads English."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "web/ui/src/lib/i18n/failures.ts"
FAILURES = ("TemporaryFailureError", "PermanentFailureError")
SAMPLE = "550"


def sentences() -> Iterator[str]:
    """What channels raise, with something in the place of what they put in."""
    for folder in ("copilot/delivery", "copilot/crm"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in FAILURES:
                    yield from (_filled(one) for one in node.args if _is_text(one))


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _filled(node: ast.AST) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    assert isinstance(node, ast.JoinedStr)
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else SAMPLE for part in node.values
    )


def test_every_failure_is_said_in_english() -> None:
    page = PAGE.read_text(encoding="utf-8").partition("const FRENCH")[0]
    shapes = [re.compile(one, re.S) for one in re.findall(r"^  \[/(.+?)/s?, '", page, re.M)]
    assert len(shapes) > 30
    said = {one for one in sentences() if one}
    assert len(said) > 15
    untold = sorted(one for one in said if not any(shape.search(one) for shape in shapes))
    assert not untold, untold
