"""Why an answer was chosen: the words that said and answer share, where they stand.

A word is shared when both hold its stem, or when the two are close kin in use (`garer`,
`parking`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from knowledge.wording import STOP_WORDS, plain, stem

if TYPE_CHECKING:
    from models.words import WordVectors

Span = tuple[int, int]
"""Characters from the first, included, to the second, excluded."""

_WORD = re.compile(r"[^\W_]+(?:[.,]\d+)?")
_KIN = 0.5
"""Cosine of word vectors from which two words are shown as one idea."""
_SPANS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Marking:
    """Matched words, in characters of each text."""

    words: tuple[str, ...] = ()
    """Of what was said, as said."""
    said: tuple[Span, ...] = ()
    question: tuple[Span, ...] = ()
    answer: tuple[Span, ...] = ()


UNMARKED = Marking()


@dataclass(frozen=True, slots=True)
class _Word:
    span: Span
    stem: str
    written: str = field(compare=False)


def mark(said: str, question: str, answer: str, vectors: WordVectors) -> Marking:
    """The shared words of an utterance and of an entry's question and answer."""
    heard, asked, told = _words(said), _words(question), _words(answer)
    there = [*asked, *told]
    pairs = _kin([word.written for word in heard], [word.written for word in there], vectors)
    kept: set[int] = set()
    found: set[int] = set()
    for at, word in enumerate(heard):
        same = {place for place, other in enumerate(there) if other.stem == word.stem}
        places = same or pairs.get(at, set())
        if places:
            kept.add(at)
            found |= places
    return Marking(
        words=tuple(dict.fromkeys(plain(heard[at].written) for at in sorted(kept))),
        said=tuple(heard[at].span for at in sorted(kept))[:_SPANS],
        question=tuple(word.span for at, word in enumerate(asked) if at in found)[:_SPANS],
        answer=tuple(word.span for at, word in enumerate(told, start=len(asked)) if at in found)[
            :_SPANS
        ],
    )


@lru_cache(maxsize=2048)
def _words(text: str) -> tuple[_Word, ...]:
    words = []
    for match in _WORD.finditer(text):
        flat = plain(match.group())
        if len(flat) > 1 and flat not in STOP_WORDS:
            words.append(_Word(match.span(), stem(flat), match.group().lower()))
    return tuple(words)


def _kin(said: Sequence[str], there: Sequence[str], vectors: WordVectors) -> dict[int, set[int]]:
    """For each word said, the words there that are its closest kin."""
    if not said or not there:
        return {}
    near = vectors.of(said) @ vectors.of(there).T
    return {
        at: {int(place) for place in (row >= max(_KIN, float(row.max()) - 1e-6)).nonzero()[0]}
        for at, row in enumerate(near)
        if row.max() >= _KIN
    }
