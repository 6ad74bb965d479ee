"""How urgent a whole call is: its likeliest case of a rule, all that its caller told, and what the
operator answered.

An utterance by itself is mistaken for a case too easily ("demain alors, là je suis pris"), and a
case told over many turns is in none of them. What is told and what is answered are each separated
by their letters and words (`separation.py`); three numbers are then weighed, once for urgent
against calm and once for critical against urgent. They are learnt from calls as they stand when
nothing was learnt from them before (stacking, Wolpert 1992; docs/adr/0246).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from copilot.drafting.situations.calls import Call
from copilot.drafting.situations.lessons import Lesson
from copilot.drafting.situations.separation import Separation
from copilot.drafting.situations.spoken import spoken

PARTS = 4
"""Calls are learnt from in so many parts, each left out in turn."""
MOST = 16
"""Utterances of each side that are read together, the latest."""
FARTHEST = 10.0
"""Log-odds beyond which evidence is no surer."""
_SENTENCE = 0.3
"""What an utterance of a trade teaches beside a call."""
_LEAST = 1e-5
"""Odds below which nothing is told apart."""

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What is weighed of a call."""

    evidence: float
    """Log-odds, from the cases of rules that were read in it."""
    told: Sequence[str]
    """What the caller said so far, as `spoken` gives it."""
    answered: Sequence[str]
    """What the operator said since the caller's first words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """Read-only: one a process, used by every call and thread."""

    told: Separation
    answered: Separation
    weights: Numbers
    """Of the evidence, of what is told and of what is answered, then the level."""

    def chance(self, heard: Heard) -> float:
        """Probability."""
        row = _numbers([heard], self.told, self.answered)[0]
        return float(1 / (1 + np.exp(-(row @ self.weights[:-1] + self.weights[-1]))))

    def arrays(self, name: str) -> dict[str, npt.NDArray[Any]]:
        """To be kept, under names that begin with `name`."""
        return {
            **self.told.arrays(f"{name}_told"),
            **self.answered.arrays(f"{name}_answered"),
            f"{name}_weights": self.weights,
        }

    @classmethod
    def read(cls, name: str, kept: Mapping[str, npt.NDArray[Any]]) -> Weighing:
        """As kept by `arrays`. Raises KeyError or ValueError when something lacks."""
        return cls(
            told=Separation.read(f"{name}_told", kept),
            answered=Separation.read(f"{name}_answered", kept),
            weights=kept[f"{name}_weights"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CallReader:
    """Read-only: one a process, used by every call and thread."""

    urgent: Weighing
    critical: Weighing
    """Of calls that are urgent, where a client's rules leave both levels open."""


def case_odds(odds: Numbers) -> float:
    """Log-odds of the likeliest case; `odds` of each case, shape (networks, rules, 2 levels)."""
    return _bounded(np.log(np.maximum(odds.sum(axis=2).max(axis=1), _LEAST)).mean())


def critical_odds(odds: Numbers) -> float:
    """How much likelier than an urgent case a critical one is, in log-odds; as `case_odds`."""
    urgent, critical = np.log(np.maximum(odds.max(axis=1), _LEAST)).mean(axis=0)
    return _bounded(critical - urgent)


def both_levels(odds: Numbers) -> bool:
    """Whether the rules leave both levels open; as `case_odds`."""
    return bool(odds.any(axis=(0, 1)).all())


def _bounded(odds: float) -> float:
    return float(np.clip(odds, -FARTHEST, FARTHEST))


def part(source: str, sources: Sequence[str]) -> int:
    """The part a set of calls is left out with; `sources` are all of them, in order."""
    return sources.index(source) % PARTS


def learn_call_reader(
    calls: Sequence[Call], odds: Sequence[Numbers], trades: Sequence[Lesson]
) -> CallReader:
    """From calls with a level and rules, and the odds of cases in each, as `case_odds` takes them,
    read by what was learnt without it. `trades` are calls of one utterance."""
    grave = [
        (call, each)
        for call, each in zip(calls, odds, strict=True)
        if call.level != "normal" and both_levels(each)
    ]
    return CallReader(
        urgent=_learn(
            [(call, case_odds(each)) for call, each in zip(calls, odds, strict=True)],
            [call.level != "normal" for call in calls],
            [(each.said[0], bool(each.right)) for each in trades],
        ),
        critical=_learn(
            [(call, critical_odds(each)) for call, each in grave],
            [call.level == "critique" for call, _ in grave],
            [(each.said[0], _critical(each)) for each in trades if each.right],
        ),
    )


def _critical(lesson: Lesson) -> bool:
    return any(level == "critique" for _, level in lesson.right)


def _learn(
    calls: Sequence[tuple[Call, float]], of: Sequence[bool], sentences: Sequence[tuple[str, bool]]
) -> Weighing:
    """From calls with their evidence, and sentences, each of the one kind or the other."""
    from sklearn.linear_model import LogisticRegression

    heard = [
        Heard(
            evidence=evidence,
            told=[text for text in map(spoken, call.said) if text],
            answered=call.answered,
        )
        for call, evidence in calls
    ]
    sources = sorted({call.source for call, _ in calls})
    parts = np.array([part(call.source, sources) for call, _ in calls])
    rows = np.empty((len(calls), 3))
    for left in np.unique(parts):
        rest = np.flatnonzero(parts != left).tolist()
        apart = _separations([heard[at] for at in rest], [of[at] for at in rest], sentences)
        out = np.flatnonzero(parts == left).tolist()
        rows[out] = _numbers([heard[at] for at in out], *apart)
    model = LogisticRegression().fit(rows, np.array(of))
    told, answered = _separations(heard, of, sentences)
    return Weighing(
        told=told, answered=answered, weights=np.array([*model.coef_[0], *model.intercept_])
    )


def _separations(
    calls: Sequence[Heard], of: Sequence[bool], sentences: Sequence[tuple[str, bool]]
) -> tuple[Separation, Separation]:
    """By what is told, and by what is answered."""
    counts = [1.0] * len(calls)
    told = Separation.learn(
        [*(_together(call.told) for call in calls), *(text for text, _ in sentences)],
        [*of, *(kind for _, kind in sentences)],
        [*counts, *[_SENTENCE] * len(sentences)],
    )
    return told, Separation.learn([_together(call.answered) for call in calls], of, counts)


def _numbers(calls: Sequence[Heard], told: Separation, answered: Separation) -> Numbers:
    """What calls are weighed by, shape (calls, 3)."""
    answers = answered.odds([_together(call.answered) for call in calls])
    # An operator who has not spoken yet tells nothing.
    answers[[not call.answered for call in calls]] = 0
    tellings = told.odds([_together(call.told) for call in calls])
    return np.column_stack([[call.evidence for call in calls], tellings, answers])


def _together(said: Sequence[str]) -> str:
    return " . ".join(said[-MOST:])
