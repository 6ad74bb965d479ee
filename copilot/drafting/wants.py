"""What the caller wants: requests, their category, and the clauses that say why."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from copilot.drafting.categories import requests
from copilot.drafting.clauses import Clause, clauses
from copilot.drafting.draft import FieldValue
from copilot.drafting.reason import Candidate, candidate, compose
from copilot.drafting.situations.requested import NOTHING, TROUBLE, RequestReader
from copilot.drafting.speech import Speech

VAGUE = ("rappel", "information")
"""Categories that give way to one that says more."""
LIKELY = 0.4
"""Probability from which an utterance without a word that asks is taken as a request."""
LIKELIER = 0.7
"""From which meaning says more than a word that may be said for anything."""
NEAR = 2
"""Clauses after the first request within which a more telling one is the same wish."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    category: str
    utterance_id: str
    order: int
    meant: bool = False
    """Known by its meaning, not by a word that asks."""


class Wants:
    """Requests and reasons over the turns of a call, but for what was taken back."""

    def __init__(self, reader: RequestReader) -> None:
        self._reader = reader
        self.trouble = False
        """Something wrong was told, without asking for anything."""
        self._requests: list[_Request] = []
        self._candidates: list[Candidate] = []
        self._order = 0

    def caller_says(
        self,
        speech: Speech,
        utterance_id: str,
        *,
        asked: frozenset[str],
        early: bool,
    ) -> None:
        """Read an utterance, names apart: clause by clause, and as a whole by its meaning."""
        said: list[str] = []
        for clause in clauses(speech):
            found = requests(clause)
            if found:
                self._add(found[0], utterance_id)
                said.append(found[0])
            item = candidate(
                clause, self._order, utterance_id, asked=asked, categories=found, early=early
            )
            if item:
                self._candidates.append(item)
            self._order += 1
        if not said:
            said = requests(Clause(speech, 0))[:1]
            for category in said:
                self._add(category, utterance_id)
        if all(item in VAGUE for item in said):
            self._weigh(speech, said, utterance_id)

    def _weigh(self, speech: Speech, said: Sequence[str], utterance_id: str) -> None:
        """What an utterance means, where its words ask for nothing, or vaguely."""
        meant = self._reader.read(speech.text)
        if meant is None:
            return
        category, share = meant.likeliest
        if category == TROUBLE:
            self.trouble = self.trouble or share >= LIKELY
        elif category != NOTHING and share >= (LIKELIER if said else LIKELY):
            self._add(category, utterance_id, meant=True)

    def agreed_to_meet(self, utterance_id: str) -> None:
        """An appointment was agreed on; it is the request when there is no other."""
        if not self._requests:
            self._add("rendez-vous", utterance_id)

    def _add(self, category: str, utterance_id: str, *, meant: bool = False) -> None:
        self._requests.append(
            _Request(category=category, utterance_id=utterance_id, order=self._order, meant=meant)
        )

    def forget(self, categories: frozenset[str], pattern: str) -> None:
        """Take back requests of these categories, and the clauses that match."""
        self._requests = [item for item in self._requests if item.category not in categories]
        self._candidates = [
            item for item in self._candidates if not re.search(pattern, item.folded)
        ]

    def category(self) -> tuple[str, str] | None:
        """The category of the first request that says something, and its utterance."""
        if not self._requests:
            return None
        first = next((item for item in self._requests if not item.meant), self._requests[0])
        telling = (
            item
            for item in self._requests
            if item.category not in VAGUE and abs(item.order - first.order) <= NEAR
        )
        chosen = first if first.category not in VAGUE else next(telling, first)
        return chosen.category, chosen.utterance_id

    def reason(self, *, name: str, withdrawn: Sequence[str]) -> FieldValue | None:
        """Why they call, in their words. `name` is the caller's, said elsewhere."""
        composed = compose(self._candidates, name=name, withdrawn=withdrawn)
        if composed is None:
            return None
        return FieldValue(value=composed[0], confidence=0.7, utterance_id=composed[1])
