"""How sure a filled field is, and which fields are offered as a doubt instead (docs/adr/0249).

A logistic over the facts of `evidence`, one a field, with the bar below which the value is not
filled: it is offered to the operator, and never sent unless taken. Weights and bars are fitted on
labelled calls by tests/drafting/fitsureness.py and kept in `sureness.json`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from copilot.drafting.companies import has_a_form
from copilot.drafting.draft import Draft
from copilot.drafting.evidence import facts
from copilot.drafting.logistic import Logistic, kept
from copilot.drafting.trail import Trail

BARS = {"recipient": 0.65, "on_behalf_of": 0.7}
"""Of fields whose confidence is a probability already, that below which they are only offered."""
GOES_WITH = {"appointment_action": ("appointment_when",)}
"""Fields that stand or fall with another."""
OF_A_FORM = 0.5
"""Bar of a company named with its legal form."""
OFFERED = {"appointment_action": 0.3}
"""Probability below which a value is not even offered: most moments named are nobody's meeting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing(Logistic):
    """What was fitted for one field: that its value is right."""

    bar: float
    """Probability of being right below which a value is only offered."""


@cache
def weighings() -> Mapping[str, Weighing]:
    """By field, as fitted."""
    return {name: Weighing(**fitted) for name, fitted in kept("sureness.json").items()}


def _bar(name: str, value: str, weighing: Weighing) -> float:
    """A company's legal form is no accident of hearing."""
    formed = name == "company" and has_a_form(value)
    return min(weighing.bar, OF_A_FORM) if formed else weighing.bar


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
            if probability < _bar(name, value.value, weighing):
                del fields[each]
                if probability >= OFFERED.get(name, 0.0):
                    doubts[each] = sure
            else:
                fields[each] = sure
    return Draft(fields=fields, doubts=doubts)
