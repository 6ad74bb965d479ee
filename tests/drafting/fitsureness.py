"""How sure each field is, fitted on labelled calls: what `copilot/drafting/sureness.json` holds.

`python -m tests.drafting.fitsureness [--field NAME...] SET.jsonl...` prints, for each bar, what is
kept and what is invented by weights fitted without the calls they are tried on (five parts, by
whole sets), then writes weights fitted on all of them, of all fields or of those named.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from copilot.drafting.draft import Draft
from copilot.drafting.drafter import BuiltinDrafter
from copilot.drafting.evidence import READ, facts
from copilot.drafting.houses.reader import HouseReader
from copilot.drafting.wording import MARK
from copilot.evaluation.draftscore import score
from copilot.evaluation.labelledcalls import LabelledCall, read_calls

PARTS = 5
STRENGTH = 3.0
"""Inverse of the penalty on weights (scikit-learn's C)."""
BAR = 0.6
BARS = {"company": 0.65}
"""Where another bar than BAR invents less and loses little (docs/benchmarks/drafts.md)."""
FEWEST = 2
"""Times a fact is met below which it is not weighed."""
WORDS_FEWEST, WORDS_SETS, WORDS_MOST = 6, 4, 1500
"""A word is weighed that was met so many times, in so many sets; the weightiest are kept."""
WORDS_SHARE, WORDS_STRENGTH = 0.3, 0.8
"""What a word counts beside another fact while it is fitted; STRENGTH where there are words."""
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
    right = [row.right for row in rows]
    if len(set(right)) < 2:
        return 3.0, {}
    names = _weighed(rows)
    share = np.array([WORDS_SHARE if MARK in name else 1.0 for name in names])
    columns = {name: at for at, name in enumerate(names)}
    cells = [
        (at, columns[fact]) for at, row in enumerate(rows) for fact in row.facts if fact in columns
    ]
    where = tuple(zip(*cells, strict=True))
    table = csr_matrix((share[list(where[1])], where), shape=(len(rows), len(names)))
    strength = WORDS_STRENGTH if any(MARK in name for name in names) else STRENGTH
    model = LogisticRegression(C=strength, max_iter=3000).fit(table, right)
    weights = {
        name: round(float(w), 2) for name, w in zip(names, model.coef_[0] * share, strict=True)
    }
    words = sorted((name for name in weights if MARK in name), key=lambda name: -abs(weights[name]))
    for name in words[WORDS_MOST:]:
        del weights[name]
    return round(float(model.intercept_[0]), 2), {name: w for name, w in weights.items() if w}


def _weighed(rows: Sequence[Filled]) -> list[str]:
    """The facts met often enough; words in sets enough, or they are one company's."""
    met = Counter(fact for row in rows for fact in row.facts)
    sets = Counter(fact for fact, _ in {(fact, row.group) for row in rows for fact in row.facts})
    return sorted(
        fact
        for fact, times in met.items()
        if times >= (WORDS_FEWEST if MARK in fact else FEWEST)
        and (MARK not in fact or sets[fact] >= WORDS_SETS)
    )


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


def main() -> None:
    """Fit on the sets named; companies are read by what was learnt without the set at hand."""
    from copilot.drafting.drafter import open_drafter
    from copilot.drafting.houses.reader import learn_houses
    from tests.drafting.learnt import MODELS, houses, people, situations

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--field", action="append", choices=[*READ], help="only this one")
    parser.add_argument("sets", nargs="+", type=Path)
    arguments = parser.parse_args()
    fields, paths = arguments.field or [*READ], sorted(arguments.sets)
    rows: list[Filled] = []
    for part in range(PARTS):
        out = paths[part::PARTS]
        without = frozenset(path.stem for path in out)
        reader = learn_houses(MODELS, without=without) if "company" in fields else houses()

        def opened(call: LabelledCall, reader: HouseReader = reader) -> BuiltinDrafter:
            return open_drafter(
                client=call.client,
                at=call.at,
                situations=situations(),
                people=people(),
                houses=reader,
            )

        rows += [row for path in out for row in filled(path, opened)]
    write(rows, fields)


def write(rows: Sequence[Filled], fields: Sequence[str]) -> None:
    """Print the curves, and write the weights of all."""
    everything: list[tuple[Filled, float]] = []
    weighings = json.loads(OUTPUT.read_text(encoding="utf-8"))
    for name in fields:
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
    main()
