"""Whom a caller speaks for: "j'appelle pour ma mère", and that person's name."""

from __future__ import annotations

import re

from copilot.drafting.draft import FieldValue
from copilot.drafting.kept import Kept
from copilot.drafting.lexicon.relations import RELATIONS
from copilot.drafting.mandates import on_behalf
from copilot.drafting.people.reader import Mention
from copilot.drafting.questions import THEIRS
from copilot.drafting.speech import Speech, fold

PARENT = re.compile(
    r"(?<!la )(?<!le )(?<!sa )(?<!son )\b(maman|mamie|papa|papi|papy)\b(?! (?:de|d'|du)\b)"
)
"""A parent named as one does without "ma" or "mon"; "la maman de Jules" is the caller."""


class OnBehalf:
    """The person the call is about when it is not the caller."""

    def __init__(self) -> None:
        self._kept = Kept()
        self._relation = Kept()
        """The relative the caller spoke of last."""

    def operator_says(self, speech: Speech, asked: frozenset[str]) -> frozenset[str]:
        """ "Le nom de votre père ?": the call is about that relative, and so is the question.

        Gives back the fields the operator asks for.
        """
        if not self._relation:
            return asked
        kin = fold(self._relation.value.split(" ", 1)[1])
        if not (
            re.search(rf"\bvotre {re.escape(kin)}\b", speech.folded) or THEIRS.search(speech.folded)
        ):
            return asked
        if not self._kept:
            self._kept.keep(self._relation.value, self._relation.utterance_id)
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
        relation = re.search(rf"\b(mon|ma)\s+({RELATIONS})\b", speech.folded)
        parent = PARENT.search(speech.folded)
        if parent and not relation:
            whose = "mon" if parent[1].startswith("pa") else "ma"
            self._relation.keep(f"{whose} {parent[1]}", utterance_id)
            self._relation.utterance_id = utterance_id
        if relation:
            kin = speech.text[relation.start(2) : relation.end(2)].lower()
            self._relation.keep(f"{relation[1]} {kin}", utterance_id)
            self._relation.utterance_id = utterance_id
        if behalf:
            if "," not in self._kept.value:
                self._kept.keep(behalf, utterance_id)
        elif asked and self._kept:
            self._add_name(named, utterance_id)
        return behalf

    def _add_name(self, named: list[Mention], utterance_id: str) -> None:
        """ "Ma mère" becomes "ma mère, Jeanne Morel"."""
        name = next((mention.value for mention in named if not mention.own), None)
        current = self._kept.value
        if name and "," not in current and name.lower() not in current:
            self._kept.keep(f"{current}, {name}", utterance_id)

    def field(self) -> FieldValue | None:
        """The person as a field."""
        return self._kept.field()
