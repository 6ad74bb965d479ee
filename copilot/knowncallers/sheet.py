"""People kept as a table: CSV of any usual encoding and separator, French or English headers."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from copilot.knowncallers.people import NUMBER_CHARS, SHORTENED, PeopleTaken, ReadPeople
from copilot.store.numbering import e164
from copilot.store.records.knowncallers import Standing
from knowledge.documents.plain_text import decoded
from knowledge.documents.reading import ImportingError
from knowledge.documents.tables import FORMULA_SIGNS
from knowledge.wording import plain

COLUMNS: dict[str, tuple[str, ...]] = {
    "name": ("nom complet", "contact", "name", "full name", "display name", "nom affiche",
             "client", "patient", "nom prenom", "prenom nom", "nom et prenom", "prenom et nom"),
    "last_name": ("nom", "nom de famille", "last name", "family name", "surname"),
    "first_name": ("prenom", "first name", "given name"),
    "company": ("societe", "entreprise", "organisation", "company", "organization", "compte"),
    "numbers": ("numero", "numeros"),
    "emails": (),
    "note": ("comment", "comments", "remark", "remarks"),
    "standing": ("statut", "type", "standing", "status", "categorie"),
    "consigne": ("consigne", "instruction", "que faire"),
}  # fmt: skip
MANY = ("numbers", "emails")
WORDS: dict[str, frozenset[str]] = {
    "numbers": frozenset({
        "telephone", "telephones", "tel", "tels", "phone", "phones", "mobile", "mobiles",
        "portable", "portables", "gsm", "fixe",
    }),
    "emails": frozenset({"mail", "mails", "email", "emails", "courriel", "courriels",
                         "messagerie"}),
    "note": frozenset({"note", "notes", "remarque", "remarques", "commentaire", "commentaires",
                       "observation", "observations"}),
}  # fmt: skip
"""One such word says what a column holds, whatever stands beside it: `N° de tél. (bureau)`."""
COMPANIES = frozenset({
    "societe", "entreprise", "organisation", "organization", "company", "raison",
})  # fmt: skip
BESIDE = frozenset({"du", "de", "la", "l", "contact", "client", "patient", "appelant", "famille"})
NAMED: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "company": (COMPANIES, COMPANIES | {"nom", "name", "de", "du", "la", "l", "sociale"}),
    "first_name": (frozenset({"prenom"}), BESIDE | {"prenom"}),
    "last_name": (frozenset({"nom"}), BESIDE | {"nom"}),
}
"""Here nothing but these may stand beside: a company's address is not its name."""
ASIDE = frozenset({"fax", "telecopie", "type", "label"})
"""A column with such a word is about something else."""
STANDINGS: dict[str, Standing] = {
    "vip": "vip", "prioritaire": "vip", "priority": "vip",
    "bloque": "blocked", "bloquee": "blocked", "blocked": "blocked", "indesirable": "blocked",
    "": "usual", "normal": "usual", "usual": "usual", "habituel": "usual", "standard": "usual",
}  # fmt: skip
_NEUTRAL = re.compile(rf"^'+[{re.escape(FORMULA_SIGNS)}]")
_PARTS = re.compile(r"[\n;|,/]|\s(?:ou|et|or|and|-)\s|:::")
_FRENCH = re.compile(r"(?<!\d)(?:\+33|0033|0)[ .-]*(?:\(0\)[ .-]*)?[1-9](?:[ .-]*\d\d){4}(?!\d)")
MOST_NAMED = 12
"""Columns that are not taken, named in the preview."""


def read_sheet(content: bytes, name: str) -> ReadPeople:
    """Raises ImportingError (`import_unreadable`, `import_columns`)."""
    text = decoded(content, name)
    rows = _rows(text, name)
    header = next(rows, (1, []))[1]
    columns = columns_of(header)
    if not (columns.keys() & {"name", "last_name", "company"}) or not (
        columns.keys() & {"numbers", "emails"}
    ):
        raise _no_columns(name, header)
    taken = PeopleTaken()
    filled: set[int] = set()
    for line, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        filled.update(at for at, cell in enumerate(cells) if cell.strip())
        if taken.is_full:
            taken.tell(line, "too_many", "Trop de lignes : la suite n'est pas lue",
                       "Too many rows: the rest is not read", left_out=True)  # fmt: skip
            break
        _take(taken, line, cells, columns)
    _tell_of_the_others(taken, header, filled - {at for found in columns.values() for at in found})
    return taken.reading()


def _tell_of_the_others(taken: PeopleTaken, header: Sequence[str], others: Iterable[int]) -> None:
    """Columns that hold something and are not taken: whoever sees them named can rename them."""
    named = [header[at].strip()[:30] for at in sorted(others) if at < len(header)]
    if named := [one for one in named if one]:
        more = " …" if len(named) > MOST_NAMED else ""
        shown = ", ".join(f"« {one} »" for one in named[:MOST_NAMED]) + more
        in_english = ", ".join(f'"{one}"' for one in named[:MOST_NAMED]) + more
        taken.tell(1, "columns_left", f"Colonnes non reprises : {shown}",
                   f"Columns not taken: {in_english}")  # fmt: skip


def columns_of(header: Sequence[str]) -> dict[str, list[int]]:
    """Which cells hold what."""
    found: dict[str, list[int]] = {}
    for at, cell in enumerate(header):
        column = _column(re.findall(r"[a-z]+", plain(cell)))
        if column and (column in MANY or column not in found):
            found.setdefault(column, []).append(at)
    return found


def _column(words: Sequence[str]) -> str | None:
    """What a column holds that is called so; null when nothing of what is kept."""
    called, there = " ".join(words), set(words)
    if there & ASIDE and called not in ("type",):
        return None
    for column, names in COLUMNS.items():
        if called in names:
            return column
    for column, telling in WORDS.items():
        if there & telling:
            return column
    for column, (telling, every) in NAMED.items():
        if there & telling and there <= every:
            return column
    return None


def _take(
    taken: PeopleTaken, line: int, cells: Sequence[str], columns: Mapping[str, list[int]]
) -> None:
    def texts(column: str) -> list[str]:
        return [_clean(cells[at]) for at in columns.get(column, ()) if at < len(cells)]

    def one(column: str) -> str:
        return next(iter(texts(column)), "")

    standing: Standing | None = None
    if "standing" in columns:
        said = plain(one("standing")).strip()
        standing = STANDINGS.get(said)
        if standing is None:
            taken.tell(
                line,
                "bad_standing",
                f"Statut « {one('standing')[:40]} » inconnu (attendu : VIP, bloqué ou vide)",
                f'Unknown status "{one("standing")[:40]}" (expected: VIP, blocked or empty)',
            )
    name = one("name") or f"{one('first_name')} {one('last_name')}"
    taken.take(
        line,
        name=name,
        company=one("company"),
        numbers=tuple(part for cell in texts("numbers") for part in _numbers(cell)),
        emails=tuple(part for cell in texts("emails") for part in re.split(r"[\s;,|]+", cell)),
        note=one("note"),
        standing=standing,
        consigne=one("consigne"),
    )


def _numbers(cell: str) -> list[str]:
    """The numbers of a cell, each apart: `01 99 00 11 22 (bureau) / 06 39 98 12 34`."""
    if SHORTENED.fullmatch(cell.strip()) or (len(cell) <= NUMBER_CHARS and e164(cell)):
        return [cell]
    return [_number(part) for part in _PARTS.split(cell) if part.strip()]


def _number(part: str) -> str:
    """Without what is written beside it; as it is when there is no number."""
    part = " ".join(part.split())
    if len(part) <= NUMBER_CHARS and e164(part):
        return part
    found = _FRENCH.search(part)
    return found[0] if found else part


def _clean(cell: str) -> str:
    """Without the mark that exports put before what a spreadsheet would take for a formula."""
    return cell[1:] if _NEUTRAL.match(cell) else cell


def _rows(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(100_000)
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max((";", ",", "\t", "|"), key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise ImportingError(
                "import_unreadable",
                french=f"{name}, ligne {line} : tableau illisible ({error}).",
                english=f"{name}, line {line}: the table cannot be read ({error}).",
            ) from error
        if cells is None:
            return
        yield line, cells
        line = reader.line_num + 1


def _no_columns(name: str, header: Sequence[str]) -> ImportingError:
    read = ", ".join(f"« {cell.strip()[:30]} »" for cell in header[:20] if cell.strip())
    return ImportingError(
        "import_columns",
        french=f"{name} : il faut une colonne « nom » (ou « société ») et une colonne « téléphone »"
        f" ou « e-mail » (colonnes lues : {read}).",
        english=f'{name}: a column "name" (or "company") and a column "phone" or "e-mail" are'
        f" needed (columns read: {read}).",
    )
