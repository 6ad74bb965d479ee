"""Which terms entries hold, how often, and who holds a term: tables that stay small for many.

Both ways of reading one sparse table: entry by entry (`Contents`), to weigh the few entries that
were put forward, and term by term (`Postings`), to put them forward. 32 bits a number, as a
hundred thousand entries hold tens of millions of terms.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from itertools import takewhile
from typing import Any

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float64]
Rows = npt.NDArray[np.signedinteger[Any]]
"""Places of entries, in order."""


class Contents:
    """The terms of each entry with their weights, one entry after the other."""

    def __init__(self, documents: Iterable[Mapping[str, float]]) -> None:
        """`documents` are read once, and may be made as they are read."""
        self.place: dict[str, int] = {}
        columns, weights, sizes = array("i"), array("f"), array("i")
        for held in documents:
            columns.extend(self.place.setdefault(term, len(self.place)) for term in held)
            weights.extend(held.values())
            sizes.append(len(held))
        self.columns = np.array(columns, dtype=np.int32)
        self.weights = np.array(weights, dtype=np.float32)
        self.sizes = np.array(sizes, dtype=np.int32)
        self.bounds = np.cumsum([0, *sizes])

    @property
    def size(self) -> int:
        """How many entries there are."""
        return len(self.sizes)

    @property
    def owners(self) -> npt.NDArray[np.int32]:
        """The entry that each term stands in."""
        return np.repeat(np.arange(self.size, dtype=np.int32), self.sizes)

    def products(self, wanted: Scores, entries: Rows) -> Scores:
        """Dot products of some entries with weights of all terms, shape (terms,)."""
        places, _ = spans(self.bounds, entries)
        each = wanted[self.columns[places]] * self.weights[places]
        owners = np.repeat(np.arange(len(entries)), self.sizes[entries])
        found = np.bincount(owners, weights=each, minlength=len(entries))
        return np.asarray(found, dtype=np.float64)


class Postings:
    """Term weights by entry, with the rarity (idf) of each term."""

    def __init__(self, documents: Iterable[Mapping[str, float]] | Contents) -> None:
        held = documents if isinstance(documents, Contents) else Contents(documents)
        self.size = held.size
        self._place = held.place
        self._terms = sorted(held.place)
        order = np.argsort(held.columns, kind="stable")
        self._bounds = np.cumsum([0, *np.bincount(held.columns, minlength=len(held.place))])
        self._rows, self._weights = held.owners[order], held.weights[order]
        self.lengths = np.bincount(held.owners, weights=held.weights, minlength=held.size)

    def idf(self, term: str) -> float:
        """How rare a term is in this client's entries; a term never seen is the rarest."""
        return rarity(self.held_by(term), self.size)

    def held_by(self, term: str) -> int:
        """How many entries hold a term."""
        held = self._held(term)
        return int(held.stop - held.start)

    def rows(self, term: str) -> tuple[Rows, npt.NDArray[np.float32]]:
        """Entries holding a term, and its weight in each."""
        held = self._held(term)
        return self._rows[held], self._weights[held]

    def among(self, term: str, entries: Rows) -> tuple[Rows, Scores]:
        """Which of some entries hold a term, as places in `entries`, and its weight in each."""
        rows, weights = self.rows(term)
        places, found = in_both(entries, rows)
        return places, weights[found].astype(np.float64)

    def beginning(self, letters: str) -> list[str]:
        """The terms that begin so, in order."""
        start = bisect_left(self._terms, letters)
        return list(takewhile(lambda term: term.startswith(letters), self._terms[start:]))

    def _held(self, term: str) -> slice:
        at = self._place.get(term)
        return slice(0, 0) if at is None else slice(self._bounds[at], self._bounds[at + 1])


def rarity(holding: int, size: int) -> float:
    """Inverse document frequency of a term that so many of `size` entries hold."""
    return math.log(1 + (size - holding + 0.5) / (holding + 0.5))


def spans(bounds: npt.NDArray[np.int64], entries: Rows) -> tuple[Rows, Rows]:
    """Places of what some entries hold, one entry after the other, and where each begins.

    What entry `i` holds stands from `bounds[i]` to before `bounds[i + 1]`.
    """
    begins = bounds[entries]
    sizes = bounds[entries + 1] - begins
    starts = np.cumsum(sizes) - sizes
    return np.arange(int(sizes.sum())) + np.repeat(begins - starts, sizes), starts


def in_both(first: Rows, second: Rows) -> tuple[Rows, Rows]:
    """Where the entries stand that both hold, in each; both sorted, without repetition."""
    if len(second) < len(first):
        places, found = in_both(second, first)
        return found, places
    if not len(first):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    at = np.searchsorted(second, first.astype(second.dtype, copy=False))
    at[at == len(second)] = 0
    places = np.flatnonzero(second[at] == first)
    return places, at[places]


def highest(scores: Scores, count: int) -> Rows:
    """Places of the `count` highest scores above nothing, in order."""
    above = np.flatnonzero(scores)
    if len(above) > count:
        above = above[np.argpartition(-scores[above], count)[:count]]
    return np.sort(above)
