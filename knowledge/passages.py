"""The units of a client's knowledge and what a search gives back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from knowledge.marking import UNMARKED, Marking

ALTERNATIVES = 3
"""Entries kept beside those shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A page that the operator can open."""

    label: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that the operator can open; its content is the store's."""

    attachment_id: str
    file_name: str
    media_type: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A question with its answer, or a passage of a document, in the client's words."""

    entry_id: str
    question: str
    answer: str
    tags: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()
    """Other wordings of the question (client, operators' feedback)."""
    source: str = "FAQ"
    """Where it comes from, for people: the FAQ, or the document's name."""
    document_id: str | None = None
    """Null for the FAQ."""
    place: str = ""
    """Where in the document, for people: `p. 3 · Tarifs › Dépannage`."""
    anchor: str = ""
    """The place as the fragment of an address: `page=3`, `:~:text=...`."""
    note: str = ""
    """For the operator alone ("ne pas donner au téléphone")."""
    valid_from: date | None = None
    """First local day in force."""
    valid_until: date | None = None
    """Last local day in force."""
    links: tuple[Link, ...] = ()
    attachments: tuple[Attachment, ...] = ()

    def in_force(self, day: date) -> bool:
        """Whether operators may be offered it on that local day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An entry ranked for an utterance."""

    entry: Entry
    confidence: float
    """Calibrated probability that this entry answers what was said, 0 to 1."""
    marking: Marking = UNMARKED
    """The words that support it, and where they stand."""
    weight: float = 0.0
    """What operators' use added to its log-odds; see `knowledge.usage`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The outcome for one utterance: all ranked entries, and those worth showing."""

    ranked: tuple[Hit, ...]
    """Best first, at most ten."""
    shown: tuple[Hit, ...]
    """What the operator sees, best first; empty means silence, the usual case."""
    unanswered: bool = False
    """Something was asked that no entry answers: a gap in the client's knowledge."""

    @property
    def alternatives(self) -> tuple[Hit, ...]:
        """The next best after those shown, for whoever wants more."""
        shown = {hit.entry.entry_id for hit in self.shown}
        return tuple(hit for hit in self.ranked if hit.entry.entry_id not in shown)[:ALTERNATIVES]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """What is particular to a client's suggestions, beside its entries."""

    client_id: str = ""
    threshold: float | None = None
    """An answer is offered from this confidence up; null: the calibration's."""
    weights: Mapping[str, float] = field(default_factory=dict)
    """Log-odds that operators' use adds, by entry id (`knowledge.usage`)."""


UNTUNED = Tuning()


class BuildPrompter(Protocol):
    """Indexes a client's entries; CPU-bound, seconds for hundreds that were never seen."""

    def __call__(self, entries: Sequence[Entry], tuning: Tuning = ..., /) -> Prompter:
        """The client's prompter."""
        ...


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
