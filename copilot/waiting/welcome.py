"""How a client's callers are received before an operator speaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from copilot.waiting.hours import OpeningHours, checked_hours, hours_values, read_hours

SoundKind = Literal["greeting", "announcement", "hold", "closed", "transfer"]
"""What is said first; what the law wants said; what those who wait hear; what callers hear when
nobody answers (closed, or too long a wait); what people hear before they take a call transferred
to them."""
LONGEST_S: dict[SoundKind, float] = {
    "greeting": 60.0,
    "announcement": 60.0,
    "hold": 180.0,
    "closed": 60.0,
    "transfer": 30.0,
}
Waiting = Literal["ring", "tone", "music", "silence"]
Hold = Literal["silence", "tone", "music"]


class BadWelcomeError(ValueError):
    """A welcome that cannot be given; the message says why and what would mend it."""

    code = "bad_welcome"


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """A client's choices. Its sounds are kept apart (`copilot.store.sounds`)."""

    hours: OpeningHours | None = None
    """Null: always open."""
    group: str = ""
    """The ring group that answers; empty: every operator."""
    early: bool = True
    """Sounds before the answer are early media, which callers are not charged for; else the call
    is answered first. Networks that cut early media need the latter."""
    announce: bool = False
    """The announcement is heard to its end by every caller before anything is listened to."""
    waiting: Waiting = "ring"
    """What is heard in the waiting line: ring-back, our tone, the hold piece."""
    hold: Hold = "silence"
    """What is heard while on hold."""
    max_wait_s: int = 0
    """Longest wait, after which the closed message is heard; 0: the house's."""
    most_waiting: int = 20
    """Calls that may wait at once; one more is told to call again."""


def checked_welcome(welcome: Welcome, *, sounds: frozenset[str]) -> Welcome:
    """The welcome with its hours in order. `sounds`: kinds the client has.

    Raises `BadHoursError`, `BadWelcomeError`.
    """
    if welcome.announce and "announcement" not in sounds:
        raise BadWelcomeError("add the announcement's sound before requiring that it is heard")
    if "music" in (welcome.waiting, welcome.hold) and "hold" not in sounds:
        raise BadWelcomeError("add the music's sound before choosing it")
    if not 0 <= welcome.max_wait_s <= 3600:
        raise BadWelcomeError("the longest wait is between 0 and 3,600 seconds")
    if not 1 <= welcome.most_waiting <= 500:
        raise BadWelcomeError("between 1 and 500 calls may wait at once")
    hours = checked_hours(welcome.hours) if welcome.hours else None
    return Welcome(
        hours=hours,
        group=welcome.group,
        early=welcome.early,
        announce=welcome.announce,
        waiting=welcome.waiting,
        hold=welcome.hold,
        max_wait_s=welcome.max_wait_s,
        most_waiting=welcome.most_waiting,
    )


def needs(welcome: Welcome) -> frozenset[SoundKind]:
    """Sounds that cannot be taken away while this welcome is in force."""
    found: set[SoundKind] = set()
    if welcome.announce:
        found.add("announcement")
    if "music" in (welcome.waiting, welcome.hold):
        found.add("hold")
    return frozenset(found)


def read_welcome(value: Mapping[str, Any]) -> Welcome:
    """What `welcome_values` wrote; what it does not say is as usual."""
    known = {name: value[name] for name in Welcome.__slots__ if name in value}
    return Welcome(**{**known, "hours": read_hours(value.get("hours"))})


def welcome_values(welcome: Welcome) -> dict[str, Any]:
    """As JSON values."""
    values = {name: getattr(welcome, name) for name in Welcome.__slots__}
    return {**values, "hours": hours_values(welcome.hours)}
