"""What a call asks for, by what its operator answers.

"On vous envoie le devis", "quel jour vous irait ?": operators name what is asked better than
callers do. One linear separation by the letters of all they said since the caller's first words,
learnt from labelled calls (`calls.fr.txt`) and weighed with what the caller says (docs/adr/0256).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from copilot.drafting.situations.callkinds import EMERGENCY
from copilot.drafting.situations.calls import UNKNOWN, Call, taught_calls
from copilot.drafting.situations.grams import Grams
from knowledge.semantics import kept
from models.embeddings import FloatMatrix

RECIPE = "1"
"""Changes with the way of learning, so that what is kept on disk is learnt anew."""
MOST = 16
"""Utterances that are read together, the latest."""
_WEIGHT = 0.7
"""Of what is answered, in logarithms, beside what is said."""
_LENGTHS = (2, 5)
_PENALTY = 3.0


class AnswerReader:
    """Read-only: one a process, used by every call and thread."""

    def __init__(self, calls: Sequence[Call], cache: Path | None = None) -> None:
        """From calls that are answered, each with its category. What is learnt is kept in the
        folder `cache` for the next start."""
        texts = [_together(call.answered) for call in calls]
        self._letters = Grams.learn("letters", _LENGTHS, texts)
        self._kinds = sorted({call.category for call in calls})

        def learnt(_: Sequence[str]) -> FloatMatrix:
            return self._learn(texts, [call.category for call in calls])

        told = [f"{call.category} {text}" for call, text in zip(calls, texts, strict=True)]
        weights = kept(cache, f"answers-{RECIPE}", told, learnt)
        self._slopes, self._levels = weights[:-1], weights[-1]

    def weigh(self, shares: Mapping[str, float], answered: Sequence[str]) -> dict[str, float]:
        """Probability of each category, from that given what the caller said and from what the
        operator answered; as it was while nothing is answered."""
        if not answered:
            return dict(shares)
        scores = self._letters.weigh(_together(answered)).times(self._slopes) + self._levels
        heard = dict(zip(self._kinds, _WEIGHT * (scores - scores.max()), strict=True))
        least = min(heard.values())
        weighed = {name: share * np.exp(heard.get(name, least)) for name, share in shares.items()}
        total = sum(weighed.values())
        return {name: float(share / total) for name, share in weighed.items()}

    def _learn(self, texts: Sequence[str], categories: Sequence[str]) -> FloatMatrix:
        """Slopes of shape (letters' n-grams, categories), and under them the levels."""
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(C=_PENALTY, max_iter=200, class_weight="balanced")
        model.fit(self._letters.rows(texts), np.array(categories))
        together: npt.NDArray[np.float64] = np.vstack([model.coef_.T, model.intercept_])
        return together.astype(np.float32)


def learn_answers(cache: Path | None = None) -> AnswerReader:
    """The reader of the packaged calls; seconds the first time, less afterwards."""
    calls = [
        call
        for call in taught_calls()
        if call.answered and call.category not in (EMERGENCY, UNKNOWN)
    ]
    return AnswerReader(calls, cache)


def _together(answered: Sequence[str]) -> str:
    return " . ".join(answered[-MOST:])
