"""What the caller wants: requests, their category, and the clauses that say why."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from copilot.drafting.categories import requests
from copilot.drafting.clauses import Clause, clauses, without_slips
from copilot.drafting.draft import FieldValue
from copilot.drafting.reason import WEIGHTY, Candidate, candidate, compose
from copilot.drafting.situations.answers import MOST as MOST_ANSWERS
from copilot.drafting.situations.callkinds import FEWEST_WORDS, MOST
from copilot.drafting.situations.meaning import SituationReader
from copilot.drafting.situations.requested import NOTHING, TROUBLE
from copilot.drafting.speech import Speech

VAGUE = ("rappel", "information")
"""Categories that give way to one that says more."""
LIKELY = 0.4
"""Probability from which an utterance without a word that asks is taken as a request."""
LIKELIER = 0.7
"""From which meaning says more than a word that may be said for anything."""
SURE = 0.4
"""Probability from which the whole call says more than the words that ask."""
BY_WORDS = frozenset({"démarchage", "erreur"})
"""Categories that only words give: what is asked of a message hangs on them."""
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

    def __init__(self, reader: SituationReader) -> None:
        self._reader = reader.requests
        self._kinds, self._answers = reader.kinds, reader.answers
        self._said: list[str] = []
        self._shares: dict[str, float] = {}
        """Of each category, by what was said."""
        self._answered: deque[str] = deque(maxlen=MOST_ANSWERS)
        self._latest_id: str | None = None
        """The caller's latest utterance."""
        self._kind: tuple[str, float, str] | None = None
        """What the whole call asks for, its probability, and the utterance since which."""
        self.trouble = False
        """Something wrong was told, without asking for anything."""
        self._requests: list[_Request] = []
        self._candidates: list[Candidate] = []
        self._order = self._sentence = 0

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
        for clause in clauses(without_slips(speech, WEIGHTY)):
            found = requests(clause)
            if found:
                self._add(found[0], utterance_id)
                said.append(found[0])
            self._sentence += clause.opens
            item = candidate(
                clause,
                self._order,
                utterance_id,
                asked=asked,
                categories=found,
                early=early,
                sentence=self._sentence,
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

    def heard(self, matter: Speech, utterance_id: str) -> None:
        """An utterance as part of the whole call: without names and numbers."""
        self._latest_id = utterance_id
        text = self._of_the_whole(matter)
        if not text:
            return
        self._said.append(text)
        self._shares = self._kinds.shares(self._said)
        self._read_whole()

    def _of_the_whole(self, matter: Speech) -> str:
        text = " ".join(matter.text.split()).strip(" ,.")
        return text if len(self._said) < MOST and len(text.split()) >= FEWEST_WORDS else ""

    def next_reads(self, matter: Speech, speech: Speech) -> list[str]:
        """What `heard` will embed, and `caller_says` unless words tell what is wanted."""
        texts = (self._of_the_whole(matter), self._reader.reads(speech.text))
        return [text for text in texts if text]

    def operator_says(self, speech: Speech) -> None:
        """What is answered tells what is asked; before the caller's first words it greets."""
        if self._latest_id is not None:
            self._answered.append(speech.text)
            self._read_whole()

    def _read_whole(self) -> None:
        if not self._shares or self._latest_id is None:
            return
        shares = self._answers.weigh(self._shares, [*self._answered])
        kind = max(shares.keys() - BY_WORDS, key=lambda each: shares[each])
        since = self._kind[2] if self._kind and self._kind[0] == kind else self._latest_id
        self._kind = (kind, shares[kind], since)

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
        """Take back requests of these categories, and the clauses that match; what the whole call
        asks for is told by what is said from now on."""
        self._said.clear()
        self._shares = {}
        self._answered.clear()
        self._kind = None
        self._requests = [item for item in self._requests if item.category not in categories]
        self._candidates = [
            item for item in self._candidates if not re.search(pattern, item.folded)
        ]

    def category(self) -> tuple[str, str] | None:
        """The category of the call, and its utterance: what the whole asks for where that is sure,
        else the first request that says something."""
        if self._kind and self._kind[1] >= SURE:
            return self._kind[0], self._kind[2]
        return self._first_request()

    def likely(self) -> tuple[str, str] | None:
        """What the whole call may ask for, and its utterance, where nothing else tells."""
        return (self._kind[0], self._kind[2]) if self._kind else None

    def _first_request(self) -> tuple[str, str] | None:
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
