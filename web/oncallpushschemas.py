"""The JSON of notifications for people on call who have no account."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from web.deliveryschemas import ReceiptToken
from web.pushschemas import NewPushBrowser
from web.schemas import Schema


class OnCallOffer(Schema):
    """What a link's holder may switch on for themselves."""

    contact: str
    """Who on the list the link was sent to."""
    public_key: str
    """What a browser subscribes with (`applicationServerKey`)."""
    digests: list[str]
    """Of the browsers that are told already, as `PushBrowser.digest`."""


class NewOnCallBrowser(ReceiptToken):
    """A browser that is to be told, by the link it opened."""

    subscription: NewPushBrowser


class OnCallSilence(ReceiptToken):
    """A browser that is to be told no more."""

    endpoint: Annotated[str, Field(max_length=2000)]


class OnCallBrowserView(Schema):
    """A browser that is told when somebody on the list is tried."""

    id: str
    contact: str
    browser: str
    created_at: datetime
    reached_at: datetime | None
    """When the push service last took something for it."""
