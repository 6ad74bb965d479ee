"""Which names of a client's vocabulary an utterance may hold. Pure.

Names given to Whisper as a prompt can come out where nobody said them, and make it slower and less
sure elsewhere. So an utterance is decoded without them first; only when a stretch of it sounds like
a name, but is not written like it, is it decoded again with that name expected.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from rapidfuzz.fuzz import ratio

ALIKE = 68.0
"""Percentage of sounds in common from which a stretch may be a name."""
LEAST_LETTERS = 4
"""Shorter names sound like too many words."""
MOST_TERMS = 6

_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"(?<=[a-z]{2})(?:ent|es|[esxtdpz])\b", ""),
        (r"ph", "f"),
        (r"eaux?|aux?", "o"),
        (r"ain|ein|aim|in(?![aeiouyn])|im(?=[bp])|yn|ym", "1"),
        (r"an(?![aeiouyn])|en(?![aeiouyn])|am(?=[bp])|em(?=[bp])", "2"),
        (r"on(?![aeiouyn])|om(?=[bp])", "3"),
        (r"ou", "u"),
        (r"ai|ei|er\b|ez\b|et\b", "e"),
        (r"oi", "w"),
        (r"qu?|ck|c(?![eiyh])", "k"),
        (r"[sc]ch|ch|sh", "h"),
        (r"c(?=[eiy])|ss|ç", "s"),
        (r"g(?=[eiy])", "j"),
        (r"gn", "n"),
        (r"y", "i"),
        (r"z", "s"),
        (r"(.)\1+", r"\1"),
    )
)


def sounds(text: str) -> str:
    """A rough French pronunciation: what two spellings of one name have in common."""
    folded = unicodedata.normalize("NFD", text.lower().replace("œ", "oe").replace("ç", "ss"))
    letters = "".join(char for char in folded if not unicodedata.combining(char))
    words = re.sub(r"[^a-z0-9]+", " ", letters)
    for pattern, sound in _SOUNDS:
        words = pattern.sub(sound, words)
    return words.replace(" ", "")


def written_in(term: str, text: str) -> bool:
    """Whether the text holds the term, case and accents aside."""
    return f" {_plain(term)} " in f" {_plain(text)} "


def worth_expecting(text: str, vocabulary: Iterable[str]) -> tuple[str, ...]:
    """The terms that a stretch of the text sounds like without being written so."""
    words = re.findall(r"[\w'’-]+", text)
    found: list[tuple[float, str]] = []
    for term in vocabulary:
        if len(_plain(term).replace(" ", "")) < LEAST_LETTERS or written_in(term, text):
            continue
        likeness = _likeness(sounds(term), len(term.split()), words)
        if likeness >= ALIKE:
            found.append((-likeness, term))
    return tuple(term for _, term in sorted(found)[:MOST_TERMS])


def _likeness(wanted: str, length: int, words: Sequence[str]) -> float:
    """How much the closest stretch of the words sounds like a term of `length` words."""
    best = 0.0
    for size in range(max(1, length - 1), length + 3):
        for first in range(len(words) - size + 1):
            best = max(best, ratio(wanted, sounds(" ".join(words[first : first + size]))))
    return best


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFD", text.lower().replace("œ", "oe"))
    letters = "".join(char for char in folded if not unicodedata.combining(char))
    return re.sub(r"[^a-z0-9]+", " ", letters).strip()
