"""What a sheet shows beyond the values of its cells: which are merged, which rows are hidden.

Read from the sheet's own XML: rows that come one by one (openpyxl's `read_only`) do not say it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import IO

_CHUNK_BYTES = 1 << 20
_OVERLAP_BYTES = 4096
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*\bref="([A-Z]{1,3})(\d+):([A-Z]{1,3})(\d+)"')
_NUMBER = re.compile(rb'\br="(\d{1,7})"')
_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
MAX_MERGED_CELLS = 200_000


@dataclass(slots=True)
class Layout:
    """Lines count from 1, columns from 0."""

    above: dict[int, dict[int, int]] = field(default_factory=dict)
    """By line and column, the line that holds the value of a cell merged with those above it."""
    hidden: set[int] = field(default_factory=set)


def layout_of(sheet: IO[bytes]) -> Layout:
    """Of a sheet's XML, read in pieces."""
    layout, kept, budget = Layout(), b"", MAX_MERGED_CELLS
    while chunk := sheet.read(_CHUNK_BYTES):
        text = kept + chunk
        # What a piece may have cut in two is looked at with the next one.
        end = text.rfind(b"<")
        text, kept = (text[:end], text[end:]) if end > 0 else (text, b"")
        kept = kept[-_OVERLAP_BYTES:]
        for row in _ROW.finditer(text):
            if _HIDDEN.search(row[1]) and (number := _NUMBER.search(row[1])):
                layout.hidden.add(int(number[1]))
        for first, top, last, bottom in _MERGED.findall(text):
            start, end_line, column = int(top), int(bottom), _column(first)
            # A title over several columns is one cell; a subject beside several rows is theirs.
            budget -= end_line - start
            if first != last or budget < 0:
                continue
            for line in range(start + 1, end_line + 1):
                layout.above.setdefault(line, {})[column] = start
    return layout


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number - 1
