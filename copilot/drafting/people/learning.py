"""Learning the sequence model, from the written dialogues alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pycrfsuite  # type: ignore[import-untyped]

from copilot.drafting.people.dialogues import Dialogue, dialogues, template_words
from copilot.drafting.people.features import Setting, features, units
from copilot.drafting.speech import Speech, Word, fold, hear

EACH = 10
"""How often each piece of a dialogue is put to use, with other people each time."""
SEED = 7
MODELS = 3
"""Each learns from other draws of people and wordings; what they find is averaged."""
PARAMETERS = {"c1": 0.05, "c2": 0.3, "max_iterations": 90, "feature.possible_transitions": True}


def learn(path: Path, *, each: int = EACH, seed: int = SEED, calls: str | None = None) -> None:
    """Write the model file: a linear-chain conditional random field (Lafferty et al., 2001).

    `calls`: whole calls to learn from instead of those of the package.
    """
    vocabulary = template_words()
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    trainer.set_params(PARAMETERS)
    for dialogue in dialogues(each=each, seed=seed, calls=calls):
        for rows, tags in examples(dialogue, vocabulary):
            trainer.append(rows, tags)
    trainer.train(str(path))


def examples(
    dialogue: Dialogue, vocabulary: frozenset[str]
) -> Iterator[tuple[list[list[str]], list[str]]]:
    """What the model sees of each of the caller's utterances, and the tags to learn."""
    operator = hear("")
    caller: set[str] = set()
    others: set[str] = set()
    first = True
    for line in dialogue.lines:
        speech = Speech(line.text, fold(line.text))
        if line.speaker == "O":
            operator = speech
            continue
        tokens = units(speech)
        if not tokens:
            continue
        tags = [_tag(word, line.names) for word in tokens]
        setting = Setting(
            operator=operator,
            contacts=dialogue.contacts,
            caller=frozenset(caller),
            others=frozenset(others),
            first=first,
        )
        yield features(tokens, setting, vocabulary), tags
        first = False
        caller |= {word.norm for word, tag in zip(tokens, tags, strict=True) if tag in "PN"}
        others |= {word.norm for word, tag in zip(tokens, tags, strict=True) if tag in "pn"}


def _tag(word: Word, names: tuple[tuple[int, int, str], ...]) -> str:
    return next((tag for start, end, tag in names if start <= word.start < end), "O")
