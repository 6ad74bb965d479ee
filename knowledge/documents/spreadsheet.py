"""XLSX to rows, row by row: a sheet is never held as a whole."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Iterator
from typing import Any

from knowledge.documents.cells import cell_text
from knowledge.documents.package import damaged
from knowledge.documents.plain_text import too_many_rows
from knowledge.documents.reading import MAX_ROWS, ImportingError, Problem, Reading, spaced
from knowledge.documents.sheetlayout import Layout, layout_of
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
        if sheet.sheet_state != "visible":
            table.tell(_hidden_sheet(sheet.title))
            continue
        try:
            layout = _layout(sheet, name)
            table.take(_rows(sheet, name, budget, layout))
            if layout.hidden:
                table.tell(_hidden_rows(sheet.title, layout.hidden))
        except ImportingError as error:
            if error.code not in ("import_columns", "import_unreadable"):
                raise
            refusals.append(error)
            table.tell(_ignored(sheet.title, error))
    shown = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
    if len(refusals) == len(shown):
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


def _layout(sheet: Any, name: str) -> Layout:
    try:
        with sheet._get_source() as source:
            return layout_of(source)
    except (MemoryError, RecursionError):
        raise
    except Exception as error:
        raise damaged(name) from error


def _rows(sheet: Any, name: str, budget: _Budget, layout: Layout) -> Iterator[Row]:
    # What a sheet says of its own size is not believed: cells count as they come.
    sheet.reset_dimensions()
    held: dict[int, tuple[int, str]] = {}
    try:
        for line, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS), start=1):
            texts = [cell_text(cell.value, cell.number_format or "") for cell in cells]
            budget.spend(len(cells))
            joined = set()
            for column, top in layout.above.get(line, {}).items():
                if column < len(texts) and held.get(column, (0, ""))[0] == top:
                    texts[column] = held[column][1]
                    joined.add(column)
            held.update((at, (line, text)) for at, text in enumerate(texts) if at not in joined)
            struck = (at for at, cell in enumerate(cells) if cell.font and cell.font.strike)
            yield Row(
                line=line,
                cells=texts,
                sheet=sheet.title[:40],
                joined=frozenset(joined),
                struck=frozenset(struck),
            )
    except (ImportingError, MemoryError, RecursionError):
        raise
    except Exception as error:
        raise damaged(name) from error


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


def _hidden_sheet(sheet: str) -> Problem:
    return Problem(
        code="ignored_sheet",
        left_out=True,
        place=sheet[:40],
        french=f"Feuille « {sheet[:40]} » ignorée : elle est masquée. Affichez-la pour la"
        " reprendre.",
        english=f'Sheet "{sheet[:40]}" left out: it is hidden. Show it to have it taken.',
    )


def _hidden_rows(sheet: str, lines: Collection[int]) -> Problem:
    first = ", ".join(str(line) for line in sorted(lines)[:8]) + ("…" if len(lines) > 8 else "")
    return Problem(
        code="hidden_rows",
        left_out=False,
        place=sheet[:40],
        french=f"Feuille « {sheet[:40]} » : les lignes masquées sont lues aussi ({first})."
        " Supprimez-les si elles ne doivent pas être dites.",
        english=f'Sheet "{sheet[:40]}": hidden rows are read too ({first}).'
        " Delete them if they are not to be said.",
    )
