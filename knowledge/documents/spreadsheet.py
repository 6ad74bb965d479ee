"""XLSX to rows, row by row: a sheet is never held as a whole."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from knowledge.documents.package import damaged
from knowledge.documents.plain_text import too_many_rows
from knowledge.documents.reading import MAX_ROWS, ImportingError, Problem, Reading, spaced
from knowledge.documents.tables import FaqTable, Row

MAX_COLUMNS = 60
MAX_CELLS = 500_000


def read_xlsx(content: bytes, name: str, progress: Callable[[int, int | None], None]) -> Reading:
    """Every sheet that holds a FAQ. Raises ImportingError."""
    from openpyxl import load_workbook

    try:
        workbook = load_workbook(
            io.BytesIO(content), read_only=True, data_only=True, keep_links=False
        )
    except (MemoryError, RecursionError):
        raise
    except Exception as error:
        raise damaged(name) from error
    table = FaqTable(name)
    refusals: list[ImportingError] = []
    budget = _Budget(name, progress)
    for sheet in workbook.worksheets:
        try:
            table.take(_rows(sheet, name, budget))
        except ImportingError as error:
            if error.code not in ("import_columns", "import_unreadable"):
                raise
            refusals.append(error)
            table.tell(_ignored(sheet.title, error))
    if len(refusals) == len(workbook.worksheets):
        raise refusals[0] if refusals else damaged(name)
    return table.reading()


class _Budget:
    """How much of a workbook has been read, all sheets together."""

    def __init__(self, name: str, progress: Callable[[int, int | None], None]) -> None:
        self._name = name
        self._progress = progress
        self._rows = self._cells = 0

    def spend(self, cells: int) -> None:
        self._rows += 1
        self._cells += cells
        if self._rows % 500 == 0:
            self._progress(self._rows, None)
        if self._rows > MAX_ROWS + 50:
            raise too_many_rows(self._name)
        if self._cells > MAX_CELLS:
            raise ImportingError(
                "import_too_large",
                french=f"{self._name} : plus de {spaced(MAX_CELLS)} cellules. Découpez le fichier.",
                english=f"{self._name}: more than {MAX_CELLS:,} cells. Split the file.",
            )


def _rows(sheet: Any, name: str, budget: _Budget) -> Iterator[Row]:
    # What a sheet says of its own size is not believed: cells count as they come.
    sheet.reset_dimensions()
    try:
        for line, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS), start=1):
            texts = [cell_text(cell.value, getattr(cell, "number_format", "")) for cell in cells]
            budget.spend(len(cells))
            yield Row(line=line, cells=texts, sheet=sheet.title[:40])
    except (ImportingError, MemoryError, RecursionError):
        raise
    except Exception as error:
        raise damaged(name) from error


def cell_text(value: Any, number_format: str = "") -> str:
    """A cell as a person reads it: `43,38 €`, `20 %`, `09:30`, `31/08/2026`."""
    match value:
        case None:
            return ""
        case bool():
            return "oui" if value else "non"
        case datetime() if value.time() == time.min:
            return value.strftime("%d/%m/%Y")
        case datetime():
            return value.strftime("%d/%m/%Y %H:%M")
        case date():
            return value.strftime("%d/%m/%Y")
        case time():
            return value.strftime("%H:%M")
        case timedelta():
            minutes = int(value.total_seconds()) // 60
            return f"{minutes // 60:02d}:{minutes % 60:02d}"
        case int() | float():
            return _number(value, number_format)
    return str(value)


def _number(value: float, number_format: str) -> str:
    if "%" in number_format:
        return f"{_decimal(value * 100)} %"
    for sign in "€$£":
        if sign in number_format:
            whole = float(value).is_integer()
            return f"{int(value) if whole else f'{value:.2f}'.replace('.', ',')} {sign}"
    return _decimal(value)


def _decimal(value: float) -> str:
    if float(value).is_integer() and abs(value) < 1e15:
        return str(int(value))
    return f"{round(value, 6):g}".replace(".", ",") if abs(value) < 1e6 else str(value)


def _ignored(sheet: str, why: ImportingError) -> Problem:
    empty = why.code == "import_unreadable"
    return Problem(
        code="ignored_sheet",
        left_out=True,
        place=sheet[:40],
        french=f"Feuille « {sheet[:40]} » ignorée : "
        + ("elle est vide." if empty else "pas de colonnes « question » et « réponse »."),
        english=f'Sheet "{sheet[:40]}" left out: '
        + ("it is empty." if empty else 'no "question" and "answer" columns.'),
    )
