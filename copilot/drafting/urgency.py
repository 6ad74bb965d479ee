"""Urgency, from the client's rules alone.

What a caller says is read, each utterance with the one before, as a case of one of the
client's rules or of none (`situations/cases.py`); the likeliest case is weighed with all that was
told and answered, the latest of it more (`situations/wholecalls.py`). A caller's "c'est urgent" is
a case of nothing, and playing a situation down takes nothing away; saying that it is over or only
feared does.
"""

# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: E501

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from copilot.drafting.rules import Level, rule_sentences, stated
from copilot.drafting.situations.cases import CaseReader, Scores
from copilot.drafting.situations.lessons import read_of
from copilot.drafting.situations.spoken import spoken
from copilot.drafting.situations.wholecalls import (
    LATEST,
    MOST,
    Heard,
    Numbers,
    Weighing,
    both_levels,
    case_odds,
    critical_odds,
    likeliest,
)
from copilot.drafting.speech import Speech

BAR = 0.25
"""Probability from which a call is urgent: an emergency missed is worse than a calm call raised."""
GRAVER = 0.4
"""Probability from which it is critical: too seriously rather than too lightly."""
LEVELS: tuple[Level, ...] = ("urgent", "critique")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The urgency, with what triggered it."""

    level: Level
    rule: str | None = None
    evidence: str | None = None
    """What was said that is a case of the rule."""
    utterance_id: str | None = None
    """Where it was said."""


CALM = Verdict("normal")


class UrgencyReader:
    """Hears a call turn by turn and keeps how likely it is a case of each rule."""

    def __init__(self, rules: Sequence[str], reader: CaseReader) -> None:
        found = [stated(sentence) for rule in rules for sentence in rule_sentences(rule)]
        self._texts = [text for text, _ in found if text]
        self._rules = [reader.rule(text, level) for text, level in found if text]
        self._reader = reader
        self._before = ""
        self._told: deque[str] = deque(maxlen=MOST)
        self._answered: deque[str] = deque(maxlen=MOST)
        """The latest of both sides: what a call has come to is heard in them."""
        self._odds = np.zeros((1, len(self._rules), len(LEVELS)))
        """Of the call so far, against none, network by network."""
        self._lately: deque[Scores] = deque(maxlen=LATEST)
        """Of its latest readings."""
        self._surest: Scores = self._odds
        """Of its likeliest reading."""
        self._likeliest = np.zeros((len(self._rules), len(LEVELS)))
        self._where: dict[tuple[int, int], tuple[str, str | None]] = {}
        """What was said that is likeliest a case of each rule at each level."""

    def next_reads(self, matter: Speech, question: Speech | None = None) -> list[str]:
        """What `hear` will read as cases of a rule: an utterance, and the question it says yes to."""
        if not self._rules:
            return []
        now = spoken(matter.text)
        texts = [read_of(self._before, now)]
        if question:
            texts.append(read_of(now or self._before, spoken(question.text)))
        return [text for text in texts if text]

    def hear(
        self, speech: Speech, matter: Speech | None = None, *, utterance_id: str | None = None
    ) -> None:
        """Take one caller utterance, or a question of the operator's the caller said yes to.

        `matter` is the caller's utterance without names and numbers, whose meaning is read.
        """
        now = spoken((matter or speech).text)
        if matter is not None and now:
            self._told.append(now)
        text = read_of(self._before, now)
        self._before = now or self._before
        if not self._rules or not text:
            return
        odds = self._reader.odds([text], self._rules)[:, 0]
        self._odds = np.maximum(self._odds, odds)
        likely = odds.mean(axis=0)
        if matter is None and self._lately:
            # A question the caller said yes to belongs to that answer: it is no turn of its own.
            odds = np.maximum(odds, self._lately.pop())
        self._lately.append(odds)
        self._surest = likeliest(np.stack(np.broadcast_arrays(self._surest, odds), axis=1))
        for rule, level in np.argwhere(likely > self._likeliest):
            self._likeliest[rule, level] = likely[rule, level]
            self._where[int(rule), int(level)] = (speech.text, utterance_id)

    def operator_says(self, speech: Speech) -> None:
        """Take an operator utterance; before the caller's first words it greets."""
        if self._told:
            self._answered.append(speech.text)

    def chance(self) -> float:
        """Probability that the call is urgent or critical."""
        if not self._where:
            return 0.0
        lately = np.max(self._lately, axis=0)
        return self._chance(self._reader.calls.urgent, case_odds, lately)

    def verdict(self) -> Verdict:
        """The level the rules give to what was said so far."""
        if self.chance() < BAR:
            return CALM
        whole = 1 + self._odds.sum(axis=(1, 2), keepdims=True)
        shares = (self._odds / whole).mean(axis=0)
        level = self._level()
        rule = int(shares[:, level].argmax())
        evidence, utterance_id = self._where[rule, level]
        return Verdict(LEVELS[level], self._texts[rule], evidence, utterance_id)

    def _level(self) -> int:
        """Place in `LEVELS` of an urgent call's."""
        if not both_levels(self._odds):
            return int(self._odds.sum(axis=(0, 1)).argmax())
        critical = self._chance(self._reader.calls.critical, critical_odds, self._surest)
        return int(critical >= GRAVER)

    def _chance(
        self, weighing: Weighing, evidence: Callable[[Numbers], float], decisive: Scores
    ) -> float:
        """`decisive` are the odds of the readings that decide."""
        heard = Heard(
            evidence=evidence(self._odds),
            decisive=evidence(decisive),
            told=[*self._told],
            answered=[*self._answered],
        )
        return weighing.chance(heard)


ASKS_WHETHER = re.compile(
    r"^(?:d'accord |alors |et |donc |oui )*(?:est-ce|y a-t-il|il y a|vous (?:avez|sentez|etes|voyez)|(?:il|elle|on|ca|c'est) (?:est|a|y|se|respire|saigne|bouge|sent|bien)?)\b"
)
CONFIRMS = re.compile(
    r"^(?:ah |ben |bah )*(?:oui (?:oui|voila|c'est|exactement|tout a fait|elle|il|un peu|beaucoup)|c'est (?:bien )?(?:ca|cela)|exact\w*|tout a fait|voila)\b"
)


def agreed(operator: Speech, answer: Speech) -> bool:
    """Whether a caller's yes is to something the operator asked, not to being listened to."""
    said = operator.folded
    asks = "?" in said or ASKS_WHETHER.search(said) or CONFIRMS.match(answer.folded)
    return bool(said and asks)
