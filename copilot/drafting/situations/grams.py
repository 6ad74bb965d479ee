"""N-grams of texts, weighed by how rare they are.

The figures are those of scikit-learn's TfidfVectorizer (sublinear, rows of length 1), whose n-grams
of letters never cross a word: what a word is made of is found once and remembered, so that a call
read anew at each turn costs what was said since (docs/adr/0258).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from copilot.drafting.speech import fold

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Kind = Literal["letters", "words"]
Places = npt.NDArray[np.int32]
Chosen = npt.NDArray[np.int64]
"""Places of some texts among all."""

FEWEST = 2
"""Texts an n-gram is in, to be known."""
_REMEMBERED = 16_384
"""Words of the language that a reader of letters remembers."""
_NONE: npt.NDArray[np.int32] = np.empty(0, dtype=np.int32)
_WORD = re.compile(r"\b\w\w+\b")


def letters_of(word: str, shortest: int, longest: int) -> Iterator[str]:
    """N-grams of a word between two spaces; one too short for a length counts once, whole."""
    padded = f" {word} "
    for length in range(shortest, longest + 1):
        yield from (padded[at : at + length] for at in range(max(len(padded) - length, 0) + 1))
        if len(padded) <= length:
            return


def words_of(text: str, shortest: int, longest: int) -> Iterator[str]:
    """Runs of words of two letters and more."""
    found = _WORD.findall(text)
    for length in range(shortest, longest + 1):
        yield from (" ".join(found[at : at + length]) for at in range(len(found) - length + 1))


@dataclass(frozen=True, slots=True)
class Weighed:
    """The n-grams of a text that are known, and what each weighs; length 1."""

    places: Places
    weights: npt.NDArray[np.float64]

    def times(self, slopes: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """Product with slopes of shape (n-grams known, ...)."""
        return np.asarray(self.weights @ slopes[self.places], dtype=np.float64)


class Grams:
    """Reads texts as weighed n-grams. Thread-safe."""

    def __init__(
        self,
        kind: Kind,
        lengths: tuple[int, int],
        known: Sequence[str],
        rarity: npt.NDArray[np.float64],
    ) -> None:
        """`rarity` is of each of the n-grams `known`."""
        self.known, self.rarity = known, rarity
        self._kind, self._lengths = kind, lengths
        self._places: Mapping[str, int] = {gram: place for place, gram in enumerate(known)}
        self._of_word = lru_cache(_REMEMBERED)(self._places_of_word)

    @classmethod
    def learn(cls, kind: Kind, lengths: tuple[int, int], texts: Sequence[str]) -> Grams:
        """Those that `FEWEST` texts hold, in alphabetical order."""
        return Counted(kind, lengths, texts).learn(np.arange(len(texts)))[0]

    def __len__(self) -> int:
        return len(self.known)

    def weigh(self, text: str) -> Weighed:
        """What is known of a text."""
        places, counts = np.unique(self._held(fold(text)), return_counts=True)
        weights = (1 + np.log(counts)) * self.rarity[places]
        length = np.sqrt(weights @ weights)
        return Weighed(places, weights / length if length else weights)

    def rows(self, texts: Iterable[str]) -> csr_matrix:
        """Sparse rows of shape (texts, n-grams known)."""
        return stacked([self.weigh(text) for text in texts], len(self))

    def _held(self, folded: str) -> Places:
        """Places of all n-grams, each as often as it is there."""
        if self._kind == "words":
            return self._known(words_of(folded, *self._lengths))
        found = [self._of_word(word) for word in folded.split()]
        return np.concatenate([_NONE, *found])

    def _places_of_word(self, word: str) -> Places:
        return self._known(letters_of(word, *self._lengths))

    def _known(self, grams: Iterable[str]) -> Places:
        places = self._places
        return np.array([places[gram] for gram in grams if gram in places], dtype=np.int32)


class Counted:
    """How often each n-gram is in each of many texts, to learn `Grams` of some of them and of
    others: texts are read once."""

    def __init__(self, kind: Kind, lengths: tuple[int, int], texts: Sequence[str]) -> None:
        self._kind, self._lengths = kind, lengths
        found: dict[str, int] = {}

        def placed(grams: Iterable[str]) -> Places:
            return np.array([found.setdefault(gram, len(found)) for gram in grams], dtype=np.int32)

        of_word = cache(lambda word: placed(letters_of(word, *lengths)))
        rows = [
            placed(words_of(text, *lengths))
            if kind == "words"
            else np.concatenate([_NONE, *map(of_word, text.split())])
            for text in map(fold, texts)
        ]
        # Columns in alphabetical order.
        self._grams = sorted(found)
        columns = np.empty(len(found), dtype=np.int32)
        columns[[found[gram] for gram in self._grams]] = np.arange(len(found), dtype=np.int32)
        counted = [np.unique(columns[row], return_counts=True) for row in rows]
        weighed = [Weighed(places, counts.astype(np.float64)) for places, counts in counted]
        self._counts = stacked(weighed, len(found))

    def learn(self, rows: Chosen) -> tuple[Grams, csr_matrix]:
        """From the texts at these places; with what `Grams.rows` makes of them."""
        from scipy.sparse import diags_array

        some = self._counts[rows]
        holding = np.bincount(some.indices, minlength=len(self._grams))
        known = np.flatnonzero(holding >= FEWEST)
        rarity = np.log((1 + len(rows)) / (1 + holding[known])) + 1
        weights = some[:, known]
        weights.data = (1 + np.log(weights.data)) * rarity[weights.indices]
        lengths = np.sqrt(weights.multiply(weights).sum(axis=1)).A1
        weights = diags_array(1 / np.where(lengths, lengths, 1)) @ weights
        names = [self._grams[place] for place in known]
        return Grams(self._kind, self._lengths, names, rarity), weights.tocsr()


def stacked(rows: Sequence[Weighed], width: int) -> csr_matrix:
    """One sparse matrix of shape (rows, width)."""
    from scipy.sparse import csr_matrix

    ends = np.cumsum([0, *(len(row.places) for row in rows)])
    places = np.concatenate([row.places for row in rows])
    weights = np.concatenate([row.weights for row in rows])
    return csr_matrix((weights, places, ends), shape=(len(rows), width))


class HashedLetters:
    """Reads texts as n-grams of letters hashed into few numbers, as scikit-learn's
    HashingVectorizer does (Weinberger et al. 2009). Thread-safe."""

    def __init__(self, lengths: tuple[int, int], width: int) -> None:
        self._lengths, self._width = lengths, width
        self._of_word = lru_cache(_REMEMBERED)(self._hashed)

    def rows(self, texts: Sequence[str]) -> csr_matrix:
        """Sparse rows of length 1, float32 of shape (texts, width)."""
        found = stacked([self._weigh(text) for text in texts], self._width)
        return found.astype(np.float32)

    def _weigh(self, text: str) -> Weighed:
        found = [self._of_word(word) for word in fold(text).split()]
        if not found:
            return Weighed(np.empty(0, dtype=np.int32), np.empty(0))
        held = np.concatenate(found)
        totals = np.bincount(np.abs(held) - 1, np.sign(held), minlength=self._width)
        places = np.flatnonzero(totals).astype(np.int32)
        weights = totals[places].astype(np.float64)
        length = np.sqrt(weights @ weights)
        return Weighed(places, weights / length if length else weights)

    def _hashed(self, word: str) -> Places:
        """One place a gram, counted from 1, below 0 where it counts for less."""
        from sklearn.utils import murmurhash3_32

        hashes = (int(murmurhash3_32(gram)) for gram in letters_of(word, *self._lengths))
        return np.array(
            [(abs(each) % self._width + 1) * (1 if each >= 0 else -1) for each in hashes],
            dtype=np.int32,
        )
