"""The words of a call as facts: what was said by each side, and around a field's own turn.

A moment that both sides come to is a lesson, a table, a delivery or a deadline by the words around
it, which no list of patterns holds; which of them tell is learnt (tests/drafting/fitsureness.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from copilot.drafting.draft import Speaker
from copilot.drafting.trail import Trail

LATEST = 60
"""Utterances read: a longer call is known by its end (docs/adr/0231)."""
SIDES: tuple[tuple[str, Speaker], ...] = (("caller", "caller"), ("operator", "operator"))
MARK = ": "
"""Between where words were said and the words: tells these facts from others."""
WORD = re.compile(r"[a-z]+|\d+")


def wording(trail: Trail, at: int) -> set[str]:
    """Words and pairs of words: of each side, of turn `at`, of what the operator said before it."""
    found: set[str] = set()
    latest = trail.turns[-LATEST:]
    for name, speaker in SIDES:
        for turn in latest:
            if turn.speaker == speaker:
                found |= {f"{name}{MARK}{words}" for words in _words(turn.folded)}
    found |= {f"here{MARK}{words}" for words in _words(trail.turns[at].folded)}
    return found | {f"before{MARK}{words}" for words in _words(trail.question(at))}


def _words(folded: str) -> Iterator[str]:
    """Each word, and each with the next; a number is only told to be one."""
    said = ["0" if word.isdigit() else word for word in WORD.findall(folded)]
    yield from said
    yield from map(" ".join, pairwise(said))
