"""Tables as files that people keep: CSV, a workbook, a PDF. Heavy libraries load when used.

Text is data: no spreadsheet takes a cell for a formula, no PDF takes one for markup.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, cast

from knowledge.documents.export import neutral

if TYPE_CHECKING:
    from reportlab.pdfbase.ttfonts import TTFont

Format = Literal["csv", "xlsx", "pdf"]
Language = Literal["fr", "en"]
Cell = str | int | float | Decimal | None
MEDIA_TYPES: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
MOST_ROWS = 10_000
"""Of one table: what is asked for is cut there, and says so."""
SHEET_NAME = 31
"""Characters that a workbook allows."""
MARGIN_MM = 16
FONT, BOLD = "Vera", "VeraBd"
"""Shipped with the PDF library."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table of a document."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    widths: tuple[float, ...] | None = None
    """Of a page's columns, relative; null: all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What becomes a file."""

    title: str
    subtitle: str
    tables: tuple[Table, ...]
    language: Language = "fr"
    notes: tuple[str, ...] = ()
    wide: bool = False
    """A page lies on its side."""


def written(document: Document, wanted: Format) -> bytes:
    """The file in the format wanted."""
    return {"csv": as_csv, "xlsx": as_xlsx, "pdf": as_pdf}[wanted](document)


def as_csv(document: Document) -> bytes:
    """UTF-8 with its mark; for French spreadsheets `;` and decimal commas. A lone table has no
    title above its header, so that programs read it as it is."""
    file = io.StringIO(newline="")
    separator = ";" if document.language == "fr" else ","
    writer = csv.writer(file, delimiter=separator)
    for number, table in enumerate(document.tables):
        if len(document.tables) > 1:
            if number:
                writer.writerow([])
            writer.writerow([neutral(table.title)])
        writer.writerow([neutral(name) for name in table.header])
        writer.writerows([_text(cell, document.language) for cell in row] for row in table.rows)
    return file.getvalue().encode("utf-8-sig")


def as_xlsx(document: Document) -> bytes:
    """A sheet a table; numbers stay numbers."""
    from openpyxl import Workbook

    workbook = Workbook(write_only=True)
    taken: set[str] = set()
    for table in document.tables:
        sheet = workbook.create_sheet(_sheet_name(table.title, taken))
        sheet.append([neutral(name) for name in table.header])
        for row in table.rows:
            sheet.append([neutral(cell) if isinstance(cell, str) else cell for cell in row])
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def as_pdf(document: Document) -> bytes:
    """A4; a table's header comes again on each page."""
    from reportlab.lib import colors
    from reportlab.lib.pagesizes import A4, landscape
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.lib.units import mm
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer
    from reportlab.platypus import Table as PdfTable

    for name in (FONT, BOLD):
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))
    face = cast("TTFont", pdfmetrics.getFont(FONT))
    body = ParagraphStyle("body", fontName=FONT, fontSize=8, leading=10.5)
    bold = ParagraphStyle("bold", parent=body, fontName=BOLD)
    title = ParagraphStyle("title", parent=bold, fontSize=15, leading=20)
    heading = ParagraphStyle("heading", parent=bold, fontSize=10, leading=16, spaceBefore=8)
    size = landscape(A4) if document.wide else A4
    margin = MARGIN_MM * mm
    width = size[0] - 2 * margin

    def text(content: str, style: ParagraphStyle) -> Paragraph:
        return Paragraph(_markup(content, face), style)

    story: list[Flowable] = [text(document.title, title), text(document.subtitle, body)]
    for table in document.tables:
        story.append(text(table.title, heading))
        cells = [[text(name, bold) for name in table.header]]
        cells += [
            [text(_shown(cell, document.language), body) for cell in row] for row in table.rows
        ]
        shares = table.widths or (1.0,) * len(table.header)
        story.append(
            PdfTable(
                cells,
                colWidths=[width * share / sum(shares) for share in shares],
                repeatRows=1,
                style=[
                    ("LINEBELOW", (0, 0), (-1, -1), 0.3, colors.HexColor("#c8ccd1")),
                    ("VALIGN", (0, 0), (-1, -1), "TOP"),
                    ("LEFTPADDING", (0, 0), (-1, -1), 2),
                    ("RIGHTPADDING", (0, 0), (-1, -1), 4),
                    ("TOPPADDING", (0, 0), (-1, -1), 2),
                    ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
                ],
            )
        )
    story += [Spacer(1, 4 * mm), *(text(note, body) for note in document.notes)]
    file = io.BytesIO()
    SimpleDocTemplate(
        file,
        pagesize=size,
        title=document.title,
        lang=document.language,
        leftMargin=margin,
        rightMargin=margin,
        topMargin=margin,
        bottomMargin=margin,
    ).build(story)
    return file.getvalue()


def file_name(*parts: str) -> str:
    """Letters, digits and dashes of these parts, for a header."""
    joined = "-".join(parts)
    folded = unicodedata.normalize("NFKD", joined).encode("ascii", "ignore").decode().lower()
    return "-".join("".join(c if c.isalnum() else " " for c in folded).split())


def duration(seconds: float | None) -> str:
    """`4:07`, `1:02:09`; empty for none."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def local_moment(at: datetime | None, language: Language) -> str:
    """A moment already in the reader's zone."""
    if at is None:
        return ""
    return f"{at:%d/%m/%Y %H:%M}" if language == "fr" else f"{at:%Y-%m-%d %H:%M}"


def _text(cell: Cell, language: Language) -> str:
    """A cell of a CSV file. A number is no formula, whatever its sign."""
    return neutral(cell) if isinstance(cell, str) else _shown(cell, language)


def _shown(cell: Cell, language: Language) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    return str(cell).replace(".", ",") if language == "fr" else str(cell)


def _markup(content: str, face: TTFont) -> str:
    """Text for a paragraph: escaped, in letters that the font has."""
    from xml.sax.saxutils import escape

    known = face.face.charToGlyph
    shown = "".join(sign if ord(sign) in known else _closest(sign, known) for sign in content)
    return escape(shown).replace("\n", "<br/>")


def _closest(sign: str, known: dict[int, int]) -> str:
    """A letter without the accents that the font lacks; a square for what it has none of."""
    if sign in "\n\t\u202f\u2009":
        return "\n" if sign == "\n" else " "
    plain = [part for part in unicodedata.normalize("NFKD", sign) if ord(part) in known]
    return "".join(plain) or "\u25a1" * (0x25A1 in known) or "?"


def _sheet_name(title: str, taken: set[str]) -> str:
    plain = "".join(" " if sign in "[]:*?/\\" else sign for sign in title).strip()
    name = plain[:SHEET_NAME] or "1"
    number = 2
    while name.lower() in taken:
        name, number = f"{plain[: SHEET_NAME - 4]} {number}", number + 1
    taken.add(name.lower())
    return name


def cut(rows: Sequence[tuple[Cell, ...]]) -> tuple[tuple[Cell, ...], ...]:
    """As many rows as a file takes."""
    return tuple(rows[:MOST_ROWS])
