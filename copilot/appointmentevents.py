"""What is told of appointments taken in a call. Part of `copilot.events.Event`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from copilot.callevent import CallEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentChanged(CallEvent):
    """An appointment of this call stands otherwise: booked, moved, written, told, cancelled."""

    appointment_id: str
    state: Literal["booked", "cancelled"]
    sync: Literal["none", "pending", "written", "conflict", "failed"]
    """Of the practitioner's calendar."""
    begins_at: datetime
    practitioner: str
    visit: str
