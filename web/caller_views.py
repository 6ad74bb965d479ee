"""Who calls, and whom a client knows: from records to JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from copilot.store.numbering import e164
from copilot.store.records.calls import PastCall
from copilot.store.records.clients import Contact
from copilot.store.records.knowncallers import KnownCaller, KnownChange, KnownVersion
from knowledge.documents.reading import Problem
from web import callerschemas as schemas
from web import views


def caller(
    number: str | None,
    contacts: Iterable[Contact],
    people: Iterable[KnownCaller],
    past: Iterable[PastCall],
    *,
    at: datetime,
    zone: ZoneInfo,
) -> schemas.CallerView:
    """`number`: as shown, null when it is hidden; `at`: when it rang; `zone`: the client's."""
    earlier = list(past)
    known = (
        views.contact(one) for one in contacts if number and one.phone and e164(one.phone) == number
    )
    names = (
        name for one in earlier if one.message and (name := one.message.fields.get("caller_name"))
    )
    return schemas.CallerView(
        contact=next(known, None),
        people=[known_caller(one, zone, at=at) for one in people],
        hidden=number is None,
        known_as=next(names, None),
        calls=[past_call(one) for one in earlier],
    )


def past_call(record: PastCall) -> schemas.PastCallView:
    fields = record.message.fields if record.message else {}
    return schemas.PastCallView(
        id=record.call.id,
        at=record.call.ringing_at,
        operator_name=record.call.operator_name,
        answered=record.call.answered_at is not None,
        caller_name=fields.get("caller_name") or record.call.caller_name,
        reason=fields.get("reason"),
        message_state=record.call.message_state,
    )


def known_caller(
    record: KnownCaller, zone: ZoneInfo, *, at: datetime | None = None
) -> schemas.KnownCallerView:
    """When they are expected is told as the client's clock tells it."""
    values = dataclasses.asdict(record)
    for name in ("expected_from", "expected_until"):
        values[name] = values[name].astimezone(zone) if values[name] else None
    expected = at is not None and record.is_expected(at)
    return schemas.KnownCallerView(**values, expected_now=expected)


def known_change(change: KnownChange, zone: ZoneInfo) -> schemas.KnownChangeView:
    return schemas.KnownChangeView(
        before=known_caller(change.before, zone) if change.before else None,
        after=known_caller(change.after, zone) if change.after else None,
    )


def known_version(record: KnownVersion) -> schemas.KnownVersionView:
    return schemas.KnownVersionView(**dataclasses.asdict(record))


def problems(found: Sequence[Problem], *, in_english: bool) -> list[schemas.PeopleProblem]:
    return [
        schemas.PeopleProblem(
            place=one.place,
            text=one.english if in_english else one.french,
            left_out=one.left_out,
        )
        for one in found
    ]
