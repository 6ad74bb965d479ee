"""An e-mail read with care: only what is needed of it, within bounds, nothing run or fetched.

Headers are cut before they are decoded: reading addresses out of megabytes of brackets is how
mail programs are brought to a stop.
"""

from __future__ import annotations

import email
import hashlib
import re
from dataclasses import dataclass
from email.errors import MessageError
from email.message import Message
from email.policy import compat32
from email.utils import parseaddr

from copilot.inquiries.parts import (
    HEADER_CHARS,
    header,
    is_file,
    name_of,
    on_one_line,
    with_readable_headers,
    written_in,
)
from copilot.inquiries.text import LONGEST_CHARS, is_forwarded, without_quotation
from copilot.store.records.inquiries import ReceivedFile

MOST_PARTS = 200
MOST_FILES = 10
DEEPEST = 20


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
        with_readable_headers(message)
        text = written_in(message)
        # Pictures of a signature give way to what was attached.
        held = sorted(filter(is_file, parts), key=_is_within_the_text)
        files = [_file(part) for part in held]
    except (RecursionError, MessageError, LookupError, ValueError) as error:
        raise UnreadableLetterError(str(error) or type(error).__name__) from error
    name, address = _mailbox(header(message, "From"))
    reference = header(message, "Message-ID").strip()
    reference = reference if re.fullmatch(r"<[\x21-\x7e]{3,250}>", reference) else ""
    answer_name, answer_to = _mailbox(header(message, "Reply-To"))
    answer_to, sender = _address(answer_to), _address(address)
    if answer_to and answer_to != sender:
        name = answer_name  # a site's form writes for somebody: its own name is not theirs
    subject = on_one_line(header(message, "Subject"))[:300]
    return Letter(
        sender=sender,
        sender_name=on_one_line(name)[:200],
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


def _is_within_the_text(part: Message) -> bool:
    return "Content-ID" in part and part.get_content_disposition() != "attachment"


def _file(part: Message) -> ReceivedFile:
    content = part.get_payload(decode=True)
    kind = part.get_content_type()
    return ReceivedFile(
        name=name_of(part),
        media_type=kind[:100] if re.fullmatch(r"[\w.+-]+/[\w.+-]+", kind) else "application/x",
        content=content if isinstance(content, bytes) else b"",
    )


def _mailbox(written: str) -> tuple[str, str]:
    """Name and address; both empty where brackets within brackets lead nowhere."""
    try:
        return parseaddr(written)
    except RecursionError:
        return "", ""


def _address(written: str) -> str:
    address = written.strip().lower()
    return address if re.fullmatch(r"[^\s@<>,;\"()]{1,64}@[^\s@<>,;\"()]{1,189}", address) else ""
