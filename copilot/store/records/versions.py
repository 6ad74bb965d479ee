"""Who changed knowledge or consignes, and what a change did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

VersionAction = Literal["import", "create", "edit", "delete", "undo"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who changes knowledge or consignes. `name` is kept beside the change."""

    user_id: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOutcome:
    """What applying an import does, or did."""

    added: int
    changed: int
    removed: int
    unchanged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One change of a client's knowledge, or of its consignes. Numbers grow by one."""

    number: int
    at: datetime
    made_by: str | None
    made_by_name: str | None
    action: VersionAction
    label: str
    """The file, the address, or what was edited."""
    outcome: ImportOutcome
    reversible: bool
    """Whether what was before it is known, and is not what is there now."""
