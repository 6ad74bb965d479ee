"""An e-mail read with care: only what is needed of it, within bounds, nothing run or fetched.

Headers are cut before they are decoded: reading addresses out of megabytes of brackets is how
mail programs are brought to a stop.
"""

from __future__ import annotations

import email
import hashlib
import re
import unicodedata
from dataclasses import dataclass
from email.errors import HeaderParseError, MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.policy import compat32
from email.utils import parseaddr

from copilot.inquiries.text import (
    LONGEST_CHARS,
    is_forwarded,
    text_of_html,
    without_quotation,
)
from copilot.store.records.inquiries import ReceivedFile
from knowledge.documents.reading import tidy

MOST_PARTS = 200
MOST_FILES = 10
DEEPEST = 20
HTML_CHARS = 1_000_000
HEADER_CHARS = 2_000


class UnreadableLetterError(Exception):
    """Not a letter, or one made to harm whoever reads it."""

    code = "unreadable_letter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What matters of an e-mail."""

    sender: str
    """Of its From, lower case; empty when there is none that could be one."""
    sender_name: str
    answer_to: str
    """Where its writer wants the answer (Reply-To); its sender without one."""
    subject: str
    text: str
    """What was written this time, without quotations."""
    reference: str
    """Its Message-ID with its brackets; empty without."""
    origin: str
    """The same for the same letter: 64 hexadecimal digits."""
    files: tuple[ReceivedFile, ...]
    files_left_out: int
    """Files beyond `MOST_FILES`."""
    headers: dict[str, str]
    """Those that tell who wrote it, in lower case: the first of each."""


def read_letter(content: bytes) -> Letter:
    """Blocks: call it from a thread for what may be large. Raises UnreadableLetterError."""
    try:
        message = email.message_from_bytes(content, policy=compat32)
        parts = _parts(message)
        text = _text(parts)
        # Pictures of a signature give way to what was attached.
        held = sorted(filter(_is_file, parts), key=_is_within_the_text)
        files = [_file(part) for part in held]
    except (RecursionError, MessageError, LookupError, ValueError) as error:
        raise UnreadableLetterError(str(error) or type(error).__name__) from error
    name, address = _mailbox(_decoded(message, "From"))
    reference = _decoded(message, "Message-ID").strip()
    reference = reference if re.fullmatch(r"<[\x21-\x7e]{3,250}>", reference) else ""
    answer_name, answer_to = _mailbox(_decoded(message, "Reply-To"))
    answer_to, sender = _address(answer_to), _address(address)
    if answer_to and answer_to != sender:
        name = answer_name  # a site's form writes for somebody: its own name is not theirs
    subject = _line(_decoded(message, "Subject"))[:300]
    return Letter(
        sender=sender,
        sender_name=_line(name)[:200],
        answer_to=answer_to or sender,
        subject=subject,
        text=without_quotation(text, forwarded=is_forwarded(subject))[:LONGEST_CHARS],
        reference=reference,
        origin=hashlib.sha256(reference.encode() or content).hexdigest(),
        files=tuple(files[:MOST_FILES]),
        files_left_out=max(len(files) - MOST_FILES, 0),
        headers={
            key.lower(): str(value)[:HEADER_CHARS] for key, value in reversed(message.items())
        },
    )


def _parts(message: Message) -> list[Message]:
    """Every part that holds something, in order; letters within letters too."""
    found: list[Message] = []
    waiting = [(message, 0)]
    while waiting:
        part, depth = waiting.pop()
        if depth > DEEPEST or len(found) + len(waiting) > MOST_PARTS:
            raise UnreadableLetterError("too many parts")
        inner = part.get_payload() if part.is_multipart() else None
        if isinstance(inner, list):
            waiting.extend((one, depth + 1) for one in reversed(inner) if isinstance(one, Message))
        else:
            found.append(part)
    return found


def _is_file(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or (
        part.get_content_maintype() != "text" and part.get_content_maintype() != "multipart"
    )


def _is_within_the_text(part: Message) -> bool:
    return "Content-ID" in part and part.get_content_disposition() != "attachment"


def _text(parts: list[Message]) -> str:
    """The plain text, else what a reader sees of the HTML."""
    for kind in ("text/plain", "text/html"):
        written = [
            _characters(part)
            for part in parts
            if part.get_content_type() == kind and not _is_file(part)
        ]
        if kind == "text/html":
            written = [text_of_html(one[:HTML_CHARS]) for one in written]
        if text := tidy("\n\n".join(written)[: 10 * LONGEST_CHARS]):
            return text
    return ""


def _characters(part: Message) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    try:
        return content.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:
        return content.decode("utf-8", "replace")


def _file(part: Message) -> ReceivedFile:
    content = part.get_payload(decode=True)
    name = _line(str(part.get_filename() or "")).replace("/", "_").replace("\\", "_").strip(". ")
    kind = part.get_content_type()
    return ReceivedFile(
        name=name[:150] or "fichier",
        media_type=kind[:100] if re.fullmatch(r"[\w.+-]+/[\w.+-]+", kind) else "application/x",
        content=content if isinstance(content, bytes) else b"",
    )


def _decoded(message: Message, name: str) -> str:
    value = str(message.get(name, ""))[:HEADER_CHARS]
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, ValueError):
        return value


def _mailbox(written: str) -> tuple[str, str]:
    """Name and address; both empty where brackets within brackets lead nowhere."""
    try:
        return parseaddr(written)
    except RecursionError:
        return "", ""


def _address(written: str) -> str:
    address = written.strip().lower()
    return address if re.fullmatch(r"[^\s@<>,;\"()]{1,64}@[^\s@<>,;\"()]{1,189}", address) else ""


def _line(text: str) -> str:
    """On one line, without signs that are not shown."""
    shown = "".join(
        " " if unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp", "Cs") else sign
        for sign in text
    )
    return " ".join(shown.split())
