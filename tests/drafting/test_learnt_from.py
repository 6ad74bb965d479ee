"""What is kept of a model is kept under all that it is learnt from."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from copilot.drafting.houses import reader as houses
from copilot.drafting.people import reader as people

ROOT = Path(__file__).parent.parent.parent


def imported(path: Path) -> set[Path]:
    """Modules of ours that a module names in its imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    places = [ROOT / name.replace(".", "/") for name in names]
    found = [path.with_suffix(".py") for path in places] + [path / "__init__.py" for path in places]
    return {path for path in found if path.is_file()}


def reached(path: Path) -> set[Path]:
    """A module, and all that it imports."""
    found, left = set[Path](), {path}
    while left:
        found |= left
        left = {other for each in left for other in imported(each)} - found
    return found


@pytest.mark.parametrize(
    ("module", "learnt_from"),
    [
        ("copilot/drafting/people/learning.py", people.LEARNT_FROM),
        ("copilot/drafting/houses/learning.py", houses.LEARNT_FROM),
    ],
)
def test_all_code_that_learns_is_named(
    module: str, learnt_from: Mapping[str, Sequence[str]]
) -> None:
    named = {
        ROOT / package.replace(".", "/") / name
        for package, names in learnt_from.items()
        for name in names
    }
    assert all(path.is_file() for path in named)
    assert reached(ROOT / module) - named == set()
