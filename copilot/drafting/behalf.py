"""Whom a caller speaks for: "j'appelle pour ma mère", and that person's name."""

# A pattern cut to fit a line is harder to read than a long line.
# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from copilot.drafting.concerned import ASKED_OF_THEM, THEIR_OWN, Told, around, chance, facts
from copilot.drafting.draft import FieldValue
from copilot.drafting.kept import Kept
from copilot.drafting.lexicon.relations import RELATIONS
from copilot.drafting.mandates import on_behalf
from copilot.drafting.people.reader import Mention
from copilot.drafting.questions import THEIRS
from copilot.drafting.speech import Speech, fold
from copilot.drafting.whosename import of_another

PARENT = re.compile(
    r"(?<!la )(?<!le )(?<!sa )(?<!son )\b(maman|mamie|papa|papi|papy)\b(?! (?:de|d'|du)\b)"
)
"""A parent named as one does without "ma" or "mon"; "la maman de Jules" is the caller."""
RELATIVE = re.compile(
    rf"\b(mon|ma|mes|notre|nos)\s+((?:deux |petite? )?(?:{RELATIONS}|filles|enfants|jumeaux))\b"
)
JOINED = re.compile(
    r"^[ ,]*(?:(?:qui |il |elle |ils |elles )?s'appelle(?:nt)?|c'est|c'etait|aussi|son nom|de son nom)?[ ,]*(?:c'est )?(?:monsieur |madame |le petit |la petite )?$"
)
"""Between a relative and a name: it is theirs."""
THEM = re.compile(
    r"\b(?:lui|elle|eux|(?:le|la) sien(?:ne)?|(?:il|elle)s? s'appelle(?:nt)?|(?:son|leur) nom)[ ,]*(?:(?:c'est|c'etait) )?(?:monsieur |madame )?$|\b(?:le petit|la petite|tante|tata|tonton|mamie|papi) $"
)
"""Before a name: that of who was told of."""


class OnBehalf:
    """The person the call is about when it is not the caller: the likeliest of those told of."""

    def __init__(self) -> None:
        self._told: list[Told] = []
        self._relation = Kept()
        """The relative the caller spoke of last."""
        self._known: set[str] = set()
        """What the whole call tells."""
        self._asked_of_them = False

    def operator_says(self, speech: Speech, asked: frozenset[str]) -> frozenset[str]:
        """ "Le nom de votre père ?": the call is about that relative, and so is the question.

        Gives back the fields the operator asks for.
        """
        self._asked_of_them = bool(ASKED_OF_THEM.search(speech.folded))
        if self._asked_of_them:
            self._known.add("asked about them")
        if not self._relation:
            return asked
        kin = fold(self._relation.value.split(" ", 1)[1])
        if not (
            re.search(rf"\bvotre {re.escape(kin)}\b", speech.folded) or THEIRS.search(speech.folded)
        ):
            return asked
        for each in self._told:
            if each.kin == kin:
                each.facts.add("asked about")
        if re.search(r"\b(?:(?:pre)?nom|s'appelle|celui)\b", speech.folded):
            asked |= {"on_behalf_of"}
        return asked - {"name", "given_name"} if "on_behalf_of" in asked else asked

    def caller_says(
        self,
        speech: Speech,
        named: list[Mention],
        utterance_id: str,
        *,
        asked: bool,
        contacts: frozenset[str],
    ) -> str | None:
        """Take an utterance with the people named in it; the person it says the call is for.

        `contacts` are the folded surnames of the client's people: nobody calls for them.
        """
        behalf = on_behalf(speech)
        if behalf and set(fold(behalf).split()) & contacts:
            behalf = None
        if THEIR_OWN.search(speech.folded):
            self._known.add("the caller is somebody's")
        relations = self._relations(speech, utterance_id)
        self._names(
            speech,
            [each for each in named if not set(fold(each.value).split()) & contacts],
            relations,
            utterance_id,
            asked=asked or self._asked_of_them,
        )
        if behalf:
            self._plainly(behalf, utterance_id)
        return behalf

    def _relations(self, speech: Speech, utterance_id: str) -> list[tuple[int, Told]]:
        """The relatives told of, with where their mention ends."""
        spans = [
            (found.start(), found.end(), f"{found[1]} {speech.text[slice(*found.span(2))].lower()}")
            for found in RELATIVE.finditer(speech.folded)
        ]
        if not spans and (parent := PARENT.search(speech.folded)):
            whose = "mon" if parent[1].startswith("pa") else "ma"
            spans = [(*parent.span(), f"{whose} {parent[1]}")]
        found = []
        for start, end, relation in spans:
            self._relation.keep(relation, utterance_id)
            self._relation.utterance_id = utterance_id
            told = self._of_relation(relation, utterance_id)
            told.facts |= set(around(speech, start, end))
            found.append((end, told))
        return found

    def _of_relation(self, relation: str, utterance_id: str) -> Told:
        kin = fold(relation).split(" ", 1)[-1]
        for each in self._told:
            if each.relation and each.kin == kin:
                each.times += 1
                return each
        told = Told(relation=relation, utterance_id=utterance_id)
        if not self._told:
            told.facts.add("in the first told")
        self._told.append(told)
        return told

    def _names(
        self,
        speech: Speech,
        named: Sequence[Mention],
        relations: Sequence[tuple[int, Told]],
        utterance_id: str,
        *,
        asked: bool,
    ) -> None:
        """Others than the caller who are named: relatives just told of, or somebody new."""
        beside = any(mention.own and not of_another(mention, speech) for mention in named)
        for mention in named:
            own = mention.own and not of_another(mention, speech)
            lead = speech.folded[: mention.start]
            whose = next(
                (
                    told
                    for end, told in relations
                    if end <= mention.start and JOINED.match(lead[end:])
                ),
                None,
            )
            theirs = bool(THEM.search(lead))
            if (
                whose is None
                and not own
                and (theirs or asked)
                and self._told
                and not self._told[-1].name
            ):
                whose = self._told[-1]
            told = self._of_name(mention.value, whose, utterance_id)
            told.facts.add("tagged the caller" if own else "tagged another")
            told.facts |= {f"name {fact}" for fact in around(speech, mention.start, mention.end)}
            if theirs:
                told.facts.add("told of as another")
            if asked:
                told.facts.add("name asked for")
            if beside:
                told.facts.add("named beside the caller")
            if re.search(r"\b(?:monsieur|madame) $", lead):
                told.facts.add("titled")

    def _of_name(self, name: str, whose: Told | None, utterance_id: str) -> Told:
        parts = set(fold(name).split())
        for each in self._told:
            own = set(fold(each.name).split())
            if own and (own <= parts or parts <= own):
                each.name = max(each.name, name, key=len)
                each.times += 1
                return each
        if whose is not None and not whose.name:
            whose.name, whose.utterance_id = name, utterance_id
            return whose
        told = Told(name=name, utterance_id=utterance_id)
        self._told.append(told)
        return told

    def _plainly(self, behalf: str, utterance_id: str) -> None:
        """Words say whom the call is for."""
        relation, _, name = behalf.rpartition(", ")
        if not relation and re.match(r"(?:ma|mon|mes|notre|nos|une?|la|le|l')\b", fold(behalf)):
            relation, name = behalf, ""
        told = self._of_relation(relation, utterance_id) if relation else None
        if name:
            told = self._of_name(name, told, utterance_id)
        if told is not None:
            told.facts |= {"said plainly"}

    def field(self, caller: str) -> FieldValue | None:
        """The person as a field, and how likely; `caller` is the caller's name."""
        likely = [
            (chance(facts(told, everybody, caller=caller, known=self._known)), told)
            for everybody in [self.candidates(caller)]
            for told in everybody
        ]
        if not likely:
            return None
        share, told = max(likely, key=lambda each: each[0])
        return FieldValue(
            value=told.value, confidence=round(share, 2), utterance_id=told.utterance_id
        )

    def candidates(self, caller: str) -> list[Told]:
        """Those told of but the caller, and each relative with each name that may be theirs."""
        own = set(fold(caller).split())
        others = []
        for told in self._told:
            if own and set(fold(told.name).split()) <= own:
                told = replace(told, name="")
            if told.value:
                others.append(told)
        relatives = [told for told in others if not told.name]
        names = [told for told in others if not told.relation]
        together = [
            Told(
                relation=relative.relation,
                name=name.name,
                utterance_id=name.utterance_id,
                facts=relative.facts
                | name.facts
                | {"put together", f"put together, {len(relatives)} and {len(names)}"},
                times=max(relative.times, name.times),
            )
            for relative in relatives
            for name in names
        ]
        return others + together
