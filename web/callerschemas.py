"""Who calls, and whom a client knows: shapes of the JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from copilot.store.records.clients import BlockedRule
from copilot.store.records.knowncallers import KnownAction, Standing
from web.schemas import ContactView, Schema

Name = Annotated[str, Field(max_length=200)]
Text = Annotated[str, Field(max_length=2000)]


class PastCallView(Schema):
    """An earlier call of the same number to the same client."""

    id: str
    at: datetime
    operator_name: str | None
    answered: bool
    caller_name: str | None
    reason: str | None
    """Of the message it made, if any."""
    message_state: Literal["none", "draft", "approved", "delivered", "acknowledged", "failed"]


class KnownCallerView(Schema):
    """Somebody the client knows."""

    id: str
    name: str
    company: str
    numbers: list[str]
    """E.164."""
    emails: list[str]
    note: str
    standing: Standing
    expected_from: datetime | None
    expected_until: datetime | None
    """By the client's clock."""
    consigne: str
    """What to do when they call."""
    expected_now: bool = False


class CallerView(Schema):
    """Who is calling, as far as this client's own people and past calls tell."""

    contact: ContactView | None
    """One of the client's contacts has this number."""
    people: list[KnownCallerView]
    """Whom the client knows by this number: several may share it."""
    hidden: bool
    """The number is not shown: nobody can be recognised by it."""
    known_as: str | None
    """The name on the last message taken from this number."""
    calls: list[PastCallView]
    """Newest first, the call itself left out."""


class CrmPersonView(Schema):
    """Somebody the client's CRM knows by this number."""

    name: str
    company: str
    email: str
    note: str
    address: str
    """Their page in the CRM (https), or empty."""


class CrmView(Schema):
    """What the client's CRM says of who calls; asked within 1.5 s, never waited for."""

    state: Literal["none", "found", "unknown", "unavailable", "refused"]
    people: list[CrmPersonView]


class KnownCallerInput(Schema):
    """Somebody as typed; numbers in any form."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    company: Name = ""
    numbers: list[Annotated[str, Field(max_length=40)]] = Field(default=[], max_length=10)
    emails: list[Annotated[str, Field(max_length=254)]] = Field(default=[], max_length=5)
    note: Text = ""
    standing: Standing = "usual"
    expected_from: datetime | None = None
    expected_until: datetime | None = None
    """Without offset: by the client's clock."""
    consigne: Text = ""


class KnownCallers(Schema):
    """A page of them, by name."""

    people: list[KnownCallerView]
    more: bool


class Merge(Schema):
    """These are one person: the first stays."""

    ids: list[Annotated[str, Field(max_length=64)]] = Field(min_length=2, max_length=20)


class Erasure(Schema):
    """Forget these people, with their place in every version."""

    ids: list[Annotated[str, Field(max_length=64)]] = Field(min_length=1, max_length=1000)
    reason: Annotated[str, Field(min_length=3, max_length=1000)]


class ErasedPeople(Schema):
    erased: int


class KnownChangeView(Schema):
    """One person before and after; null where they were not."""

    before: KnownCallerView | None
    after: KnownCallerView | None


class PeopleProblem(Schema):
    """What of the file could not be used."""

    place: str
    text: str
    left_out: bool


class PeoplePreview(Schema):
    """What taking a file in would do; nothing is changed yet."""

    token: str
    """Proves at `apply` that the file and the people are still those previewed."""
    added: int
    changed: int
    unchanged: int
    left_out: int
    changes: list[KnownChangeView]
    """The first ones."""
    problems: list[PeopleProblem]
    """The first ones."""


class ImportedPeople(Schema):
    added: int
    changed: int
    version: int | None
    """Null: there was nothing to change."""


class KnownVersionView(Schema):
    number: int
    at: datetime
    made_by_name: str | None
    action: KnownAction
    label: str
    people: int
    reversible: bool
    """Nobody it touched was changed since."""


class BlockedCalls(Schema):
    rule: BlockedRule
    """Of blocked people's calls: shown as such, played the closed message, or refused."""


class KnownCallersSeen(Schema):
    """What the list of known callers stands at."""

    duplicates: list[list[KnownCallerView]]
    versions: list[KnownVersionView]
    """Newest first."""
    blocked: BlockedCalls


Direction = Literal["csv", "vcf"]
