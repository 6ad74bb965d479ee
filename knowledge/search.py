"""From an utterance to the entries that answer it, or silence."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from knowledge.confidence import Calibration, judged, probability, read_calibration
from knowledge.index import ClientIndex
from knowledge.marking import UNMARKED, mark
from knowledge.passages import ALTERNATIVES, Decision, Entry, Hit
from knowledge.postings import Scores
from knowledge.semantics import Semantics
from knowledge.utterance import Reading, read
from knowledge.vectors import KeptVectors

_RANKED = 10
_MARKED = ALTERNATIVES + 2
"""So many of those ranked can be seen where any is, cards and alternatives: they say why."""
_SILENCE = Decision(ranked=(), shown=())
_TYPED = 0.6
"""What holding all that is typed adds to an entry's confidence when it is asked for."""
_ASKED_ODDS = 0.5
_FAMILIAR = 0.6
"""An utterance asks beyond the client's knowledge from these odds, below this confidence."""
_GAP_WORDS = 3
_MOST_THINGS = 3
_LEAD = re.compile(
    r"^(?:(?:et|alors|donc|je|c'est|pour|quoi|quels?|quelles?|sont|est|de|me|il|voudrais|voulais|veux"
    r"|aimerais|aurais|besoin|avoir|conna[iî]tre|savoir|vous|avez|auriez|pouvez|pourriez|donner"
    r"|redonner|rappeler)[ ,]+|[jd]'(?=\w))*",
    re.IGNORECASE,
)
_AND = re.compile(r",\s*(?:et\s+)?|\s+et\s+(?:puis\s+|aussi\s+)?", re.IGNORECASE)
_THING = re.compile(
    r"(?!.*\b(?:(?:lun|mar|mercre|jeu|vendre|same)dis?|dimanches?|week-?ends?|matins?|midis?|soirs?)\b)"
    r"(?:(?:les?|la|vos|votre|leurs?)\s|l')\s*\S+(?:\s+\S+){0,3}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One way of putting what was said to the index."""

    text: str
    asks: bool
    part: int | None = None
    """Which clause it is; None for the utterance as a whole."""
    carried: bool = False
    """A former turn comes before it."""


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
        weights: Mapping[str, float] | None = None,
        kept: KeptVectors | None = None,
    ) -> None:
        """`weights` by entry id come from operators' use; `kept` spares embedding again."""
        self._index = ClientIndex(entries, semantics, kept)
        self._vectors = semantics.words
        self.calibration = calibration or read_calibration()
        self.threshold = self.calibration.threshold if threshold is None else threshold
        learnt = weights or {}
        self._weights = np.array([learnt.get(entry.entry_id, 0.0) for entry in self.entries])

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What it answers from."""
        return self._index.entries

    @property
    def size_bytes(self) -> int:
        """Memory its index takes, about."""
        return self._index.size_bytes

    def decide(self, utterance: str, *, previous: Sequence[str] = ()) -> Decision:
        """See `Prompter.decide`."""
        reading = read(utterance)
        wordings = wordings_of(reading, previous)
        if not self.entries or not wordings:
            return _SILENCE
        sure, rows, asking = self._confidences(wordings, reading)
        parts = _rows_of(wordings)
        best = sure.max(axis=0)
        order = np.argsort(-best, kind="stable")[:_RANKED]
        shown = [at for at in self._answers(sure, parts, order) if best[at] >= self.threshold]
        marked = {*shown, *(int(at) for at in order[:_MARKED])} if shown else set()
        hits = {
            at: self._hit(int(rows[at]), float(best[at]), utterance if at in marked else "")
            for at in map(int, order)
        }
        return Decision(
            ranked=tuple(hits.values()),
            shown=tuple(hits[at] for at in shown if at in hits),
            unanswered=not shown and _is_gap(reading, asking, float(best[order[0]])),
        )

    def ask(self, query: str, *, limit: int = 5) -> tuple[Hit, ...]:
        """See `Prompter.ask`."""
        if not self.entries or not query.strip():
            return ()
        completed, held = self._index.lexical.completed(query)
        reading = read(completed)
        wording = Wording(text=reading.text or completed, asks=True)
        sure, rows, _ = self._confidences([wording], reading)
        worth = sure[0] + _TYPED * held[rows]
        return tuple(
            self._hit(int(rows[at]), float(sure[0, at]), query)
            for at in np.argsort(-worth, kind="stable")[:limit]
        )

    def _confidences(
        self, wordings: Sequence[Wording], reading: Reading
    ) -> tuple[Scores, npt.NDArray[np.int64], float]:
        """Shape (wordings, candidates), which entries the candidates are, log-odds of asking."""
        found = self._index.compare([wording.text for wording in wordings])
        odds = judged(self.calibration, found, reading.acts, follows=carries(wordings))
        rows = found[0].rows
        return probability(odds + self._weights[rows]), rows, found[0].asking

    def _hit(self, row: int, confidence: float, said: str) -> Hit:
        """`said` is what words are marked of; "": none are."""
        entry = self.entries[row]
        return Hit(
            entry=entry,
            confidence=confidence,
            marking=mark(said, entry.question, entry.answer, self._vectors) if said else UNMARKED,
            weight=float(self._weights[row]),
        )

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
    before = _carried(previous, reading)
    named = things_asked(reading)
    things = [Wording(text=text, asks=True, part=at) for at, text in enumerate(named)]
    if before:
        joined = Wording(text=f"{before} {reading.text}".strip(), asks=True, carried=True)
        alone = [Wording(text=reading.text, asks=True)] if reading.text else []
        return [joined, *alone, *things]
    if not reading.text:
        return []
    whole = [Wording(text=reading.text, asks=any(clause.asks for clause in reading.clauses))]
    unfinished = _unfinished(previous)
    if unfinished:
        whole.append(Wording(text=f"{unfinished} {reading.text}", asks=True))
    if things:
        return whole + things
    asking = [at for at, clause in enumerate(reading.clauses) if clause.asks]
    if len(reading.clauses) > 1:
        whole.extend(
            Wording(text=reading.clauses[at].text, asks=True, part=at) for at in asking[:3]
        )
    return whole


def things_asked(reading: Reading) -> tuple[str, ...]:
    """What a question names and nothing else, two things or three: "vos horaires, le parking ?"
    asks for two. Nothing of any other utterance; days only go on with what was asked."""
    if len(reading.clauses) != 1 or not reading.clauses[0].asks:
        return ()
    begun = _LEAD.sub("", reading.text, count=1)
    things = [thing for part in _AND.split(begun) if (thing := part.strip(" ?.!,"))]
    if not 2 <= len(things) <= _MOST_THINGS or not all(map(_THING.fullmatch, things)):
        return ()
    mark = "?" if reading.text.endswith("?") else ""
    return tuple(f"{thing}{mark}" for thing in things)


def carries(wordings: Sequence[Wording]) -> bool:
    """The utterance is read with a former turn before it."""
    return bool(wordings) and wordings[0].carried


def _rows_of(wordings: Sequence[Wording]) -> Sequence[Wording]:
    """The wordings that have a row of confidences: what is carried and what follows share one."""
    return wordings[1:] if carries(wordings) and len(wordings) > 1 else wordings


def _is_gap(reading: Reading, asking: float, best: float) -> bool:
    """A question or a need in some words, that nothing answers."""
    acts = reading.acts
    small = max(acts["naming"], acts["ending"], acts["spelling"], acts["somebody"], acts["digits"])
    return (
        not acts["asks_nothing"]
        and not small
        and asking > _ASKED_ODDS
        and best < _FAMILIAR
        and len(reading.text.split()) >= _GAP_WORDS
    )


def _carried(previous: Sequence[str], reading: Reading) -> str:
    """The last turn that said something, whoever's, for an utterance that goes on with it.

    What is gone on with is as often told ("on ouvre à six heures") as asked.
    """
    if not reading.follows:
        return ""
    return next((before for turn in reversed(previous[-4:]) if (before := read(turn).text)), "")


def _unfinished(previous: Sequence[str]) -> str:
    if not previous:
        return ""
    before = read(previous[-1])
    return before.text if before.unfinished else ""
