"""The JSON of consent to calendars."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from web.schemas import Schema

ConsentProvider = Literal["google", "microsoft"]


class ConsentOffer(Schema):
    providers: list[ConsentProvider]
    """Those that the house has an application at; of others clients give an access themselves."""


class ConsentWanted(Schema):
    provider: ConsentProvider
    account_id: Annotated[str, Field(max_length=64)] | None = None
    """An account whose access is over; null for a new one."""


class ConsentAddress(Schema):
    address: str
    """Of the provider's page."""


class AccountRemoval(Schema):
    revoked: bool | None
    """Whether the provider was told that the access is over; null where there is nobody to tell."""
