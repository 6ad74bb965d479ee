"""What a client's entries share with an utterance, word for word: BM25, coverage, sounds.

BM25 as in Robertson and Zaragoza, "The Probabilistic Relevance Framework" (2009), k1 = 1.2,
b = 0.6, over weighted fields summed before saturation (BM25F).
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile

import numpy as np
import numpy.typing as npt

from knowledge.passages import Entry
from knowledge.wording import content_words, sound_grams, stem, stems

Scores = npt.NDArray[np.float64]

_K1 = 1.2
_B = 0.6
_NOWHERE = (np.empty(0, dtype=np.int64), np.empty(0))
_QUESTION, _ANSWER, _TAGS = 2.0, 1.0, 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class LexicalEvidence:
    """Scores of every entry for one wording, arrays of shape (entries,)."""

    bm25: Scores
    question_cover: Scores
    """Share (0 to 1) of the wording's rarity found in the entry's questions."""
    entry_cover: Scores
    """Share (0 to 1) found anywhere in the entry."""
    asked_cover: Scores
    """Share (0 to 1) of the entry's question found in the wording."""
    sounds: Scores
    """Cosine of sound n-grams with the question, 0 to 1."""
    sounds_anywhere: Scores
    """The same with the whole entry."""


class Postings:
    """Term weights by entry, with the rarity (idf) of each term."""

    def __init__(self, documents: Sequence[Counter[str]]) -> None:
        self.size = len(documents)
        found: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for row, document in enumerate(documents):
            for term, weight in document.items():
                found[term].append((row, weight))
        self._rows = {
            term: (
                np.array([row for row, _ in pairs], dtype=np.int64),
                np.array([weight for _, weight in pairs]),
            )
            for term, pairs in found.items()
        }
        self._terms = sorted(self._rows)
        self.lengths = np.array([sum(document.values()) for document in documents])

    def idf(self, term: str) -> float:
        """How rare a term is in this client's entries; a term never seen is the rarest."""
        holding = len(self._rows[term][0]) if term in self._rows else 0
        return math.log(1 + (self.size - holding + 0.5) / (holding + 0.5))

    def rows(self, term: str) -> tuple[npt.NDArray[np.int64], Scores]:
        """Entries holding a term and its weight in each."""
        return self._rows.get(term, _NOWHERE)

    def beginning(self, letters: str) -> list[str]:
        """The terms that begin so, in order."""
        start = bisect_left(self._terms, letters)
        return list(takewhile(lambda term: term.startswith(letters), self._terms[start:]))


class LexicalIndex:
    """One client's entries, by their words. Immutable once built."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        questions = [Counter(stems(_asked(entry))) for entry in entries]
        words = [{*content_words(f"{_asked(entry)} {entry.answer}")} for entry in entries]
        self._words = Postings([Counter(held) for held in words])
        self._stems = Postings([Counter({stem(word) for word in held}) for held in words])
        self._fields = Postings([_weighted(entry) for entry in entries])
        self._questions = Postings(questions)
        self._question_rarity = np.array(
            [sum(self._fields.idf(term) for term in question) for question in questions]
        )
        self._sounds = _SoundIndex([_asked(entry) for entry in entries])
        self._sounds_anywhere = _SoundIndex(
            [_asked(entry) + " " + entry.answer for entry in entries]
        )
        self._average = float(self._fields.lengths.mean()) if len(entries) else 1.0

    def look_up(self, wording: str) -> LexicalEvidence:
        """Compare a wording with every entry."""
        bm25, asked, anywhere, total = self._weigh(wording)
        grams = Counter(sound_grams(wording))
        return LexicalEvidence(
            bm25=bm25,
            question_cover=asked / total,
            entry_cover=anywhere / total,
            asked_cover=asked / np.maximum(self._question_rarity, 1e-9),
            sounds=self._sounds.cosines(grams),
            sounds_anywhere=self._sounds_anywhere.cosines(grams),
        )

    def bm25(self, wording: str) -> Scores:
        """BM25 of every entry alone, shape (entries,)."""
        return self._weigh(wording)[0]

    def _weigh(self, wording: str) -> tuple[Scores, Scores, Scores, float]:
        """BM25, rarity found in questions, rarity found anywhere; the wording's rarity."""
        terms = Counter(stems(wording))
        rarity = {term: self._fields.idf(term) for term in terms}
        total = sum(rarity.values()) or 1.0
        size = self._fields.size
        bm25, anywhere, asked = np.zeros(size), np.zeros(size), np.zeros(size)
        for term, idf in rarity.items():
            rows, weights = self._fields.rows(term)
            length = self._fields.lengths[rows] / self._average
            bm25[rows] += idf * weights * (_K1 + 1) / (weights + _K1 * (1 - _B + _B * length))
            anywhere[rows] += idf
            asked[self._questions.rows(term)[0]] += idf
        return bm25, asked, anywhere, total

    def completed(self, typed: str) -> tuple[str, Scores]:
        """A query being typed, its last word completed, and the share (0 to 1) of what is typed
        that each entry holds, beginnings of words included."""
        said = content_words(typed)
        held = np.zeros(self._words.size)
        if not said:
            return typed, held
        begun = said[-1]
        endings = {word: self._words.rows(word)[0] for word in self._words.beginning(begun)}
        for word in said[:-1]:
            held[self._stems.rows(stem(word))[0]] += 1
        last = [self._stems.rows(stem(begun))[0], *endings.values()]
        held[np.unique(np.concatenate(last))] += 1
        held /= len(said)
        if not typed[-1].isalnum() or begun in endings:
            return typed, held
        usual = sorted(endings, key=lambda word: (-len(endings[word]), word))[:2]
        return " ".join([typed, *usual]), held


class _SoundIndex:
    """Cosine of tf-idf vectors of sound n-grams."""

    def __init__(self, texts: Sequence[str]) -> None:
        counts = [Counter(sound_grams(text)) for text in texts]
        self._postings = Postings(counts)
        idf: Callable[[str], float] = self._postings.idf
        self._norms = np.array(
            [math.sqrt(sum((n * idf(g)) ** 2 for g, n in count.items())) for count in counts]
        )

    def cosines(self, count: Counter[str]) -> Scores:
        products = np.zeros(self._postings.size)
        norm = 0.0
        for gram, times in count.items():
            idf = self._postings.idf(gram)
            norm += (times * idf) ** 2
            rows, weights = self._postings.rows(gram)
            products[rows] += times * idf * idf * weights
        return products / np.maximum(self._norms * math.sqrt(norm), 1e-9)


def _asked(entry: Entry) -> str:
    return " ".join((entry.question, *entry.alternatives))


def _weighted(entry: Entry) -> Counter[str]:
    weights: Counter[str] = Counter()
    for text, weight in (
        (_asked(entry), _QUESTION),
        (entry.answer, _ANSWER),
        (" ".join(entry.tags), _TAGS),
    ):
        for term in stems(text):
            weights[term] += weight  # type: ignore[assignment]  # weights, not counts
    return weights
