"""Who is on call (astreinte): a client's contacts, their weekly rota, its exceptions.

Pure. The ladder of a moment is the ordered list of whom to try, each on their channels for so
long; it is fixed when an escalation starts, so that a change of the rota cannot lose one.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from copilot.timing import CLOCK, clock, within

EMAIL = re.compile(r"[^\s@]+@[^\s@]+")
PHONE = re.compile(r"\+\d{6,15}")
ON_CALL_CHANNEL = "on_call"
"""Notifies the browsers that somebody on call added from a link; the recipient is their name."""
MOST_CONTACTS = 30
MOST_SHIFTS = 100
MOST_ROUNDS = 5
LONGEST_WAIT_MINUTES = 240
URGENCIES = ("urgent", "critique")


class BadOnCallError(ValueError):
    """An on-call list that reaches nobody; the message says where and why."""

    code = "bad_on_call"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCallContact:
    """Somebody who may be on call."""

    name: str
    """Unique in the list."""
    email: str | None = None
    phone: str | None = None
    """E.164: gets text messages."""
    route: str | None = None
    """The name of one of the client's channels (Slack, Teams, ntfy)."""
    push: bool = False
    """The browsers that the person of this e-mail added in the portal are notified too."""
    wait_minutes: int = 10
    """How long they are given before the next one is tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCallShift:
    """Who is tried, in order, every week at these hours."""

    contacts: tuple[str, ...]
    weekdays: tuple[int, ...] = ()
    """1 (Monday) to 7, of the shift's beginning; empty: every day."""
    from_time: str = "00:00"
    until_time: str = "00:00"
    """Local, exclusive; not after `from_time`: the next day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCallException:
    """Who is tried instead on these days (leave, holidays), until the end of the shifts that begin
    on them: whoever has the night of the 24th has it until the morning."""

    contacts: tuple[str, ...]
    first: date
    last: date
    """Included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCall:
    """A client's on-call list. Without contacts nobody is called."""

    contacts: tuple[OnCallContact, ...] = ()
    shifts: tuple[OnCallShift, ...] = ()
    exceptions: tuple[OnCallException, ...] = ()
    urgencies: tuple[str, ...] = ("critique",)
    """Messages that start an escalation once approved."""
    rounds: int = 2
    """How often the whole ladder is gone through."""

    def starts_for(self, urgency: str) -> bool:
        """Whether a message of this urgency starts an escalation."""
        return bool(self.contacts) and urgency in self.urgencies


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One contact tried once, on every channel they have."""

    name: str
    targets: tuple[tuple[str, str], ...]
    """(channel, recipient)."""
    wait_s: float
    round: int = 1


def read_on_call(value: Mapping[str, Any]) -> OnCall:
    """The list that `on_call_values` made."""
    return OnCall(
        contacts=tuple(OnCallContact(**contact) for contact in value.get("contacts", ())),
        shifts=tuple(
            OnCallShift(
                contacts=tuple(shift["contacts"]),
                weekdays=tuple(shift["weekdays"]),
                from_time=shift["from_time"],
                until_time=shift["until_time"],
            )
            for shift in value.get("shifts", ())
        ),
        exceptions=tuple(
            OnCallException(
                contacts=tuple(exception["contacts"]),
                first=date.fromisoformat(exception["first"]),
                last=date.fromisoformat(exception["last"]),
            )
            for exception in value.get("exceptions", ())
        ),
        urgencies=tuple(value.get("urgencies", ("critique",))),
        rounds=value.get("rounds", 2),
    )


def read_rung(value: Mapping[str, Any]) -> Rung:
    """The rung that `rung_values` made."""
    return Rung(
        name=value["name"],
        targets=tuple((channel, to) for channel, to in value["targets"]),
        wait_s=value["wait_s"],
        round=value["round"],
    )


def rung_values(rung: Rung) -> dict[str, Any]:
    """As JSON."""
    return {
        "name": rung.name,
        "targets": [list(target) for target in rung.targets],
        "wait_s": rung.wait_s,
        "round": rung.round,
    }


def checked_on_call(listed: OnCall, routes: tuple[str, ...] = ()) -> OnCall:
    """The list, if it can be followed; `routes` are the client's named channels.

    Raises `BadOnCallError`.
    """
    if len(listed.contacts) > MOST_CONTACTS or len(listed.shifts) > MOST_SHIFTS:
        raise BadOnCallError(f"at most {MOST_CONTACTS} contacts and {MOST_SHIFTS} shifts")
    if len(listed.exceptions) > MOST_SHIFTS:
        raise BadOnCallError(f"at most {MOST_SHIFTS} exceptions")
    if not 1 <= listed.rounds <= MOST_ROUNDS:
        raise BadOnCallError(f"the ladder is gone through 1 to {MOST_ROUNDS} times")
    if unknown := sorted(set(listed.urgencies) - set(URGENCIES)):
        raise BadOnCallError(f"no escalation for {', '.join(unknown)}")
    names = [contact.name for contact in listed.contacts]
    for contact in listed.contacts:
        _check_contact(contact, names, routes)
    for shift in listed.shifts:
        _check_times(shift)
        _check_names(shift.contacts, names)
    for exception in listed.exceptions:
        if exception.first > exception.last:
            raise BadOnCallError(f"{exception.first} is after {exception.last}")
        _check_names(exception.contacts, names)
    return listed


def _check_contact(contact: OnCallContact, names: list[str], routes: tuple[str, ...]) -> None:
    if not contact.name.strip() or names.count(contact.name) > 1:
        raise BadOnCallError(f"{contact.name!r}: each contact has its own name")
    if contact.email is not None and not EMAIL.fullmatch(contact.email):
        raise BadOnCallError(f"{contact.name}: {contact.email!r} is no e-mail address")
    if contact.push and contact.email is None:
        raise BadOnCallError(f"{contact.name}: notifications need the e-mail they sign in with")
    if contact.phone is not None and not PHONE.fullmatch(contact.phone):
        raise BadOnCallError(f"{contact.name}: {contact.phone!r} is no international number")
    if contact.route is not None and contact.route not in routes:
        raise BadOnCallError(f"{contact.name}: no channel is called {contact.route!r}")
    if not (contact.email or contact.phone or contact.route):
        raise BadOnCallError(f"{contact.name}: an e-mail, a number or a channel is needed")
    if not 1 <= contact.wait_minutes <= LONGEST_WAIT_MINUTES:
        raise BadOnCallError(f"{contact.name}: 1 to {LONGEST_WAIT_MINUTES} minutes")


def _check_times(shift: OnCallShift) -> None:
    for given in (shift.from_time, shift.until_time):
        if not CLOCK.fullmatch(given):
            raise BadOnCallError(f"{given!r} is no time of the day (18:00)")
    if not set(shift.weekdays) <= set(range(1, 8)):
        raise BadOnCallError("weekdays go from 1 (Monday) to 7")


def _check_names(wanted: tuple[str, ...], names: list[str]) -> None:
    if not wanted:
        raise BadOnCallError("somebody must be on call")
    if unknown := [name for name in wanted if name not in names]:
        raise BadOnCallError(f"no contact is called {', '.join(unknown)}")


def on_call_at(listed: OnCall, at: datetime, zone: tzinfo) -> tuple[OnCallContact, ...]:
    """Who is on call, in order. An exception replaces the rota; of several the shortest wins.

    Where neither says anything everybody is tried, in the order of the list: never nobody.
    """
    local = at.astimezone(zone)
    day = _day(listed, local)
    days = [item for item in listed.exceptions if item.first <= day <= item.last]
    if days:
        closest = min(days, key=lambda item: (item.last - item.first, item.first))
        return _named(listed, closest.contacts)
    found = [name for shift in listed.shifts if _in_force(shift, local) for name in shift.contacts]
    return _named(listed, tuple(dict.fromkeys(found))) or listed.contacts


def _day(listed: OnCall, local: datetime) -> date:
    """The day that the moment belongs to: that on which all shifts in force began."""
    in_force = [shift for shift in listed.shifts if _in_force(shift, local)]
    if in_force and all(_began_yesterday(shift, local) for shift in in_force):
        return local.date() - timedelta(days=1)
    return local.date()


def _in_force(shift: OnCallShift, local: datetime) -> bool:
    if not within(clock(shift.from_time), clock(shift.until_time), local.time()):
        return False
    weekday = local.isoweekday() - _began_yesterday(shift, local)
    return not shift.weekdays or (weekday or 7) in shift.weekdays


def _began_yesterday(shift: OnCallShift, local: datetime) -> bool:
    start, end = clock(shift.from_time), clock(shift.until_time)
    return start >= end and local.time() < end


def _named(listed: OnCall, names: tuple[str, ...]) -> tuple[OnCallContact, ...]:
    by_name = {contact.name: contact for contact in listed.contacts}
    return tuple(by_name[name] for name in names if name in by_name)


def ladder(listed: OnCall, at: datetime, zone: tzinfo) -> tuple[Rung, ...]:
    """Whom to try from that moment on, round after round."""
    return tuple(
        Rung(
            name=contact.name,
            targets=tuple(_targets(contact)),
            wait_s=contact.wait_minutes * 60.0,
            round=number,
        )
        for number in range(1, listed.rounds + 1)
        for contact in on_call_at(listed, at, zone)
    )


def entry_digest(contact: OnCallContact) -> str:
    """The same while the entry is: whose it is and how they are reached, not how long they have."""
    said = json.dumps([contact.name, contact.email, contact.phone])
    return hashlib.sha256(said.encode()).hexdigest()


def contact_reached(
    listed: OnCall, name: str, channel: str, recipient: str
) -> OnCallContact | None:
    """Who on the list is reached so, and alone: a room of a chat is several people's."""
    for contact in listed.contacts:
        own = {("email", contact.email), ("sms", contact.phone), (ON_CALL_CHANNEL, contact.name)}
        if contact.name == name and (channel, recipient) in own:
            return contact
    return None


def _targets(contact: OnCallContact) -> list[tuple[str, str]]:
    found = [("sms", contact.phone), ("notify", contact.route), ("email", contact.email)]
    if contact.push:
        found.append(("push", contact.email))
    return [(channel, to) for channel, to in found if to]
