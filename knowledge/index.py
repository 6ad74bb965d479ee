"""One client's entries, ready to be compared with what is said.

A view for each embedding and each side of an entry, and the lexical index.
Built from entries alone and immutable: rebuilding makes a new one while the old one serves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from knowledge.associations import AssociationIndex
from knowledge.evidence import Evidence
from knowledge.lessons import whole
from knowledge.lexical import LexicalIndex
from knowledge.passages import Entry
from knowledge.postings import Rows, Scores
from knowledge.semantics import Semantics
from knowledge.spaces import Embedded, Space
from knowledge.synonyms import SynonymIndex
from knowledge.utterance import halves
from knowledge.vectors import KeptVectors
from knowledge.views import CANDIDATES, FEW, View
from models.embeddings import FloatMatrix

_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|\n+")
_SENTENCES = 4
_SHARPNESS = 0.7
"""Flattens the learnt shares: they are surer of wordings seen than of new ones."""
_BEFORE_WORDS = 5
"""Views whose closeness stands before what words say in a row of evidence."""
_SMALLEST_BYTES = 200_000
_ENTRY_BYTES = 7_000
"""Words, postings, sounds and profiles of an entry, about."""
_ALL_BELOW = 400
"""Entries up to which all are compared, whatever puts them forward."""
_BLOCK = 2000
_MOST_WORDS = 28
"""Of all wordings together, read by the costly model."""
_FIRST_WHOLES_BELOW = 1500
"""Beyond this many entries the costly model reads the questions alone, so that an import ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """What the models make of some texts."""

    level_first: FloatMatrix
    level_second: FloatMatrix
    """The texts, levelled."""
    spaces: Sequence[FloatMatrix]
    """The texts as each view sees them."""
    shares: Scores
    closeness: Scores
    """Their profiles, shapes (texts, intents)."""
    read: Scores
    """Scores of the subjects as read, the same shape."""


class ClientIndex:
    """Everything a search needs to know about one client's entries."""

    def __init__(
        self, entries: Sequence[Entry], semantics: Semantics, kept: KeptVectors | None = None
    ) -> None:
        """`kept` gives the vectors known from before."""
        self.entries = tuple(entries)
        self.semantics = semantics
        self._kept = kept
        self.size_bytes = _SMALLEST_BYTES
        self.lexical = LexicalIndex(self.entries)
        if not self.entries:
            if kept is not None:
                kept.forget()
            return
        questions = [(entry.question, *entry.alternatives) for entry in self.entries]
        asked = [wording for wordings in questions for wording in wordings]
        owners = np.repeat(np.arange(len(questions)), [len(wordings) for wordings in questions])
        told = [sentences(entry.answer) for entry in self.entries]
        answers = [sentence for each_told in told for sentence in each_told]
        answering = np.repeat(np.arange(len(told)), [len(each_told) for each_told in told])
        wholes = [whole(entry) for entry in self.entries]
        each = np.arange(len(self.entries))
        first, second = semantics.first, semantics.second
        parts = {"questions": asked, "wholes": wholes, "answers": answers}
        with ThreadPoolExecutor(1, thread_name_prefix="indexing") as beside:
            # The first model keeps one and a half of two cores busy.
            waiting = {
                part: beside.submit(self._embedded, second, texts, part)
                for part, texts in parts.items()
            }
            first_asked, first_wholes, documents = self._by_first(asked, owners, wholes)
            second_asked, second_wholes, second_answers = (waiting[part].result() for part in parts)
        matcher, means = semantics.matcher, semantics.subjects.means
        matched_asked = matcher.place(first_asked.whitened, means(asked))
        matched_wholes = matcher.place(first_wholes.whitened, means(wholes))
        first_view = View(first_asked.whitened, owners, first.background)
        self._views = (
            first_view,
            first_view
            if first_wholes is first_asked
            else View(first_wholes.whitened, each, first.background),
            View(second_asked.whitened, owners, second.background),
            View(second_answers.whitened, answering, second.background),
            View(second_wholes.whitened, each, second.background),
            View(matched_asked, owners, matcher.background),
            View(matched_wholes, each, matcher.background),
        )
        self._documents = View(documents, each, first.thorough_background, searched=False)
        self._synonyms = SynonymIndex(
            [
                " ".join((*wordings, *entry.tags))
                for wordings, entry in zip(questions, self.entries, strict=True)
            ],
            semantics.rarity,
        )
        self._synonyms_anywhere = SynonymIndex(
            [
                " ".join((*wordings, *entry.tags, entry.answer))
                for wordings, entry in zip(questions, self.entries, strict=True)
            ],
            semantics.rarity,
        )
        self._kin = AssociationIndex(
            [" ".join(wordings) for wordings in questions], semantics.words, semantics.rarity
        )
        tagged = [
            f"{whole} {' '.join(entry.tags)}"
            for whole, entry in zip(wholes, self.entries, strict=True)
        ]
        self._kin_anywhere = AssociationIndex(tagged, semantics.words, semantics.rarity)
        self._subjects = ~semantics.bank.silent
        blocks = [
            self._subjects_of(
                tagged[at],
                first_wholes.whitened[at],
                second_wholes.whitened[at],
                first_wholes.levelled[at],
                second_wholes.levelled[at],
            )
            for at in _blocks(len(self.entries))
        ]
        self._shares, self._closeness, self._read, self._read_shares = (
            np.concatenate(parts) for parts in zip(*blocks, strict=True)
        )
        self.size_bytes += sum(view.size_bytes for view in {*self._views, self._documents})
        self.size_bytes += len(self.entries) * _ENTRY_BYTES

    def _by_first(
        self, asked: Sequence[str], owners: npt.NDArray[np.int64], wholes: Sequence[str]
    ) -> tuple[Embedded, Embedded, FloatMatrix]:
        """Wordings of questions and whole entries by the first model, and the entries as all of
        it reads them."""
        first = self.semantics.first
        if len(wholes) < _FIRST_WHOLES_BELOW:
            return (
                self._embedded(first, asked, "questions"),
                self._embedded(first, wholes, "wholes"),
                self._embedded(first, wholes, "documents", first.whole.passages).thorough,
            )
        # What is learnt wants a query before it; who gives one vector gives it for a passage.
        both = first.whole.queries if first.whole is not first.embedder else None
        found = self._embedded(first, asked, "queries", both)
        if len(asked) == len(wholes):
            return found, found, found.thorough
        places = np.searchsorted(owners, np.arange(len(wholes)))
        of_entries = Embedded(*(rows[places] for rows in found))
        return found, of_entries, of_entries.thorough

    def _embedded(
        self,
        space: Space,
        texts: Sequence[str],
        part: str,
        embed: Callable[[Sequence[str]], FloatMatrix] | None = None,
    ) -> Embedded:
        """Texts by the space's passages, or by `embed`, which reads the whole model."""
        name = space.whole.name if embed else space.embedder.name
        embed = embed or space.embedder.passages
        return space.seen(
            self._kept.of(name, texts, embed, part=part) if self._kept else embed(texts)
        )

    def _subjects_of(
        self,
        texts: Sequence[str],
        first: FloatMatrix,
        second: FloatMatrix,
        level_first: FloatMatrix,
        level_second: FloatMatrix,
    ) -> tuple[npt.NDArray[np.floating[Any]], ...]:
        """What some entries are about, by the nearest wordings and as read; shapes (texts, ...)."""
        bank = self.semantics.bank
        closeness = bank.without_first(texts, second) + bank.by_first(first)
        shares = bank.profiles(closeness)
        means = self.semantics.subjects.means(texts)
        read = self.semantics.subjects.scores(level_first, level_second, means)
        found = (
            np.sqrt(shares[:, self._subjects]),
            _unit(closeness[:, self._subjects]),
            *self._profile(read),
        )
        number = np.float32 if len(self.entries) <= FEW else np.float16
        return tuple(part.astype(number) for part in found)

    def _profile(self, read: Scores) -> tuple[Scores, Scores]:
        """Directions of the scores of subjects, and square roots of their shares."""
        told = read[:, self._subjects]
        shares = np.exp(_SHARPNESS * (told - told.max(axis=1, keepdims=True)))
        shares /= shares.sum(axis=1, keepdims=True)
        return _unit(told - told.mean(axis=1, keepdims=True)), np.sqrt(shares)

    def compare(self, wordings: Sequence[str]) -> list[Evidence]:
        """Evidence for each wording. Raises nothing; wordings may be in any state.

        A long one is also compared half by half, and what all three say is averaged: a story hides
        its question from the second embedding and from words. The costly model reads it whole. The
        candidates are those of the wholes.
        """
        semantics = self.semantics
        parts = [(wording, *halves(wording)) for wording in wordings]
        bounds = np.cumsum([0, *(len(part) for part in parts)])
        wholes = bounds[:-1]
        texts = [text for part in parts for text in part]
        # The costly model computes on another core while all that does without it is done here
        # (docs/adr/0261). It begins beside products, which leave it the interpreter.
        first = semantics.first.begun(_shortened(wordings))
        second = semantics.second.queries(texts)
        rows = np.arange(len(self.entries))
        few = len(rows) <= _ALL_BELOW
        words = self._words(texts, rows) if few else []
        closeness = semantics.bank.without_first(texts, second.whitened)
        means = semantics.subjects.means(texts)
        foreign = [self._kin_anywhere.foreign(wording) for wording in wordings]
        repeated = np.repeat(np.arange(len(wordings)), np.diff(bounds))
        early = first.early()
        closeness += semantics.bank.by_first(early.whitened)[repeated]
        heard = self._hear(Embedded(*(part[repeated] for part in early)), second, means, closeness)
        if not few:
            rows = self._candidates(wordings, [space[wholes] for space in heard.spaces])
            words = self._words(texts, rows)
        tables = self._tables(heard, words, rows)
        asking = semantics.asking.weigh(heard.level_first[wholes], heard.level_second[wholes])
        read = heard.read[wholes]
        acts = np.exp(read - read.max(axis=1, keepdims=True))
        acts /= acts.sum(axis=1, keepdims=True)
        # The last layers were computed beside all this.
        thorough = self._documents.closeness(first.thorough(), rows)
        return [
            Evidence(
                rows=rows,
                table=np.column_stack(
                    (np.mean(tables[bounds[at] : bounds[at + 1]], axis=0), thorough[at])
                ),
                read_silence=float(acts[at, ~self._subjects].sum()),
                silence=float(heard.shares[wholes[at], ~self._subjects].sum()),
                asking=float(asking[at]),
                foreign=foreign[at],
                focus=float(heard.shares[wholes[at], self._subjects].max()),
            )
            for at in range(len(wordings))
        ]

    def _hear(
        self, first: Embedded, second: Embedded, means: FloatMatrix, closeness: Scores
    ) -> _Heard:
        """What the models make of texts, from their vectors, their words' and their closeness to
        the intents."""
        semantics = self.semantics
        matched = semantics.matcher.place(first.whitened, means)
        return _Heard(
            level_first=first.levelled,
            level_second=second.levelled,
            spaces=(*[first.whitened] * 2, *[second.whitened] * 3, *[matched] * 2),
            shares=semantics.bank.profiles(closeness),
            closeness=closeness,
            read=semantics.subjects.scores(first.levelled, second.levelled, means),
        )

    def _tables(self, heard: _Heard, words: Sequence[Scores], rows: Rows) -> list[Scores]:
        """Evidence for the candidates but for its last column, one table a text; `words` is what
        `_words` found."""
        said_shares, said_closeness, directions, read_shares = (
            part.astype(np.float32)
            for part in (
                np.sqrt(heard.shares[:, self._subjects]),
                _unit(heard.closeness[:, self._subjects]),
                *self._profile(heard.read),
            )
        )
        near = [view.closeness(v, rows) for view, v in zip(self._views, heard.spaces, strict=True)]
        shares, closeness, told, told_shares = (
            part[rows].astype(np.float32)
            for part in (self._shares, self._closeness, self._read, self._read_shares)
        )
        return [
            np.column_stack(
                (
                    *(view[at] for view in near[:_BEFORE_WORDS]),
                    words[at],
                    shares @ said_shares[at],
                    closeness @ said_closeness[at],
                    told_shares @ read_shares[at],
                    told @ directions[at],
                    *(view[at] for view in near[_BEFORE_WORDS:]),
                )
            )
            for at in range(len(words))
        ]

    def _words(self, texts: Sequence[str], rows: Rows) -> list[Scores]:
        """The evidence of words and sounds alone, from "bm25" to "synonyms_anywhere"."""
        found = []
        for text in texts:
            shared = self.lexical.look_up(text, rows)
            columns = (
                shared.bm25,
                shared.question_cover,
                shared.entry_cover,
                shared.asked_cover,
                shared.sounds,
                shared.sounds_anywhere,
                *self._kin.cover(text, rows),
                self._kin_anywhere.cover(text, rows)[0],
                self._synonyms.cover(text, rows),
                self._synonyms_anywhere.cover(text, rows),
            )
            found.append(np.column_stack(columns))
        return found

    def _candidates(self, wordings: Sequence[str], spaces: Sequence[FloatMatrix]) -> Rows:
        """All entries of a small client; of a large one, those that any sign puts forward."""
        size = len(self.entries)
        if size <= _ALL_BELOW:
            return np.arange(size)
        # The same rows as the questions' own put nothing else forward.
        views = {id(view): (view, v) for view, v in zip(self._views, spaces, strict=True)}
        chosen = [view.candidates(v) for view, v in views.values()]
        chosen += [self.lexical.candidates(wording, CANDIDATES) for wording in wordings]
        return np.unique(np.concatenate(chosen))


def sentences(answer: str) -> list[str]:
    """The first sentences of an answer, each of which may be what is asked for."""
    parts = [part.strip() for part in _SENTENCE_END.split(answer[:600])]
    return [part[:300] for part in parts if part][:_SENTENCES] or [answer[:300]]


def _blocks(size: int) -> list[slice]:
    """Rows to work on at a time: against every wording of the lexicon, many take gigabytes."""
    return [slice(at, at + _BLOCK) for at in range(0, size, _BLOCK)]


def _unit(rows: Scores) -> Scores:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9))


def _shortened(wordings: Sequence[str]) -> list[str]:
    """The end of long wordings, for the costly model: the question comes last.

    A word costs it nearly a millisecond of one core, and the decision is due within 30.
    """
    limit = max(_MOST_WORDS // len(wordings), _MOST_WORDS // 3)
    return [" ".join(wording.split()[-limit:]) for wording in wordings]
