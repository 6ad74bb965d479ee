"""Learns to read companies from the labelled calls."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import pycrfsuite  # type: ignore[import-untyped]

from copilot.drafting.houses.corpus import MARKED, Said, lessons
from copilot.drafting.houses.features import features
from copilot.drafting.people.dialogues import template_words
from copilot.drafting.people.features import Setting, units
from copilot.drafting.speech import Word, hear

PARAMETERS = {"c1": 0.05, "c2": 0.3, "max_iterations": 80, "feature.possible_transitions": True}
FIRST, NEXT, NONE = "B", "I", "O"


def learn(path: Path, without: Collection[str] = ()) -> None:
    """Write the model file, learnt from all sets of calls but those named: a linear-chain
    conditional random field (Lafferty et al., 2001)."""
    vocabulary = template_words()
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    trainer.set_params(PARAMETERS)
    for call in lessons(without):
        for said in call.said:
            tokens, tags = _tagged(said)
            setting = Setting(operator=hear(said.operator), first=said.first)
            trainer.append(features(tokens, setting, vocabulary, call.client), tags)
    trainer.train(str(path))


def _tagged(said: Said) -> tuple[Sequence[Word], Sequence[str]]:
    """The words, and whether each begins or goes on with the caller's company."""
    text, spans, at = "", list[tuple[int, int]](), 0
    for found in MARKED.finditer(said.text):
        text += said.text[at : found.start()]
        spans.append((len(text), len(text) + len(found[1])))
        text += found[1]
        at = found.end()
    tokens = units(hear(text + said.text[at:]))
    tags = [NONE] * len(tokens)
    for start, end in spans:
        inside = [place for place, word in enumerate(tokens) if start <= word.start < end]
        for place in inside:
            tags[place] = FIRST if place == inside[0] else NEXT
    return tokens, tags
