"""Letters that nobody wrote: bounces, answers of machines, our own coming back (RFC 3834). Pure.

What a web site's form sends on somebody's behalf is `auto-generated` too, and is an inquiry: only
answers and reports are left out. An acknowledgement, on the other hand, must be somebody's.
"""

from __future__ import annotations

import re
from typing import Literal

from copilot.delivery.letter import KEY_HEADER
from copilot.inquiries.letter import Letter

ANSWERS = ("x-autoreply", "x-autorespond", "x-auto-response-suppress-reply")
AWAY = re.compile(
    r"^\s*(réponse automatique|auto(matic)?[- ]?(reply|response)|out of( the)? office"
    r"|absen(t|te|ce)( du bureau| de bureau)?)\s*(:|$)",
    re.IGNORECASE,
)
"""How the absent answer without saying `auto-replied`, Exchange above all: `auto-generated`."""
REPORTERS = ("mailer-daemon@", "postmaster@")


def answered_by_a_machine(
    letter: Letter, envelope_sender: str
) -> Literal["bounce", "auto-reply", "loop", ""]:
    """Why it is neither an inquiry nor an answer of somebody; empty when it may be one."""
    headers = letter.headers
    kind = headers.get("content-type", "").lower()
    if not envelope_sender.strip("<> ") or kind.startswith("multipart/report"):
        return "bounce"
    if letter.sender.startswith(REPORTERS):
        return "bounce"
    submitted = headers.get("auto-submitted", "no").strip().lower()
    if submitted.startswith(("auto-replied", "auto-notif")):
        return "auto-reply"
    if AWAY.match(letter.subject) and (submitted != "no" or "x-auto-response-suppress" in headers):
        return "auto-reply"
    if headers.get("precedence", "").strip().lower() == "auto_reply":
        return "auto-reply"
    if any(name in headers for name in ANSWERS):
        return "auto-reply"
    return "loop" if KEY_HEADER.lower() in headers else ""


def sent_to_many(letter: Letter) -> bool:
    """A newsletter, a list: nobody waits for an answer (RFC 2919, RFC 2369)."""
    kind = letter.headers.get("precedence", "").strip().lower()
    lists = ("list-id", "list-unsubscribe")
    return kind in ("bulk", "junk", "list") or any(name in letter.headers for name in lists)


def written_by_somebody(letter: Letter, envelope_sender: str) -> bool:
    """Whether it may stand for a person's answer: nothing says that a machine sent it."""
    submitted = letter.headers.get("auto-submitted", "no").strip().lower()
    alone = not answered_by_a_machine(letter, envelope_sender) and not sent_to_many(letter)
    return alone and submitted == "no"
