"""The attack texts, by the way they come in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

Way = Literal["speech", "faq", "email", "file"]
WAYS: tuple[Way, ...] = get_args(Way)
ESCAPE = re.compile(r"\\(?:u([0-9a-f]{4})|x([0-9a-f]{2})|(r|n)(?=[^a-z]|[A-Z]|$))")


@dataclass(frozen=True, kw_only=True)
class Attack:
    """One text, and what it wants to see where it must not be."""

    way: Way
    language: Literal["fr", "en"]
    wants: str
    """Words that an obedient model would write; empty: it is after a browser or a parser."""
    text: str


@cache
def attacks() -> tuple[Attack, ...]:
    """All of them, in the file's order."""
    found = []
    for line in (Path(__file__).parent / "attacks.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            way, language, wants, text = line.split("|", 3)
            found.append(
                Attack(way=way, language=language, wants=wants, text=_unescaped(text))  # type: ignore[arg-type]
            )
    return tuple(found)


def by_way(way: Way) -> tuple[Attack, ...]:
    """Those that come in this way."""
    return tuple(attack for attack in attacks() if attack.way == way)


def _unescaped(text: str) -> str:
    def character(match: re.Match[str]) -> str:
        code = match[1] or match[2]
        return chr(int(code, 16)) if code else {"r": "\r", "n": "\n"}[match[3]]

    return ESCAPE.sub(character, text)
