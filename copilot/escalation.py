"""An escalation (astreinte): each rung of the ladder tried for so long, until one acknowledges.

    running ──> acknowledged     somebody took it, by any way
            ──> exhausted        the last rung's time is over and nobody did
            ──> stopped          people stopped it

Pure: the store applies a move and keeps the intentions to send in one transaction, so that a
process may die at any instant and another one goes on from there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from copilot.oncall import Rung

EscalationState = Literal["running", "acknowledged", "exhausted", "stopped"]
CALLED_OFF: tuple[EscalationState, ...] = ("acknowledged", "stopped")


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """One message's escalation as it stands."""

    id: str
    client_id: str
    call_id: str
    message_id: str
    state: EscalationState
    rungs: tuple[Rung, ...]
    step: int
    """Rungs tried so far, the present one included; 0 before the first."""
    started_at: datetime
    next_at: datetime | None
    """When it moves on by itself; null once it is over."""
    ended_at: datetime | None = None
    ended_by: str | None = None
    """Who acknowledged or stopped it."""

    @property
    def called_off(self) -> bool:
        """Nobody need be told any more: somebody took it, or people stopped it."""
        return self.state in CALLED_OFF

    @property
    def rung(self) -> Rung | None:
        """Whose turn it is."""
        return self.rungs[self.step - 1] if self.step else None


def advanced(escalation: Escalation, at: datetime) -> Escalation:
    """The escalation after the one move that is due at that moment; the same when none is.

    A late move gives the rung its whole time: whoever is tried has as long to answer as was said,
    however long nobody watched.
    """
    due = escalation.next_at
    if escalation.state != "running" or due is None or at < due:
        return escalation
    if escalation.step == len(escalation.rungs):
        return replace(escalation, state="exhausted", next_at=None, ended_at=at)
    rung = escalation.rungs[escalation.step]
    wait = timedelta(seconds=rung.wait_s)
    return replace(escalation, step=escalation.step + 1, next_at=at + wait)


def ended(
    escalation: Escalation, state: Literal["acknowledged", "stopped"], *, by: str, at: datetime
) -> Escalation:
    """Over. The first end stays, but an exhausted one may still be acknowledged."""
    late = escalation.state == "exhausted" and state == "acknowledged"
    if escalation.state != "running" and not late:
        return escalation
    return replace(escalation, state=state, next_at=None, ended_at=at, ended_by=by)
