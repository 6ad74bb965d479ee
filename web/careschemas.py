"""How a client is served, as the client itself may set it; and what is missing before calls."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from copilot.privacy.presets import Preset
from web.accountschemas import Lines, Redaction
from web.schemas import Schema


class CareView(Schema):
    """What the client says of itself, and what it wants."""

    sector: str
    trade: str | None
    """The trade that the sector was read as; null with a form of one's own."""
    greeting: str
    urgent_rules: list[str]
    never: list[str]
    """Words and promises that must never be said."""
    vocabulary: list[str]
    time_zone: str
    redact: list[Redaction]
    transcript_days: int
    preset: Preset | None
    """What the trade asks of privacy; null when it asks for nothing more."""
    preset_met: bool


class CareEdit(Schema):
    """What is absent stays."""

    sector: Annotated[str, Field(max_length=100)] | None = None
    greeting: Annotated[str, Field(max_length=2000)] | None = None
    urgent_rules: Lines | None = None
    never: Lines | None = None
    vocabulary: Lines | None = None
    time_zone: Annotated[str, Field(max_length=64)] | None = None
    redact: Annotated[list[Redaction], Field(max_length=4)] | None = None
    transcript_days: Annotated[int, Field(ge=1, le=365)] | None = None
    preset: Preset | None = None
    """Set what a trade asks, in one go; what is stricter already stays."""


class StepView(Schema):
    name: Literal[
        "trade", "privacy", "greeting", "hours", "numbers", "urgencies", "channels", "on_call",
        "answers",
    ]  # fmt: skip
    state: Literal["done", "missing", "advised"]
    """`missing`: calls cannot be answered well without it; `advised`: they can."""


class SetUpView(Schema):
    """How far a client is from its first call."""

    steps: list[StepView]
    ready: bool
    """Nothing is missing."""
    numbers: list[str]
    """That lead to it, E.164; the provider sets them."""
    form: list[str]
    """Fields of its messages, in order."""
