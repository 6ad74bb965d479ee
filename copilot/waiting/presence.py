"""Whether an operator can be rung, by their own word and by their calls. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

PresenceState = Literal["available", "pause", "wrap_up"]
Shown = Literal["available", "pause", "wrap_up", "in_call", "away"]
"""`in_call` and `away` (no desk open) are seen, not said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """What an operator said last, or a call of theirs."""

    user_id: str
    state: PresenceState
    since: datetime
    until: datetime | None = None
    """When wrap-up is over by itself."""

    def at(self, now: datetime) -> Presence:
        """As it is at a moment: wrap-up ends by itself."""
        if self.state == "wrap_up" and self.until is not None and now >= self.until:
            return Presence(user_id=self.user_id, state="available", since=self.until)
        return self


def said(before: Presence, state: PresenceState, now: datetime) -> Presence:
    """The operator chose a state. Saying the same again changes nothing."""
    before = before.at(now)
    if before.state == state and before.until is None:
        return before
    return Presence(user_id=before.user_id, state=state, since=now)


def after_call(before: Presence, now: datetime, *, wrap_up_s: float) -> Presence:
    """A call of theirs ended: time to finish its message, unless a pause was asked for meanwhile.

    Who is available is idle from now on; who already wraps up gets the whole time again.
    """
    before = before.at(now)
    if before.state == "pause":
        return before
    if wrap_up_s <= 0:
        return replace(before, state="available", since=now, until=None)
    return Presence(
        user_id=before.user_id,
        state="wrap_up",
        since=now,
        until=now + timedelta(seconds=wrap_up_s),
    )


def shown(presence: Presence, *, in_call: bool, at_desk: bool) -> Shown:
    """What colleagues see."""
    if in_call:
        return "in_call"
    return presence.state if at_desk else "away"
