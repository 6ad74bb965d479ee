"""What to look for so as to find a thing however it was said: forms of words, and their synonyms.

Beginnings of words, as searches find them. No model: a word's stem, and the stems of the words
that stand for it on the phone (`knowledge.synonyms`).
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache

from knowledge.synonyms import read_groups
from knowledge.wording import content_words, stem

SHORTEST = 3
MOST = 24
"""Beginnings looked for in place of one word: its own first."""


def near(text: str) -> list[tuple[str, ...]]:
    """For each word that carries meaning, the beginnings that stand for it, its own first."""
    return [_near(word) for word in content_words(text)]


def _near(word: str) -> tuple[str, ...]:
    own = stem(word)
    first = own if len(own) >= SHORTEST and word.startswith(own) else word
    others = sorted(
        other
        for group in read_groups().get(own, ())
        for other in _members()[group]
        if len(other) >= SHORTEST and other.isalpha() and not other.startswith(first)
    )
    return tuple(dict.fromkeys([first, *others]))[:MOST]


@cache
def _members() -> dict[int, tuple[str, ...]]:
    """The stems of each group of synonyms."""
    members: dict[int, list[str]] = defaultdict(list)
    for word, groups in read_groups().items():
        for group in groups:
            members[group].append(word)
    return {group: tuple(sorted(words)) for group, words in members.items()}
