"""Probabilities from facts: a bias and a weight a fact, fitted on labelled calls."""

from __future__ import annotations

import json
from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import exp
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Logistic:
    """What was fitted."""

    bias: float
    weights: Mapping[str, float]

    def probability(self, found: Set[str]) -> float:
        """Of what was asked in the fit, given these facts."""
        return 1 / (1 + exp(-self.bias - sum(self.weights.get(fact, 0.0) for fact in found)))


def kept(name: str) -> Any:
    """What a file of this package holds."""
    return json.loads(files("copilot.drafting").joinpath(name).read_text(encoding="utf-8"))


@cache
def fitted(name: str) -> Logistic:
    """The one that a file of this package holds."""
    return Logistic(**kept(name))
