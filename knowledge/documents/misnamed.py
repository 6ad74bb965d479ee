"""Texts under the name of another format: a CSV called `.xlsx`, a sign-in page saved as a PDF.

A table of questions is read as what it is, and said to be; anything else is refused, for nobody
who chose a workbook expects its bytes to become answers.
"""

from __future__ import annotations

import dataclasses
import re

from knowledge.documents.headers import columns_of
from knowledge.documents.package import damaged
from knowledge.documents.plain_text import decoded, read_csv
from knowledge.documents.reading import ImportingError, Problem, Reading

_WORKBOOK = ("un classeur Excel", "an Excel workbook", ".xlsx")
_DOCUMENT = ("un document Word", "a Word document", ".docx")
_TABLE = ("un tableau CSV", "a CSV table", ".csv")
_PROMISES = {
    **dict.fromkeys((".xlsx", ".xlsm", ".xltx", ".xltm", ".xlam", ".xls"), _WORKBOOK),
    **dict.fromkeys((".docx", ".docm", ".dotx", ".dotm", ".doc"), _DOCUMENT),
    **dict.fromkeys((".csv", ".tsv"), _TABLE),
    ".pdf": ("un PDF", "a PDF", ".pdf"),
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FIRST_LINES_CHARS = 5_000


def is_page(content: bytes) -> bool:
    """Whether it begins as HTML does."""
    start = _beginning(content)
    return bool(
        re.match(rb"(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype html|html)", start, re.S)
    )


def looks_like_a_faq(text: str) -> bool:
    """Whether a first line names a question and an answer column, and a second one fills them."""
    lines = [line for line in text[:_FIRST_LINES_CHARS].splitlines() if line.strip()]
    if len(lines) < 2:
        return False
    for sign in ";,\t|":
        columns = columns_of([cell.strip('" ') for cell in lines[0].split(sign)])
        if {"question", "answer"} <= columns.keys():
            last = max(columns["question"][0], columns["answer"][0])
            return '"' in lines[1] or lines[1].count(sign) >= last
    return False


def read_misnamed(content: bytes, name: str, suffix: str) -> Reading:
    """A table of questions under the name of something else. Raises ImportingError."""
    if _kind(content) == "text":
        try:
            text = decoded(content, name)
        except ImportingError as error:
            raise damaged(name) from error
        if looks_like_a_faq(text):
            reading = read_csv(content, name)
            told = (_is_a_table(suffix), *reading.problems)
            return dataclasses.replace(reading, problems=told)
    raise misnamed(content, name, suffix)


def misnamed(content: bytes, name: str, suffix: str) -> ImportingError:
    """The refusal of what is not what its name says. `suffix` is one of `promises`."""
    french, english, better = _PROMISES[suffix]
    is_french, is_english = {
        "page": (
            "c'est une page web (HTML), souvent celle d'une connexion ou d'une erreur enregistrée"
            " à la place du fichier",
            "it is a web page (HTML), often a sign-in or error page saved in the file's place",
        ),
        "rtf": ("c'est du texte RTF", "it is RTF text"),
        "old": ("c'est un fichier d'un ancien Office", "it is a file of an old Office"),
        "xml": ("c'est du XML", "it is XML"),
        "text": ("c'est du texte", "it is text"),
    }[_kind(content)]
    return ImportingError(
        "import_unreadable",
        french=f"{name} : ce n'est pas {french}, {is_french}."
        f" Téléchargez-le de nouveau, ou ouvrez-le et enregistrez-le au format {better}.",
        english=f"{name}: this is not {english}, {is_english}."
        f" Download it again, or open it and save it as {better}.",
    )


def promises(suffix: str) -> bool:
    """Whether a name that ends so says what the file is."""
    return suffix in _PROMISES


def _beginning(content: bytes) -> bytes:
    return content[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()


def _kind(content: bytes) -> str:
    start = _beginning(content)
    if is_page(content):
        return "page"
    if start.startswith(b"{\\rtf"):
        return "rtf"
    if content.startswith(_OLE):
        return "old"
    return "xml" if start.startswith((b"<?xml", b"<!doctype", b"<svg")) else "text"


def _is_a_table(suffix: str) -> Problem:
    french, english, _ = _PROMISES[suffix]
    return Problem(
        code="misnamed",
        left_out=False,
        french=f"Ce fichier n'est pas {french} mais un tableau de texte (CSV) :"
        " il est lu comme tel.",
        english=f"This file is not {english} but a table of text (CSV): it is read as such.",
    )
