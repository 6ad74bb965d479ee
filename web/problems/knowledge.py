"""Imports: what is refused. They bring their own sentences, which name the line of the file."""

from __future__ import annotations

from knowledge.importing import ImportingError

KINDS: tuple[type[Exception], ...] = (ImportingError,)
STATUS = {"import_too_large": 413, "import_stale": 409}
SENTENCES: dict[str, tuple[str, str]] = {}
