"""The JSON of recordings: a client's policy, what is known of one, the operator's switch."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from copilot.recording.policy import DAYS_CAP
from web.schemas import Schema

Reason = Annotated[str, Field(min_length=3, max_length=1000)]


class RecordingSwitch(Schema):
    recording: bool
    """False: pause, of the recording alone."""


class RecordingView(Schema):
    """A call's recording, for whoever may know of it."""

    state: Literal["open", "whole", "cut", "failed", "lost"]
    began_at: datetime
    begins_s: float
    """Where it begins on the call's clock, that of the words."""
    duration_s: float
    gaps_s: float
    silenced: list[tuple[float, float]]
    """Taken out of the sound: seconds of the recording, in order."""
    may_listen: bool
    reason_needed: bool
    """State why first (`POST .../recording/listening`)."""


class Listening(Schema):
    reason: str = Field(default="", max_length=1000)
    """Why; a supervisor must say it, a client's people need not."""


class RecordingPolicyView(Schema):
    """What a client wants recorded, whole."""

    mode: Literal["off", "all", "sampled", "on_demand"] = "off"
    share: int = Field(default=10, ge=1, le=100)
    """Per cent of the calls, when `sampled`."""
    told: Literal["announcement", "elsewhere"] = "announcement"
    """How callers know: by the welcome's announcement, heard whole before; or elsewhere."""
    days: int = Field(default=30, ge=1, le=DAYS_CAP)
    portal: bool = False
    """The client's people may listen to the calls of their messages."""


class RecordingsChosen(Schema):
    call_ids: list[Annotated[str, Field(max_length=64)]] | None = Field(
        default=None, max_length=1000
    )
    """Null: every recording of the client."""
    reason: Reason
