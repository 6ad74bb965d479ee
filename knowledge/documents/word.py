"""DOCX to blocks."""

from __future__ import annotations

import dataclasses
import io
import re
from collections.abc import Callable, Iterator
from typing import Any

from knowledge.documents.outline import Block, asks, cut, table_blocks
from knowledge.documents.package import damaged
from knowledge.documents.reading import ImportingError, Problem, Reading
from knowledge.documents.wordtext import content_of, is_on, is_reviewed, rows_of, runs_of, text_of

_HEADING_CHARS = 120
_BY_HAND = 10
"""Levels from here on are of lines made to look like headings: below those that are."""
_STYLE = re.compile(r"(?:heading|titre) (\d)", re.IGNORECASE)


def read_docx(
    content: bytes, name: str, source: str, progress: Callable[[int, int | None], None]
) -> Reading:
    """Raises ImportingError."""
    import docx

    try:
        document = docx.Document(io.BytesIO(content))
        body = document.element.body
        blocks = list(_by_hand(_blocks(document, progress)))
        title = document.core_properties.title or ""
        reviewed = is_reviewed(body)
    except (ImportingError, MemoryError, RecursionError):
        raise
    except Exception as error:
        raise damaged(name) from error
    reading = cut(blocks, kind="docx", name=name, source=source, title=title.strip()[:200])
    told = (_tracked(), *reading.problems) if reviewed else reading.problems
    return dataclasses.replace(reading, problems=told)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A paragraph, and how large it is written when it is bold throughout; else None."""

    block: Block
    bold_size: float | None


def _blocks(document: Any, progress: Callable[[int, int | None], None]) -> Iterator[_Line]:
    from docx.text.paragraph import Paragraph

    for number, item in enumerate(content_of(document.element.body), start=1):
        if number % 200 == 0:
            progress(number, None)
        if item.tag.endswith("}tbl"):
            yield from (_Line(block=block, bold_size=None) for block in table_blocks(rows_of(item)))
        elif text := text_of(item).strip():
            yield _paragraph(Paragraph(item, document._body), text, number)


def _paragraph(paragraph: Any, text: str, number: int) -> _Line:
    names = list(_styles(paragraph))
    if "Title" in names or "Titre" in names:
        return _Line(block=Block(kind="heading", text=text, paragraph=number), bold_size=None)
    for match in filter(None, map(_STYLE.fullmatch, names)):
        level = int(match.group(1))
        return _Line(
            block=Block(kind="heading", text=text, level=level, paragraph=number), bold_size=None
        )
    properties = paragraph._p.pPr
    listed = any(name.startswith(("List", "Liste")) for name in names) or (
        properties is not None and properties.numPr is not None
    )
    block = Block(kind="item" if listed else "text", text=text, paragraph=number)
    return _Line(block=block, bold_size=None if listed else _bold_size(paragraph, text))


def _styles(paragraph: Any) -> Iterator[str]:
    """Its style and those it is based on: a company's own heading is one of Word's."""
    style, steps = paragraph.style, 0
    while style is not None and steps < 10:
        yield style.name or ""
        style, steps = style.base_style, steps + 1


def _bold_size(paragraph: Any, text: str) -> float | None:
    """In points, of a short line that is bold throughout and no sentence; 0.0 for the usual."""
    if len(text) > _HEADING_CHARS or text.endswith((".", ",", ";", "!")):
        return None
    styled = bool(paragraph.style is not None and paragraph.style.font.bold)
    size = 0.0
    for properties, _ in runs_of(paragraph._p):
        bold = is_on(properties, "b")
        if not (styled if bold is None else bold):
            return None
        given = properties.find(f"{properties.tag[:-3]}sz") if properties is not None else None
        half_points = given.get(f"{properties.tag[:-3]}val", "0") if given is not None else "0"
        size = max(size, float(half_points) / 2)
    return size


def _by_hand(lines: Iterator[_Line]) -> Iterator[Block]:
    """Bold lines made to look like headings become headings, where something follows under them."""
    known = list(lines)
    bold = sorted((line.bold_size for line in known if line.bold_size is not None), reverse=True)
    sizes = sorted(set(bold), reverse=True)
    for at, line in enumerate(known):
        size = line.bold_size
        after = known[at + 1] if at + 1 < len(known) else None
        if size is None or asks(line.block.text) or after is None or not _is_under(after, size):
            yield line.block
            continue
        # The first line, larger than any other, is what the document is called.
        is_title = at == 0 and bold[1:] and size > bold[1]
        level = 0 if is_title else _BY_HAND + sizes.index(size)
        yield dataclasses.replace(line.block, kind="heading", level=level)


def _is_under(after: _Line, size: float) -> bool:
    return after.block.kind != "heading" and (after.bold_size is None or after.bold_size < size)


def _tracked() -> Problem:
    return Problem(
        code="tracked",
        left_out=False,
        french="Ce document a des modifications suivies en attente : il est lu comme si elles"
        " étaient toutes acceptées.",
        english="This document has tracked changes that wait for a decision: it is read as if all"
        " were accepted.",
    )
