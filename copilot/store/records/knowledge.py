"""A client's knowledge: entries, the documents they come from, and imports on their way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from knowledge.passages import Entry

ImportMode = Literal["replace", "merge"]
ImportState = Literal["reading", "ready", "applied", "failed", "discarded"]
ImportStage = Literal["waiting", "fetching", "reading", "comparing", "done"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEntry:
    """An entry as the store keeps it."""

    entry: Entry
    position: int
    version: int
    """The version of the knowledge that gave it this content."""
    author: str | None
    revised_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryChange:
    """What a version does to one entry; null before: added, null after: removed."""

    before: StoredEntry | None
    after: StoredEntry | None

    @property
    def entry_id(self) -> str:
        return self.shown.entry.entry_id

    @property
    def shown(self) -> StoredEntry:
        """The entry as it becomes, or as it was when it goes."""
        known = self.after or self.before
        if known is None:
            raise ValueError("a change of nothing")
        return known

    @property
    def moves_only(self) -> bool:
        """The content stays, the place in the list changes."""
        return bool(self.before and self.after and self.before.entry == self.after.entry)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file or page whose passages are entries."""

    id: str
    name: str
    kind: str
    """`pdf`, `docx`, `html`, `markdown`, `text`."""
    address: str | None
    """Of a page."""
    file_id: str
    """What was imported, in the client's files."""
    size_bytes: int
    imported_at: datetime
    imported_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file of a client, without its content."""

    id: str
    file_name: str
    media_type: str
    size_bytes: int
    added_at: datetime
    added_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportJob:
    """An import on its way, visible to every process."""

    id: str
    name: str
    address: str | None
    mode: ImportMode
    state: ImportState
    stage: ImportStage
    done: int
    total: int | None
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    created_by_name: str | None
    base_version: int | None
    """The version that the preview compares with."""
    incoming: dict[str, Any] | None
    """What was read, as `copilot.imports` writes it."""
    summary: dict[str, Any] | None
    failure: dict[str, Any] | None
    file_id: str | None
    version: int | None
