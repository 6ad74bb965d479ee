"""Imports go one way (docs/adr/0002): web > copilot > knowledge > models, telephony beside them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ALLOWED = {
    "models": set(),
    "telephony": set(),
    "knowledge": {"models"},
    "copilot": {"models", "telephony", "knowledge"},
    "web": {"copilot", "models", "telephony", "knowledge"},
}
ROOF = ROOT / "copilot" / "cli.py"


def imported_packages(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.split(".")[0])
    return names & set(ALLOWED)


@pytest.mark.parametrize("package", sorted(ALLOWED))
def test_imports_go_down_only(package: str) -> None:
    files = sorted((ROOT / package).rglob("*.py"))
    assert files
    for path in files:
        allowed = ALLOWED[package] | {package} | ({"web"} if path == ROOF else set())
        assert imported_packages(path) <= allowed, path.relative_to(ROOT)


def test_only_the_composition_root_reads_settings() -> None:
    """`web.composition` and the rest build from the settings that `web.app` hands them."""
    readers = [
        str(path.relative_to(ROOT))
        for package in ALLOWED
        for path in (ROOT / package).rglob("*.py")
        if re.search(r"\bSettings\(\)|os\.environ|getenv", path.read_text())
    ]
    assert readers == ["web/app.py"]
