"""A client's FAQ, as companies really keep it, read into entries.

ImportingError
├── UnreadableFileError   not a file this can read (empty, not text, too large)
└── WrongColumnsError     a table without the columns a FAQ needs
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from knowledge.passages import Entry
from knowledge.wording import plain

MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_ROWS = 50_000
MAX_CELL_CHARS = 20_000

_COLUMNS = {
    "id": ("id", "identifiant", "ref", "reference", "numero", "n", "code", "key", "cle"),
    "question": ("question", "questions", "intitule", "demande", "sujet", "titre", "title", "q"),
    "answer": ("answer", "answers", "reponse", "reponses", "texte", "contenu", "content", "text",
               "r", "a"),
    "tags": ("tags", "tag", "etiquettes", "etiquette", "mots cles", "mots-cles", "mot cle",
             "keywords", "keyword", "categorie", "categories", "category", "theme", "themes",
             "rubrique"),
    "alternatives": ("alternatives", "alternative", "variantes", "variante", "autres formulations",
                     "formulations", "synonymes", "synonyms", "wordings", "paraphrases"),
}  # fmt: skip


class ImportingError(Exception):
    """A file cannot be imported; the message names the file and the mend. `code` is stable."""

    code = "import"


class UnreadableFileError(ImportingError):
    """Empty, not text, or too large."""

    code = "import_unreadable"


class WrongColumnsError(ImportingError):
    """No column holds the questions, or none the answers."""

    code = "import_columns"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What could not be read as it stood, or deserves a look."""

    line: int
    """Counted from 1, as an editor shows it."""
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A file read: the entries that can be added and what was wrong, by line."""

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]


def import_faq(path: Path) -> Imported:
    """Read a FAQ file in CSV. Raises ImportingError; see `parse_faq`."""
    try:
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise _too_large(path.name, size)
        content = path.read_bytes()
    except OSError as problem:
        raise UnreadableFileError(
            f"{path.name} : fichier illisible ({problem.strerror})."
        ) from problem
    return parse_faq(content, name=path.name)


def parse_faq(content: bytes, *, name: str) -> Imported:
    """Read a CSV FAQ: headers in French or English, `;`, `,` or tab, any encoding.

    Rows without a question or an answer and duplicate questions are left out and told in
    `problems`; contradictory answers to one question are told too. `name` is the file's name, for
    the messages. Raises UnreadableFileError or WrongColumnsError.
    """
    if len(content) > MAX_FILE_BYTES:
        raise _too_large(name, len(content))
    text = _decoded(content, name)
    rows = _rows(text, name)
    header = next(rows, None)
    if header is None:
        raise UnreadableFileError(
            f"{name} : le fichier est vide. Donnez un CSV avec une ligne d'en-tête."
        )
    columns = _columns(header[1], name)
    reading = _Reading(columns)
    for line, cells in rows:
        reading.take(line, cells)
    if not reading.entries and not reading.problems:
        raise UnreadableFileError(f"{name} : il n'y a aucune ligne après l'en-tête.")
    return Imported(entries=tuple(reading.entries), problems=tuple(reading.problems))


class _Reading:
    """The rows of one table, one after the other."""

    def __init__(self, columns: dict[str, int]) -> None:
        self._columns = columns
        self.entries: list[Entry] = []
        self.problems: list[Problem] = []
        self._lines_of_ids: dict[str, int] = {}
        self._seen: dict[str, tuple[int, Entry]] = {}

    def take(self, line: int, cells: Sequence[str]) -> None:
        """Add one row, or say what is wrong with it."""
        if not any(cell.strip() for cell in cells):
            return
        question, answer = self._cell(cells, "question"), self._cell(cells, "answer")
        missing = "question" if not question else "réponse" if not answer else None
        if missing:
            self._tell(line, f"La {missing} est vide : ligne ignorée.")
            return
        if max(len(question), len(answer)) > MAX_CELL_CHARS:
            self._tell(line, f"Une cellule dépasse {MAX_CELL_CHARS} caractères : ligne ignorée.")
            return
        entry = Entry(
            entry_id=self._identity(line, cells, question),
            question=question,
            answer=answer,
            tags=_listed(self._cell(cells, "tags")),
            alternatives=_listed(self._cell(cells, "alternatives"), separators=r"[;|\n]"),
        )
        if self._is_new(line, entry):
            self._lines_of_ids[entry.entry_id] = line
            self.entries.append(entry)

    def _is_new(self, line: int, entry: Entry) -> bool:
        key = " ".join(re.findall(r"\w+", plain(entry.question))) or entry.question
        earlier = self._seen.get(key)
        if earlier is None:
            self._seen[key] = (line, entry)
        elif plain(earlier[1].answer) == plain(entry.answer):
            self._tell(line, f"Question déjà posée à la ligne {earlier[0]} : ligne ignorée.")
        else:
            self._tell(
                line,
                f"Même question qu'à la ligne {earlier[0]}, réponse différente : les deux sont"
                " gardées, corrigez l'une.",
            )
            return True
        return earlier is None

    def _identity(self, line: int, cells: Sequence[str], question: str) -> str:
        given = self._cell(cells, "id")
        derived = hashlib.sha256(plain(question).encode()).hexdigest()[:12]
        if derived in self._lines_of_ids:
            derived = f"{derived}-{line}"
        if given and given in self._lines_of_ids:
            self._tell(
                line,
                f"Identifiant « {given[:60]} » déjà pris à la ligne {self._lines_of_ids[given]} :"
                " un autre est donné.",
            )
            return derived
        return given[:120] or derived

    def _cell(self, cells: Sequence[str], column: str) -> str:
        at = self._columns.get(column)
        if at is None or at >= len(cells):
            return ""
        return re.sub(r"[ \t\xa0\u202f]+", " ", _printable(cells[at])).strip()

    def _tell(self, line: int, message: str) -> None:
        self.problems.append(Problem(line=line, message=message))


def _decoded(content: bytes, name: str) -> str:
    if not content.strip(b"\xef\xbb\xbf \t\r\n"):
        raise UnreadableFileError(
            f"{name} : le fichier est vide. Donnez un CSV avec une ligne d'en-tête."
        )
    for encoding in (
        "utf-8-sig",
        *(["utf-16"] if content[:2] in (b"\xff\xfe", b"\xfe\xff") else []),
    ):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    if b"\0" in content or content[:4] in (b"PK\x03\x04", b"%PDF"):
        raise UnreadableFileError(
            f"{name} : ce n'est pas un fichier CSV. Enregistrez le tableau au format CSV (texte)."
        )
    from charset_normalizer import from_bytes

    # French exports are nearly always one of these: guess among them first, then among all.
    best = from_bytes(content, cp_isolation=["cp1252", "mac_roman", "cp850", "latin_1"]).best()
    best = best or from_bytes(content).best()
    if best is None:
        raise UnreadableFileError(
            f"{name} : ce n'est pas du texte lisible. Enregistrez le tableau en CSV (UTF-8)."
        )
    return str(best)


def _rows(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line each begins on. Blank lines before the header are skipped."""
    delimiter = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line, begun = 1, False
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as problem:
            raise UnreadableFileError(
                f"{name}, ligne {line} : tableau illisible ({problem}). Vérifiez les guillemets."
            ) from problem
        if cells is None:
            return
        begun = begun or any(cell.strip() for cell in cells)
        if begun:
            yield line, cells
        line = reader.line_num + 1
        if line > MAX_ROWS * 10:
            raise UnreadableFileError(f"{name} : plus de {MAX_ROWS} lignes. Découpez le fichier.")


def _delimiter(text: str) -> str:
    header = next((line for line in text.splitlines() if line.strip()), "")
    unquoted = re.sub(r'"[^"]*"', "", header)
    return max(";,\t|", key=lambda sign: (unquoted.count(sign), sign == ";"))


def _columns(header: Sequence[str], name: str) -> dict[str, int]:
    names = [" ".join(re.findall(r"[\w-]+", plain(cell))) for cell in header]
    columns: dict[str, int] = {}
    for column, known in _COLUMNS.items():
        at = next((names.index(word) for word in known if word in names), None)
        if at is not None:
            columns[column] = at
    missing = [
        french
        for column, french in (("question", "question"), ("answer", "réponse"))
        if column not in columns
    ]
    if missing:
        found = ", ".join(f"« {cell.strip()[:30]} »" for cell in header if cell.strip()) or "aucune"
        raise WrongColumnsError(
            f"{name}, ligne 1 : colonne {' et '.join(missing)} introuvable"
            f" (colonnes lues : {found})."
            " La première ligne doit nommer les colonnes « question » et « réponse »."
        )
    return columns


def _listed(cell: str, separators: str = r"[;,|]") -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in re.split(separators, cell) if part.strip()))


def _printable(text: str) -> str:
    return "".join(sign for sign in text if sign.isprintable() or sign in "\n\t")


def _empty(name: str) -> UnreadableFileError:
    return UnreadableFileError(
        f"{name} : le fichier est vide. Donnez un CSV avec une ligne d'en-tête."
    )


def _too_large(name: str, size: int) -> UnreadableFileError:
    return UnreadableFileError(
        f"{name} : {size // (1024 * 1024)} Mo, la limite est {MAX_FILE_BYTES // (1024 * 1024)} Mo."
        " Découpez le fichier."
    )
