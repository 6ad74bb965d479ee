"""The search against simpler ones, in the same run:
`python -m knowledge.comparison FIT REPORT [REPORT...]`.

BM25 alone, each embedding alone, and embeddings under a fixed cosine threshold, on the same
clients and utterances. Every threshold, ours included, is set on the clients of FIT for the same
share of false suggestions and reported on the clients of REPORT, as said and as misheard. Where an
utterance goes on from another, the simpler searches get that one before it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from knowledge.evaluation import ClientSet, Query, read_sets
from knowledge.fitting import FALSE_SUGGESTIONS, as_misheard
from knowledge.lexical import LexicalIndex
from knowledge.postings import Scores
from knowledge.search import ClientPrompter
from knowledge.semantics import Semantics, load_semantics
from models.embeddings import E5_SMALL, GEMMA, FloatMatrix, load_embedder

_OURS = "Souffleur"
_PREPARED = Path("var/models/embeddings")
"""Where `souffleur models fetch` keeps what it learns, in a checkout."""

Reading = Callable[[Sequence[str]], FloatMatrix]
"""Texts to their vectors."""
Scoring = Callable[[Query], Scores]
"""Scores of a client's entries for what a query says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Figures of one method on one set."""

    method: str
    first: float
    """Share of the answerable with an expected entry ranked first, shown or not."""
    shown_correct: float
    wrong: float
    """Share of the answerable with another card shown."""
    false_suggestions: float


def compare(
    fit_on: Sequence[ClientSet], report_on: Sequence[ClientSet], semantics: Semantics
) -> list[Line]:
    """One line a method."""
    small, first = load_embedder(E5_SMALL, folder=_PREPARED), semantics.first
    universal = semantics.second.embedder
    methods: dict[str, Callable[[ClientSet], Scoring]] = {
        "BM25": _bm25,
        "e5": lambda client: _embedding(client, small.queries, small.passages),
        "Universal Sentence Encoder": lambda client: _embedding(
            client, universal.queries, universal.passages
        ),
        # Its middle layers put all texts in one corner: as they are, they tell little.
        f"{GEMMA}, premières couches, blanchies": lambda client: _embedding(
            client,
            lambda said: first.whitened(first.embedder.queries(said)),
            lambda held: first.whitened(first.embedder.passages(held)),
        ),
        GEMMA: lambda client: _embedding(
            client,
            lambda said: first.queries(said).thorough,
            lambda held: first.seen(first.whole.passages(held)).thorough,
        ),
        _OURS: lambda client: _ours(client, semantics),
    }
    lines = []
    for name, method in methods.items():
        fitted, reported = _outcomes(fit_on, method), _outcomes(report_on, method)
        silent = np.sort([best for best, _, answerable in fitted if not answerable])[::-1]
        threshold = float(silent[int(FALSE_SUGGESTIONS * len(silent))])
        if name == _OURS:
            lines.append(_line(name, reported, ClientPrompter([], semantics).threshold))
        else:
            lines.append(_line(f"{name} seul", reported, -np.inf))
            lines.append(_line(f"{name}, seuil fixe", reported, threshold))
    return lines


def _outcomes(
    sets: Sequence[ClientSet], method: Callable[[ClientSet], Scoring]
) -> list[tuple[float, bool, bool]]:
    """Best score, whether its entry is expected, whether the utterance is answerable."""
    found = []
    for client in sets:
        scoring = method(client)
        for query in client.queries:
            scores = scoring(query)
            best = int(scores.argmax())
            right = client.entries[best].entry_id in query.expected
            found.append((float(scores[best]), right, bool(query.expected)))
    return found


def _line(method: str, outcomes: Sequence[tuple[float, bool, bool]], threshold: float) -> Line:
    answerable = [(best, right) for best, right, can in outcomes if can]
    silent = [best for best, _, can in outcomes if not can]
    return Line(
        method=method,
        first=float(np.mean([right for _, right in answerable])),
        shown_correct=float(np.mean([right and best >= threshold for best, right in answerable])),
        wrong=float(np.mean([not right and best >= threshold for best, right in answerable])),
        false_suggestions=float(np.mean([best >= threshold for best in silent])),
    )


def _bm25(client: ClientSet) -> Scoring:
    index = LexicalIndex(client.entries)
    return lambda query: index.bm25(_in_context(query))


def _embedding(client: ClientSet, spoken: Reading, written: Reading) -> Scoring:
    held = written([f"{entry.question} {entry.answer}" for entry in client.entries])
    return lambda query: np.asarray(held @ spoken([_in_context(query)])[0], dtype=np.float64)


def _in_context(query: Query) -> str:
    return " ".join((*query.previous[-1:], query.utterance))


def _ours(client: ClientSet, semantics: Semantics) -> Scoring:
    prompter = ClientPrompter(client.entries, semantics)
    place = {entry.entry_id: at for at, entry in enumerate(client.entries)}

    def score(query: Query) -> Scores:
        scores = np.full(len(place), -1.0)
        for hit in prompter.decide(query.utterance, previous=query.previous).ranked:
            scores[place[hit.entry.entry_id]] = hit.confidence
        return scores

    return score


def main() -> None:
    """Print a Markdown table."""
    fit_on = read_sets(Path(sys.argv[1]))
    report_on = [client for folder in sys.argv[2:] for client in read_sets(Path(folder))]
    semantics = load_semantics(cache=_PREPARED)
    print("| méthode | entendu | première juste | montrée juste | fausse | à tort |")
    print("|---|---|---|---|---|---|")
    for heard, change in (("tel quel", list), ("mal reconnu", as_misheard)):
        for line in compare(change(fit_on), change(report_on), semantics):
            print(
                f"| {line.method} | {heard} | {100 * line.first:.1f} % |"
                f" {100 * line.shown_correct:.1f} % | {100 * line.wrong:.1f} % |"
                f" {100 * line.false_suggestions:.1f} % |"
            )


if __name__ == "__main__":
    main()
