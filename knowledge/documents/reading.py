"""What reading a document gives, or why it is refused. Plain values that cross processes as JSON.

`code` of an ImportingError, each a sentence in French and English that names the file and the mend:

import_unreadable   empty, or not what its name says       import_format     a format not read
import_columns      a table without question or answer     import_macros     a file with macros
import_too_large    over a limit of size, rows or cells    import_encrypted  protected by a password
import_dangerous    made to harm whoever reads it          import_scanned    pictures of text
import_limits       took too much time or memory           import_address    a page not fetched
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from knowledge.passages import Attachment, Entry, Link

MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_ROWS = 50_000
MAX_CELL_CHARS = 20_000
MAX_QUESTION_CHARS = 2000
LISTS = {"tags": (50, 200), "alternatives": (200, 500), "links": (20, 2200)}
"""How many an entry has at most, and of how many characters each: what a person may type in, so
that an imported entry can be edited."""
FRENCH = {"tags": "mots-clés", "alternatives": "variantes", "links": "liens"}
MAX_ENTRIES = 50_000


class ImportingError(Exception):
    """A document cannot be imported; says which, why and the mend. `code` is stable."""

    def __init__(self, code: str, *, french: str, english: str) -> None:
        super().__init__(french)
        self.code = code
        self.french = french
        self.english = english


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubtful:
    """One side of a duplicate or of a contradiction."""

    entry_id: str
    question: str
    answer: str
    line: int | None = None
    """In the file; null when it is in the base already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What could not be read as it stood, or deserves a look."""

    code: str
    left_out: bool
    """Whether it is not imported."""
    french: str
    english: str
    line: int | None = None
    """Counted from 1, as an editor shows it."""
    place: str = ""
    """For people: `l. 12`, `Feuil1, l. 4`, `p. 3`."""
    entries: tuple[Doubtful, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A document read."""

    kind: str
    """`table` (a FAQ), `pdf`, `docx`, `html`, `markdown`, `text`."""
    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...] = ()
    given: frozenset[str] = frozenset()
    """Optional fields of entries that a table speaks about."""
    lines: Mapping[str, int] = field(default_factory=dict)
    """Where entries come from, by their id."""
    title: str = ""

    @property
    def is_table(self) -> bool:
        """A FAQ; otherwise a document cut into passages."""
        return self.kind == "table"


def place_of(line: int | None = None, page: int | None = None, sheet: str = "") -> str:
    """`p. 3`, `l. 12` or `Feuil1, l. 4`: read alike in French and English."""
    where = f"p. {page}" if page is not None else f"l. {line}" if line is not None else ""
    return f"{sheet}, {where}" if sheet and where else sheet or where


def tidy(text: str) -> str:
    """Text without control signs or runs of blanks, its lines kept: what entries are made of."""
    printable = "".join(
        sign for sign in text.replace("\r\n", "\n").replace("\r", "\n")
        if sign.isprintable() or sign in "\n\t\xa0\u202f\u2009"
    )  # fmt: skip
    blanks = re.sub(r"[ \t\xa0\u202f\u2009]+", " ", printable)
    lines = re.sub(r" ?\n ?", "\n", blanks)
    return re.sub(r"\n{3,}", "\n\n", lines).strip()


def spaced(number: int) -> str:
    """A number as it is written in French: `50 000`."""
    return f"{number:,}".replace(",", "\u202f")


def safe_name(name: str) -> str:
    """A file's name for messages and for keeping. Raises ImportingError when it is a path that
    climbs, or no name at all."""
    parts = re.split(r"[/\\]", name)
    last = "".join(sign for sign in parts[-1] if sign.isprintable()).strip()
    if ".." in parts or not last.strip(". ") or "\0" in name:
        shown = "".join(sign for sign in name if sign.isprintable())[:80]
        raise ImportingError(
            "import_dangerous",
            french=f"« {shown} » : ce n'est pas un nom de fichier. Renommez le fichier.",
            english=f'"{shown}" is not a file name. Rename the file.',
        )
    return last[-200:]


def entry_values(entry: Entry) -> dict[str, Any]:
    """An entry as JSON values."""
    values = dataclasses.asdict(entry)
    for name in ("valid_from", "valid_until"):
        values[name] = values[name].isoformat() if values[name] else None
    return values


def entry_from(values: Mapping[str, Any]) -> Entry:
    """What `entry_values` wrote."""
    known = dict(values)
    for name in ("valid_from", "valid_until"):
        known[name] = date.fromisoformat(known[name]) if known[name] else None
    known["tags"] = tuple(known["tags"])
    known["alternatives"] = tuple(known["alternatives"])
    known["links"] = tuple(Link(**link) for link in known["links"])
    known["attachments"] = tuple(Attachment(**item) for item in known["attachments"])
    return Entry(**known)


def problem_values(problem: Problem) -> dict[str, Any]:
    """A problem as JSON values."""
    return dataclasses.asdict(problem)


def problem_from(values: Mapping[str, Any]) -> Problem:
    """What `problem_values` wrote."""
    entries = tuple(Doubtful(**item) for item in values["entries"])
    return Problem(**{**values, "entries": entries})


def reading_values(reading: Reading) -> dict[str, Any]:
    """A reading as JSON values."""
    return {
        "kind": reading.kind,
        "entries": [entry_values(entry) for entry in reading.entries],
        "problems": [problem_values(problem) for problem in reading.problems],
        "given": sorted(reading.given),
        "lines": dict(reading.lines),
        "title": reading.title,
    }


def reading_from(values: Mapping[str, Any]) -> Reading:
    """What `reading_values` wrote."""
    return Reading(
        kind=values["kind"],
        entries=tuple(entry_from(item) for item in values["entries"]),
        problems=tuple(problem_from(item) for item in values["problems"]),
        given=frozenset(values["given"]),
        lines=dict(values["lines"]),
        title=values["title"],
    )
