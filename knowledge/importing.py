"""A client's documents, as companies really keep them, read into entries.

The door to `knowledge.documents`: what the rest of the house calls.
"""

from __future__ import annotations

from pathlib import Path

from knowledge.documents.reading import (
    MAX_FILE_BYTES,
    ImportingError,
    Problem,
    Reading,
)
from knowledge.documents.sandbox import USUAL, Limits, read_file

__all__ = [
    "MAX_FILE_BYTES",
    "USUAL",
    "ImportingError",
    "Limits",
    "Problem",
    "Reading",
    "import_faq",
    "read_file",
]


def import_faq(path: Path) -> Reading:
    """Read a FAQ file as a portal upload is read. Blocks. Raises ImportingError."""
    return read_file(path)
