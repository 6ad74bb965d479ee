"""What is told of a call's recording. Part of `copilot.events.Event`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from copilot.callevent import CallEvent

RecordingState = Literal["off", "recording", "paused", "ended"]
RecordingReason = Literal[
    "client", "sampled", "on_demand", "operator", "transcription", "not_announced", "call_ended",
    "disk_full", "failed",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingChanged(CallEvent):
    """The call's recording stands otherwise. Never told of calls that nobody may record."""

    state: RecordingState
    """`off`: not begun. `ended`: nothing more will be recorded of this call."""
    reason: RecordingReason
    """`client` and `sampled`: the client's setting began it. `on_demand`: the operator may begin
    it. `operator`: they began, paused or resumed it. `transcription`: it follows the pause of
    everything. `not_announced`: the caller did not hear what must be heard first."""
    operator_id: str = ""
