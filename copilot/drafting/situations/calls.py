"""The whole calls drafts learn from: who said what, names and numbers out, and what it came to.

`calls.fr.txt` holds them: "= level category set", the client's rules of urgency (?), then what the
caller says (-) and what the operator answers (+).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from copilot.drafting.rules import Level
from copilot.drafting.situations.bank import lines

UNKNOWN = "?"
"""Stands for a level or a category that has no label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A labelled call."""

    level: Level | None
    """None when it has no label."""
    category: str
    source: str
    """The set it was written for: to be left out whole."""
    rules: tuple[str, ...]
    said: tuple[str, ...]
    """What the caller says, in order."""
    answered: tuple[str, ...]
    """What the operator says from the caller's first words on."""


_LEVELS: dict[str, Level | None] = {
    "normal": "normal",
    "urgent": "urgent",
    "critique": "critique",
    UNKNOWN: None,
}


def taught_calls() -> list[Call]:
    """The packaged calls, in their order."""
    return list(read_calls(lines("calls.fr.txt")))


def read_calls(texts: Iterable[str]) -> Iterator[Call]:
    """Calls in the notation above. Raises KeyError for a level that is none."""
    heading: list[str] = []
    found: dict[str, list[str]] = {}
    for line in [*texts, "= "]:
        mark, _, rest = line.partition(" ")
        if mark != "=":
            found.setdefault(mark, []).append(rest)
            continue
        if heading:
            level, category, source = heading
            yield Call(
                level=_LEVELS[level],
                category=category,
                source=source,
                rules=tuple(found.get("?", ())),
                said=tuple(found.get("-", ())),
                answered=tuple(found.get("+", ())),
            )
        heading, found = rest.split(), {}
