"""How sure a filled field is, and which fields are offered as a doubt instead (docs/adr/0249).

A logistic over the facts of `evidence`, one a field, with the bar below which the value is not
filled: it is offered to the operator, and never sent unless taken. Weights and bars are fitted on
labelled calls by tests/drafting/fitsureness.py and kept in `sureness.json`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from math import exp

from copilot.drafting.draft import Draft
from copilot.drafting.evidence import facts
from copilot.drafting.trail import Trail

BARS = {"recipient": 0.6, "on_behalf_of": 0.7}
"""Of fields whose confidence is a probability already, that below which they are only offered."""
GOES_WITH = {"appointment_action": ("appointment_when",)}
"""Fields that stand or fall with another."""
OFFERED = {"appointment_action": 0.3}
"""Probability below which a value is not even offered: most moments named are nobody's meeting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """What was fitted for one field."""

    bias: float
    weights: Mapping[str, float]
    bar: float
    """Probability of being right below which a value is only offered."""

    def probability(self, found: Set[str]) -> float:
        """That the value is right."""
        return 1 / (1 + exp(-self.bias - sum(self.weights.get(fact, 0.0) for fact in found)))


@cache
def weighings() -> Mapping[str, Weighing]:
    """By field, as fitted."""
    text = files("copilot.drafting").joinpath("sureness.json").read_text(encoding="utf-8")
    return {name: Weighing(**fitted) for name, fitted in json.loads(text).items()}


def weighed(draft: Draft, trail: Trail) -> Draft:
    """The draft with each field's probability as its confidence; those below their bar become
    doubts."""
    fields, doubts = dict(draft.fields), dict(draft.doubts)
    for name, bar in BARS.items():
        if name in fields and fields[name].confidence < bar:
            doubts[name] = fields.pop(name)
    for name, weighing in weighings().items():
        value = draft.fields.get(name)
        if value is None:
            continue
        probability = weighing.probability(facts(name, value, draft, trail))
        for each in (name, *GOES_WITH.get(name, ())):
            if each not in fields:
                continue
            sure = replace(fields[each], confidence=round(probability, 2))
            if probability < weighing.bar:
                del fields[each]
                if probability >= OFFERED.get(name, 0.0):
                    doubts[each] = sure
            else:
                fields[each] = sure
    return Draft(fields=fields, doubts=doubts)
