"""Who calls, fitted on labelled calls: what `copilot/drafting/people/callers.json` holds.

`python -m tests.drafting.fitcallers FOLDER SET.jsonl...` reads the sets in five parts, each with
models that `calls.fr.txt` taught without it (learnt into FOLDER, minutes), weighs everybody who is
named by weights fitted without their set, prints how often that is right, and writes the weights
of all.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import numpy as np
from sklearn.linear_model import LogisticRegression

from copilot.drafting import parties
from copilot.drafting.drafter import BuiltinDrafter
from copilot.drafting.people import dialogues
from copilot.drafting.people.callers import Circumstances, facts
from copilot.drafting.people.learning import MODELS, SEED, learn
from copilot.drafting.people.reader import Mention, PeopleReader
from copilot.drafting.speech import fold
from copilot.drafting.spelling import likeness
from copilot.evaluation.labelledcalls import LabelledCall, read_calls

PARTS = 5
STRENGTH = 0.3
"""Inverse of the penalty on weights (scikit-learn's C)."""
FEWEST = 4
"""Times a fact is met below which it is not weighed."""
SAME = 0.75
"""Likeness of a word to one of the label's, from which it is that one, misheard."""
OUTPUT = Path("copilot/drafting/people/callers.json")

Opened = Callable[[LabelledCall, PeopleReader], BuiltinDrafter]


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Somebody named in a labelled call."""

    facts: frozenset[str]
    caller: bool


def named(path: Path, reader: PeopleReader, opened: Opened) -> Iterator[Named]:
    """Everybody named in the calls of a set, as they are weighed in a live call."""
    for call in read_calls(path):
        met: list[tuple[Mention, frozenset[str]]] = []

        def noted(
            mention: Mention,
            among: Sequence[Mention],
            known: Circumstances,
            met: list[tuple[Mention, frozenset[str]]] = met,
        ) -> frozenset[str]:
            met.append((mention, facts(mention, among, known)))
            return met[-1][1]

        drafter = opened(call, reader)
        with patch.object(parties, "facts", noted):
            for turn in call.turns:
                drafter.unweighed(turn)
        label = fold(str(call.expected.get("caller_name") or "")).replace("-", " ").split()
        for mention, found in met:
            parts = fold(mention.value).replace("-", " ").split()
            right = _within(parts, label) or _within(label, parts)
            yield Named(facts=found, caller=bool(label) and right)


def _within(some: Sequence[str], others: Sequence[str]) -> bool:
    return all(any(likeness(one, other) >= SAME for other in others) for one in some)


def fitted(rows: Sequence[Named]) -> tuple[float, dict[str, float]]:
    """Bias and weights by fact."""
    times = Counter(fact for row in rows for fact in row.facts)
    names = sorted(name for name, count in times.items() if count >= FEWEST)
    table = np.array([[float(name in row.facts) for name in names] for row in rows])
    model = LogisticRegression(C=STRENGTH, max_iter=2000).fit(table, [row.caller for row in rows])
    weights = {
        name: round(float(weight), 2) for name, weight in zip(names, model.coef_[0], strict=True)
    }
    return round(float(model.intercept_[0]), 2), {name: w for name, w in weights.items() if w}


def readers(folder: Path, left_out: set[str]) -> PeopleReader:
    """What calls taught, those of some sets left out; learnt into `folder` the first time."""
    sections = re.split(r"^# (\S+)$", dialogues.written(dialogues.CALLS), flags=re.MULTILINE)
    named = zip(sections[1::2], sections[2::2], strict=True)
    calls = "\n\n".join(text for name, text in named if name not in left_out)
    paths = [folder / f"{'-'.join(sorted(left_out))}-{draw}.crfsuite" for draw in range(MODELS)]
    for draw, path in enumerate(paths):
        if not path.is_file():
            learn(path, seed=SEED + draw, calls=calls)
    return PeopleReader(paths)


def likely(row: Named, bias: float, weights: dict[str, float]) -> bool:
    """Whether it is the caller by these weights."""
    return bias + sum(weights.get(fact, 0.0) for fact in row.facts) >= 0


def main(arguments: Sequence[str]) -> None:
    """Fit on the sets named after the folder of what is learnt."""
    from copilot.drafting.drafter import open_drafter
    from tests.drafting.learnt import houses, situations

    def opened(call: LabelledCall, reader: PeopleReader) -> BuiltinDrafter:
        return open_drafter(
            client=call.client, at=call.at, situations=situations(), people=reader, houses=houses()
        )

    folder, *sets = (Path(argument) for argument in arguments)
    parts = [sorted(sets)[part::PARTS] for part in range(PARTS)]
    rows: list[list[Named]] = []
    for part in parts:
        reader = readers(folder, {path.stem for path in part})
        rows.append([row for path in part for row in named(path, reader, opened)])
    right = total = 0
    for left_out, part_rows in enumerate(rows):
        bias, weights = fitted(
            [row for at, some in enumerate(rows) if at != left_out for row in some]
        )
        right += sum(likely(row, bias, weights) == row.caller for row in part_rows)
        total += len(part_rows)
    print(f"{total} named, {right / total:.1%} right by weights fitted without their set")
    bias, weights = fitted([row for some in rows for row in some])
    text = json.dumps({"bias": bias, "weights": weights}, indent=1, ensure_ascii=False)
    OUTPUT.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
