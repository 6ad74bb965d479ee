"""How urgent a whole call is: its likeliest case of a rule, all that its caller told, what the
operator answered, and what the call has come to.

An utterance by itself is mistaken for a case too easily ("demain alors, là je suis pris"), and a
case told over many turns is in none of them. What is told and what is answered are each separated
by their letters and words (`separation.py`); of both the latest counts again, since what was feared
may be over by then. So do the cases of the latest readings, or, for how urgent an urgent call is,
those of its likeliest one. Six numbers are weighed, once for urgent against calm and once for
critical against urgent. They are learnt from calls as they stand when nothing was learnt from them
before (stacking, Wolpert 1992; docs/adr/0246, 0256, 0262).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from copilot.drafting.situations.calls import Call
from copilot.drafting.situations.grams import Chosen
from copilot.drafting.situations.lessons import Lesson
from copilot.drafting.situations.separation import Separation, Telling
from copilot.drafting.situations.spoken import spoken

PARTS = 4
"""Calls are learnt from in so many parts, each left out in turn."""
MOST = 16
"""Utterances of each side that are read together, the latest."""
LATEST = 2
"""Utterances of each side that tell what a call has come to."""
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
    decisive: float
    """The same, from the readings that decide: whether it is urgent, the latest; how urgent, the
    likeliest one."""
    told: Sequence[str]
    """What the caller said so far, as `spoken` gives it."""
    answered: Sequence[str]
    """What the operator said since the caller's first words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Separations:
    """Of calls, by their texts."""

    told: Separation
    answered: Separation
    told_lately: Separation
    answered_lately: Separation

    def arrays(self, name: str) -> dict[str, npt.NDArray[Any]]:
        """To be kept, under names that begin with `name`."""
        parts = (getattr(self, each.name).arrays(f"{name}_{each.name}") for each in fields(self))
        return {key: value for part in parts for key, value in part.items()}

    @classmethod
    def read(cls, name: str, kept: Mapping[str, npt.NDArray[Any]]) -> Separations:
        """As kept by `arrays`. Raises KeyError or ValueError when something lacks."""
        return cls(
            **{each.name: Separation.read(f"{name}_{each.name}", kept) for each in fields(cls)}
        )

    def numbers(self, calls: Sequence[Heard]) -> Numbers:
        """What calls are weighed by, shape (calls, 6)."""
        answered = self.answered.odds([_together(call.answered) for call in calls])
        lately = self.answered_lately.odds([_lately(call.answered) for call in calls])
        # An operator who has not spoken yet tells nothing.
        silent = [not call.answered for call in calls]
        answered[silent] = lately[silent] = 0
        return np.column_stack(
            [
                [call.evidence for call in calls],
                [call.decisive for call in calls],
                self.told.odds([_together(call.told) for call in calls]),
                self.told_lately.odds([_lately(call.told) for call in calls]),
                answered,
                lately,
            ]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """Read-only: one a process, used by every call and thread."""

    apart: Separations
    weights: Numbers
    """Of the numbers of `Separations`, then the level."""

    def chance(self, heard: Heard) -> float:
        """Probability."""
        row = self.apart.numbers([heard])[0]
        return float(1 / (1 + np.exp(-(row @ self.weights[:-1] + self.weights[-1]))))

    def arrays(self, name: str) -> dict[str, npt.NDArray[Any]]:
        """To be kept, under names that begin with `name`."""
        return {**self.apart.arrays(name), f"{name}_weights": self.weights}

    @classmethod
    def read(cls, name: str, kept: Mapping[str, npt.NDArray[Any]]) -> Weighing:
        """As kept by `arrays`. Raises KeyError or ValueError when something lacks."""
        return cls(apart=Separations.read(name, kept), weights=kept[f"{name}_weights"])


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


def likeliest(odds: Numbers) -> Numbers:
    """The reading that is likeliest a case, of `odds` of shape (networks, readings, rules, 2)."""
    return odds[:, odds.mean(axis=0).sum(axis=(1, 2)).argmax()]


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
    """From calls with a level and rules, and the odds of cases in each of their readings, in order,
    shape (1 network, readings, rules, 2 levels), by what was learnt without them. `trades` are
    calls of one utterance."""
    whole = [each.max(axis=1) for each in odds]
    lately = [each[:, -LATEST:].max(axis=1) for each in odds]
    graver = [
        at for at, call in enumerate(calls) if call.level != "normal" and both_levels(whole[at])
    ]
    return CallReader(
        urgent=_learn(
            [
                _heard(call, case_odds(every), case_odds(last))
                for call, every, last in zip(calls, whole, lately, strict=True)
            ],
            [call.source for call in calls],
            [call.level != "normal" for call in calls],
            [(each.said[0], bool(each.right)) for each in trades],
        ),
        critical=_learn(
            [
                _heard(calls[at], critical_odds(whole[at]), critical_odds(likeliest(odds[at])))
                for at in graver
            ],
            [calls[at].source for at in graver],
            [calls[at].level == "critique" for at in graver],
            [(each.said[0], _critical(each)) for each in trades if each.right],
        ),
    )


def _heard(call: Call, evidence: float, decisive: float) -> Heard:
    return Heard(
        evidence=evidence,
        decisive=decisive,
        told=[text for text in map(spoken, call.said) if text],
        answered=call.answered,
    )


def _critical(lesson: Lesson) -> bool:
    return any(level == "critique" for _, level in lesson.right)


def _learn(
    calls: Sequence[Heard],
    sources: Sequence[str],
    of: Sequence[bool],
    sentences: Sequence[tuple[str, bool]],
) -> Weighing:
    """From calls with the sets they are of, and sentences, each of the one kind or the other."""
    from sklearn.linear_model import LogisticRegression

    known = sorted(set(sources))
    parts = np.array([part(source, known) for source in sources])
    told = _Told(calls, of, sentences)
    rows = np.empty((len(calls), len(fields(Separations)) + 2))
    for left in np.unique(parts):
        apart = told.separations(np.flatnonzero(parts != left))
        out = np.flatnonzero(parts == left).tolist()
        rows[out] = apart.numbers([calls[at] for at in out])
    model = LogisticRegression().fit(rows, np.array(of))
    return Weighing(
        apart=told.separations(np.arange(len(calls))),
        weights=np.array([*model.coef_[0], *model.intercept_]),
    )


class _Told:
    """Texts of calls, and sentences, read once for all that is learnt without some of the calls."""

    def __init__(
        self, calls: Sequence[Heard], of: Sequence[bool], sentences: Sequence[tuple[str, bool]]
    ) -> None:
        counts = [1.0] * len(calls)

        def telling(texts: Iterable[str]) -> Telling:
            return Telling([*texts], of, counts)

        self._told = Telling(
            [*(_together(call.told) for call in calls), *(text for text, _ in sentences)],
            [*of, *(kind for _, kind in sentences)],
            [*counts, *[_SENTENCE] * len(sentences)],
        )
        self._sentences = np.arange(len(sentences)) + len(calls)
        self._answered = telling(_together(call.answered) for call in calls)
        self._told_lately = telling(_lately(call.told) for call in calls)
        self._answered_lately = telling(_lately(call.answered) for call in calls)

    def separations(self, calls: Chosen) -> Separations:
        """Learnt from the calls at these places, and all sentences."""
        return Separations(
            told=self._told.separation(np.concatenate([calls, self._sentences])),
            answered=self._answered.separation(calls),
            told_lately=self._told_lately.separation(calls),
            answered_lately=self._answered_lately.separation(calls),
        )


def _together(said: Sequence[str]) -> str:
    return " . ".join(said[-MOST:])


def _lately(said: Sequence[str]) -> str:
    return " . ".join(said[-LATEST:])
