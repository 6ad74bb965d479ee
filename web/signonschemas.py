"""The JSON of single sign-on."""

from __future__ import annotations

from typing import Literal

from web.schemas import Schema


class SignOnOffer(Schema):
    """What the sign-in page shows."""

    name: str | None
    """What people call the provider; null: there is none."""
    refused: str | None
    """Why the last try opened nothing, as a sentence."""


class SignOnAddress(Schema):
    """Where to go on."""

    address: str


class SignOnEnd(Schema):
    """After signing out here."""

    address: str | None
    """Where the provider ends its own session; null: nowhere to go."""


class LogoutRefused(Schema):
    """As the provider reads it (RFC 6749, section 5.2)."""

    error: Literal["invalid_request"]
    error_description: str
