"""Urgency, from the client's rules alone.

A rule is a text ("Fuite d'eau ou odeur de gaz : critique"). It is read once into alternatives; each
alternative is a set of situations and of words that must have been said. Situations are the ways
callers describe what rules name: "de l'eau qui tombe du plafond" is a leak. A caller's "c'est
urgent" matches nothing, and playing a situation down takes nothing away; denying it does.
"""


# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: E501

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from copilot.drafting.meantrules import MeantCase, MeantRules
from copilot.drafting.rules import Alternative, Level, read_rule
from copilot.drafting.situations.meaning import SituationReader
from copilot.drafting.situations.patterns import (
    BROAD,
    BY_NAME,
    IMPLIED,
    MODIFIERS,
    PAPERWORK,
    SITUATIONS,
    THREATS,
    Situation,
)
from copilot.drafting.speech import Speech
from copilot.drafting.stems import akin, stems

RAISES = 4.0
"""Log-odds from which meaning makes more serious what words already found."""
AS_LIKELY = 0.15
"""Log-odds within which two rules are as likely the one an utterance is a case of."""
ORDER: tuple[Level, ...] = ("normal", "urgent", "critique")
DENIED_BEFORE = re.compile(
    r"(?:\b(?:pas|plus|aucune?|jamais|ni|sans|rien)\s+(?:de |d'|du |une? |la |le |les |eu |encore |vraiment"
    r"|a proprement parler |l'|des |trace de |trace d'|signe de |cette |question de |non plus )*)$"
)
OVER = re.compile(
    r"\b(?:si (?:jamais|un jour|par hasard|il y a|il y avait|j'ai|ca)|en cas d|au cas ou|eventuel\w*|preventi\w*|pour eviter"
    r"|l'(?:an|annee|ete|hiver) (?:dernier|derniere|passe|passee)|(?:le )?mois dernier|(?:la )?semaine derniere|il y a (?:\w+ )?(?:mois|ans?|semaines?|longtemps)"
    r"|est reparee?|a ete repare\w*|c'est repare|resolu\w*|rentre dans l'ordre|est regle\w*|c'est regle|(?:c'est|(?<!s')est|a ete) eteint\w*|fausse alerte|termine\w*"
    r"|qu'est-ce (?:que je dois|qu'il faut|qu'on doit) faire (?:si|en cas)|assurance contre|apres (?:la|le|l'|une?) (?:fuite|degat|incendie|sinistre|inondation)"
    r"|il y en a plus|y en a plus|a deja ete|j'avais eu|avait eu|detecteurs? de (?:fumee|fuite)|contre (?:les|le|la|l') )\b"
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The urgency, with what triggered it."""

    level: Level
    rule: str | None = None
    evidence: str | None = None
    """The words said that match the rule."""
    utterance_id: str | None = None
    """Where they were said."""
    under_way: bool = False
    """Somebody has to come or answer at once: danger, damage, or a breakdown the rules name."""


class UrgencyReader:
    """Hears a call turn by turn and keeps the most serious rule that applies."""

    def __init__(self, rules: Sequence[str], situations: SituationReader) -> None:
        self._alternatives = [item for rule in rules for item in read_rule(rule)]
        self._meant = MeantRules(rules, situations)
        self._seen: dict[str, str] = {}
        self._turns: dict[str, set[int]] = {}
        self._stems: set[str] = set()
        self._windows: list[frozenset[str]] = []
        self._ids: list[str | None] = []

    def hear(
        self, speech: Speech, matter: Speech | None = None, *, utterance_id: str | None = None
    ) -> None:
        """Take one caller utterance, or a question of the operator's the caller said yes to.

        `matter` is the utterance without names and numbers, whose meaning is compared.
        """
        folded = speech.folded
        turn = len(self._windows)
        denied = set()
        for piece in _pieces(folded):
            over = OVER.search(piece)
            for situation in SITUATIONS:
                evidence = _affirmed(situation, piece)
                if situation.name not in self._seen and (
                    over if evidence else situation.pattern.search(piece)
                ):
                    denied.add(situation.name)
                if evidence and not (over and situation.name not in MODIFIERS):
                    self._seen.setdefault(situation.name, evidence)
                    self._turns.setdefault(situation.name, set()).add(turn)
        window = stems(folded)
        self._windows.append(window)
        self._ids.append(utterance_id)
        self._stems |= window
        self._meant.hear((matter or speech).text, turn, denied=frozenset(denied))

    def verdict(self) -> Verdict:
        """The level the rules give to what was said so far."""
        best = self._by_words()
        sure = RAISES if best.level != "normal" else -math.inf
        for case in self._told():
            if case.odds >= sure and ORDER.index(case.level) > ORDER.index(best.level):
                best = Verdict(
                    case.level,
                    case.rule,
                    case.evidence,
                    self._ids[case.turn],
                    case.at_once or best.under_way,
                )
        return best

    def _told(self) -> list[MeantCase]:
        """The case of each utterance: the likeliest whose conditions hold, or a graver one nearly
        as likely, since an emergency taken too lightly is worse than one taken too seriously."""
        holding: dict[int, list[MeantCase]] = {}
        for case in self._meant.cases:
            if all(self._holds(condition, case.turn) for condition in case.conditions):
                holding.setdefault(case.turn, []).append(case)
        return [
            max(
                (case for case in cases if case.odds >= cases[0].odds - AS_LIKELY),
                key=lambda case: (ORDER.index(case.level), case.odds),
            )
            for cases in holding.values()
        ]

    def _holds(self, condition: frozenset[str], turn: int) -> bool:
        """Whether a condition was told: the day with the matter, the rest at any moment."""
        return any(
            name in self._seen
            and (name != "aujourd'hui" or any(abs(turn - t) <= 1 for t in self._turns[name]))
            for name in condition
        )

    def _by_words(self) -> Verdict:
        best = Verdict("normal")
        for alternative in self._alternatives:
            met = self._met(alternative)
            if met is None:
                continue
            danger = any(BY_NAME[name].danger for name in met)
            at_once = danger or any(name not in PAPERWORK | MODIFIERS for name in met)
            danger = danger or (bool(met - MODIFIERS - PAPERWORK) and self._in_danger(met))
            level: Level = alternative.level or ("critique" if danger else "urgent")
            at_once = (at_once or level == "critique") and not (
                met and met <= PAPERWORK | MODIFIERS
            )
            if ORDER.index(level) > ORDER.index(best.level) or (at_once and not best.under_way):
                kept = level if ORDER.index(level) >= ORDER.index(best.level) else best.level
                shown = ", ".join(self._seen[name] for name in sorted(met)) or " ".join(
                    sorted(alternative.stems)
                )
                best = Verdict(
                    kept, alternative.text, shown, self._where(met), at_once or best.under_way
                )
        return best

    def _where(self, met: frozenset[str]) -> str | None:
        """The utterance that first told what the rule names."""
        turns = set[int]().union(*(self._turns[name] for name in met - MODIFIERS or met))
        return self._ids[min(turns)] if turns else None

    def _in_danger(self, met: frozenset[str]) -> bool:
        """Whether a threat to life was told along with what the rule names."""
        turns = set().union(*(self._turns.get(name, set()) for name in met - MODIFIERS))
        return any(
            any(abs(mine - other) <= 1 for mine in self._turns.get(name, ()) for other in turns)
            for name in THREATS
        )

    def _met(self, alternative: Alternative) -> frozenset[str] | None:
        """The situations by which an alternative applies; None when it does not."""
        met: set[str] = set()
        for group in alternative.situations:
            seen = {name for name in group if name in self._seen}
            if not seen and group <= IMPLIED and len(alternative.situations) > 1:
                continue
            if not seen:
                return None
            met |= seen
        heard = sum(1 for stem in alternative.stems if self._heard(stem))
        needed = len(alternative.stems)
        core = met - MODIFIERS
        if core == {"transport absent"} and needed and not heard:
            return None
        if core and needed:
            telling = any(BY_NAME[name].danger for name in core - BROAD)
            if heard * 3 < needed and needed > 2 and not telling:
                return None
        elif needed and (heard < needed if needed <= 2 else heard * 3 < needed * 2):
            return None
        if "aujourd'hui" in met and core and not self._near("aujourd'hui", core):
            return None
        if not alternative.situations and not self._together(alternative.stems):
            return None
        return frozenset(met)

    def _near(self, modifier: str, core: set[str]) -> bool:
        """The day counts when it was said with the matter, not for the call back."""
        return any(
            abs(mine - other) <= 1
            for mine in self._turns[modifier]
            for name in core
            for other in self._turns[name]
        )

    def _heard(self, stem: str) -> bool:
        return any(akin(stem, other) for other in self._stems)

    def _together(self, wanted: frozenset[str]) -> bool:
        """Words of a rule must fall within two utterances of each other."""
        enough = len(wanted) if len(wanted) <= 2 else -(-2 * len(wanted) // 3)
        for index in range(len(self._windows)):
            near = self._windows[index] | (self._windows[index - 1] if index else frozenset())
            if sum(any(akin(stem, other) for other in near) for stem in wanted) >= enough:
                return True
        return False


def _pieces(folded: str) -> list[str]:
    pieces = re.split(r"[.?!;]+\s*|\b(?:mais|par contre|sauf que)\b", folded)
    return [piece.strip() for piece in pieces if piece.strip()]


def _affirmed(situation: Situation, piece: str) -> str | None:
    for match in situation.pattern.finditer(piece):
        said = match.group()
        before = piece[: match.start()]
        starts_negative = re.match(r"(?:plus|pas|sans|ne|n'|aucun)", said)
        if not starts_negative and DENIED_BEFORE.search(before):
            continue
        return said
    return None
