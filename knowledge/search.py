"""From an utterance to the entries that answer it, or silence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from knowledge.confidence import Calibration, decision_features, read_calibration
from knowledge.index import ClientIndex
from knowledge.lexical import Scores
from knowledge.passages import Decision, Entry, Hit
from knowledge.semantics import Semantics
from knowledge.utterance import Reading, read

_RANKED = 10
_SILENCE = Decision(ranked=(), shown=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One way of putting what was said to the index."""

    text: str
    asks: bool
    part: int | None = None
    """Which clause it is; None for the utterance as a whole."""


class ClientPrompter:
    """One client's knowledge, ready to answer (`knowledge.passages.Prompter`).

    CPU-bound, about 20 ms an utterance: call it from a worker thread. Thread-safe.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        semantics: Semantics,
        *,
        calibration: Calibration | None = None,
        threshold: float | None = None,
    ) -> None:
        self._index = ClientIndex(entries, semantics)
        self.calibration = calibration or read_calibration()
        self.threshold = self.calibration.threshold if threshold is None else threshold

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What it answers from."""
        return self._index.entries

    def decide(self, utterance: str, *, previous: Sequence[str] = ()) -> Decision:
        """See `Prompter.decide`."""
        reading = read(utterance)
        wordings = wordings_of(reading, previous)
        if not self.entries or not wordings:
            return _SILENCE
        sure, rows = self._confidences(wordings, reading)
        best = sure.max(axis=0)
        told_by = sure.argmax(axis=0)
        order = np.argsort(-best, kind="stable")[:_RANKED]
        hits = {
            int(at): Hit(
                entry=self.entries[rows[at]],
                confidence=float(best[at]),
                matched=self._index.lexical.matched(wordings[told_by[at]].text, int(rows[at])),
            )
            for at in order
        }
        shown = [at for at in self._answers(sure, wordings, order) if best[at] >= self.threshold]
        return Decision(
            ranked=tuple(hits.values()),
            shown=tuple(hits[at] for at in shown if at in hits),
        )

    def ask(self, query: str, *, limit: int = 5) -> tuple[Hit, ...]:
        """See `Prompter.ask`."""
        if not self.entries or not query.strip():
            return ()
        reading = read(query)
        wording = Wording(text=reading.text or query, asks=True)
        sure, rows = self._confidences([wording], reading)
        return tuple(
            Hit(
                entry=self.entries[rows[at]],
                confidence=float(sure[0, at]),
                matched=self._index.lexical.matched(query, int(rows[at])),
            )
            for at in np.argsort(-sure[0], kind="stable")[:limit]
        )

    def _confidences(
        self, wordings: Sequence[Wording], reading: Reading
    ) -> tuple[Scores, npt.NDArray[np.int64]]:
        """Shape (wordings, candidates), and which entries the candidates are."""
        found = self._index.compare([wording.text for wording in wordings])
        sure = []
        for evidence in found:
            scores = self.calibration.scores(evidence)
            features = decision_features(evidence, scores, reading.acts)
            sure.append(self.calibration.confidences(features))
        return np.stack(sure), found[0].rows

    def _answers(self, sure: Scores, wordings: Sequence[Wording], order: np.ndarray) -> list[int]:
        """The best entry, then the best entry of each other clause that asks something."""
        answers = [int(order[0])]
        for at, wording in enumerate(wordings):
            if wording.part is not None and wording.asks:
                row = int(sure[at].argmax())
                if row not in answers and sure[at, row] >= self.threshold:
                    answers.append(row)
        return answers[:2]


def wordings_of(reading: Reading, previous: Sequence[str] = ()) -> list[Wording]:
    """What to look up for an utterance: the whole, what it follows, and each clause that asks."""
    if reading.follows or not reading.text:
        before = _carried(previous, reading)
        if before:
            return [Wording(text=f"{before} {reading.text}".strip(), asks=True)]
    if not reading.text:
        return []
    whole = [Wording(text=reading.text, asks=any(clause.asks for clause in reading.clauses))]
    joined = _unfinished(previous)
    if joined:
        whole.append(Wording(text=f"{joined} {reading.text}", asks=True))
    asking = [at for at, clause in enumerate(reading.clauses) if clause.asks]
    if len(reading.clauses) > 1:
        whole.extend(
            Wording(text=reading.clauses[at].text, asks=True, part=at) for at in asking[:3]
        )
    return whole


def _carried(previous: Sequence[str], reading: Reading) -> str:
    """The last turn that was about something, for an utterance that goes on with it."""
    if not reading.follows:
        return ""
    for turn in reversed(previous[-4:]):
        before = read(turn)
        if before.text and any(clause.asks for clause in before.clauses):
            return before.text
    return ""


def _unfinished(previous: Sequence[str]) -> str:
    if not previous:
        return ""
    before = read(previous[-1])
    return before.text if before.unfinished else ""
