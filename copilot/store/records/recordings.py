"""A call's recording, without its sound."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

RecordingFileState = Literal["open", "whole", "cut", "failed", "lost"]
"""`open`: being written. `cut`: the process died; `failed`: it could not go on; both read as far
as they were written. `lost`: there is no file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One a call at most."""

    client_id: str
    call_id: str
    file: str
    state: RecordingFileState
    began_at: datetime
    begins_s: float
    """Where its first sample stands on the call's clock, that of the words."""
    ended_at: datetime | None = None
    duration_s: float | None = None
    size_bytes: int | None = None
    """Of the sealed file."""
    gaps_s: float = 0.0
    """Sound that could not be kept, of both legs together; silence in the file."""
    silenced: tuple[tuple[float, float], ...] = ()
    """Taken out (`copilot.recording.judge`): seconds of the file, in order."""

    @property
    def playable(self) -> bool:
        """Whether there is something to hear."""
        return self.state in ("whole", "cut", "failed") and bool(self.duration_s)
