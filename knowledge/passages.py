"""The units of a client's knowledge and what a search gives back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A question with its answer, in the client's words."""

    entry_id: str
    question: str
    answer: str
    tags: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()
    """Other wordings of the question (client, operators' feedback)."""
    source: str = "FAQ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An entry ranked for an utterance."""

    entry: Entry
    confidence: float
    """Calibrated probability that this entry answers what was said, 0 to 1."""
    matched: tuple[str, ...] = ()
    """Words of the utterance that support it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The outcome for one utterance: all ranked entries, and those worth showing."""

    ranked: tuple[Hit, ...]
    """Best first, at most ten."""
    shown: tuple[Hit, ...]
    """What the operator sees, best first; empty means silence, the usual case."""


class Prompter(Protocol):
    """One client's knowledge, ready to answer. CPU-bound: call it from a worker thread."""

    def decide(self, utterance: str, *, previous: Sequence[str] = ()) -> Decision:
        """Answer a caller's final utterance.

        `previous` holds the turns before it, oldest first, for follow-up questions.
        """
        ...

    def ask(self, query: str, *, limit: int = 5) -> tuple[Hit, ...]:
        """Rank entries for an operator's typed query; shows something whenever it can."""
        ...
