"""FAQs kept as tables: a question, its answer, and what else the columns say."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from knowledge.documents.headers import columns_of, unread_of, unread_told
from knowledge.documents.reading import (
    FRENCH,
    LISTS,
    MAX_CELL_CHARS,
    MAX_QUESTION_CHARS,
    ImportingError,
    Problem,
    Reading,
    place_of,
    tidy,
)
from knowledge.passages import Entry, Link
from knowledge.wording import plain

_OPTIONAL = ("tags", "alternatives", "note", "valid_from", "valid_until", "links")
_HEADER_WITHIN = 20
"""Lines above the header that a table may have: a title, a date."""

FORMULA_SIGNS = "=+-@\t\r"
_NEUTRAL = re.compile(rf"^'+[{re.escape(FORMULA_SIGNS)}]")
_QUOTED = re.compile(r'\s*="((?:[^"]|"")*)"\s*$')
_FORMULA = re.compile(r"=\s*\+?[A-Z][A-Z0-9À-Þ._]*\(.*\)$", re.S)
_ERRORS = {
    "#N/A", "#NOM?", "#NAME?", "#REF!", "#REF", "#VALEUR!", "#VALUE!", "#DIV/0!", "#NUL!", "#NULL!",
    "#NOMBRE!", "#NUM!", "#CALC!", "#SPILL!", "#PROPAGATION!", "Err:502", "Err:504", "Err:508",
    "Err:509", "Err:511", "Err:522",
}  # fmt: skip
"""What a spreadsheet shows where a formula failed: a line that began with a dash, often."""
_NOTE_CHARS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of cells and where it is."""

    line: int
    cells: Sequence[str]
    sheet: str = ""
    joined: frozenset[int] = frozenset()
    """Cells merged with the one above, whose text they have."""
    struck: frozenset[int] = frozenset()
    """Cells written struck through: said no more."""

    @property
    def place(self) -> str:
        return place_of(self.line, sheet=self.sheet)

    @property
    def is_blank(self) -> bool:
        return not any(cell.strip() for cell in self.cells)


class FaqTable:
    """Rows taken one after the other, of one sheet or of several."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._columns: dict[str, list[int]] = {}
        self._given: set[str] = set()
        self._entries: list[Entry] = []
        self._problems: list[Problem] = []
        self._lines: dict[str, int] = {}
        self._places: dict[str, str] = {}
        self._seen: dict[str, list[Entry]] = {}
        self._last_taken = 0
        """The line whose entry the next one may go on with."""

    def take(self, rows: Iterable[Row]) -> None:
        """Read a sheet. Raises ImportingError (`import_columns`, `import_unreadable`)."""
        rows = iter(rows)
        header = self._find_header(rows)
        self._columns = columns_of(header.cells)
        self._given |= self._columns.keys() & set(_OPTIONAL)
        if unread := unread_of(header.cells):
            self.tell(unread_told(unread, header.line, header.place))
        self._last_taken = 0
        for row in rows:
            if not row.is_blank:
                self._take_row(row)

    def tell(self, problem: Problem) -> None:
        """Note what was wrong elsewhere in the file."""
        self._problems.append(problem)

    def reading(self) -> Reading:
        """All that was read. Raises ImportingError when there was nothing."""
        if not self._entries and not self._problems:
            raise ImportingError(
                "import_unreadable",
                french=f"{self._name} : il n'y a aucune ligne après l'en-tête.",
                english=f"{self._name}: there is no row after the header.",
            )
        return Reading(
            kind="table",
            entries=tuple(self._entries),
            problems=tuple(self._problems),
            given=frozenset(self._given),
            lines=self._lines,
        )

    def _find_header(self, rows: Iterable[Row]) -> Row:
        """The first row that names a question and an answer column."""
        first: Row | None = None
        tried = 0
        for row in rows:
            if row.is_blank:
                continue
            if {"question", "answer"} <= columns_of(row.cells).keys():
                return row
            first = first or row
            tried += 1
            if tried == _HEADER_WITHIN:
                break
        raise self._no_header(first)

    def _no_header(self, first: Row | None) -> ImportingError:
        if first is None:
            return empty_file(self._name)
        columns = columns_of(first.cells)
        missing = [name for name in ("question", "answer") if name not in columns]
        french = (
            "colonnes question et réponse introuvables"
            if len(missing) == 2
            else f"colonne {'question' if missing == ['question'] else 'réponse'} introuvable"
        )
        found = [cell.strip()[:30] for cell in first.cells if cell.strip()]
        found_french = ", ".join(f"« {cell} »" for cell in found)
        found_english = ", ".join(f'"{cell}"' for cell in found)
        sheet = f", feuille {first.sheet}" if first.sheet else ""
        sheet_english = f", sheet {first.sheet}" if first.sheet else ""
        return ImportingError(
            "import_columns",
            french=(
                f"{self._name}{sheet}, ligne {first.line} : {french}"
                f" (colonnes lues : {found_french})."
                " La première ligne doit nommer les colonnes « question » et « réponse »."
            ),
            english=(
                f"{self._name}{sheet_english}, line {first.line}: no column for the"
                f" {' or the '.join(missing)}"
                f" (columns read: {found_english})."
                ' The first line must name the columns "question" and "answer".'
            ),
        )

    def _take_row(self, row: Row) -> None:
        if self._continues(row) or self._is_unsaid(row):
            return
        question, answer = self._cell(row, "question"), self._cell(row, "answer")
        if not question or not answer:
            french, english = (
                ("La question est vide", "The question is empty")
                if not question
                else ("La réponse est vide", "The answer is empty")
            )
            self._leave_out(row, "empty_cell", french, english)
            return
        for text, most in ((question, MAX_QUESTION_CHARS), (answer, MAX_CELL_CHARS)):
            if len(text) > most:
                self._leave_out(
                    row,
                    "long_cell",
                    f"Une cellule dépasse {most} caractères",
                    f"A cell is longer than {most} characters",
                )
                return
        try:
            valid_from, valid_until = self._day(row, "valid_from"), self._day(row, "valid_until")
        except ValueError as error:
            self._leave_out(
                row,
                "bad_date",
                f"La date « {error} » ne se lit pas (attendu : 31/08/2026)",
                f'The date "{error}" cannot be read (expected: 2026-08-31)',
            )
            return
        if valid_from and valid_until and valid_until < valid_from:
            self._leave_out(
                row,
                "bad_date",
                "La période finit avant de commencer",
                "The period ends before it begins",
            )
            return
        if self._is_repeated(row, question, answer, (valid_from, valid_until)):
            return
        entry = Entry(
            entry_id=self._identity(row, question),
            question=question,
            answer=answer,
            tags=self._list(row, "tags", r"[;,|]"),
            alternatives=self._list(row, "alternatives", r"[;|]"),
            note=self._note(row),
            valid_from=valid_from,
            valid_until=valid_until,
            links=self._links(row),
        )
        self._seen.setdefault(question_key(question), []).append(entry)
        self._lines[entry.entry_id] = row.line
        self._places[entry.entry_id] = row.place
        self._entries.append(entry)
        self._last_taken = row.line

    def _continues(self, row: Row) -> bool:
        """Whether the row goes on with the answer above: their questions are one merged cell."""
        at, (said, *_) = self._columns["question"][0], self._columns["answer"]
        if at not in row.joined or self._last_taken != row.line - 1:
            return False
        last, more = self._entries[-1], self._cell(row, "answer")
        if said not in row.joined and more and more not in _ERRORS and said not in row.struck:
            self._entries[-1] = replace(last, answer=f"{last.answer}\n{more}"[:MAX_CELL_CHARS])
        self._last_taken = row.line
        return True

    def _is_unsaid(self, row: Row) -> bool:
        """Whether its question or answer is struck through, or what a formula leaves."""
        for column in ("question", "answer"):
            at = self._columns[column][0]
            cell = row.cells[at].strip() if at < len(row.cells) else ""
            if cell and at in row.struck:
                self._leave_out(row, "struck", "Texte barré", "Struck through")
                return True
            if cell in _ERRORS or _FORMULA.match(cell):
                self._leave_out(
                    row,
                    "formula",
                    f"« {cell[:60]} » est une formule ou son erreur, pas un texte",
                    f'"{cell[:60]}" is a formula or its error, not a text',
                )
                return True
        return False

    def _is_repeated(
        self, row: Row, question: str, answer: str, period: tuple[date | None, date | None]
    ) -> bool:
        for earlier in self._seen.get(question_key(question), ()):
            same_days = (earlier.valid_from, earlier.valid_until) == period
            if same_days and plain(earlier.answer) == plain(answer):
                there = self._places[earlier.entry_id]
                self._leave_out(
                    row,
                    "duplicate",
                    f"Question déjà posée ({there}), même réponse",
                    f"Question asked already ({there}), same answer",
                )
                return True
        return False

    def _identity(self, row: Row, question: str) -> str:
        given = self._cell(row, "id")[:120]
        derived = hashlib.sha256(plain(question).encode()).hexdigest()[:12]
        if derived in self._lines:
            derived = next(
                name
                for name in (f"{derived}-{number}" for number in range(2, len(self._lines) + 3))
                if name not in self._lines
            )
        if given and given in self._lines:
            there = self._places[given]
            self._warn(
                row,
                "same_id",
                f"Identifiant « {given[:60]} » déjà pris ({there}) : un autre est donné.",
                f'The id "{given[:60]}" is taken ({there}): another one is given.',
            )
            return derived
        return given or derived

    def _note(self, row: Row) -> str:
        note = "\n".join(filter(None, map(tidy, self._cells(row, "note"))))
        if len(note) > _NOTE_CHARS:
            self._warn(
                row,
                "long_note",
                f"La note dépasse {_NOTE_CHARS} caractères : la fin est laissée de côté.",
                f"The note is longer than {_NOTE_CHARS} characters: its end is left out.",
            )
        return note[:_NOTE_CHARS]

    def _links(self, row: Row) -> tuple[Link, ...]:
        links = []
        for part in self._list(row, "links", r"[;|]"):
            label, _, address = part.rpartition(" ")
            if re.fullmatch(r"https?://\S{1,1990}", address):
                name = label.strip().removesuffix(":").rstrip()
                links.append(Link(label=name, address=address))
            else:
                self._warn(
                    row,
                    "bad_link",
                    f"Lien ignoré : « {part[:80]} » (attendu : https://…).",
                    f'Link ignored: "{part[:80]}" (expected: https://…).',
                )
        return tuple(links)

    def _day(self, row: Row, column: str) -> date | None:
        cell = self._cell(row, column)
        return parse_day(cell) if cell else None

    def _cell(self, row: Row, column: str) -> str:
        return tidy(next(iter(self._cells(row, column)), ""))

    def _list(self, row: Row, column: str, separators: str) -> tuple[str, ...]:
        cells = self._cells(row, column)
        parts = dict.fromkeys(part for cell in cells for part in listed(cell, separators))
        most, longest = LISTS[column]
        kept = [part for part in parts if len(part) <= longest][:most]
        if lost := len(parts) - len(kept):
            said = "laissé de côté" if lost == 1 else "laissés de côté"
            self._warn(
                row,
                "too_many",
                f"{lost} {said} de la colonne « {FRENCH[column]} » : {most} au plus, de"
                f" {longest} caractères au plus.",
                f'{lost} left out of the column "{column}": {most} at most, of {longest} characters'
                " at most.",
            )
        return tuple(kept)

    def _cells(self, row: Row, column: str) -> list[str]:
        """As written, without the mark that keeps formulas from running."""
        cells = [row.cells[at] for at in self._columns.get(column, ()) if at < len(row.cells)]
        return [_bare(cell) for cell in cells if cell.strip() not in _ERRORS]

    def _leave_out(self, row: Row, code: str, french: str, english: str) -> None:
        said = (f"{french} : ligne ignorée.", f"{english}: the row is left out.")
        self._warn(row, code, *said, left_out=True)

    def _warn(
        self, row: Row, code: str, french: str, english: str, *, left_out: bool = False
    ) -> None:
        self._problems.append(
            Problem(
                code=code,
                left_out=left_out,
                line=row.line,
                place=row.place,
                french=french,
                english=english,
            )
        )


def _bare(cell: str) -> str:
    """A cell without what keeps it from being taken for a formula (`'=`) or a number (`="06"`)."""
    if _NEUTRAL.match(cell):
        return cell[1:]
    quoted = _QUOTED.match(cell)
    return quoted[1].replace('""', '"') if quoted else cell


def question_key(question: str) -> str:
    """Equal for questions that differ by case, accents and punctuation only."""
    return " ".join(re.findall(r"\w+", plain(question))) or question


def listed(cell: str, separators: str) -> tuple[str, ...]:
    """The parts of a cell: its lines when it has several, else cut at separators."""
    parts = cell.splitlines() if "\n" in cell else re.split(separators, cell)
    return tuple(dict.fromkeys(tidied for part in parts if (tidied := tidy(part))))


def parse_day(text: str) -> date:
    """`31/08/2026`, `31.08.26` or `2026-08-31`. Raises ValueError with the text."""
    if match := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T].*)?", text):
        year, month, day = (int(part) for part in match.groups())
    elif match := re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})", text):
        day, month, year = (int(part) for part in match.groups())
        year += 2000 if year < 100 else 0
    else:
        raise ValueError(text[:40])
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(text[:40]) from None


def empty_file(name: str) -> ImportingError:
    return ImportingError(
        "import_unreadable",
        french=f"{name} : le fichier est vide. Donnez un tableau avec une ligne d'en-tête, ou un"
        " texte.",
        english=f"{name}: the file is empty. Give a table with a line of headers, or a text.",
    )
