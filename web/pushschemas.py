"""The JSON of notifications in browsers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from web.schemas import Schema


class PushBrowser(Schema):
    """One of the person's browsers that is notified."""

    id: str
    browser: str
    digest: str
    """SHA-256 of its address at the push service, hexadecimal: the browser knows its own by it."""
    created_at: datetime
    reached_at: datetime | None
    """When the push service last took something for it."""


class PushSettings(Schema):
    public_key: str
    """What a browser subscribes with (`applicationServerKey`)."""
    browsers: list[PushBrowser]


class PushKeys(Schema):
    p256dh: Annotated[str, Field(max_length=200)]
    auth: Annotated[str, Field(max_length=100)]


class NewPushBrowser(Schema):
    """What `PushSubscription.toJSON` gives, and how the person tells this browser."""

    endpoint: Annotated[str, Field(max_length=2000)]
    keys: PushKeys
    browser: Annotated[str, Field(max_length=100)] = ""
