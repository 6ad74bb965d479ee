"""Situations by their meaning: an emergency told in words no rule and no pattern holds.

Two linear separations are learnt from the bank when the process starts (a few seconds): whether a
sentence tells of something wrong, from its embedding and its character n-grams, and which situation
it would be. What a rule names is found by its closeness to how rules name situations. The odds
that a sentence is a rule's case weigh the three together; the weights come from labelled calls
(docs/adr/0095).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from copilot.drafting.situations.bank import CALM, Bank, read_bank
from copilot.drafting.situations.requested import TROUBLE, RequestReader
from copilot.drafting.situations.spoken import LEAST_WORDS, spoken
from copilot.drafting.speech import fold
from models.embeddings import UNIVERSAL, Embedder, FloatMatrix, load_embedder

NAMED = 0.4
"""Cosine from which a rule's words name a situation."""
NAMED_WITHIN = 0.08
"""How far under the closest naming another situation is still named."""
UNNAMED = -6.0
"""Log share of the situations of a rule that names none of the bank's."""
WEIGHTS = (0.91, 0.8, 1.16)
INTERCEPT = 1.4
"""Of something being wrong, of being what the rule names, of closeness to the rule's words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleMeaning:
    """What a rule means: its vectors and the situations it names."""

    situations: frozenset[str]
    vectors: FloatMatrix
    """Float32 of shape (pieces of the rule, dimension), rows of length 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """What one sentence of a caller means."""

    vector: npt.NDArray[np.float32]
    wrong: float
    """Log-odds that something is wrong."""
    shares: dict[str, float]
    """Log of the share of each situation, were something wrong."""


class SituationReader:
    """Learnt once a process, used by every call and thread."""

    def __init__(self, bank: Bank, embedder: Embedder) -> None:
        """Takes about five seconds: call it from a worker thread."""
        from scipy.sparse import csr_matrix, hstack
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression

        self._embedder = embedder
        self.dangers = bank.dangers
        names = np.array(bank.names)
        calm = names == CALM
        texts = [spoken(text) for text in bank.sentences]
        vectors = embedder.queries(texts)
        self._spelling: Any = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, min_df=2, preprocessor=fold
        )
        features = hstack([csr_matrix(vectors), self._spelling.fit_transform(texts)]).tocsr()
        self._wrong: Any = LogisticRegression(C=10, max_iter=500, class_weight="balanced")
        self._wrong.fit(features, ~calm)
        self._which: Any = LogisticRegression(C=10, max_iter=300, class_weight="balanced")
        self._which.fit(vectors[~calm], names[~calm])
        self._namings = embedder.queries(bank.namings)
        self._named = np.array(bank.named)
        asked = [
            (row, bank.categories.get(text, TROUBLE))
            for row, (text, name) in enumerate(zip(bank.sentences, bank.names, strict=True))
            if name != CALM or text in bank.categories
        ]
        rows = [row for row, _ in asked]
        self.requests = RequestReader(
            [texts[row] for row in rows], [name for _, name in asked], vectors[rows], embedder
        )
        self._rule = lru_cache(maxsize=4096)(self._read_rule)

    def rule(self, text: str) -> RuleMeaning:
        """What a rule's text, without its level, names."""
        return self._rule(text)

    def sentence(self, text: str) -> Sentence | None:
        """What a caller said; None when it is too short to tell."""
        said = spoken(text)
        if len(said.split()) < LEAST_WORDS:
            return None
        from scipy.sparse import csr_matrix, hstack

        vectors = self._embedder.queries([said])
        features = hstack([csr_matrix(vectors), self._spelling.transform([said])]).tocsr()
        shares = self._which.predict_log_proba(vectors)[0]
        return Sentence(
            vector=vectors[0],
            wrong=float(self._wrong.decision_function(features)[0]),
            shares=dict(zip(map(str, self._which.classes_), map(float, shares), strict=True)),
        )

    def odds(
        self, sentence: Sentence, rule: RuleMeaning, *, denied: frozenset[str] = frozenset()
    ) -> tuple[float, str | None]:
        """Log-odds that the sentence is a case of the rule, and as which situation.

        `denied` are situations the sentence says there is none of.
        """
        meant = rule.situations - denied
        if rule.situations and not meant:
            return -np.inf, None
        closest = max(meant, key=lambda name: sentence.shares[name], default=None)
        share = UNNAMED if closest is None else sentence.shares[closest]
        close = float((rule.vectors @ sentence.vector).max())
        score = np.dot(WEIGHTS, (sentence.wrong, max(share, UNNAMED), close)) + INTERCEPT
        return float(score), closest

    def _read_rule(self, text: str) -> RuleMeaning:
        pieces = [piece.strip() for piece in re.split(r"[,;:/()]|\bou\b", text)]
        pieces = list(dict.fromkeys([text.strip(), *(p for p in pieces if len(p) > 3)]))
        vectors = self._embedder.queries(pieces)
        found: set[str] = set()
        for row in vectors @ self._namings.T:
            if row.max() > NAMED:
                near = row > max(NAMED, row.max() - NAMED_WITHIN)
                found |= set(map(str, self._named[near]))
        return RuleMeaning(situations=frozenset(found), vectors=vectors)


def learn_situations(embedder: Embedder | None = None) -> SituationReader:
    """The reader of the packaged bank; `embedder` is the Universal Sentence Encoder if loaded."""
    return SituationReader(read_bank(), embedder or load_embedder(UNIVERSAL))
