"""What is written to clients: shapes of the JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from copilot.store.records.inquiries import InletKind, InquiryChannel, ReplyState
from web.schemas import Schema


class InletView(Schema):
    """Where people write to a client."""

    value: str
    """The e-mail address, or the form's key."""
    kind: InletKind
    name: str
    origins: list[str]
    post_to: str | None
    """Of a form: the address it posts to."""


class UnreadMailboxView(Schema):
    """A client's mailbox whose letters wait until the client mends it."""

    client_id: str
    client_name: str
    client_colour: str
    address: str
    fault: str
    """As `MailboxView.fault`."""
    read_at: datetime | None
    """When it was last read to the end; null: never."""


class InletInput(Schema):
    kind: InletKind
    name: Annotated[str, Field(max_length=100)] = ""
    origins: list[Annotated[str, Field(max_length=200, pattern=r"^https?://[^/\s]+$")]] = Field(
        default=[], max_length=10
    )
    """Of a form: the sites that may post it; none: any."""


class InletRemoval(Schema):
    value: Annotated[str, Field(max_length=254)]


class FormPost(Schema):
    """What a web form sends."""

    message: Annotated[str, Field(min_length=1, max_length=20_000)]
    name: Annotated[str, Field(max_length=200)] = ""
    email: Annotated[str, Field(max_length=254)] = ""
    phone: Annotated[str, Field(max_length=40)] = ""
    subject: Annotated[str, Field(max_length=300)] = ""
    website: Annotated[str, Field(max_length=300)] = ""
    """Hidden from people: only programs fill it in."""


class FormTaken(Schema):
    taken: bool = True


class InquirySummary(Schema):
    """Something written, in the list."""

    call_id: str
    client_id: str
    client_name: str
    client_colour: str
    channel: InquiryChannel
    sender: str
    sender_name: str
    subject: str
    received_at: datetime
    prepared: bool
    taken_by: str | None
    """Null too once whoever has it left it lying: anybody may take it."""
    taken_by_name: str | None
    closed_at: datetime | None
    reply_failed: bool
    """The reply that was approved could not be sent: it is to be done again."""


class InquiryFileView(Schema):
    id: str
    name: str
    media_type: str
    size_bytes: int


class InquiryView(Schema):
    """Something written, opened. Its text is its call's transcript."""

    inquiry: InquirySummary
    files: list[InquiryFileView]
    may_reply: bool
    """An address was given."""
    proposed: str
    """A reply made of the client's own answers: nothing until it is approved."""
    reply: str | None
    reply_state: ReplyState | None
    reply_error: str | None
    replied_at: datetime | None
    replied_by_name: str | None


class Reply(Schema):
    text: Annotated[str, Field(min_length=1, max_length=10_000)]
