"""docs/security says what is there: its counts add up, and what it points at exists."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
ASVS = ROOT / "docs" / "security" / "asvs.md"
THREATS = ROOT / "docs" / "security" / "threats.md"
STATES = {
    "met": "met",
    "partly": "partly",
    "**not met**": "not met",
    "does not apply": "do not apply",
}
PATH = re.compile(r"`((?:tests|web|copilot|docs|telephony|knowledge|models)/[\w./-]+)(?:::(\w+))?`")


CRYPTOGRAPHY = ROOT / "docs" / "security" / "cryptography.md"
USES = re.compile(
    r"^\s*(?:from|import) (?:hashlib|hmac|secrets|cryptography|argon2|itsdangerous|joserfc|"
    r"webauthn|pyotp|pylibsrtp|ssl)\b",
    re.MULTILINE,
)


def requirements() -> list[tuple[str, str]]:
    rows = re.findall(r"^\| (V\d+\.\d+\.\d+) \| ([^|]+) \|", ASVS.read_text(), re.MULTILINE)
    return [(number, state) for number, state in rows]


def test_every_requirement_is_there_once_and_counted() -> None:
    found = requirements()
    assert len(found) == len({number for number, _ in found}) == 253
    told = " ".join(ASVS.read_text().split())
    for state, count in Counter(state for _, state in found).items():
        assert f"{count} {STATES[state]}" in told, state
    unmet = [number for number, state in found if state == "**not met**"]
    assert (f"Not met: {', '.join(unmet)}." in told) if unmet else ("none not met" in told)


def test_what_they_point_at_exists() -> None:
    for page in (ASVS, THREATS, CRYPTOGRAPHY):
        for path, name in PATH.findall(page.read_text()):
            files = [*ROOT.glob(path), *ROOT.glob(f"{path}*")]
            assert files, f"{page.name}: {path}"
            if name:
                assert f"def {name}(" in files[0].read_text(), f"{page.name}: {path}::{name}"


def test_the_inventory_of_cryptography_names_every_module_that_uses_any() -> None:
    told = CRYPTOGRAPHY.read_text()
    named = {ROOT / path for path, _ in PATH.findall(told)}
    packages = ("copilot", "knowledge", "models", "telephony", "web")
    modules = [path for package in packages for path in (ROOT / package).rglob("*.py")]
    users = [path for path in modules if USES.search(path.read_text())]
    assert [str(path) for path in users if named.isdisjoint((path, *path.parents))] == []
