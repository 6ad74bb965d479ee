"""The JSON of appointments: the agenda's rules, calendar accounts, times, appointments."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from copilot.store.records.agenda import AppointmentState, NoticeChannel, Occasion, Provider, Sync
from web.lineschemas import HoursView
from web.schemas import Schema

Identifier = Annotated[str, Field(min_length=1, max_length=40)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class VisitTypeView(Schema):
    id: Identifier
    name: Name
    duration_min: int
    before_min: int = 0
    after_min: int = 0
    practitioners: list[Identifier] = Field(default=[], max_length=50)
    """Empty: everybody."""


class PractitionerView(Schema):
    id: Identifier
    name: Name
    hours: HoursView | None = None
    """Null: the agenda's."""
    account: str | None = Field(default=None, max_length=64)
    calendar: str = Field(default="", max_length=2000)


class AgendaRulesEdit(Schema):
    """The agenda, whole, made from the version it names."""

    version: int
    hours: HoursView | None
    practitioners: list[PractitionerView] = Field(max_length=50)
    visits: list[VisitTypeView] = Field(max_length=50)
    notice_min: int
    horizon_days: int
    step_min: int
    address: str = Field(default="", max_length=200)
    """Where visits take place, told with each confirmation."""
    phone: str = Field(default="", max_length=40)
    """What callers dial to move or cancel, told as well."""


class CalendarAccountView(Schema):
    """An access, without its secrets."""

    id: str
    provider: Provider
    name: str
    shown: dict[str, str]
    """The parts of it that are no secret."""
    kept: list[str]
    """Names of the secrets that are kept."""
    fault: str | None
    """A stable code: why it could not be used last time."""
    tried_at: datetime | None


class AgendaView(AgendaRulesEdit):
    time_zone: str
    accounts: list[CalendarAccountView]
    """Empty for whoever may not change them."""
    channels: list[NoticeChannel]
    """By which callers can be told."""


class CalendarAccountEdit(Schema):
    provider: Provider
    name: Name
    access: dict[str, Annotated[str, Field(max_length=8000)]] = Field(max_length=10)
    """A secret that is left out stays as it was kept."""


class CalendarNameView(Schema):
    id: str
    name: str
    writable: bool


class AccountTrial(Schema):
    """What trying an access gave."""

    fault: str | None
    calendars: list[CalendarNameView]


class SlotView(Schema):
    practitioner_id: str
    practitioner_name: str
    begins: datetime
    ends: datetime


class CalendarFault(Schema):
    practitioner: str
    code: str


class SlotOffer(Schema):
    slots: list[SlotView]
    faults: list[CalendarFault]
    """Practitioners whose calendar could not be asked: none of their times are offered. With
    `calendar_unreadable` they are: all but one entry of it was read."""


class SlotWanted(Schema):
    """A time to be kept while the caller is asked."""

    call_id: str = Field(max_length=64)
    visit_id: Identifier
    practitioner_id: Identifier
    begins: AwareDatetime


class NoticeEdit(Schema):
    """By what the caller is told; the operator says so with each change."""

    channel: NoticeChannel
    recipient: str = Field(min_length=3, max_length=254)


class PersonEdit(Schema):
    name: Name
    phone: str | None = Field(default=None, max_length=32)
    email: str | None = Field(default=None, max_length=254)
    note: str = Field(default="", max_length=1000)


class BookingEdit(Schema):
    person: PersonEdit
    tell: list[NoticeEdit] = Field(default=[], max_length=2)


class MoveEdit(Schema):
    call_id: str | None = Field(default=None, max_length=64)
    """The call in which it is done: its message says so."""
    begins: AwareDatetime
    tell: list[NoticeEdit] = Field(default=[], max_length=2)


class CancelEdit(Schema):
    call_id: str | None = Field(default=None, max_length=64)
    tell: list[NoticeEdit] = Field(default=[], max_length=2)


class NoticeView(Schema):
    channel: NoticeChannel
    recipient: str
    occasion: Occasion
    state: Literal["pending", "sending", "delivered", "dead", "cancelled"]
    error: str | None
    delivered_at: datetime | None


class AppointmentView(Schema):
    id: str
    call_id: str
    client_id: str
    practitioner_id: str
    practitioner_name: str
    visit_name: str
    begins: datetime
    ends: datetime
    state: AppointmentState
    held_until: datetime | None
    person: PersonEdit | None
    booked_by: str
    when: str
    """As the message's field has it: local time of the client."""
    sync: Sync
    """Of the practitioner's calendar."""
    fault: str | None
    notices: list[NoticeView]


class StuckAppointment(Schema):
    """One that its calendar does not have, for whoever can mend it."""

    client_name: str
    time_zone: str
    """The client's, in which its times are read."""
    appointment: AppointmentView
