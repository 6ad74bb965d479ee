"""Which language a leg speaks, from evidence gathered over its utterances. Pure.

The model guesses a language from each utterance. On a word or a spelled name at telephone quality
its guess is worth little (French digits said alone look English more often than not), so short
utterances count for nothing, a long one that leaves no doubt is enough, and doubtful ones add up.
Once a leg has been heard in a language it takes twice the evidence to leave it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

Scores = Mapping[str, float]
"""Probability of each language a leg may speak, 0 to 1; empty when there was no choice."""

DEAF_S = 1.6
"""Utterances shorter than this (with the silence around them) say nothing about the language..."""
TELLING_S = 2.6
"""... and from this on they say all they can."""
MOST_ODDS = 4.0
"""An utterance counts no more than odds of 55 to 1."""
LEAST_PROBABILITY = 0.6
"""A language the model finds less likely than this has nothing for it: it may be a third one."""
ENOUGH = 2.5
"""Log odds that make a leg change its language."""
TRUST = 2.5
"""How far evidence for the language of a leg is remembered, in log odds."""
LEAST_WORDS = 3

_WORD = re.compile(r"[^\W\d_]{2,}")
_LETTER = re.compile(r"\b[^\W\d_]\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaning:
    """What is known of the language of a leg."""

    languages: tuple[str, ...] = ("fr",)
    """The one spoken so far, then those it may change to."""
    against: Mapping[str, float] = field(default_factory=dict)
    """Log odds gathered for each other language against the one spoken so far."""

    @property
    def current(self) -> str:
        """The language spoken so far."""
        return self.languages[0]

    def likely(self, scores: Scores, *, duration_s: float) -> str:
        """The language to put an utterance into words in."""
        weighed = self._weighed(scores, duration_s)
        best = max(weighed, key=lambda code: weighed[code], default=self.current)
        return best if weighed.get(best, 0.0) >= ENOUGH else self.current

    def after(self, scores: Scores, *, language: str, duration_s: float) -> Leaning:
        """What is known once an utterance was put into words in `language`."""
        if language != self.current and language in self.languages:
            others = tuple(code for code in self.languages if code != language)
            return Leaning(languages=(language, *others), against=dict.fromkeys(others, -TRUST))
        weighed = self._weighed(scores, duration_s)
        # Evidence that was not followed was refused by the words themselves: it does not add up.
        kept = {code: min(value, ENOUGH / 2) for code, value in weighed.items()}
        return replace(self, against=kept)

    def _weighed(self, scores: Scores, duration_s: float) -> dict[str, float]:
        weight = min(1.0, max(0.0, (duration_s - DEAF_S) / (TELLING_S - DEAF_S)))
        found = {}
        for code in self.languages[1:]:
            evidence = weight * _odds(scores, code, self.current) if scores else 0.0
            found[code] = max(-TRUST, self.against.get(code, 0.0) + evidence)
        return found


def telling(text: str) -> bool:
    """Whether the words are enough to know their language: no spelled name, no number alone."""
    words = [word.lower() for word in _WORD.findall(text)]
    return len(set(words)) >= LEAST_WORDS and len(words) > 2 * len(_LETTER.findall(text))


def _odds(scores: Scores, other: str, current: str) -> float:
    here, there = scores.get(current, 0.0), scores.get(other, 0.0)
    odds = math.log((there + 1e-3) / (here + 1e-3))
    if odds > 0 and there < LEAST_PROBABILITY:
        return 0.0
    return min(MOST_ODDS, max(-MOST_ODDS, odds))
