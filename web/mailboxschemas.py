"""The JSON of mailboxes that are read."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from copilot.store.records.mailboxes import WhyAside
from web.consentschemas import ConsentProvider
from web.schemas import Schema

MailboxAddress = Annotated[str, Field(max_length=254, pattern=r"^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$")]


class MailboxInput(Schema):
    """How a client's mailbox is opened."""

    host: Annotated[str, Field(max_length=200)]
    port: Annotated[int, Field(ge=1, le=65535)] = 993
    security: Literal["tls", "starttls", "none"] = "tls"
    """`none`: in clear, on the house's own network where the administrator allows it."""
    user: Annotated[str, Field(max_length=254)]
    password: Annotated[str, Field(max_length=1000)] = ""
    """Empty keeps the one it has. Never given back."""
    folder: Annotated[str, Field(max_length=200)] = "INBOX"


class NewMailbox(MailboxInput):
    address: MailboxAddress
    """Where people write to it."""


class AsideLetterView(Schema):
    """A letter that stays in the mailbox and was not taken in."""

    at: datetime
    sender: str
    subject: str
    why: WhyAside


class MailboxView(Schema):
    id: str
    address: str
    host: str
    port: int
    security: Literal["tls", "starttls", "none"]
    user: str
    folder: str
    provider: ConsentProvider | None
    """Whose consent it is read by; null: by a password."""
    fault: str | None
    """A stable code: why it could not be read last time."""
    read_at: datetime | None
    """When it was last read to the end."""
    aside: list[AsideLetterView]
    """The last ones, newest first."""


class MailboxConsentWanted(Schema):
    """To the provider's page, for a mailbox there."""

    provider: ConsentProvider
    address: MailboxAddress | None = None
    """Of a new one; null with `mailbox_id`."""
    mailbox_id: Annotated[str, Field(max_length=64)] | None = None
    """One whose access is over, or that had a password."""


class MailboxTrial(Schema):
    fault: str | None
