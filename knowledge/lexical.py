"""What a client's entries share with an utterance, word for word: BM25, coverage, sounds.

BM25 as in Robertson and Zaragoza, "The Probabilistic Relevance Framework" (2009), k1 = 1.2,
b = 0.6, over weighted fields summed before saturation (BM25F).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from knowledge.passages import Entry
from knowledge.postings import Contents, Postings, Rows, Scores, highest, rarity
from knowledge.wording import content_words, sound_grams, stem, stems

_K1 = 1.2
_B = 0.6
_QUESTION, _ANSWER, _TAGS = 2.0, 1.0, 1.5
_POSTINGS_READ = 300_000
"""Holders of sounds read for one wording: about a millisecond and a half."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LexicalEvidence:
    """Scores of some entries for one wording, arrays of shape (entries,)."""

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


class LexicalIndex:
    """One client's entries, by their words. Immutable once built."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        questions = [Counter(stems(_asked(entry))) for entry in entries]
        words = [{*content_words(f"{_asked(entry)} {entry.answer}")} for entry in entries]
        self._words = Postings(Counter(held) for held in words)
        self._stems = Postings(Counter({stem(word) for word in held}) for held in words)
        self._fields = Postings(_weighted(entry) for entry in entries)
        self._questions = Postings(questions)
        self._question_rarity = np.array(
            [sum(self._fields.idf(term) for term in question) for question in questions]
        )
        self._sounds = _SoundIndex(_asked(entry) for entry in entries)
        self._sounds_of_questions = Postings(self._sounds.contents)
        self._sounds_anywhere = _SoundIndex(_asked(entry) + " " + entry.answer for entry in entries)
        self._average = float(self._fields.lengths.mean()) if len(entries) else 1.0

    def look_up(self, wording: str, entries: Rows) -> LexicalEvidence:
        """Compare a wording with some entries (sorted)."""
        terms = {term: self._fields.idf(term) for term in stems(wording)}
        total = sum(terms.values()) or 1.0
        bm25, anywhere, asked = (np.zeros(len(entries)) for _ in range(3))
        for term, idf in terms.items():
            at, weights = self._fields.among(term, entries)
            bm25[at] += idf * self._saturated(weights, entries[at])
            anywhere[at] += idf
            asked[self._questions.among(term, entries)[0]] += idf
        grams = Counter(sound_grams(wording))
        return LexicalEvidence(
            bm25=bm25,
            question_cover=asked / total,
            entry_cover=anywhere / total,
            asked_cover=asked / np.maximum(self._question_rarity[entries], 1e-9),
            sounds=self._sounds.cosines(grams, entries),
            sounds_anywhere=self._sounds_anywhere.cosines(grams, entries),
        )

    def candidates(self, wording: str, count: int) -> Rows:
        """Entries that share the most with a wording: `count` by their words, `count` by the
        sounds of their questions."""
        return np.union1d(highest(self.bm25(wording), count), highest(self._alike(wording), count))

    def bm25(self, wording: str) -> Scores:
        """BM25 of every entry alone, shape (entries,)."""
        found = np.zeros(self._fields.size)
        for term in dict.fromkeys(stems(wording)):
            rows, weights = self._fields.rows(term)
            found[rows] += self._fields.idf(term) * self._saturated(weights, rows)
        return found

    def _saturated(self, weights: npt.NDArray[Any], entries: Rows) -> Scores:
        length = self._fields.lengths[entries] / self._average
        return np.asarray(weights * (_K1 + 1) / (weights + _K1 * (1 - _B + _B * length)))

    def _alike(self, wording: str) -> Scores:
        """How alike every question sounds, by the rarest sounds alone where many hold the rest."""
        held = self._sounds_of_questions
        found = np.zeros(held.size)
        read = 0
        grams = Counter(sound_grams(wording))
        for gram in sorted(grams, key=held.held_by):
            rows, weights = held.rows(gram)
            read += len(rows)
            if read > _POSTINGS_READ:
                break
            found[rows] += grams[gram] * held.idf(gram) ** 2 * weights
        return np.asarray(found / self._sounds.norms)

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

    def __init__(self, texts: Iterable[str]) -> None:
        self.contents = held = Contents(Counter(sound_grams(text)) for text in texts)
        holding = np.bincount(held.columns, minlength=len(held.place))
        self._idf = np.array([rarity(int(number), held.size) for number in holding])
        squares = (held.weights * self._idf[held.columns]) ** 2
        norms = np.sqrt(np.bincount(held.owners, weights=squares, minlength=held.size))
        self.norms = np.maximum(norms, 1e-9)

    def cosines(self, count: Counter[str], entries: Rows) -> Scores:
        wanted = np.zeros(len(self._idf))
        norm = 0.0
        for gram, times in count.items():
            at = self.contents.place.get(gram)
            idf = rarity(0, self.contents.size) if at is None else self._idf[at]
            norm += (times * idf) ** 2
            if at is not None:
                wanted[at] = times * idf * idf
        products = self.contents.products(wanted, entries)
        return np.asarray(products / np.maximum(self.norms[entries] * math.sqrt(norm), 1e-9))


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
