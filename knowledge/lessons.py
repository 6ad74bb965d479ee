"""The written companies, read as a search reads: what matching is learnt from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from knowledge.evaluation import ClientSet
from knowledge.matching import Lesson
from knowledge.mishearing import misheard
from knowledge.passages import Entry
from knowledge.utterance import read
from models.embeddings import FloatMatrix

Reading = Callable[[Sequence[str]], FloatMatrix]
"""Texts to the features that they are placed by."""
_AT_ONCE = 2
"""Companies read together: the embedding models compute outside of the interpreter's lock, and
when models are prepared the second core is soon idle."""


def whole(entry: Entry) -> str:
    """A question with its answer, as much of it as an embedding is given."""
    return f"{entry.question} {entry.answer}"[:300]


def texts_of(companies: Sequence[ClientSet]) -> list[str]:
    """Everything that lessons are made of: they change when it does."""
    return [
        text
        for company in companies
        for text in (
            *(whole(entry) for entry in company.entries),
            *(f"{text} > {' '.join(sorted(expected))}" for text, expected in _said(company)),
        )
    ]


def lessons_of(
    companies: Sequence[ClientSet], *, spoken: Reading, written: Reading
) -> list[Lesson]:
    """One lesson a company; `spoken` reads what callers say, `written` what may answer."""

    def lesson(company: ClientSet) -> Lesson | None:
        said = list(_said(company))
        if not said:
            return None
        return Lesson(
            questions=written([entry.question for entry in company.entries]),
            wholes=written([whole(entry) for entry in company.entries]),
            said=spoken([text for text, _ in said]),
            expected=np.array(
                [[entry.entry_id in expected for entry in company.entries] for _, expected in said]
            ),
        )

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return [found for found in pool.map(lesson, companies) if found]


def _said(company: ClientSet) -> Iterator[tuple[str, frozenset[str]]]:
    """What is answerable by itself, as written and as misheard, without its courtesy."""
    for query in company.queries:
        if query.expected and not query.previous:
            heard = (read(said).text for said in (query.utterance, misheard(query.utterance)))
            yield from ((text, query.expected) for text in dict.fromkeys(heard) if text)
