"""What a panel and the software around it send and get."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from web.schemas import CallSummary, Schema


class PanelSessionWish(Schema):
    """Which operator is at the page of which origin."""

    operator: Annotated[str, Field(min_length=1, max_length=254)]
    """E-mail address of the account, or the extension they answer on."""
    origin: Annotated[str, Field(min_length=1, max_length=300)]
    """Of the page: `https://crm.example.com`; one of those that are allowed."""


class PanelSessionOpened(Schema):
    """A panel session just opened."""

    session: str
    """Shown once: to be handed to the panel of that operator, and kept nowhere."""
    expires_at: datetime
    operator_name: str


class PanelSessionView(Schema):
    """Who the panel is, and until when."""

    operator_id: str
    operator_name: str
    language: Literal["fr", "en"]
    expires_at: datetime


class PanelBoard(Schema):
    """The operator's calls in progress, whole after each change."""

    calls: list[CallSummary]
    transcription: Literal["ready", "loading", "interrupted"]
