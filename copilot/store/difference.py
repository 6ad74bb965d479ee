"""What would turn a client's entries into others: pure functions, no database."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from copilot.store.errors import ConflictError
from copilot.store.records.knowledge import EntryChange, ImportMode, StoredEntry
from copilot.store.records.versions import ImportOutcome
from knowledge.documents.tables import question_key
from knowledge.passages import Entry
from knowledge.wording import plain

OPTIONAL_FIELDS = frozenset(
    ("tags", "alternatives", "note", "valid_from", "valid_until", "links", "attachments")
)
"""What a file may leave unsaid: an entry that is there already keeps its own."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """What an import brings."""

    entries: tuple[Entry, ...]
    document_id: str | None = None
    """The document they are passages of; null for the FAQ."""
    mode: ImportMode = "replace"
    given: frozenset[str] = OPTIONAL_FIELDS
    """The optional fields that the file speaks about."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """The outcome of a change: null version when nothing changed."""

    outcome: ImportOutcome
    version: int | None


def changes_of(
    current: Sequence[StoredEntry],
    incoming: Incoming,
    *,
    version: int,
    author: str | None,
    at: datetime,
) -> tuple[EntryChange, ...]:
    """Every entry that an import touches. Raises `ConflictError` when an id comes twice.

    Entries of other documents stay. Entries that only move are among the changes.
    """
    have = {stored.entry.entry_id: stored for stored in current}
    same = [stored for stored in current if stored.entry.document_id == incoming.document_id]
    kept = _filled(named(current, incoming), have, incoming.given)
    if incoming.mode == "merge":
        kept = _merged(same, kept)
    last = max((stored.position for stored in current), default=-1)
    position = -1 if same else last
    changes = []
    for entry in kept:
        before = have.get(entry.entry_id)
        position = max(position + 1, before.position if before else 0)
        if before and before.entry == entry and before.position == position:
            continue
        if before and before.entry == entry:
            after = dataclasses.replace(before, position=position)
        else:
            after = StoredEntry(
                entry=entry, position=position, version=version, author=author, revised_at=at
            )
        changes.append(EntryChange(before=before, after=after))
    staying = {entry.entry_id for entry in kept}
    changes += [
        EntryChange(before=stored, after=None)
        for stored in same
        if stored.entry.entry_id not in staying
    ]
    return tuple(changes)


def outcome_of(changes: Iterable[EntryChange], *, size_after: int) -> ImportOutcome:
    """Count. `size_after`: how many entries the changed collection has in the end."""
    added = changed = removed = 0
    for change in changes:
        if change.before is None:
            added += 1
        elif change.after is None:
            removed += 1
        elif not change.moves_only:
            changed += 1
    return ImportOutcome(
        added=added, changed=changed, removed=removed, unchanged=size_after - added - changed
    )


def size_after(
    current: Sequence[StoredEntry], changes: Iterable[EntryChange], document_id: str | None
) -> int:
    """How many entries the FAQ, or one document, has after the changes."""
    size = sum(stored.entry.document_id == document_id for stored in current)
    return size + sum((change.before is None) - (change.after is None) for change in changes)


def fields_changed(before: Entry, after: Entry) -> tuple[str, ...]:
    """Names of the fields that differ, in the order of the class."""
    names = (item.name for item in dataclasses.fields(Entry))
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))


def same_knowledge(number: int, undoes: Mapping[int, int]) -> int:
    """The first version that left the knowledge as `number` did; `undoes`: by undoing version,
    the version it went back before."""
    while (target := undoes.get(number)) is not None:
        number = target - 1
    return number


def named(current: Sequence[StoredEntry], incoming: Incoming) -> list[Entry]:
    """What comes, in its order, under the ids that it has or takes.

    A question of the FAQ that is there under another id (it was typed in, or answered a gap) is
    that entry: it keeps its id, and with it what operators did with it. An id that another
    document's passage has already gets a suffix. Raises `ConflictError` when an id comes twice.
    """
    have = {stored.entry.entry_id: stored.entry for stored in current}
    asked = _asked_as(current, incoming) if incoming.document_id is None else {}
    seen: set[str] = set()
    found = []
    for entry in incoming.entries:
        entry_id = entry.entry_id
        taken = have.get(entry_id)
        if taken is None and (known := asked.get(question_key(entry.question))):
            same = [one for one in known if plain(one.answer) == plain(entry.answer)]
            known.remove(it := (same or known)[0])
            entry_id = it.entry_id
        elif taken is not None and taken.document_id != incoming.document_id:
            entry_id = f"{entry_id}+"
        if entry_id in seen:
            raise ConflictError(f"two entries have the id {entry_id!r}")
        seen.add(entry_id)
        found.append(
            dataclasses.replace(entry, entry_id=entry_id, document_id=incoming.document_id)
        )
    return found


def _asked_as(current: Sequence[StoredEntry], incoming: Incoming) -> dict[str, list[Entry]]:
    """Entries of the FAQ that no incoming one names, by their question."""
    named_ids = {entry.entry_id for entry in incoming.entries}
    asked: dict[str, list[Entry]] = defaultdict(list)
    for stored in current:
        entry = stored.entry
        if entry.document_id is None and entry.entry_id not in named_ids:
            asked[question_key(entry.question)].append(entry)
    return asked


def _filled(
    wanted: Sequence[Entry], have: dict[str, StoredEntry], given: Collection[str]
) -> list[Entry]:
    unsaid = OPTIONAL_FIELDS - set(given)
    return [
        dataclasses.replace(
            entry, **{name: getattr(have[entry.entry_id].entry, name) for name in unsaid}
        )
        if entry.entry_id in have and unsaid
        else entry
        for entry in wanted
    ]


def _merged(same: Sequence[StoredEntry], wanted: Sequence[Entry]) -> list[Entry]:
    """What is there keeps its place, changed or not; what is new comes after."""
    new = {entry.entry_id: entry for entry in wanted}
    ordered = sorted(same, key=lambda stored: stored.position)
    kept = [new.pop(stored.entry.entry_id, stored.entry) for stored in ordered]
    return [*kept, *new.values()]
