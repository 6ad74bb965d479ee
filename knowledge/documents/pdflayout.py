"""A PDF page's lines by where they stand: columns side by side, tables without rules, gaps."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

_BASELINE = 2.0
"""Points by which pieces of one line may differ in height."""
_ALIGNED = 6.0
_GUTTER = 2.5
"""Empty widths of a letter's size after which a line goes on in another column."""
_NARROW = frozenset("iljtfrI.,;:'’!|()[] -")
_WIDE = frozenset("mwMW%€—")
_COLUMN_LINES, _COLUMN_CHARS = 4, 18
"""Lines, and letters a line on each side, from which two columns are two texts."""
_TABLE_ROWS, _CELL_CHARS = 2, 80
_APART = 1.4
"""Times the usual distance of lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a page, or what of it stands in one column."""

    text: str
    size: float
    """Of its letters, in points."""
    bold: bool
    page: int
    x: float = 0.0
    y: float = 0.0
    cells: tuple[tuple[float, str], ...] = ()
    """Where each part begins, of a line with wide gaps."""
    is_row: bool = False
    """Of a table: a name, and what is said of it."""
    apart: bool = False
    """Further below the line before than lines usually are."""


@dataclass(slots=True)
class _Piece:
    text: str
    x: float
    y: float
    size: float
    bold: bool
    breaks: bool


def page_lines(page: Any, number: int) -> list[Line]:
    """The lines of a page with letters in them, in the order they are read."""
    pieces: list[_Piece] = []

    def seen(text: str, cm: Any, tm: Any, font: Any, font_size: float) -> None:
        scale = abs(tm[3] * cm[3] if tm[3] else tm[0] * cm[0]) or 1.0
        x, y = tm[4] * cm[0] + cm[4], tm[5] * cm[3] + cm[5]
        bold = "Bold" in str((font or {}).get("/BaseFont", ""))
        for at, part in enumerate(text.split("\n")):
            pieces.append(_Piece(part, x, y, font_size * scale, bold, bool(at)))

    page.extract_text(visitor_text=seen)
    lines = [line for group in _grouped(pieces) if (line := _line(group, number))]
    return _spaced(list(_unfolded(lines)))


def _grouped(pieces: Sequence[_Piece]) -> Iterator[list[_Piece]]:
    group: list[_Piece] = []
    for piece in pieces:
        if piece.breaks and group:
            yield group
            group = []
        group.append(piece)
    if group:
        yield group


def _line(pieces: Sequence[_Piece], page: int) -> Line | None:
    text = "".join(piece.text for piece in pieces).strip()
    said = [piece for piece in pieces if piece.text.strip()]
    if not re.search(r"\w", text):
        return None
    return Line(
        text=text,
        size=round(max(piece.size for piece in said), 1),
        bold=all(piece.bold for piece in said),
        page=page,
        x=said[0].x,
        y=said[0].y,
        cells=tuple(_cells(said)),
    )


def _cells(pieces: Sequence[_Piece]) -> Iterator[tuple[float, str]]:
    """The parts of a line, parted where nothing is written for a while."""
    start, text, end = pieces[0].x, "", pieces[0].x
    for piece in pieces:
        level = abs(piece.y - pieces[0].y) < _BASELINE
        if text and level and piece.x - end > _GUTTER * piece.size:
            yield start, text.strip()
            start, text = piece.x, ""
        text += piece.text
        end = max(end, piece.x + _width(piece.text.strip(), piece.size))
    yield start, text.strip()


def _width(text: str, size: float) -> float:
    """About, in points: fonts of text are much alike."""
    letters = sum(
        0.3 if sign in _NARROW else 0.88 if sign in _WIDE else 0.68 if sign.isupper() else 0.53
        for sign in text
    )
    return letters * size


def _unfolded(lines: Sequence[Line]) -> Iterator[Line]:
    """Columns that come line by line are told one after the other; table rows are known."""
    at = 0
    while at < len(lines):
        block = _aligned(lines, at)
        if _are_columns(block):
            for column in (0, 1):
                for line in block:
                    if column < len(line.cells):
                        x, text = line.cells[column]
                        yield dataclasses.replace(line, text=text, x=x, cells=())
            at += len(block)
        elif len(block) >= _TABLE_ROWS and _is_table(block):
            yield from (dataclasses.replace(line, is_row=True) for line in block)
            at += len(block)
        else:
            yield lines[at]
            at += 1


def _aligned(lines: Sequence[Line], first: int) -> list[Line]:
    """Lines from the first on, of two parts that begin where its own do; a left one alone may
    come between or last."""
    if len(lines[first].cells) != 2:
        return []
    (left, _), (right, _) = lines[first].cells
    block: list[Line] = []
    for line in lines[first:]:
        starts = [start for start, _ in line.cells]
        wanted = (left, right)[: len(starts)]
        if len(starts) > 2 or any(
            abs(start - column) > _ALIGNED for start, column in zip(starts, wanted, strict=True)
        ):
            break
        block.append(line)
    while block and len(block[-1].cells) != 2:
        block.pop()
    return block


def _are_columns(block: Sequence[Line]) -> bool:
    both = [line.cells for line in block if len(line.cells) == 2]
    if len(both) < _COLUMN_LINES:
        return False
    sides = [[len(cells[side][1]) for cells in both] for side in (0, 1)]
    return all(sum(side) / len(side) >= _COLUMN_CHARS for side in sides)


def _is_table(block: Sequence[Line]) -> bool:
    return all(
        len(line.cells) == 2 and max(len(text) for _, text in line.cells) <= _CELL_CHARS
        for line in block
    )


def _spaced(lines: list[Line]) -> list[Line]:
    """With what stands apart from the line before."""
    distances = [
        round(before.y - line.y, 1)
        for before, line in pairwise(lines)
        if 0 < before.y - line.y < 3 * line.size
    ]
    if not distances:
        return lines
    usual = min(median(distances), Counter(distances).most_common(1)[0][0])
    return [
        dataclasses.replace(line, apart=line.y < before.y - _APART * usual)
        for before, line in zip([lines[0], *lines], lines, strict=False)
    ]
