"""Runs of digits in what was heard, written or said, with where each stands in the text.

French groups are read by the drafter's own reader, which gives every way a dictated run can be
written; English ones are few enough to be read here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from copilot.drafting.numbers import NUMBER_WORDS, SAFE_HOMOPHONES, digit_readings

ENGLISH = {
    "zero": "0", "oh": "0", "o": "0", "nought": "0", "one": "1", "two": "2", "three": "3",
    "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10",
    "eleven": "11", "twelve": "12", "thirteen": "13", "fourteen": "14", "fifteen": "15",
    "sixteen": "16", "seventeen": "17", "eighteen": "18", "nineteen": "19", "twenty": "20",
    "thirty": "30", "forty": "40", "fourty": "40", "fifty": "50", "sixty": "60", "seventy": "70",
    "eighty": "80", "ninety": "90",
}  # fmt: skip
REPEATS = {"double": 2, "triple": 3}
FILLERS = frozenset({
    "euh", "heu", "alors", "puis", "ensuite", "apres", "donc", "voila", "et", "and", "then", "uh",
    "um", "er", "tiret", "espace", "dash", "space",
})  # fmt: skip
"""Said between the groups of one number."""

BETWEEN = re.compile(r"[\s.,;:/_'’…\-–—]{0,6}")
LONGEST_RUN = 80
"""Words; a longer run is looked at in pieces. Bounds the work on any text."""

READINGS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A word or a stretch of digits; `start` and `end` are characters of the text."""

    plain: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Tokens that follow each other and make digits."""

    tokens: tuple[Token, ...]


def folded(word: str) -> str:
    """Lower case without accents."""
    decomposed = unicodedata.normalize("NFD", word.lower())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def tokens_of(text: str) -> list[Token]:
    """Words and stretches of digits, in order."""
    return [
        Token(plain=folded(found.group()), start=found.start(), end=found.end())
        for found in re.finditer(r"[0-9]+|[^\W\d_]+", text)
    ]


def is_numeric(token: Token) -> bool:
    """Digits, or a word for some."""
    plain = token.plain
    return (
        plain.isdecimal() or plain in NUMBER_WORDS or plain in SAFE_HOMOPHONES
        or plain in ENGLISH or plain in REPEATS
    )  # fmt: skip


def runs_of(text: str) -> Iterator[Run]:
    """Every stretch of digits, fillers between its groups included."""
    tokens = tokens_of(text)
    index = 0
    while index < len(tokens):
        if not is_numeric(tokens[index]):
            index += 1
            continue
        last = index
        at = index + 1
        while at < len(tokens) and at - index < LONGEST_RUN:
            if not BETWEEN.fullmatch(text, tokens[at - 1].end, tokens[at].start):
                break
            if is_numeric(tokens[at]):
                last = at
            elif tokens[at].plain not in FILLERS or at - last > 2:
                break
            at += 1
        yield Run(tokens=tuple(tokens[index : last + 1]))
        index = last + 1


def readings(tokens: Sequence[Token]) -> list[str]:
    """Every way these tokens can be written in digits, the most natural first; at most a few."""
    said = [token.plain for token in tokens if token.plain not in FILLERS or token.plain == "et"]
    if all(word.isdecimal() for word in said):
        return ["".join(said)]
    if any(word in ENGLISH and word not in NUMBER_WORDS for word in said):
        return _english(said)
    words = [word for word in said if word.isdecimal() or word in NUMBER_WORDS or word == "et"]
    return digit_readings([words], limit=READINGS)[:READINGS]


def _english(said: Sequence[str]) -> list[str]:
    """ "forty-nine" is 49, or 40 and 9: all one way, or all the other."""
    joined, split = "", ""
    index = 0
    while index < len(said):
        word = said[index]
        following = said[index + 1] if index + 1 < len(said) else ""
        if word in REPEATS and following in ENGLISH:
            joined += ENGLISH[following] * REPEATS[word]
            split += ENGLISH[following] * REPEATS[word]
            index += 2
            continue
        value = word if word.isdecimal() else ENGLISH.get(word, "")
        unit = ENGLISH.get(following, "")
        if len(value) == 2 and value[1] == "0" and value != "10" and len(unit) == 1 and unit != "0":
            joined += value[0] + unit
            split += value + unit
            index += 2
            continue
        joined += value
        split += value
        index += 1
    return list(dict.fromkeys((joined, split)))
