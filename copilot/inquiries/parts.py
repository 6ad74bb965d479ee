"""The parts of an e-mail: the words of each in the order a reader meets them, names of files.

What does not say its characters, or says them wrongly, is read as French programs write it.
"""

from __future__ import annotations

import mimetypes
import unicodedata
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message

from copilot.inquiries.text import LONGEST_CHARS, text_of_html
from knowledge.documents.reading import tidy

HTML_CHARS = 1_000_000
HEADER_CHARS = 2_000
SHOWN = ("text/plain", "text/html")
READ = ("from", "reply-to", "subject", "content-type", "content-disposition")
UNNAMED = {"text/calendar": "invitation.ics", "text/vcard": "contact.vcf"}
"""Files that mail programs write without a name."""


def is_file(part: Message) -> bool:
    """Whether it is kept beside the text: all that is not the text itself, or has a file's name."""
    if part.get_content_maintype() == "multipart":
        return False
    named = part.get_param("filename", header="content-disposition") is not None
    return (
        part.get_content_disposition() == "attachment"
        or part.get_content_type() not in SHOWN
        or (named and part.get_content_type() == "text/plain")
    )


def written_in(part: Message) -> str:
    """Its text: of versions of the same the first with words (the plain one, RFC 2046 section
    5.1.4), of parts beside one another all, a letter within it with who wrote it and about what.
    """
    inner = part.get_payload() if part.is_multipart() else None
    if isinstance(inner, list):
        texts = [written_in(one) for one in inner if isinstance(one, Message)]
        texts = [text for text in texts if text]
        if part.get_content_type() == "multipart/alternative":
            return texts[0] if texts else ""
        if part.get_content_type() == "message/rfc822":
            texts = [*(_heading(one) for one in inner if isinstance(one, Message)), *texts]
        return tidy("\n\n".join(texts)[: 10 * LONGEST_CHARS])
    if is_file(part):
        return ""
    text = _characters(part)
    if part.get_content_type() == "text/html":
        text = text_of_html(text[:HTML_CHARS])
    return tidy(text[: 10 * LONGEST_CHARS])


def _heading(letter: Message) -> str:
    told = {"De": header(letter, "From"), "Objet": header(letter, "Subject")}
    return "\n".join(f"{name} : {on_one_line(said)}" for name, said in told.items() if said)


def _characters(part: Message) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    said = part.get_content_charset("us-ascii")
    try:
        # What Windows writes calls itself Latin 1, and has signs that Latin 1 has not.
        return content.decode("cp1252" if said == "iso-8859-1" else said, _errors(said))
    except (LookupError, UnicodeDecodeError):
        return _guessed(content)


def _errors(said: str) -> str:
    return "strict" if said == "us-ascii" else "replace"


def _guessed(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def with_readable_headers(message: Message) -> None:
    """Headers with accents written as they are (no RFC 2047) become readable, in place."""
    for part in message.walk():
        for name in READ:
            text = next((str(said) for key, said in part.raw_items() if key.lower() == name), "")
            if any("\udc80" <= sign <= "\udcff" for sign in text):
                part.replace_header(name, _guessed(text.encode("utf-8", "surrogateescape")))


def header(message: Message, name: str) -> str:
    """A header as people read it, cut before it is decoded."""
    return _decoded(str(message.get(name, ""))[:HEADER_CHARS])


def _decoded(value: str) -> str:
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, ValueError):
        return value


def name_of(part: Message) -> str:
    """Of a file: as its sender named it (RFC 2231, or RFC 2047 as many programs write it), else
    after what it is."""
    said = _decoded(str(part.get_filename() or "")[:HEADER_CHARS])
    name = on_one_line(said).replace("/", "_").replace("\\", "_").strip(". ")
    if len(name) > 150:
        stem, dot, ending = name.rpartition(".")
        name = f"{stem[:140]}{dot}{ending}" if len(ending) < 10 else name[:150]
    kind = part.get_content_type()
    return name or UNNAMED.get(kind) or f"fichier{mimetypes.guess_extension(kind) or ''}"


def on_one_line(text: str) -> str:
    """Without signs that are not shown."""
    shown = "".join(
        " " if unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp", "Cs") else sign
        for sign in text
    )
    return " ".join(shown.split())
