"""PDF to blocks: lines with their size, headings told by size and weight."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any

from knowledge.documents.outline import Block, asks, cut
from knowledge.documents.package import damaged, encrypted
from knowledge.documents.pdflayout import Line, page_lines
from knowledge.documents.reading import ImportingError, Problem, Reading, place_of, spaced

MAX_PAGES = 2000
_LARGER = 1.15
_HEADING_CHARS = 120
_HEADING_LINES = 2
"""More lines of a heading's size in a row are a text, or a table."""
_BULLET = re.compile(r"^[•·▪‣◦●○–—*-]\s+")


def read_pdf(
    content: bytes, name: str, source: str, progress: Callable[[int, int | None], None]
) -> Reading:
    """Raises ImportingError: encrypted, scanned, damaged."""
    import dataclasses

    from pypdf import PdfReader

    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        # Without a password to open it, only what may be done with it is protected.
        if reader.is_encrypted and not reader.decrypt(""):
            raise encrypted(name)
        count = len(reader.pages)
        if count > MAX_PAGES:
            raise ImportingError(
                "import_too_large",
                french=f"{name} : plus de {spaced(MAX_PAGES)} pages. Découpez le document.",
                english=f"{name}: more than {MAX_PAGES:,} pages. Split the document.",
            )
        pages: list[list[Line]] = []
        empty: list[int] = []
        for number, page in enumerate(reader.pages, start=1):
            progress(number, count)
            pages.append(page_lines(page, number))
            resources: Any = page.get("/Resources")
            if not pages[-1] and "/XObject" in (resources or ()):
                empty.append(number)
        title = str(reader.metadata.title or "") if reader.metadata else ""
    except (ImportingError, MemoryError, RecursionError):
        raise
    except Exception as error:
        raise damaged(name) from error
    if not any(pages):
        raise _scanned(name)
    lines = _without_running_titles(pages)
    reading = cut(blocks_of(lines), kind="pdf", name=name, source=source, title=title.strip()[:200])
    problems = (*reading.problems, *(_picture(number) for number in empty))
    return dataclasses.replace(reading, problems=problems)


def blocks_of(lines: Sequence[Line]) -> Iterator[Block]:
    """Headings, rows of tables, and lines joined into paragraphs."""
    sizes = Counter[float]()
    for line in lines:
        sizes[line.size] += len(line.text)
    body = sizes.most_common(1)[0][0] if sizes else 0.0
    larger = sorted({line.size for line in lines if line.size > body * _LARGER}, reverse=True)
    width = max((len(line.text) for line in lines), default=0)
    gathered: list[Line] = []
    for level, alike in groupby(lines, key=lambda line: _level(line, larger)):
        together = list(alike)
        if level is not None and len(together) <= _HEADING_LINES:
            yield from _paragraph(gathered)
            gathered = []
            yield Block(
                kind="heading",
                text=" ".join(line.text for line in together),
                level=level,
                page=together[0].page,
            )
            continue
        for line in together:
            if line.is_row or _begins(line, gathered, width):
                yield from _paragraph(gathered)
                gathered = []
            if line.is_row:
                name, said = (text for _, text in line.cells)
                yield Block(kind="row", label=name, text=said, page=line.page)
            else:
                gathered.append(line)
    yield from _paragraph(gathered)


def _level(line: Line, larger: Sequence[float]) -> int | None:
    if len(line.text) > _HEADING_CHARS or line.is_row:
        return None
    if line.size in larger:
        return larger.index(line.size) + 1
    if line.bold and not line.text.endswith((".", ",", ";")):
        return len(larger) + 1
    return None


def _begins(line: Line, gathered: Sequence[Line], width: int) -> bool:
    """Whether a line begins a paragraph."""
    if not gathered or line.apart or _BULLET.match(line.text):
        return True
    before = gathered[-1].text
    if asks(line.text) or asks(" ".join(one.text for one in gathered)):
        return before.endswith((".", "!", "?", ":", "»"))
    ended = before.endswith((".", "!", "?", ":"))
    return ended and (len(before) < 0.8 * width or line.page != gathered[-1].page)


def _paragraph(lines: Sequence[Line]) -> Iterator[Block]:
    if not lines:
        return
    text = " ".join(line.text for line in lines)
    text = re.sub(r"(\w)- (?=[a-zà-ÿ])", r"\1", text)
    bullet = _BULLET.match(text)
    yield Block(
        kind="item" if bullet else "text",
        text=text[bullet.end() :] if bullet else text,
        page=lines[0].page,
    )


def _without_running_titles(pages: Sequence[Sequence[Line]]) -> list[Line]:
    """Lines that come at the top or the bottom of most pages are left out, numbers aside."""
    edges = Counter[str]()
    for lines in pages:
        edges.update({_numberless(line) for line in (*lines[:1], *lines[-1:])})
    running = {text for text, times in edges.items() if times > 2 and times > len(pages) / 2}
    return [
        line
        for lines in pages
        for at, line in enumerate(lines)
        if not (at in (0, len(lines) - 1) and _numberless(line) in running)
    ]


def _numberless(line: Line) -> str:
    return re.sub(r"\d+", "#", line.text)


def _scanned(name: str) -> ImportingError:
    return ImportingError(
        "import_scanned",
        french=f"{name} : c'est un document numérisé, sans texte (des images)."
        " Passez-le par une reconnaissance de caractères, ou donnez l'original.",
        english=f"{name}: this is a scanned document, without text (pictures)."
        " Run it through text recognition, or give the original.",
    )


def _picture(page: int) -> Problem:
    return Problem(
        code="no_text",
        left_out=True,
        place=place_of(page=page),
        french=f"Page {page} : image sans texte, laissée de côté.",
        english=f"Page {page}: a picture without text, left out.",
    )
