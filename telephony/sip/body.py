"""The parts of a message's body (RFC 2045, RFC 5621)."""

from __future__ import annotations

import email.parser
import email.policy
from dataclasses import dataclass

from aiosipua.message import SipMessage, SipRequest

from telephony.errors import OfferRefused
from telephony.sip.headers import split_values

SDP = "application/sdp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A body, or one part of a body of several."""

    kind: str
    """`application/sdp`, lower case, without parameters."""
    data: bytes
    required: bool = True
    """Whether the sender wants the message refused by who cannot read it (RFC 5621 section 8)."""

    @property
    def text(self) -> str:
        return self.data.decode("utf-8", "replace")


def parts_of(message: SipMessage) -> list[Part]:
    """Every leaf of the body, in order; none when it is empty."""
    if not message.body.strip():
        return []
    kind = (message.content_type or SDP).partition(";")[0].strip().lower()
    if not kind.startswith("multipart/"):
        handling = message.get_header("content-disposition") or ""
        return [Part(kind=kind, data=message.body, required="handling=optional" not in handling)]
    head = f"Content-Type: {message.content_type}\r\n\r\n".encode("utf-8", "replace")
    parsed = email.parser.BytesParser(policy=email.policy.compat32).parsebytes(head + message.body)
    found: list[Part] = []
    for part in parsed.walk():
        payload = None if part.is_multipart() else part.get_payload(decode=True)
        if isinstance(payload, bytes):
            handling = str(part.get("Content-Disposition", "")).lower()
            found.append(
                Part(
                    kind=part.get_content_type(),
                    data=payload,
                    required="handling=optional" not in handling.replace(" ", ""),
                )
            )
    return found


def session_description(message: SipMessage) -> str | None:
    """The SDP of a message, alone or as a part of a body of several; None without a body.

    Raises OfferRefused when there is a body but no session description in it.
    """
    parts = parts_of(message)
    for part in parts:
        if part.kind == SDP:
            return part.text
    if any(part.required for part in parts):
        raise OfferRefused(f"no session description in a body of type {parts[0].kind}")
    return None


def body_refusal(invite: SipRequest) -> tuple[int, str] | None:
    """Why the body of an INVITE, or of any answer to it, cannot be (RFC 3261 section 8.2.3)."""
    accepted = [value.partition(";")[0].strip().lower() for value in _accepted(invite)]
    if accepted and not {SDP, "application/*", "*/*"} & set(accepted):
        return 406, "Not Acceptable"
    encoding = (invite.get_header("content-encoding") or "identity").strip().lower()
    parts = parts_of(invite)
    if encoding != "identity" or (
        parts and SDP not in {part.kind for part in parts} and any(p.required for p in parts)
    ):
        return 415, "Unsupported Media Type"
    return None


def _accepted(message: SipMessage) -> list[str]:
    return split_values(message.headers.get("accept"))
