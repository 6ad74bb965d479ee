"""A ranked entry as the operator sees it."""

from __future__ import annotations

from copilot.events import Card, Marks
from copilot.opening import links_of
from knowledge.passages import Hit


def card(hit: Hit, client_id: str, *, unseen: int = 0) -> Card:
    """Under an utterance that begins `unseen` characters into what was searched."""
    said = tuple((first - unseen, past - unseen) for first, past in hit.marking.said)
    return Card(
        entry_id=hit.entry.entry_id,
        question=hit.entry.question,
        answer=hit.entry.answer,
        source=hit.entry.source,
        confidence=hit.confidence,
        matched=hit.marking.words,
        marks=Marks(
            said=tuple(span for span in said if span[0] >= 0),
            question=hit.marking.question,
            answer=hit.marking.answer,
        ),
        weight=hit.weight,
        note=hit.entry.note,
        place=hit.entry.place,
        links=links_of(client_id, hit.entry),
    )
