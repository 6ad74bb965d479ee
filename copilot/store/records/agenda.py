"""Appointments, the calendars that are told of them, and what callers are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Provider = Literal["caldav", "google", "microsoft"]
AppointmentState = Literal["held", "booked", "cancelled"]
Sync = Literal["none", "pending", "written", "conflict", "failed"]
"""Of the calendar: none is told; it is to be told; it has it; it has something else then; never."""
Occasion = Literal["booked", "moved", "cancelled"]
NoticeChannel = Literal["email", "sms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAccount:
    """A client's access to calendars."""

    id: str
    client_id: str
    provider: Provider
    name: str
    access: Mapping[str, str] = field(repr=False)
    fault: str | None = None
    """A stable code (`copilot.agenda.calendar`)."""
    tried_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """For whom an appointment is."""

    name: str
    phone: str | None = None
    """E.164."""
    email: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """A time kept for somebody."""

    id: str
    client_id: str
    call_id: str
    practitioner_id: str
    practitioner_name: str
    visit_name: str
    duration_min: int
    before_min: int
    after_min: int
    begins_at: datetime
    ends_at: datetime
    state: AppointmentState
    held_until: datetime | None
    person: Person | None
    """Null while it is only held."""
    sequence: int
    """RFC 5545 section 3.8.7.4: one more with each change."""
    created_at: datetime
    created_by: str
    created_by_name: str
    changed_at: datetime
    account_id: str | None
    calendar: str
    place: Mapping[str, Any] | None
    written: int
    """The sequence that the calendar last had; -1: none."""
    sync: Sync
    fault: str | None
    forced: bool
    """Somebody wants it in the calendar whatever else is there."""
    attempts: int
    claim: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a caller is told of an appointment, once the operator approved it."""

    id: str
    client_id: str
    appointment_id: str
    channel: NoticeChannel
    recipient: str
    occasion: Occasion
    sequence: int
    begins_at: datetime
    ends_at: datetime
    approved_by: str
    approved_by_name: str
    created_at: datetime
    state: str
    attempts: int
    claim: str | None
    last_error: str | None
    delivered_at: datetime | None
