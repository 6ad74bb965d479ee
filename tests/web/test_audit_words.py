"""What the audit trail's page calls each action."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from copilot.store.records.accounts import LinkKind

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "web/ui/src/admin/audit-actions.ts"
ACTION = re.compile(r"[a-z_]+(\.[a-z_]+)+")
FILES = (".txt", ".json")
SAYING = {
    "Act", "act", "note", "record", "_act", "_audit", "_audit_inquiry", "_keep", "_note", "_save",
    "_write", "replace",
}  # fmt: skip
"""Calls that are given an action."""


def said(tree: ast.AST) -> Iterator[str]:
    """Texts like actions, given to what writes the trail, or chosen between; constants."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in SAYING:
                for given in [*node.args, *(keyword.value for keyword in node.keywords)]:
                    yield from _texts(given)
        elif isinstance(node, ast.Assign):
            names = [one.id for one in node.targets if isinstance(one, ast.Name)]
            if names == ["action"] or all(name.isupper() for name in names):
                yield from _texts(node.value)


def _texts(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.IfExp):
        yield from (*_texts(node.body), *_texts(node.orelse))
    elif isinstance(node, ast.Tuple):
        for one in node.elts:
            yield from _texts(one)
    elif (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and ACTION.fullmatch(node.value)
        and not node.value.endswith(FILES)
    ):
        yield node.value


def test_every_action_has_words_in_both_languages() -> None:
    page = PAGE.read_text(encoding="utf-8")
    french, english = page.split("const ENGLISH")
    known = [set(re.findall(r"^  '?([a-z_.]+)'?: ", part, re.M)) for part in (french, english)]
    assert known[0] == known[1]
    families = {name.partition(".")[0] for name in known[0]}
    found = {f"link.{kind}" for kind in get_args(LinkKind)} | {"refused"}
    for folder in ("copilot", "web"):
        for file in (ROOT / folder).rglob("*.py"):
            found |= set(said(ast.parse(file.read_text(encoding="utf-8"))))
    found = {name for name in found if name.partition(".")[0] in families}
    assert len(found) > 90
    assert found <= known[0], f"without words: {sorted(found - known[0])}"
