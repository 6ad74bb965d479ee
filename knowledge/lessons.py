"""The written companies, read as a search reads: what matching is learnt from."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from knowledge.evaluation import ClientSet, Query
from knowledge.matching import Lesson
from knowledge.mishearing import misheard
from knowledge.passages import Entry
from knowledge.utterance import read
from models.embeddings import FloatMatrix

logger = logging.getLogger(__name__)

Reading = Callable[[Sequence[str]], FloatMatrix]
"""Texts to the features that they are placed by."""
_AT_ONCE = 2
"""Companies read together: the embedding models compute outside of the interpreter's lock, and
when models are prepared the second core is soon idle."""
_SAID_AT = 40
"""After so many companies it is said how far reading is."""
_MISHEARD_EVERY = 2
"""Of so many utterances one is also given as misheard: all of them take a third longer."""
_SAMPLED = 50
"""Of so many utterances one is heard to tell whether hearing has changed."""


def whole(entry: Entry) -> str:
    """A question with its answer, as much of it as an embedding is given."""
    return f"{entry.question} {entry.answer}"[:300]


def texts_of(companies: Sequence[ClientSet]) -> list[str]:
    """Everything that lessons are made of: they change when it does.

    Of how callers are heard, a sample: to read what all of them say takes ten seconds.
    """
    asked = [query for company in companies for query in _answerable(company)]
    return [
        *(whole(entry) for company in companies for entry in company.entries),
        *(f"{query.utterance} > {' '.join(sorted(query.expected))}" for query in asked),
        *(text for query in asked[::_SAMPLED] for text in _heard(query)),
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

    found: list[Lesson] = []
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for number, each in enumerate(pool.map(lesson, companies), 1):
            found += [each] if each else []
            if number % _SAID_AT == 0:
                logger.info("matching: %d of %d companies are read", number, len(companies))
    return found


def _said(company: ClientSet) -> Iterator[tuple[str, frozenset[str]]]:
    """What is answerable by itself, and the entries that answer it."""
    for number, query in enumerate(_answerable(company)):
        heard = _heard(query)
        if number % _MISHEARD_EVERY:
            heard = heard[:1]
        yield from ((text, query.expected) for text in heard)


def _answerable(company: ClientSet) -> Iterator[Query]:
    return (query for query in company.queries if query.expected and not query.previous)


def _heard(query: Query) -> list[str]:
    """A caller's words as written and as misheard, without their courtesy."""
    heard = (read(said).text for said in (query.utterance, misheard(query.utterance)))
    return [text for text in dict.fromkeys(heard) if text]
