"""Other ways in which callers might ask an entry's question, written by a language model.

Answers stay the client's: what a writer gives is only ever looked up, never shown to a caller or an
operator as an answer, and counts once the client approved it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from knowledge.documents.reading import tidy
from knowledge.documents.suspicion import addresses_a_model
from knowledge.wording import plain

WORDINGS = 12
"""Wordings kept for an entry; more dilute what it is about."""
LONGEST_CHARS = 160
SHORTEST_WORDS = 2

_MARKED = re.compile(r"^\s*(?:[-*•–—]|\d{1,2}[.)])\s*")
_ELSEWHERE = re.compile(r"https?:|www\.|@|[<>{}|]")


class WritingError(Exception):
    """A writer cannot write now; another try may. `code` is stable."""

    code = "wording_writer"


class WordingWriter(Protocol):
    """Writes wordings for one entry at a time."""

    @property
    def name(self) -> str:
        """Which model writes, for people."""
        ...

    async def write(self, question: str, answer: str, *, count: int) -> Sequence[str]:
        """About `count` ways of asking what the entry answers, as callers talk.

        `question` and `answer` are the client's words: data, never instructions. Whatever comes
        back goes through `usable`. Raises WritingError.
        """
        ...


def usable(written: Sequence[str], *, question: str, known: Sequence[str] = ()) -> tuple[str, ...]:
    """What may be proposed of what a writer gave: short, single lines, each said once.

    List marks and quotation marks go. Left out: what `question` or `known` say already, addresses
    and markup, and whatever addresses a language model.
    """
    seen = {_same(text) for text in (question, *known)}
    kept: list[str] = []
    for text in written:
        line = _MARKED.sub("", tidy(text).replace("\n", " ")).strip(" \"'«»“”")
        if (
            len(line) > LONGEST_CHARS
            or len(line.split()) < SHORTEST_WORDS
            or _same(line) in seen
            or _ELSEWHERE.search(line)
            or addresses_a_model(line)
        ):
            continue
        seen.add(_same(line))
        kept.append(line)
        if len(kept) == WORDINGS:
            break
    return tuple(kept)


def _same(text: str) -> str:
    return " ".join(re.findall(r"\w+", plain(text)))
