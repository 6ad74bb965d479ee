"""How sure each field is, fitted on labelled calls: what `copilot/drafting/sureness.json` holds.

`python -m tests.drafting.fitsureness SET.jsonl...` prints, for each bar, what is kept and what is
invented by weights fitted without the calls they are tried on (five parts, by whole sets), then
writes weights fitted on all of them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from copilot.drafting.draft import Draft
from copilot.drafting.drafter import BuiltinDrafter
from copilot.drafting.evidence import READ, facts
from copilot.drafting.houses.reader import HouseReader
from copilot.evaluation.draftscore import score
from copilot.evaluation.labelledcalls import LabelledCall, read_calls

PARTS = 5
STRENGTH = 3.0
"""Inverse of the penalty on weights (scikit-learn's C)."""
BAR = 0.6
BARS = {"appointment_action": 0.75, "company": 0.65}
"""Where another bar than BAR invents less and loses little (docs/benchmarks/drafts.md)."""
FEWEST = 2
"""Times a fact is met below which it is not weighed."""
OUTPUT = Path("copilot/drafting/sureness.json")
SCORED = {"appointment_action": "appointment"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A field that was filled in a labelled call."""

    group: str
    call: str
    field: str
    facts: frozenset[str]
    right: bool
    invented: bool
    """The label is null."""


def filled(path: Path, opened: Callable[[LabelledCall], BuiltinDrafter]) -> Iterator[Filled]:
    """The fields filled at the end of each call of a set, before anything is weighed."""
    for call in read_calls(path):
        drafter, draft = opened(call), Draft()
        for turn in call.turns:
            draft = drafter.unweighed(turn)
        outcome = score(call, draft, ())
        for name in READ:
            value = draft.fields.get(name)
            scored = next((f for f in outcome.fields if f.name == SCORED.get(name, name)), None)
            if value is None or scored is None:
                continue
            yield Filled(
                group=path.stem,
                call=call.id,
                field=name,
                facts=frozenset(facts(name, value, draft, drafter.trail)),
                right=scored.right,
                invented=scored.name in outcome.invented,
            )


def fitted(rows: Sequence[Filled]) -> tuple[float, dict[str, float]]:
    """Bias and weights by fact."""
    met = [fact for row in rows for fact in row.facts]
    names = sorted(name for name in set(met) if met.count(name) >= FEWEST)
    table = np.array([[float(name in row.facts) for name in names] for row in rows])
    right = [row.right for row in rows]
    if len(set(right)) < 2:
        return 3.0, {}
    model = LogisticRegression(C=STRENGTH, max_iter=1000).fit(table, right)
    weights = {name: round(float(w), 2) for name, w in zip(names, model.coef_[0], strict=True) if w}
    return round(float(model.intercept_[0]), 2), weights


def left_out(rows: Sequence[Filled]) -> list[float]:
    """Of each, the probability of being right by weights fitted without its set."""
    groups = sorted({row.group for row in rows})
    odds = np.zeros(len(rows))
    for part in range(PARTS):
        out = set(groups[part::PARTS])
        bias, weights = fitted([row for row in rows if row.group not in out])
        for at, row in enumerate(rows):
            if row.group in out:
                odds[at] = bias + sum(weights.get(fact, 0.0) for fact in row.facts)
    return [float(p) for p in 1 / (1 + np.exp(-odds))]


def curve(rows: Sequence[Filled], shares: Sequence[float]) -> None:
    """Print what each bar keeps."""
    print("bar   right kept   wrong kept   invented   calls with an invention")
    for bar in (0.0, 0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8):
        kept = [row for row, share in zip(rows, shares, strict=True) if share >= bar]
        right = sum(row.right for row in kept)
        invented = [row for row in kept if row.invented]
        calls = len({(row.group, row.call) for row in invented})
        wrong = len(kept) - right - len(invented)
        print(f"{bar:.2f}  {right:10}   {wrong:10}   {len(invented):8}   {calls:6}")


def main(arguments: Sequence[str]) -> None:
    """Fit on the sets named; companies are read by what was learnt without the set at hand."""
    from copilot.drafting.drafter import open_drafter
    from copilot.drafting.houses.reader import learn_houses
    from tests.drafting.learnt import MODELS, people, situations

    paths = sorted(map(Path, arguments))
    rows: list[Filled] = []
    for part in range(PARTS):
        out = paths[part::PARTS]
        houses = learn_houses(MODELS, without=frozenset(path.stem for path in out))

        def opened(call: LabelledCall, houses: HouseReader = houses) -> BuiltinDrafter:
            return open_drafter(
                client=call.client,
                at=call.at,
                situations=situations(),
                people=people(),
                houses=houses,
            )

        rows += [row for path in out for row in filled(path, opened)]
    write(rows)


def write(rows: Sequence[Filled]) -> None:
    """Print the curves, and write the weights of all."""
    everything: list[tuple[Filled, float]] = []
    weighings = {}
    for name in READ:
        own = [row for row in rows if row.field == name]
        shares = left_out(own)
        everything += zip(own, shares, strict=True)
        print(f"\n{name} ({len(own)} filled)")
        curve(own, shares)
        bias, weights = fitted(own)
        weighings[name] = {"bias": bias, "bar": BARS.get(name, BAR), "weights": weights}
    print("\nall fields")
    curve([row for row, _ in everything], [share for _, share in everything])
    OUTPUT.write_text(json.dumps(weighings, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
