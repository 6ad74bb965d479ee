"""What an utterance asks for, by its meaning: the category of a request told in any words.

One linear separation, learnt when the process starts from `requests.fr.txt` and the written trades
(requests), from the situations' sentences and the trades' cases (trouble, which asks for nothing by
itself) and from what asks for nothing at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from copilot.drafting.situations.bank import CALM, read_bank
from copilot.drafting.situations.spoken import LEAST_WORDS, spoken
from copilot.drafting.speech import fold
from copilot.drafting.trades.corpus import read_trades
from models.embeddings import Embedder, FloatMatrix

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
    """Learnt once a process, used by every call and thread."""

    def __init__(
        self, texts: list[str], categories: list[str], vectors: FloatMatrix, embedder: Embedder
    ) -> None:
        """`vectors` are the texts' own, float32 of shape (texts, dimension)."""
        from scipy.sparse import csr_matrix, hstack
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression

        self._embedder = embedder
        self._words: Any = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, min_df=2, preprocessor=fold
        )
        features = hstack([csr_matrix(vectors), self._words.fit_transform(texts)]).tocsr()
        self._which: Any = LogisticRegression(C=10, max_iter=200, class_weight="balanced")
        self._which.fit(features, np.array(categories))

    def read(self, text: str) -> Requested | None:
        """What is asked for; None when the words are too few to tell."""
        said = spoken(text)
        if len(said.split()) < LEAST_WORDS:
            return None
        from scipy.sparse import csr_matrix, hstack

        vectors = self._embedder.queries([said])
        features = hstack([csr_matrix(vectors), self._words.transform([said])]).tocsr()
        shares = self._which.predict_proba(features)[0]
        return Requested(
            shares=dict(zip(map(str, self._which.classes_), map(float, shares), strict=True))
        )


def learn_requests(embedder: Embedder) -> RequestReader:
    """The reader of the packaged bank and of the written trades; a few seconds."""
    bank, trades = read_bank(), read_trades()
    asked = [
        (text, bank.categories.get(text, TROUBLE))
        for text, name in zip(bank.sentences, bank.names, strict=True)
        if name != CALM or text in bank.categories
    ]
    asked += [line for trade in trades for line in trade.calm]
    asked += [(said.text, TROUBLE) for trade in trades for said in trade.said if said.cases]
    asked = [(text, name) for text, name in asked if spoken(text)]
    texts = [spoken(text) for text, _ in asked]
    return RequestReader(texts, [name for _, name in asked], embedder.queries(texts), embedder)
