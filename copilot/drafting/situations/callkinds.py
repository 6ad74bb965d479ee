"""What a call asks for, by all that its caller has said so far.

One linear separation over whole calls: letters and words of what was said first and of all of it,
and the sentence embedding, what was said first weighing more. Learnt from labelled calls
(`calls.fr.txt`) and, as calls of one utterance, from the sentences that teach single requests
(docs/adr/0227).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from copilot.drafting.situations.bank import read_bank
from copilot.drafting.situations.calls import UNKNOWN, taught_calls
from copilot.drafting.situations.grams import Grams
from copilot.drafting.situations.requested import NOTHING
from copilot.drafting.situations.spoken import spoken
from copilot.drafting.trades.corpus import read_trades
from knowledge.semantics import kept
from models.embeddings import Embedder, FloatMatrix

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

EMERGENCY = "urgence"
"""The category of urgent calls, which urgency alone gives."""
RECIPE = "1"
"""Changes with the way of learning, so that what is kept on disk is learnt anew."""
FEWEST_WORDS = 2
"""Of an utterance that is read: one word is an answer, and asks for nothing by itself."""
MOST = 6
"""Utterances read: what a call is about has been said by then, and a turn stays short."""
_FIRST = 2
"""Utterances that are the beginning of a call."""
_LATER = 0.4
"""What each further utterance weighs beside the one before it."""
_HIGHEST = 0.3
"""What the highest of each number over the utterances weighs beside their means."""
_SENTENCE = 0.5
"""What a sentence by itself teaches beside a call."""
_PENALTY = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedCall:
    """A call, or a sentence by itself, with what it asks for."""

    said: tuple[str, ...]
    category: str
    weight: float


class KindReader:
    """Read-only: one a process, used by every call and thread."""

    def __init__(self, calls: Sequence[AskedCall], embedder: Embedder, cache: Path | None) -> None:
        self._embedder = embedder
        firsts, wholes, openings = zip(*(_readings(call.said) for call in calls), strict=True)
        self._readers = (
            Grams.learn("letters", (2, 5), firsts),
            Grams.learn("words", (1, 2), wholes),
            Grams.learn("letters", (2, 5), openings),
        )
        self._kinds = sorted({call.category for call in calls})

        def learnt(_: Sequence[str]) -> FloatMatrix:
            return self._learn(calls)

        told = [f"{call.category} {call.weight} {' / '.join(call.said)}" for call in calls]
        weights = kept(cache, f"kinds-{RECIPE}-{embedder.name}", told, learnt)
        sizes = [len(reader) for reader in self._readers]
        *self._slopes, self._meant = np.split(weights[:-1], np.cumsum(sizes))
        self._levels = weights[-1]

    def shares(self, said: Sequence[str]) -> dict[str, float]:
        """Probability of each category, given a call's first utterances in order, names out.

        `said` holds one to `MOST` of them.
        """
        scores = self._levels + self._meanings([said])[0] @ self._meant
        for reader, slopes, text in zip(self._readers, self._slopes, _readings(said), strict=True):
            scores = scores + reader.weigh(text).times(slopes)
        chances = np.exp(scores - scores.max())
        return dict(zip(self._kinds, (chances / chances.sum()).tolist(), strict=True))

    def _learn(self, calls: Sequence[AskedCall]) -> FloatMatrix:
        """Slopes of shape (features, categories), and under them the levels."""
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(C=_PENALTY, max_iter=300, class_weight="balanced")
        model.fit(
            self._rows([call.said for call in calls]),
            np.array([call.category for call in calls]),
            sample_weight=np.array([call.weight for call in calls]),
        )
        return np.vstack([model.coef_.T, model.intercept_]).astype(np.float32)

    def _rows(self, calls: Sequence[Sequence[str]]) -> csr_matrix:
        from scipy.sparse import csr_matrix, hstack

        readings = zip(*(_readings(said) for said in calls), strict=True)
        parts = [reader.rows(texts) for reader, texts in zip(self._readers, readings, strict=True)]
        return hstack([*parts, csr_matrix(self._meanings(calls))]).tocsr()

    def _meanings(self, calls: Sequence[Sequence[str]]) -> FloatMatrix:
        """Means, the first utterances weighing more, then all alike, and the highest."""
        vectors = self._embedder.queries([text for said in calls for text in said])
        found: list[npt.NDArray[np.float32]] = []
        for rows in np.split(vectors, np.cumsum([len(said) for said in calls])[:-1]):
            weights = _LATER ** np.arange(len(rows))
            weights /= weights.sum()
            parts = (weights @ rows, rows.mean(axis=0), _HIGHEST * rows.max(axis=0))
            found.append(np.concatenate(parts).astype(np.float32))
        return np.stack(found)


def _readings(said: Sequence[str]) -> tuple[str, str, str]:
    """What was said first, all of it, and the first utterance alone."""
    return " . ".join(said[:_FIRST]), " . ".join(said), said[0]


def learn_kinds(embedder: Embedder, cache: Path | None = None) -> KindReader:
    """The reader of the packaged calls; seconds the first time, a second afterwards."""
    return KindReader([*_calls(), *_sentences()], embedder, cache)


def _calls() -> list[AskedCall]:
    asked = (call for call in taught_calls() if call.category not in (EMERGENCY, UNKNOWN))
    read = ((call.category, _read(call.said)) for call in asked)
    return [AskedCall(said=said, category=category, weight=1.0) for category, said in read if said]


def _read(said: Sequence[str]) -> tuple[str, ...]:
    return tuple(text for text in said if len(text.split()) >= FEWEST_WORDS)[:MOST]


def _sentences() -> list[AskedCall]:
    bank = read_bank()
    told = [*bank.categories.items(), *(line for trade in read_trades() for line in trade.calm)]
    return [
        AskedCall(said=(spoken(text),), category=category, weight=_SENTENCE)
        for text, category in told
        if spoken(text) and category != NOTHING
    ]
