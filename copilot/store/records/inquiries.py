"""What is written to clients, where it comes in, and answers to delivered messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

InletKind = Literal["email", "form"]
InquiryChannel = Literal["email", "form"]
ReplyState = Literal["pending", "sent", "dead"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inlet:
    """Where people write to a client."""

    value: str
    """An e-mail address in lower case, or a web form's key."""
    client_id: str
    kind: InletKind
    name: str = ""
    origins: tuple[str, ...] = ()
    """Of a form: the sites that may post it (`https://www.example.fr`); none: any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedFile:
    """Something attached, as it came."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInquiry:
    """What is known when something written comes in."""

    call_id: str
    channel: InquiryChannel
    inlet: str
    origin: str
    """The same for the same letter: 64 hexadecimal digits."""
    received_at: datetime
    sender: str = ""
    """An e-mail address; empty when none was given: nobody can be replied to."""
    sender_name: str = ""
    phone: str | None = None
    """E.164, where a form asked for it."""
    subject: str = ""
    reference: str = ""
    """The letter's Message-ID, for the reply to refer to."""
    files: tuple[ReceivedFile, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InquiryFile:
    """Something attached, without its content."""

    id: str
    name: str
    media_type: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """Something written to a client, as it stands. Its text is its call's transcript."""

    client_id: str
    client_name: str
    client_colour: str
    call_id: str
    channel: InquiryChannel
    inlet: str
    sender: str
    sender_name: str
    subject: str
    reference: str
    received_at: datetime
    prepared_at: datetime | None
    taken_by: str | None
    taken_by_name: str | None
    taken_at: datetime | None
    closed_at: datetime | None
    reply: str | None
    reply_state: ReplyState | None
    reply_attempts: int
    reply_error: str | None
    replied_at: datetime | None
    replied_by_name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReply:
    """What a client's person answered to a delivered message."""

    message_id: str
    sender: str
    text: str
    at: datetime
