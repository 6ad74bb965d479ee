"""Whether a text says only what was said. Pure.

A text is kept or rejected whole: a sentence less one invented number would still be somebody
else's. Rejected, the extractive draft stays. What cannot be checked this way is that the words are
put together as they were meant; so the operator reads and takes each text, or does not.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from copilot.drafting.speech import fold
from copilot.drafting.stems import akin
from copilot.languagemodel.grounds import EMAIL, Grounds, significant
from copilot.languagemodel.language import language_of
from copilot.languagemodel.quantities import Quantities, is_spelled_out, quantities
from copilot.languagemodel.vocabulary import (
    SMALL,
    TITLES,
    WORDS_OF_TIME,
    committing,
    reporting,
    stems,
    words_of,
)
from models.entities import french_lexicon

Why = Literal[
    "empty", "too_long", "characters", "markup", "language", "link", "email", "phone", "number",
    "amount", "time", "name", "order", "promise", "words",
]  # fmt: skip
"""Why a text was rejected: the first thing in it that was not said."""

MARKUP = re.compile(r"[<>{}\[\]`|\\]|\*\*|__|&#?\w+;|^\s*#|^\s*[-*•]\s", re.MULTILINE)
LINK = re.compile(
    r"(?:[a-z][a-z0-9+.-]*://|\bwww\.|\bjavascript:|\bdata:)"
    r"|\b[a-z0-9-]{2,}\.(?:com|net|org|fr|eu|io|info|biz|ru|cn|top|xyz|app|dev|be|ch|uk)\b",
    re.IGNORECASE,
)
SENTENCES = re.compile(r"[.!?…]+(?:\s|$)|\n")
WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
LONG_NUMBER = 4
"""Digits from which a number may have been said in groups; a group alone is no number said."""
FREE_WORDS = 2
FREE_SHARE = 0.34
"""Of a text's words, how many may be the writer's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """Why a text is not kept."""

    why: Why
    what: str = ""
    """The words concerned, for the log of a test: never shown, never kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a text may be, whatever it says."""

    longest: int
    """Characters."""
    sentences: int | None = None
    language: str = "fr"
    lines: bool = False
    """Whether it may have several."""


def objection(text: str, grounds: Grounds, limits: Limits) -> Objection | None:
    """The first reason to reject the text; None when it holds."""
    return facts_objection(text, grounds, limits) or _words(text, grounds)


def facts_objection(text: str, grounds: Grounds, limits: Limits) -> Objection | None:
    """As `objection`, for a text whose ordinary words are its own: a question put another way."""
    return (
        _shape(text, limits)
        or _language(text, limits)
        or _addresses(text, grounds)
        or _quantities(text, grounds, limits.language)
        or _times(text, grounds)
        or _names(text, grounds, limits.language)
    )


def _shape(text: str, limits: Limits) -> Objection | None:
    if len(re.findall(r"[^\W\d_]{2,}", text)) < 2:
        return Objection(why="empty")
    if len(text) > limits.longest:
        return Objection(why="too_long")
    if limits.sentences is not None and len(_sentences(text)) > limits.sentences:
        return Objection(why="too_long")
    for character in text:
        if not _is_plain(character, lines=limits.lines):
            return Objection(why="characters", what=repr(character))
    if found := MARKUP.search(text):
        return Objection(why="markup", what=found.group())
    return None


def _is_plain(character: str, *, lines: bool) -> bool:
    """A letter of ours, a digit, a mark: nothing that hides, draws or comes from elsewhere."""
    if character.isascii():
        return character.isprintable() or (lines and character == "\n")
    if character.isalpha():
        return unicodedata.name(character, "").startswith("LATIN")
    return character in "’‘“”«»–—…€£°·\u00a0\u202f"


def _sentences(text: str) -> list[str]:
    protected = re.sub(r"\b(M|Mme|Mlle|Me|Dr|Pr|Mr|Mrs|Ms)\.", r"\1", text)
    return [part for part in SENTENCES.split(protected) if part.strip()]


def _language(text: str, limits: Limits) -> Objection | None:
    found = language_of(text)
    if found is not None and limits.language in ("fr", "en") and found != limits.language:
        return Objection(why="language", what=found)
    return None


def _addresses(text: str, grounds: Grounds) -> Objection | None:
    for found in EMAIL.finditer(text):
        if found.group().lower().rstrip(".") not in grounds.emails:
            return Objection(why="email", what=found.group())
    rest = EMAIL.sub(" ", text)
    if "@" in rest:
        return Objection(why="email", what="@")
    if link := LINK.search(rest):
        return Objection(why="link", what=link.group())
    return None


def _quantities(text: str, grounds: Grounds, language: str) -> Objection | None:
    wanted = quantities(EMAIL.sub(" ", text), language=language)
    said = grounds.quantities
    for run in wanted.runs:
        if not _is_known_run(run, grounds):
            return Objection(why="phone", what=run)
    for amount in sorted(wanted.amounts - said.amounts):
        return Objection(why="amount", what=amount)
    if unsaid := (wanted.shares - said.shares) or (wanted.days - _days(said)):
        return Objection(why="number", what=min(unsaid))
    for hour in sorted(wanted.hours):
        if hour not in said.hours and hour not in _either_half(said.hours):
            return Objection(why="time", what=hour)
    known = said.numbers | said.amounts | said.shares | {"0"}
    for number in sorted(wanted.bare - known):
        if len(number) < LONG_NUMBER or not is_spelled_out(number, said.spoken):
            return Objection(why="number", what=number)
    return None


def _days(said: Quantities) -> set[str]:
    """A day said with its year may be told without."""
    return said.days | {day.rpartition("/")[0] for day in said.days if day.count("/") == 2}


def _either_half(hours: set[str]) -> set[str]:
    """ "2 heures" may be told as 14 h: which half of the day, the message's own field tells."""
    return {
        f"{int(hour) + 12}:{minute}"
        for hour, _, minute in (one.partition(":") for one in hours)
        if 1 <= int(hour) <= 6
    }


def _is_known_run(run: str, grounds: Grounds) -> bool:
    """A number to call back is the message's own; any other was said digit for digit."""
    if grounds.phones and significant(run) in grounds.phones:
        return True
    looks_dialled = len(significant(run)) == 9 and (run[0] == "0" or run.startswith("33"))
    if looks_dialled and grounds.phones:
        return False
    said = grounds.quantities
    return (
        run in said.runs
        or run in said.numbers
        or run in said.amounts
        or is_spelled_out(run, said.spoken)
    )


def _times(text: str, grounds: Grounds) -> Objection | None:
    told = {WORDS_OF_TIME[word] for word in words_of(text) if word in WORDS_OF_TIME}
    if "apres-midi" in fold(text):
        told.add("apres-midi")
    for word in sorted(told - grounds.times):
        return Objection(why="time", what=word)
    return None


def _names(text: str, grounds: Grounds, language: str) -> Objection | None:
    """Capitalised words are names unless they open a sentence; so are words no dictionary has."""
    for sentence in _sentences(EMAIL.sub(" ", text)):
        for index, match in enumerate(WORD.finditer(sentence)):
            opens = index == 0
            whole = match.group()
            if "-" in whole and _may_be_written(whole, grounds, language, opens=opens):
                continue
            for part in re.split(r"[-'’]", whole):
                if not _may_be_written(part, grounds, language, opens=opens):
                    return Objection(why="name", what=part)
    return None


def _may_be_written(word: str, grounds: Grounds, language: str, *, opens: bool) -> bool:
    folded = fold(word)
    if folded in grounds.words or folded in TITLES or folded in SMALL or len(folded) < 2:
        return True
    if folded in WORDS_OF_TIME:
        return True  # looked at by itself
    if word.isupper() or (word[0].isupper() and not opens):
        return False
    if language == "en" and word.islower():
        return True  # no dictionary of English here: such words are counted instead
    return _is_ordinary(folded, grounds)


def _is_ordinary(folded: str, grounds: Grounds) -> bool:
    found = stems(folded)
    if not found or found <= reporting() or found & grounds.stems:
        return True
    lexicon = french_lexicon()
    return folded.replace("-", "") in lexicon or _is_akin(next(iter(found)), grounds.stems)


def _is_akin(stem: str, known: set[str]) -> bool:
    return stem in known or any(akin(stem, one) for one in known)


def _words(text: str, grounds: Grounds) -> Objection | None:
    """Few words may be the writer's own, and none that promises, alarms or commands."""
    told = stems(EMAIL.sub(" ", text))
    unsaid = {stem for stem in told if not _is_akin(stem, grounds.stems)}
    if orders := unsaid & grounds.dictated:
        return Objection(why="order", what=min(orders))
    if promises := unsaid & committing():
        return Objection(why="promise", what=min(promises))
    own = unsaid - reporting()
    if len(own) > max(FREE_WORDS, FREE_SHARE * len(told)):
        return Objection(why="words", what=" ".join(sorted(own)))
    return None
