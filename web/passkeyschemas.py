"""The JSON of passkeys. What browsers and authenticators say to each other is WebAuthn's own."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, JsonValue

from web.accountschemas import Password
from web.schemas import Schema

PasskeyName = Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S")]
Credential = Annotated[dict[str, JsonValue], Field(max_length=12)]
"""`PublicKeyCredential.toJSON()`."""


class PasskeyOptions(Schema):
    """For `navigator.credentials`, after `parse…OptionsFromJSON`."""

    options: dict[str, Any]


class NewPasskey(Schema):
    name: PasskeyName
    credential: Credential


class PasskeyAnswer(Schema):
    credential: Credential


class PasskeyView(Schema):
    """A device that opens the account."""

    id: str
    name: str
    created_at: datetime
    last_used_at: datetime | None


class RemovePasskey(Schema):
    password: Password
