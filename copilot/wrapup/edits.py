"""How much of what was proposed the operator changed: a measure of the copilot, never of people.

It keeps lengths and distances, no text and nobody's name, and is told for a whole client.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from copilot.events import DraftChanged, Event
from copilot.messageevents import TextDecided, WritingChanged

Fields = Mapping[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldEdit:
    """One field of one message, as it was proposed and as it was approved."""

    field: str
    proposed_chars: int
    """0: nothing was proposed."""
    approved_chars: int
    """0: nothing was approved."""
    distance: int
    """Characters to add, remove or change between the two (Levenshtein)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldMeasure:
    """One field over many messages of one client."""

    field: str
    messages: int
    """That had it, proposed or approved."""
    kept: int
    """Approved as proposed."""
    changed: int
    added: int
    """Typed where nothing was proposed."""
    emptied: int
    changed_share: float
    """Of the characters of what was changed: 0 untouched, 1 written anew."""


def proposed_of(events: Iterable[Event]) -> dict[str, str]:
    """What was last proposed for each field before its operator typed in it."""
    proposed: dict[str, str | None] = {}
    written: dict[str, str] = {}
    for event in events:
        if isinstance(event, DraftChanged):
            proposed |= {field.name: field.value for field in event.fields if not field.edited}
        elif isinstance(event, WritingChanged):
            written = {text.name: text.text for text in event.texts}
        elif isinstance(event, TextDecided) and event.taken and event.name in written:
            proposed[event.name] = written[event.name]
    return {name: value for name, value in proposed.items() if value}


def edits_of(proposed: Fields, approved: Fields) -> tuple[FieldEdit, ...]:
    """Every field that one of the two has."""
    names = dict.fromkeys((*proposed, *approved))
    return tuple(
        FieldEdit(
            field=name,
            proposed_chars=len(before),
            approved_chars=len(after),
            distance=Levenshtein.distance(before, after),
        )
        for name in names
        if (before := proposed.get(name) or "") + (after := approved.get(name) or "")
    )


def measures_of(edits: Iterable[FieldEdit]) -> tuple[FieldMeasure, ...]:
    """Field by field, the most changed first."""
    by_field: dict[str, list[FieldEdit]] = {}
    for edit in edits:
        by_field.setdefault(edit.field, []).append(edit)
    measured = [_measure(name, some) for name, some in by_field.items()]
    return tuple(sorted(measured, key=lambda one: (-one.changed - one.emptied, one.field)))


def _measure(name: str, edits: Sequence[FieldEdit]) -> FieldMeasure:
    both = [edit for edit in edits if edit.proposed_chars and edit.approved_chars]
    changed = [edit for edit in both if edit.distance]
    longest = sum(max(edit.proposed_chars, edit.approved_chars) for edit in changed)
    return FieldMeasure(
        field=name,
        messages=len(edits),
        kept=len(both) - len(changed),
        changed=len(changed),
        added=sum(not edit.proposed_chars for edit in edits),
        emptied=sum(not edit.approved_chars for edit in edits),
        changed_share=round(sum(edit.distance for edit in changed) / longest, 3)
        if longest
        else 0.0,
    )
