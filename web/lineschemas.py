"""The JSON of the waiting line: hours, welcome, sounds, groups, presence."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from copilot.waiting.welcome import SoundKind
from web.schemas import Schema

Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")]
Skill = Annotated[str, Field(min_length=1, max_length=40)]
LanguageCode = Annotated[str, Field(pattern=r"^[a-z]{2}$")]


class SpanView(Schema):
    from_time: Clock
    until_time: Clock
    """Exclusive; not after `from_time`: the next day."""


class SpecialDayView(Schema):
    """A day with hours of its own; none: closed."""

    day: date
    spans: list[SpanView]
    label: str = Field(default="", max_length=100)


class HoursView(Schema):
    week: list[list[SpanView]] = Field(min_length=7, max_length=7)
    """Monday first."""
    holidays: Literal["closed", "open"] = "closed"
    """Public holidays of metropolitan France."""
    special: list[SpecialDayView] = []


class WelcomeEdit(Schema):
    """How callers are received, whole."""

    hours: HoursView | None
    """Null: always open."""
    group: str = Field(default="", max_length=64)
    """The ring group; empty: every operator. Kept as it is when a client company says it."""
    early: bool = True
    """Sounds are heard before the call is picked up, which is not charged."""
    announce: bool = False
    """The announcement is heard to its end before anything is listened to."""
    waiting: Literal["ring", "tone", "music", "silence"] = "ring"
    hold: Literal["silence", "tone", "music"] = "silence"
    max_wait_s: int = Field(default=0, ge=0, le=3600)
    """0: the house's."""
    most_waiting: int = Field(default=20, ge=1, le=500)


class SoundView(Schema):
    kind: SoundKind
    file_name: str
    duration_s: float
    added_at: datetime


class GroupName(Schema):
    id: str
    name: str
    overflow_to: str | None
    """Name of the group that is rung as well once a call waited too long, if any."""
    overflow_after_s: int


class WelcomeView(WelcomeEdit):
    sounds: list[SoundView]
    groups: list[GroupName]
    """To choose from; empty for a client company."""
    open_now: bool
    opens_at: datetime | None
    """When calls are answered next; null: not within a year."""


class RingGroupView(Schema):
    id: str = Field(default="", max_length=64)
    """Empty: a new one."""
    name: str = Field(min_length=1, max_length=100)
    skills: list[Skill] = Field(default=[], max_length=20)
    languages: list[LanguageCode] = Field(default=[], max_length=10)
    strategy: Literal["longest_idle", "all"] = "longest_idle"
    step_s: int = Field(default=15, ge=1, le=300)
    """One operator more is rung after every so many seconds."""
    overflow_to: str | None = None
    """The id, or for a new one the name, of a group that is rung as well."""
    overflow_after_s: int = Field(default=30, ge=0, le=3600)


class RingGroups(Schema):
    """All the groups, whole."""

    groups: list[RingGroupView] = Field(max_length=100)


class SkillsEdit(Schema):
    skills: list[Skill] = Field(default=[], max_length=40)
    languages: list[LanguageCode] = Field(default=[], max_length=10)


class AnswererView(SkillsEdit):
    user_id: str
    name: str


class GroupChoice(Schema):
    group: str = Field(max_length=64)
    """The id of a ring group; empty: every operator."""


class ClientGroup(GroupChoice):
    """Which group answers for a client company."""

    client_id: str
    name: str


class PresenceEdit(Schema):
    state: Literal["available", "pause", "wrap_up"]


class DayView(Schema):
    """One's own day so far, by one's own clock (`since`)."""

    calls: int
    talk_s: float
    messages: int


class PresenceView(Schema):
    state: Literal["available", "pause", "wrap_up"]
    since: datetime
    until: datetime | None
    """When wrap-up is over by itself."""
    day: DayView
