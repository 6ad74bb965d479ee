"""What operators' use of an entry changes: a small, bounded, explained weight.

It is added to the log-odds that the entry answers. Using an answer counts one, copying half,
opening little; a refusal counts half and "not this" one, and the first two refusals count nothing:
an answer may be right and not needed. The weight never exceeds MAX_WEIGHT either way, so that use
settles close choices and never silences an answer that is clearly asked for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

MAX_WEIGHT = 0.75
"""Log-odds: a probability of 0.50 becomes 0.68 or 0.32 at most."""
_HALF_WAY = 8.0
_FORGIVEN = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """Times that operators did something with one entry."""

    shown: int = 0
    opened: int = 0
    copied: int = 0
    used: int = 0
    dismissed: int = 0
    not_this: int = 0

    @property
    def weight(self) -> float:
        """From -MAX_WEIGHT to MAX_WEIGHT; 0 without use."""
        gain = self.used + 0.5 * self.copied + 0.15 * self.opened
        loss = 0.5 * max(0, self.dismissed + 2 * self.not_this - _FORGIVEN)
        return round(MAX_WEIGHT * math.tanh((gain - loss) / _HALF_WAY), 3)

    def explained(self, *, in_english: bool = False) -> str:
        """The weight and where it comes from, in words."""
        for_it = self.used + self.copied + self.opened
        against = self.dismissed + self.not_this
        sign = f"{self.weight:+.2f}"
        if in_english:
            return f"{sign} (at most ±{MAX_WEIGHT}): {for_it} times of use, {against} refusals."
        sign, most = sign.replace(".", ","), str(MAX_WEIGHT).replace(".", ",")
        return f"{sign} (au plus ±{most}) : {for_it} utilisations, {against} refus."
