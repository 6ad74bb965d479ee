"""When a call should be brought to a supervisor: the house's rules, and whether words were said."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from knowledge.wording import plain

MOST_WORDS = 100
LONGEST_WORDS = 80
LONGEST_BARE = 5
_WORD = re.compile(r"[^\W_]+")
_ELIDED = re.compile(r"\b(?:[cdjlmnst]|qu)'(?=\w)")
BOUNDS_S = {"long_wait_s": (5, 1800), "long_silence_s": (5, 1800), "unacknowledged_s": (60, 86_400)}
"""Of each delay: shortest and longest."""


class BadAlertRulesError(ValueError):
    """Rules that cannot be; the message says which."""

    code = "bad_alert_rules"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRules:
    """What calls a supervisor. A delay of 0 switches its alert off."""

    words: tuple[str, ...] = ()
    """Said by either side, in any of their forms; several words as they follow each other."""
    long_wait_s: int = 60
    long_silence_s: int = 45
    """Nobody says anything in a call that is neither held nor paused."""
    unacknowledged_s: int = 900
    """An urgent message that nobody at the client has taken."""


def read_rules(value: Mapping[str, Any]) -> AlertRules:
    """Raises BadAlertRulesError."""
    rules = AlertRules(**{**value, "words": tidy(value.get("words", ()))})
    for name, (shortest, longest) in BOUNDS_S.items():
        delay_s = getattr(rules, name)
        if delay_s != 0 and not shortest <= delay_s <= longest:
            raise BadAlertRulesError(f"{name}: 0 (off), or {shortest} to {longest} seconds")
    return rules


def rules_values(rules: AlertRules) -> dict[str, Any]:
    """Plain JSON."""
    return {**asdict(rules), "words": list(rules.words)}


def tidy(listed: Iterable[str]) -> tuple[str, ...]:
    """Words to listen for, each once. Raises BadAlertRulesError."""
    kept = tuple(dict.fromkeys(filter(None, (" ".join(one.split()) for one in listed))))
    if len(kept) > MOST_WORDS:
        raise BadAlertRulesError(f"at most {MOST_WORDS} words to listen for")
    for one in kept:
        if len(one) > LONGEST_WORDS or not _stems(one):
            raise BadAlertRulesError(f"nothing to listen for: {one[:40]!r}")
    return kept


def said_of(listed: Sequence[str], text: str) -> tuple[str, ...]:
    """Which of these are said in a text: the same stems, one after the other."""
    spoken = _stems(text)
    return tuple(one for one in listed if _follows(_stems(one), spoken))


def _stems(text: str) -> list[str]:
    """French stems of every word, small ones too: what is listed may be a phrase."""
    return [_stem(word) for word in _WORD.findall(_ELIDED.sub(" ", text.replace("’", "'").lower()))]


@lru_cache(maxsize=16_384)
def _stem(word: str) -> str:
    """Snowball wants accents to tell endings; some keep an `i` that others of the verb lose."""
    import snowballstemmer

    folded = plain(snowballstemmer.stemmer("french").stemWord(unicodedata.normalize("NFC", word)))
    return folded[:-1] if len(folded) > LONGEST_BARE and folded.endswith("i") else folded


def _follows(wanted: Sequence[str], spoken: Sequence[str]) -> bool:
    size = len(wanted)
    return size > 0 and any(
        spoken[start : start + size] == list(wanted) for start in range(len(spoken) - size + 1)
    )
