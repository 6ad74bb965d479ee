"""What a calendar is to the agenda, whoever keeps it, and how it goes wrong.

CalendarError            `code` is stable: pages and the desk have a sentence for each
 +-- UnreachableError    no answer, or none that makes sense: may pass
 |    +-- ThrottledError asked too often: passes after `retry_after_s`
 +-- ExpiredError        the token or password is no longer taken: for people
 +-- RefusedError        not allowed, or not understood: for people
 +-- MissingError        no such calendar: for people
 +-- ForbiddenPlaceError an address that may not be connected to: for people
 +-- ChangedError        somebody changed the event there since we wrote it
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from copilot.agenda.slots import Busy

logger = logging.getLogger(__name__)

UNREADABLE = "calendar_unreadable"
"""An entry of the calendar cannot be read: all others are known, its own time is not."""

Unread = Callable[[str], None]
"""Told why, of each entry that is skipped."""


def logged(why: str) -> None:
    """The `Unread` of whoever has nobody to tell."""
    logger.warning("an entry of a calendar cannot be read: %s", why)


class CalendarError(Exception):
    """Base of what goes wrong with a calendar."""

    code = "calendar"
    passes = False
    """Whether another try later may do."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.code)
        self.detail = detail
        """For logs and the page of the account: a status, a host. Never a secret."""


class UnreachableError(CalendarError):
    code = "calendar_unreachable"
    passes = True


class ThrottledError(UnreachableError):
    code = "calendar_throttled"

    def __init__(self, detail: str = "", *, retry_after_s: float = 60.0) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class ExpiredError(CalendarError):
    code = "calendar_expired"


class RefusedError(CalendarError):
    code = "calendar_refused"


class MissingError(CalendarError):
    code = "calendar_missing"


class ForbiddenPlaceError(CalendarError):
    code = "calendar_private"


class ChangedError(CalendarError):
    code = "calendar_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarName:
    """A calendar of an account."""

    id: str
    """What a practitioner is given: an address, or the provider's identifier."""
    name: str
    writable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An appointment as it is written into a calendar."""

    id: str
    """Ours: 32 hexadecimal digits, the same for every try and every change."""
    sequence: int
    title: str
    details: str
    begins: datetime
    ends: datetime
    """The visit; UTC."""
    changed: datetime
    """When it was last changed here: every try writes the same."""

    @property
    def uid(self) -> str:
        """RFC 5545 section 3.8.4.7."""
        return uid_of(self.id)


def uid_of(appointment_id: str) -> str:
    return f"{appointment_id}@souffleur.invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the calendar has an entry."""

    id: str
    """Its address or identifier there."""
    etag: str
    """Proof of the state in which we left it."""

    def values(self) -> dict[str, Any]:
        return {"id": self.id, "etag": self.etag}


class Calendar(Protocol):
    """One calendar of one account. Every method is bounded in time and raises `CalendarError`."""

    async def busy(
        self, begins: datetime, ends: datetime, *, unread: Unread = logged
    ) -> Sequence[Busy]:
        """What is taken between two instants; an entry of ours has its `uid`.

        An entry that cannot be read hides no other: it is skipped, and `unread` is told.
        """
        ...

    async def add(self, entry: Entry) -> Place:
        """Write an entry that is not there. Idempotent: one that a lost answer left is taken."""
        ...

    async def find(self, entry: Entry) -> Place | None:
        """Where an earlier try left it, its answer lost; null: nowhere."""
        ...

    async def change(self, entry: Entry, place: Place, *, force: bool = False) -> Place:
        """Write over what we left there. Raises `ChangedError` when it is no longer so.

        `force`: whatever is there now; where it is gone, it is written anew.
        """
        ...

    async def remove(self, place: Place, *, force: bool = False) -> None:
        """Take it out. One that is gone is fine. Raises `ChangedError` as `change`."""
        ...


class CalendarAccount(Protocol):
    """Somebody's access to their calendars."""

    async def calendars(self) -> Sequence[CalendarName]:
        """What there is to choose from: also how the access is tried out."""
        ...

    def calendar(self, calendar_id: str) -> Calendar:
        """One of them; costs nothing, checks nothing."""
        ...

    async def close(self) -> None:
        """Give the connections back. Idempotent."""
        ...
