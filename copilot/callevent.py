"""What every event of a call carries; the vocabulary itself is `copilot.events`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEvent:
    """What all events share."""

    call_id: str
    seq: int
    at: datetime
    """Wall clock, UTC."""
