"""People kept as a table: CSV of any usual encoding and separator, French or English headers."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence

from copilot.knowncallers.people import PeopleTaken, ReadPeople
from copilot.store.records.knowncallers import Standing
from knowledge.documents.plain_text import decoded
from knowledge.documents.reading import ImportingError
from knowledge.documents.tables import FORMULA_SIGNS
from knowledge.wording import plain

COLUMNS: dict[str, tuple[str, ...]] = {
    "name": ("nom complet", "contact", "name", "full name", "display name", "nom affiche"),
    "last_name": ("nom", "nom de famille", "last name", "family name", "surname"),
    "first_name": ("prenom", "first name", "given name"),
    "company": ("societe", "entreprise", "organisation", "company", "organization", "compte"),
    "numbers": ("numero", "numeros", "telephone", "telephones", "tel", "phone", "phones",
                "phone number", "mobile", "portable", "mobile phone", "tel mobile", "tel fixe",
                "fixe", "telephone mobile", "telephone fixe", "business phone", "home phone",
                "phone 1 value", "phone 2 value", "telephone portable"),
    "emails": ("e-mail", "email", "mail", "courriel", "adresse e-mail", "e-mail address",
               "adresse mail", "e-mail 1 value"),
    "note": ("note", "notes", "remarque", "commentaire", "comment", "remark"),
    "standing": ("statut", "type", "standing", "status", "categorie"),
    "consigne": ("consigne", "instruction", "que faire"),
}  # fmt: skip
MANY = ("numbers", "emails")
STANDINGS: dict[str, Standing] = {
    "vip": "vip", "prioritaire": "vip", "priority": "vip",
    "bloque": "blocked", "bloquee": "blocked", "blocked": "blocked", "indesirable": "blocked",
    "": "usual", "normal": "usual", "usual": "usual", "habituel": "usual", "standard": "usual",
}  # fmt: skip
_NEUTRAL = re.compile(rf"^'+[{re.escape(FORMULA_SIGNS)}]")
_PARTS = re.compile(r"[\n;|]| / | ::: ")


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
    for line, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if taken.is_full:
            taken.tell(line, "too_many", "Trop de lignes : la suite n'est pas lue",
                       "Too many rows: the rest is not read", left_out=True)  # fmt: skip
            break
        _take(taken, line, cells, columns)
    return taken.reading()


def columns_of(header: Sequence[str]) -> dict[str, list[int]]:
    """Which cells hold what."""
    found: dict[str, list[int]] = {}
    for at, cell in enumerate(header):
        called = " ".join(re.findall(r"[\w-]+", plain(cell).replace("'", " ")))
        for column, names in COLUMNS.items():
            if called in names and (column in MANY or column not in found):
                found.setdefault(column, []).append(at)
    return found


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
    return [part for part in _PARTS.split(cell) if part.strip()]


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
