"""What was done for the caller during a call: transfers, appointments, the call itself. Pure.

The message tells it (`copilot/wrapup/summary.py`), and so does the wrap-up.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from copilot.appointmentevents import AppointmentChanged
from copilot.events import CallRinging, Event, TransferChanged

Outcome = Literal["transferred", "consulted", "transfer_failed"]
KEPT = 20
"""Transfers and appointments of a call that are remembered, the newest; nobody makes as many."""
_SPOKEN_TO = frozenset({"consulting", "together"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferMade:
    """A transfer as it stands, and whether the operator talked to who was called."""

    last: TransferChanged
    spoken: bool = False

    @property
    def outcome(self) -> Outcome | None:
        """What it came to; None while it is under way."""
        if self.last.state == "completed":
            return "transferred"
        if self.last.state not in ("returned", "abandoned"):
            return None
        return "consulted" if self.spoken else "transfer_failed"

    @property
    def to(self) -> str:
        """Whom, or the number where no name is known."""
        return self.last.name or self.last.number


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What was done so far."""

    outgoing: bool = False
    """The operator placed the call."""
    transfers: tuple[TransferMade, ...] = ()
    appointments: tuple[AppointmentChanged, ...] = ()
    """Each as it stands in the end."""

    def after(self, event: Event) -> Done:
        """With what one more event of the call's log tells."""
        match event:
            case CallRinging():
                return replace(self, outgoing=event.source == "outgoing")
            case TransferChanged():
                return replace(self, transfers=self._transfers(event))
            case AppointmentChanged():
                others = (
                    one for one in self.appointments if one.appointment_id != event.appointment_id
                )
                return replace(self, appointments=(*others, event)[-KEPT:])
            case _:
                return self

    def _transfers(self, event: TransferChanged) -> tuple[TransferMade, ...]:
        spoken = event.state in _SPOKEN_TO
        if self.transfers and self.transfers[-1].last.transfer_id == event.transfer_id:
            spoken = spoken or self.transfers[-1].spoken
            return (*self.transfers[:-1], TransferMade(last=event, spoken=spoken))
        return (*self.transfers, TransferMade(last=event, spoken=spoken))[-KEPT:]


def done_of(events: Iterable[Event]) -> Done:
    """What a call's log tells was done."""
    done = Done()
    for event in events:
        done = done.after(event)
    return done
