"""The JSON of people's rights and of the papers about personal data."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from copilot.store.personsearch import Kind
from web.schemas import CallSummary, Schema

Reason = Annotated[str, Field(min_length=3, max_length=1000)]
CallId = Annotated[str, Field(max_length=64)]
CallIds = Annotated[list[CallId], Field(min_length=1, max_length=1000)]
Paper = Literal["register", "assessment"]


class PersonSought(Schema):
    """Somebody who asks for what is kept about them: any of a number, an address, a name."""

    phone: str | None = Field(default=None, max_length=32)
    email: str | None = Field(default=None, max_length=254)
    name: str | None = Field(default=None, max_length=200)


class NamedCallView(Schema):
    call: CallSummary
    places: list[Kind]
    """Where in it they are named; `recording` when its sound is kept."""


class NamedThingView(Schema):
    """What is not of a call: somebody known by their number, an exercise, a consigne..."""

    kind: Kind
    id: str
    label: str


class PersonFound(Schema):
    calls: list[NamedCallView]
    """The newest first."""
    things: list[NamedThingView]


class CallsChosen(Schema):
    call_ids: CallIds
    reason: Reason


class PersonErasure(Schema):
    """What to erase; something of it."""

    call_ids: list[CallId] = Field(default=[], max_length=1000)
    known_callers: list[CallId] = Field(default=[], max_length=1000)
    exercises: list[CallId] = Field(default=[], max_length=1000)
    asides: list[CallId] = Field(default=[], max_length=1000)
    """Letters left aside in mailboxes: what is told of them here. They stay in the mailbox."""
    reason: Reason


class EndOfContract(Schema):
    name: str = Field(max_length=200)
    """The client's name, typed again."""
    reason: Reason


class ErasureView(Schema):
    """A certificate: what was removed, and the entry of the audit trail that says so."""

    rows: dict[str, int]
    digest: str
    audit_seq: int
    audit_digest: str
    note: str


class PaperTable(Schema):
    title: str
    header: list[str]
    rows: list[list[str]]


class PaperView(Schema):
    """A paper, from the settings in force; what is in brackets is for people to fill in."""

    title: str
    subtitle: str
    tables: list[PaperTable]
