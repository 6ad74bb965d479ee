"""Bytes to text, and CSV to rows."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from knowledge.documents.headers import columns_of
from knowledge.documents.reading import MAX_ROWS, ImportingError, Reading, spaced
from knowledge.documents.tables import FaqTable, Row, empty_file


def decoded(content: bytes, name: str) -> str:
    """Text of any usual encoding. Raises ImportingError (`import_unreadable`)."""
    if not content.strip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"):
        raise empty_file(name)
    marked = [] if content[:2] not in (b"\xff\xfe", b"\xfe\xff") else ["utf-16"]
    for encoding in (*marked, "utf-8-sig"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    if b"\0" in content:
        raise not_text(name)
    from charset_normalizer import from_bytes

    # French exports are nearly always one of these: guess among them first, then among all.
    best = from_bytes(content, cp_isolation=["cp1252", "mac_roman", "cp850", "latin_1"]).best()
    best = best or from_bytes(content).best()
    if best is None:
        raise not_text(name)
    return str(best)


def not_text(name: str) -> ImportingError:
    return ImportingError(
        "import_unreadable",
        french=f"{name} : ce n'est pas du texte lisible."
        " Enregistrez-le en CSV ou en texte (UTF-8).",
        english=f"{name}: this is no readable text. Save it as CSV or text (UTF-8).",
    )


def read_csv(content: bytes, name: str) -> Reading:
    """A FAQ in CSV: `;`, `,`, tab or `|`, any encoding. Raises ImportingError."""
    csv.field_size_limit(10 * 1024 * 1024)
    table = FaqTable(name)
    table.take(_rows(decoded(content, name), name))
    return table.reading()


def _rows(text: str, name: str) -> Iterator[Row]:
    """Rows with the line each begins on."""
    lines, delimiter = list(io.StringIO(text, newline="")), _delimiter(text)
    reader = csv.reader(lines, delimiter=delimiter)
    line, count = 1, 0
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise ImportingError(
                "import_unreadable",
                french=f"{name}, ligne {line} : tableau illisible ({error})."
                " Vérifiez les guillemets.",
                english=f"{name}, line {line}: unreadable table ({error}). Check the quotes.",
            ) from error
        if cells is None:
            return
        count += 1
        if count > MAX_ROWS + 50:
            raise too_many_rows(name)
        if reader.line_num == len(lines) > line and _is_open(lines[line - 1 :], delimiter):
            raise _open_quote(name, line)
        yield Row(line=line, cells=cells)
        line = reader.line_num + 1


def _is_open(lines: list[str], delimiter: str) -> bool:
    """Whether the last row, of several lines, ends within quotes."""
    try:
        list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


def _open_quote(name: str, line: int) -> ImportingError:
    return ImportingError(
        "import_unreadable",
        french=f"{name}, ligne {line} : un guillemet ouvert n'est jamais fermé, tout ce qui suit"
        " serait dans la même cellule. Fermez-le, ou retirez-le.",
        english=f"{name}, line {line}: a quote is opened and never closed, all that follows would"
        " be in one cell. Close it, or remove it.",
    )


def too_many_rows(name: str) -> ImportingError:
    return ImportingError(
        "import_too_large",
        french=f"{name} : plus de {spaced(MAX_ROWS)} lignes. Découpez le fichier.",
        english=f"{name}: more than {MAX_ROWS:,} rows. Split the file.",
    )


def _delimiter(text: str) -> str:
    """The sign under which one of the first lines names the columns, else the most frequent."""
    lines = [line for line in text[:20_000].splitlines() if line.strip()][:20]
    for line in lines:
        for sign in ";,\t|":
            cells = next(csv.reader([line], delimiter=sign), [])
            if {"question", "answer"} <= columns_of(cells).keys():
                return sign
    header = re.sub(r'"[^"]*"', "", lines[0]) if lines else ""
    return max(";,\t|", key=lambda sign: (header.count(sign), sign == ";"))
