"""Reads the company a caller speaks for in an utterance (docs/adr/0255)."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock

import pycrfsuite  # type: ignore[import-untyped]

from copilot.drafting.companies import written
from copilot.drafting.houses.features import features
from copilot.drafting.houses.learning import NEXT, NONE, learn
from copilot.drafting.people.dialogues import template_words
from copilot.drafting.people.features import Setting, units
from copilot.drafting.speech import Speech
from models.tagging import digest_of, learnt_once


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A company named as the caller's own."""

    value: str
    confidence: float
    """Probability of its least certain word."""


class HouseReader:
    """One a process; `read` may be called from any thread."""

    def __init__(self, model: Path) -> None:
        """`model` is what `learning.learn` wrote."""
        self._tagger = pycrfsuite.Tagger()
        self._tagger.open(str(model))
        self._vocabulary = template_words()
        self._reading = Lock()  # a tagger holds the utterance it reads

    def read(
        self, speech: Speech, *, operator: Speech, first: bool, client: str
    ) -> Sequence[House]:
        """The companies named, in order. `operator` is what was said before, `first` that the
        caller had said nothing yet, `client` the name of who is called."""
        tokens = units(speech)
        if not tokens:
            return []
        rows = features(tokens, Setting(operator=operator, first=first), self._vocabulary, client)
        with self._reading:
            tags = self._tagger.tag(rows)
            odds = [1 - self._tagger.marginal(NONE, at) for at in range(len(tokens))]
        return [
            House(value=written(tokens[start:end]), confidence=min(odds[start:end]))
            for start, end in _runs(tags)
        ]


def _runs(tags: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Stretches of one company's words."""
    start = None
    for at, tag in enumerate((*tags, NONE)):
        if start is not None and tag != NEXT:
            yield start, at
            start = None
        if tag != NONE and start is None:
            start = at


LEARNT_FROM = {
    "copilot.drafting.houses": ("calls.fr.txt", "corpus.py", "features.py", "learning.py"),
    "copilot.drafting.people": ("dialogues.fr.txt", "dialogues.py", "features.py", "surnames.txt"),
    "copilot.drafting.situations": ("urgent.fr.txt", "calm.fr.txt"),
    "copilot.drafting.lexicon": ("given_names.txt", "houses.py", "relations.py", "__init__.py"),
    "copilot.drafting": ("questions.py", "speech.py"),
    "knowledge.lexicon": ("intents.fr.txt",),
    "models": ("entities.py",),
}
"""All that the model is learnt from, the code that does it included."""


def learn_houses(cache: Path | None = None, without: Collection[str] = ()) -> HouseReader:
    """The reader learnt from the packaged calls; a minute the first time.

    `cache` is a folder where what was learnt is kept from one start to the next; `without` names
    sets that are not learnt from. Raises OSError when what is learnt cannot be kept.
    """
    digest = digest_of(LEARNT_FROM, " ".join(sorted(without)))
    with tempfile.TemporaryDirectory() as folder:
        path = (cache or Path(folder)) / f"houses-{digest}.crfsuite"
        learnt_once(path, partial(learn, without=without))
        return HouseReader(path)
