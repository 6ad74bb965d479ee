"""A client's rules compared with what callers say by meaning, utterance by utterance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from copilot.drafting.rules import Level, rule_sentences, stated
from copilot.drafting.situations.meaning import RuleMeaning, SituationReader
from copilot.drafting.speech import Speech

LEAST_ODDS = 0.1
"""Log-odds from which an utterance is taken as a case of a rule."""
NO_INTERVENTION = frozenset(
    [
        "signature", "audience", "échéance", "expulsion", "décès", "absence du jour", "presse",
        "traitement épuisé", "résultat grave", "maladie contagieuse", "fraude", "oeil rouge",
        "salaire non versé",
    ]
)  # fmt: skip
"""Urgent perhaps, but nobody has to come at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeantRule:
    """One sentence of a rule."""

    text: str
    level: Level | None
    conditions: frozenset[frozenset[str]]
    meaning: RuleMeaning


@dataclass(frozen=True, slots=True, kw_only=True)
class MeantCase:
    """An utterance that is a case of a rule."""

    rule: str
    level: Level
    conditions: frozenset[frozenset[str]]
    evidence: str
    odds: float
    at_once: bool
    """Somebody has to come or answer at once."""
    turn: int


class MeantRules:
    """The rules of one client, heard through one call."""

    def __init__(self, rules: Sequence[str], reader: SituationReader) -> None:
        self._reader = reader
        self._rules = [
            _meant(sentence, reader) for rule in rules for sentence in rule_sentences(rule)
        ]
        self.cases: list[MeantCase] = []

    def hear(self, text: str, turn: int, *, denied: frozenset[str]) -> None:
        """Take one utterance: which rules it may be a case of, the likeliest first.

        `denied` are situations it says there is none of, or no longer.
        """
        if not self._rules:
            return
        sentence = self._reader.sentence(text)
        if sentence is None:
            return
        found = [
            (*self._reader.odds(sentence, rule.meaning, denied=denied), rule)
            for rule in self._rules
        ]
        cases = [
            self._case(odds, situation, rule, text, turn)
            for odds, situation, rule in found
            if odds >= LEAST_ODDS
        ]
        self.cases += sorted(cases, key=lambda case: -case.odds)

    def _case(
        self, odds: float, situation: str | None, rule: MeantRule, text: str, turn: int
    ) -> MeantCase:
        danger = situation in self._reader.dangers
        level: Level = rule.level or ("critique" if danger else "urgent")
        return MeantCase(
            rule=rule.text,
            level=level,
            conditions=rule.conditions,
            evidence=text,
            odds=odds,
            at_once=situation not in NO_INTERVENTION,
            turn=turn,
        )


def _meant(sentence: Speech, reader: SituationReader) -> MeantRule:
    text, level, conditions = stated(sentence)
    return MeantRule(text=text, level=level, conditions=conditions, meaning=reader.rule(text))
