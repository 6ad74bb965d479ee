"""DOCX to blocks."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from knowledge.documents.outline import Block, cut, table_blocks
from knowledge.documents.package import damaged
from knowledge.documents.reading import ImportingError, Reading

if TYPE_CHECKING:
    from docx.table import Table
    from docx.text.paragraph import Paragraph


def read_docx(
    content: bytes, name: str, source: str, progress: Callable[[int, int | None], None]
) -> Reading:
    """Raises ImportingError."""
    import docx

    try:
        document = docx.Document(io.BytesIO(content))
        blocks = list(_blocks(document.iter_inner_content(), progress))
        title = document.core_properties.title or ""
    except (ImportingError, MemoryError, RecursionError):
        raise
    except Exception as error:
        raise damaged(name) from error
    return cut(blocks, kind="docx", name=name, source=source, title=title.strip()[:200])


def _blocks(
    content: Iterator[Paragraph | Table], progress: Callable[[int, int | None], None]
) -> Iterator[Block]:
    from docx.table import Table

    for number, item in enumerate(content, start=1):
        if number % 200 == 0:
            progress(number, None)
        if isinstance(item, Table):
            yield from table_blocks([_cells(row) for row in item.rows])
        elif item.text.strip():
            yield _paragraph(item, number)


def _paragraph(paragraph: Paragraph, number: int) -> Block:
    style = (paragraph.style.name or "") if paragraph.style else ""
    if style == "Title":
        return Block(kind="heading", text=paragraph.text, level=0, paragraph=number)
    if match := re.fullmatch(r"(?:Heading|Titre) (\d)", style):
        level = int(match.group(1))
        return Block(kind="heading", text=paragraph.text, level=level, paragraph=number)
    properties = paragraph._p.pPr
    listed = style.startswith(("List", "Liste")) or (
        properties is not None and properties.numPr is not None
    )
    return Block(kind="item" if listed else "text", text=paragraph.text, paragraph=number)


def _cells(row: object) -> list[str]:
    """The texts of a row; a merged cell counts once."""
    texts: list[str] = []
    last = None
    for cell in row.cells:  # type: ignore[attr-defined]
        if cell._tc is not last:
            texts.append(cell.text)
        last = cell._tc
    return texts
