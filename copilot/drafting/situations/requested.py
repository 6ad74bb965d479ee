"""What an utterance asks for, by its meaning: the category of a request told in any words.

One linear separation, learnt from `requests.fr.txt` and the written trades (requests),
from the situations' sentences and the trades' cases (trouble, which asks for nothing by itself) and
from what asks for nothing at all. Kept from one start to the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from copilot.drafting.situations.bank import CALM, read_bank
from copilot.drafting.situations.grams import Grams
from copilot.drafting.situations.spoken import LEAST_WORDS, spoken
from copilot.drafting.trades.corpus import read_trades
from knowledge.semantics import kept
from models.embeddings import Embedder, FloatMatrix

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

RECIPE = "1"
"""Changes with the way of learning, so that what is kept on disk is learnt anew."""
NOTHING = "rien"
TROUBLE = "~trouble"
"""Something wrong is told, and what is wanted is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """What an utterance asks for."""

    shares: dict[str, float]
    """Probability of each category, `NOTHING` and `TROUBLE` included; they add up to 1."""

    @property
    def likeliest(self) -> tuple[str, float]:
        """The likeliest of all, and its probability."""
        return max(self.shares.items(), key=lambda item: item[1])


class RequestReader:
    """Read-only: one a process, used by every call and thread."""

    def __init__(
        self,
        texts: Sequence[str],
        categories: Sequence[str],
        embedder: Embedder,
        cache: Path | None = None,
    ) -> None:
        """What is learnt from the texts is kept in the folder `cache` for the next start."""
        self._embedder = embedder
        self._letters = Grams.learn("letters", (2, 4), texts)
        self._categories = sorted(set(categories))

        def learnt(_: Sequence[str]) -> FloatMatrix:
            return self._learn(texts, categories)

        told = [f"{name} {text}" for text, name in zip(texts, categories, strict=True)]
        weights = kept(cache, f"requests-{RECIPE}-{embedder.name}", told, learnt)
        self._slopes, self._levels = weights[:-1], weights[-1]

    @staticmethod
    def reads(text: str) -> str:
        """What of it is embedded; "" when the words are too few to tell."""
        said = spoken(text)
        return said if len(said.split()) >= LEAST_WORDS else ""

    def read(self, text: str) -> Requested | None:
        """What is asked for; None when the words are too few to tell."""
        said = self.reads(text)
        if not said:
            return None
        meant = self._embedder.queries([said])[0] @ self._slopes[: self._embedder.dimension]
        written = self._letters.weigh(said).times(self._slopes[self._embedder.dimension :])
        scores = meant + written + self._levels
        chances = np.exp(scores - scores.max())
        return Requested(
            shares=dict(zip(self._categories, (chances / chances.sum()).tolist(), strict=True))
        )

    def _learn(self, texts: Sequence[str], categories: Sequence[str]) -> FloatMatrix:
        """Slopes of shape (features, categories), and under them the levels."""
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(C=10, max_iter=200, class_weight="balanced")
        model.fit(self._rows(texts), np.array(categories))
        return np.vstack([model.coef_.T, model.intercept_]).astype(np.float32)

    def _rows(self, texts: Sequence[str]) -> csr_matrix:
        from scipy.sparse import csr_matrix, hstack

        vectors = self._embedder.queries(texts)
        return hstack([csr_matrix(vectors), self._letters.rows(texts)]).tocsr()


def learn_requests(embedder: Embedder, cache: Path | None = None) -> RequestReader:
    """The reader of the packaged bank and of the written trades; seconds the first time."""
    bank, trades = read_bank(), read_trades()
    asked = [
        (text, bank.categories.get(text, TROUBLE))
        for text, name in zip(bank.sentences, bank.names, strict=True)
        if name != CALM or text in bank.categories
    ]
    asked += [line for trade in trades for line in trade.calm]
    asked += [(said.text, TROUBLE) for trade in trades for said in trade.said if said.cases]
    asked = [(spoken(text), name) for text, name in asked if spoken(text)]
    texts, categories = zip(*asked, strict=True)
    return RequestReader(texts, categories, embedder, cache)
