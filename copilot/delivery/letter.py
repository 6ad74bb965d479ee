"""Approved messages as an e-mail: HTML and text, safe against what callers say.

One message; several as a digest; or, where nothing said may travel, a notice with a link alone.

What people say or type is text: escaped in HTML by the template engine, and stripped of line
breaks and control characters before it may enter a header (RFC 5322 section 2.2).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from copilot.delivery import wording
from copilot.delivery.channel import Dispatch, PermanentFailureError
from copilot.guide import form_of
from copilot.timing import zone_of

if TYPE_CHECKING:
    from jinja2 import Environment

SUBJECT_LENGTH = 120
"""Characters: what mail programs show of a subject."""

WRITTEN = ("email", "form")
"""Calls that nobody made: requests that were written."""

KEY_HEADER = "X-Souffleur-Idempotency-Key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Whom messages come from."""

    address: str
    name: str = "Souffleur"

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


def message_id(idempotency_key: str, domain: str) -> str:
    """The same for every try of one intention (RFC 5322 section 3.6.4)."""
    return f"<{idempotency_key}@{domain}>"


def write(dispatch: Dispatch, sender: Sender) -> EmailMessage:
    """The letter of one message to one recipient, always the same for the same message.

    Raises `PermanentFailureError` when the recipient is no e-mail address.
    """
    item = dispatch.item
    letter = EmailMessage(policy=SMTP)
    letter["Subject"] = subject(dispatch)
    letter["From"] = Address(one_line(sender.name), addr_spec=sender.address)
    letter["To"] = recipient(item.recipient)
    if dispatch.answer_to:
        letter["Reply-To"] = Address(addr_spec=dispatch.answer_to)
    letter["Date"] = format_datetime(max(part.message.approved_at for part in dispatch.parts))
    letter["Message-ID"] = message_id(dispatch.key, sender.domain)
    letter[KEY_HEADER] = dispatch.key
    letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answer, please
    if any(part.message.urgency in part.words.urgencies for part in dispatch.parts):
        letter["Importance"] = "high"
    shown = {
        "client": dispatch.client.name,
        "title": subject(dispatch),
        "words": dispatch.words,
        "called": bool(dispatch.item.step),
        "answered": bool(dispatch.answer_to),
        "messages": [_shown(part) for part in dispatch.parts],
        "discreet": dispatch.discreet,
        "link_days": dispatch.client.settings.delivery.link_days,
    }
    letter.set_content(_templates().get_template("letter.txt").render(shown))
    letter.add_alternative(_templates().get_template("letter.html").render(shown), subtype="html")
    letter.set_boundary(f"={dispatch.key}=")  # every try is the same, byte for byte
    return letter


def subject(dispatch: Dispatch) -> str:
    """Who called and what for, on one line, after the urgency; of a digest how many."""
    words = dispatch.words
    urgency = words.urgencies.get(dispatch.message.urgency)
    if dispatch.also:
        several = words.several.format(len(dispatch.parts))
        line, urgency = one_line(f"{several} – {dispatch.client.name}"), None
    elif dispatch.discreet:
        line = one_line(words.new.format(dispatch.client.name))
    else:
        line = headline(dispatch)
    if dispatch.item.step:
        line = f"{words.on_call} – {line}"
    if urgency:
        line = f"[{urgency}] {line}"
    return line if len(line) <= SUBJECT_LENGTH else line[: SUBJECT_LENGTH - 1].rstrip() + "…"


def headline(dispatch: Dispatch) -> str:
    """Who called and what for."""
    fields, words = dispatch.message.fields, dispatch.words
    who = fields.get("caller_name") or fields.get("company") or words.somebody
    category = wording.readable("category", fields.get("category") or "", words.language)
    parts = [words.headline.format(who), fields.get("reason") or category]
    return one_line(" – ".join(part for part in parts if part))


def recipient(address: str) -> Address:
    """Raises `PermanentFailureError` when it is no single e-mail address."""
    refusal = PermanentFailureError(f"adresse e-mail invalide : {one_line(address)}")
    try:
        parsed = Address(addr_spec=address)
    except (ValueError, IndexError, MessageError) as error:
        raise refusal from error
    if address.count("@") != 1 or parsed.addr_spec != address:
        raise refusal
    return parsed


def one_line(text: str) -> str:
    """Text fit for a header: control and format characters gone, spaces collapsed."""
    kept = "".join(
        " " if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Cs") else character
        for character in text
    )
    return " ".join(kept.split())


def _shown(dispatch: Dispatch) -> dict[str, Any]:
    message, client, call, words = dispatch.message, dispatch.client, dispatch.call, dispatch.words
    zone = zone_of(client.settings.time_zone)
    labels = {field.name: field.label for field in form_of(client).fields if field.label}
    at = wording.instant(call.ringing_at, zone, words.language)
    facts = [(words.written_at if call.source in WRITTEN else words.call_at, at)]
    if call.duration_s:
        facts.append((words.lasted, wording.duration(call.duration_s)))
    if call.caller_number:
        facts.append((words.number, wording.telephone(call.caller_number)))
    facts.append((words.taken_by, message.approved_by_name))
    return {
        "headline": headline(dispatch),
        "urgency": words.urgencies.get(message.urgency),
        "critical": message.urgency == "critique",
        "rows": wording.rows(message.fields, labels, words.language),
        "note": message.note.strip(),
        "facts": facts,
        "reference": message.id,
        "at": at,
        "link": dispatch.link,
    }


@cache
def _templates() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    return Environment(
        loader=PackageLoader("copilot.delivery"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
