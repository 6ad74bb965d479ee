"""The FAQ as a file: opened by spreadsheets without running anything, read back unchanged."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from knowledge.documents.tables import FORMULA_SIGNS
from knowledge.passages import Entry, Link

HEADER = (
    "id", "question", "réponse", "mots-clés", "variantes", "note", "valable du", "valable jusqu'au",
    "liens",
)  # fmt: skip
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_FORMULA = re.compile(rf"'*[{re.escape(FORMULA_SIGNS)}]")


def as_csv(entries: Sequence[Entry]) -> bytes:
    """UTF-8 with its mark and `;`, as French spreadsheets expect."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writerow(HEADER)
    writer.writerows(_cells(entry) for entry in entries)
    return file.getvalue().encode("utf-8-sig")


def as_xlsx(entries: Sequence[Entry]) -> bytes:
    """One sheet, texts only."""
    from openpyxl import Workbook

    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("FAQ")
    sheet.append(HEADER)
    for entry in entries:
        sheet.append(_cells(entry))
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def neutral(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; importing takes the mark off again.

    Control characters, which no workbook can hold, are left out.
    """
    shown = _CONTROL.sub("", cell)
    return f"'{shown}" if _FORMULA.match(shown) else shown


def _cells(entry: Entry) -> list[str]:
    return [
        neutral(cell)
        for cell in (
            entry.entry_id,
            entry.question,
            entry.answer,
            _joined(entry.tags, ";,|"),
            _joined(entry.alternatives, ";|"),
            entry.note,
            entry.valid_from.isoformat() if entry.valid_from else "",
            entry.valid_until.isoformat() if entry.valid_until else "",
            "\n".join(_link(link) for link in entry.links) + ("\n" if entry.links else ""),
        )
    ]


def _joined(parts: Sequence[str], separators: str) -> str:
    """On one line where reading back cuts it right, else a line each."""
    if any(sign in part for part in parts for sign in separators):
        return "\n".join(parts) + "\n"
    return "; ".join(parts)


def _link(link: Link) -> str:
    return f"{link.label} : {link.address}" if link.label else link.address
