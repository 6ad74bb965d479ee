"""Who a message is for and whom a call is for, fitted on labelled calls: what
`copilot/drafting/recipients.json` and `behalf.json` hold.

`python -m tests.drafting.fitchoices SET.jsonl...` prints of both, for each bar, how many are right,
invented, missing and wrong by weights fitted without the calls they are tried on (eight parts, by
whole sets), then writes weights fitted on all of them.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

import numpy as np
from sklearn.linear_model import LogisticRegression

from copilot.drafting import behalf, recipient
from copilot.drafting.concerned import Told
from copilot.drafting.drafter import open_drafter
from copilot.evaluation.draftscore import expected_value
from copilot.evaluation.fieldcomparison import is_right
from copilot.evaluation.labelledcalls import read_calls
from tests.drafting.learnt import houses, no_situations, people

PARTS = 8
FEWEST = 4
"""Times a fact is met below which it is not weighed."""
FOLDER = Path("copilot/drafting")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A field that is chosen among people who are weighed."""

    field: str
    module: ModuleType
    """Where `facts` is called."""
    output: str
    strength: float
    """Inverse of the penalty on weights (scikit-learn's C)."""


CHOICES = (
    Choice(field="recipient", module=recipient, output="recipients.json", strength=1.0),
    Choice(field="on_behalf_of", module=behalf, output="behalf.json", strength=0.3),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """A logistic over facts."""

    bias: float
    by_fact: dict[str, float]

    def odds(self, found: frozenset[str]) -> float:
        """Log-odds."""
        return self.bias + sum(self.by_fact.get(fact, 0.0) for fact in found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A labelled call, and what is known at its end of everybody who may be right."""

    group: str
    field: str
    label: Any
    found: dict[str, frozenset[str]]

    def outcome(self, weights: Weights, bar: float) -> str:
        """What a bar makes of it."""
        odds = {value: weights.odds(found) for value, found in self.found.items()}
        value = max(odds, key=lambda each: odds[each], default=None)
        given = value if value and 1 / (1 + np.exp(-odds[value])) >= bar else None
        if is_right(self.field, self.label, given):
            return "right"
        if given is None:
            return "missing"
        return "wrong" if self.label else "invented"


def heard(path: Path) -> Iterator[Call]:
    """The calls of a set, heard as live ones are; one for each choice."""
    for call in read_calls(path):
        known = {choice.field: dict[str, frozenset[str]]() for choice in CHOICES}
        drafter = open_drafter(
            client=replace(call.client, urgent_rules=()),
            at=call.at,
            situations=no_situations(),
            people=people(),
            houses=houses(),
        )
        with ExitStack() as patched:
            for choice in CHOICES:
                noted = _noting(choice.module.facts, known[choice.field])
                patched.enter_context(patch.object(choice.module, "facts", noted))
            for turn in call.turns:
                for found in known.values():
                    found.clear()
                drafter.unweighed(turn)
        for name, found in known.items():
            label = expected_value(call.expected, name)
            yield Call(group=path.stem, field=name, label=label, found=found)


def _noting(facts: Any, known: dict[str, frozenset[str]]) -> Any:
    """`facts`, that keeps what it gives back."""

    def noted(somebody: str | Told, *others: Any, **more: Any) -> frozenset[str]:
        value = somebody.value if isinstance(somebody, Told) else somebody
        known[value] = facts(somebody, *others, **more)
        return known[value]

    return noted


def fitted(calls: Sequence[Call], strength: float) -> Weights:
    """Bias and weights by fact."""
    rows = [
        (found, is_right(call.field, call.label, value))
        for call in calls
        for value, found in call.found.items()
    ]
    times = Counter(fact for found, _ in rows for fact in found)
    names = sorted(name for name, count in times.items() if count >= FEWEST)
    table = np.array([[float(name in found) for name in names] for found, _ in rows])
    model = LogisticRegression(C=strength, max_iter=3000).fit(table, [right for _, right in rows])
    weights = zip(names, model.coef_[0], strict=True)
    return Weights(
        bias=round(float(model.intercept_[0]), 2),
        by_fact={name: round(float(weight), 2) for name, weight in weights},
    )


def fit(choice: Choice, calls: Sequence[Call]) -> None:
    """Print what bars make of the calls, and write weights of all."""
    groups = sorted({call.group for call in calls})
    apart = {
        group: fitted([call for call in calls if call.group not in out], choice.strength)
        for out in (set(groups[part::PARTS]) for part in range(PARTS))
        for group in out
    }
    print(choice.field)
    for bar in (0.4, 0.5, 0.6, 0.7, 0.8):
        counts = Counter(call.outcome(apart[call.group], bar) for call in calls)
        print(f"{bar:.2f}  {dict(counts)}  {counts['right'] / len(calls):.1%}")
    weights = fitted(calls, choice.strength)
    text = json.dumps(
        {"bias": weights.bias, "weights": weights.by_fact}, indent=1, ensure_ascii=False
    )
    (FOLDER / choice.output).write_text(text + "\n", encoding="utf-8")


def main(arguments: Sequence[str]) -> None:
    """Fit on the sets named."""
    calls = [call for path in sorted(map(Path, arguments)) for call in heard(path)]
    for choice in CHOICES:
        fit(choice, [call for call in calls if call.field == choice.field])


if __name__ == "__main__":
    main(sys.argv[1:])
