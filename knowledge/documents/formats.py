"""Which reader a document goes to: by what it holds, its name second."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import PurePath

from knowledge.documents.lengths import long_answers
from knowledge.documents.misnamed import (
    is_page,
    looks_like_a_faq,
    misnamed,
    promises,
    read_misnamed,
)
from knowledge.documents.package import encrypted, package_kind, unknown_format
from knowledge.documents.plain_text import decoded, read_csv
from knowledge.documents.reading import ImportingError, Reading
from knowledge.documents.suspicion import suspicious
from knowledge.documents.tables import empty_file

Progress = Callable[[int, int | None], None]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"BM")
_WRONG_SUFFIXES = {".xls", ".doc", ".ods", ".odt", ".rtf", ".ppt", ".pptx", ".xlsb", ".pages"}
_OLD_SUFFIXES = {".xls", ".doc"}
_TABLES = {".csv", ".tsv"}


def read_document(
    content: bytes,
    *,
    name: str,
    source: str | None = None,
    media_type: str = "",
    progress: Progress = lambda *_: None,
) -> Reading:
    """Read any document in this very process. Raises ImportingError.

    Everything but tests goes through `knowledge.documents.sandbox`, which sets limits.
    `source` tells one document from another (default: its name); `media_type` is what a web
    server says of a page.
    """
    if not content.strip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"):
        raise empty_file(name)
    reading = _read(content, name, source or name, media_type, progress)
    flags = (
        *suspicious(reading.entries, reading.lines),
        *long_answers(reading.entries, reading.lines),
    )
    return dataclasses.replace(reading, problems=(*reading.problems, *flags))


def _read(content: bytes, name: str, source: str, media_type: str, progress: Progress) -> Reading:
    suffix = PurePath(name).suffix.lower()
    if content.startswith(b"PK\x03\x04"):
        if package_kind(content, name) == "xlsx":
            from knowledge.documents.spreadsheet import read_xlsx

            return read_xlsx(content, name, progress)
        from knowledge.documents.word import read_docx

        return read_docx(content, name, source, progress)
    if b"%PDF-" in content[:1024]:
        from knowledge.documents.pdf import read_pdf

        return read_pdf(content, name, source, progress)
    if content.startswith(_OLE):
        # A protected .xlsx or .docx is wrapped into the old format.
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise encrypted(name)
        if promises(suffix) and suffix not in _OLD_SUFFIXES:
            raise misnamed(content, name, suffix)
        raise _old_format(name, suffix)
    if content.startswith(_PICTURES):
        raise _picture(name)
    if promises(suffix) and suffix not in _TABLES and not media_type:
        return read_misnamed(content, name, suffix)
    if suffix in _WRONG_SUFFIXES or content.startswith(b"{\\rtf"):
        raise _old_format(name, suffix)
    return _read_text(content, name, source, media_type, suffix)


def _read_text(content: bytes, name: str, source: str, media_type: str, suffix: str) -> Reading:
    from knowledge.documents.markdown import read_markdown, read_text
    from knowledge.documents.page import declared_charset, read_html

    if promises(suffix) and not media_type and is_page(content):
        raise misnamed(content, name, suffix)
    if suffix in _TABLES or media_type in ("text/csv", "text/tab-separated-values"):
        return read_csv(content, name)
    start = content[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if is_page(content) or suffix in (".html", ".htm", ".xhtml") or "html" in media_type:
        return read_html(_page_text(content, name, declared_charset(content)), name, source)
    if start.startswith((b"<?xml", b"<!doctype", b"<svg")) or b"%pdf" in start[:8]:
        raise unknown_format(name)
    text = decoded(content, name)
    if suffix in (".md", ".markdown") or media_type == "text/markdown":
        return read_markdown(text, name, source)
    if looks_like_a_faq(text):
        return read_csv(content, name)
    if suffix not in ("", ".txt", ".text") and media_type != "text/plain" and not _is_prose(text):
        raise unknown_format(name)
    return read_text(text, name, source)


def _page_text(content: bytes, name: str, charset: str | None) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    if charset:
        try:
            return content.decode(charset)
        except (LookupError, UnicodeDecodeError):
            pass
    return decoded(content, name)


def _is_prose(text: str) -> bool:
    letters = sum(sign.isalpha() or sign.isspace() for sign in text[:4000])
    return letters > 0.7 * len(text[:4000])


def _old_format(name: str, suffix: str) -> ImportingError:
    better = {".xls": ".xlsx", ".ods": ".xlsx", ".xlsb": ".xlsx"}.get(suffix, ".docx")
    return ImportingError(
        "import_format",
        french=f"{name} : format non lu. Enregistrez-le au format {better} (ou PDF).",
        english=f"{name}: format not read. Save it as {better} (or PDF).",
    )


def _picture(name: str) -> ImportingError:
    return ImportingError(
        "import_scanned",
        french=f"{name} : c'est une image, sans texte."
        " Passez-la par une reconnaissance de caractères, ou donnez l'original.",
        english=f"{name}: this is a picture, without text."
        " Run it through text recognition, or give the original.",
    )
