"""Appointments as iCalendar objects: in a collection, and for the caller (RFC 5545, 5546)."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from copilot.agenda.calendar import Entry, uid_of
from copilot.store.records.agenda import Notice

if TYPE_CHECKING:
    from icalendar import Calendar, Event

PRODUCT = "-//Souffleur//Agenda//FR"


def stored(entry: Entry) -> bytes:
    """The object of a collection (RFC 4791 section 4.1: no METHOD)."""
    calendar, event = _empty()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.changed.astimezone(UTC))
    event.add("last-modified", entry.changed.astimezone(UTC))
    event.add("dtstart", entry.begins.astimezone(UTC))
    event.add("dtend", entry.ends.astimezone(UTC))
    event.add("summary", entry.title)
    event.add("description", entry.details)
    event.add("status", "CONFIRMED")
    event.add("transp", "OPAQUE")
    calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written


def invitation(
    notice: Notice, *, title: str, organiser: str, organiser_name: str, place: str = ""
) -> tuple[str, bytes]:
    """What a caller's calendar is told: the iTIP method, and the object that says it.

    A booking is a REQUEST that the caller accepted on the telephone; a move is a REQUEST with the
    same UID and a higher SEQUENCE; CANCEL takes it out (RFC 5546 sections 3.2.2 and 3.2.5).
    """
    from icalendar import vCalAddress, vText

    method = "CANCEL" if notice.occasion == "cancelled" else "REQUEST"
    calendar, event = _empty()
    calendar.add("method", method)
    event.add("uid", uid_of(notice.appointment_id))
    event.add("sequence", notice.sequence)
    event.add("dtstamp", notice.created_at.astimezone(UTC))
    event.add("dtstart", notice.begins_at.astimezone(UTC))
    event.add("dtend", notice.ends_at.astimezone(UTC))
    event.add("summary", title)
    if place:
        event.add("location", place)
    event.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    by = vCalAddress(f"mailto:{organiser}")
    by.params["cn"] = vText(organiser_name)
    event.add("organizer", by)
    guest = vCalAddress(f"mailto:{notice.recipient}")
    guest.params["partstat"] = vText("ACCEPTED")
    guest.params["rsvp"] = vText("FALSE")
    event.add("attendee", guest)
    calendar.add_component(event)
    return method, calendar.to_ical()


def _empty() -> tuple[Calendar, Event]:
    from icalendar import Calendar, Event

    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    return calendar, Event()
