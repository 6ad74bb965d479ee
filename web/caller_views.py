"""Who calls, and whom a client knows: from records to JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import datetime

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
) -> schemas.CallerView:
    """`number`: as shown, null when it is hidden; `at`: when it rang."""
    earlier = list(past)
    known = (
        views.contact(one) for one in contacts if number and one.phone and e164(one.phone) == number
    )
    names = (
        name for one in earlier if one.message and (name := one.message.fields.get("caller_name"))
    )
    return schemas.CallerView(
        contact=next(known, None),
        people=[known_caller(one, at=at) for one in people],
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


def known_caller(record: KnownCaller, *, at: datetime | None = None) -> schemas.KnownCallerView:
    expected = at is not None and record.is_expected(at)
    return schemas.KnownCallerView(**dataclasses.asdict(record), expected_now=expected)


def known_change(change: KnownChange) -> schemas.KnownChangeView:
    return schemas.KnownChangeView(
        before=known_caller(change.before) if change.before else None,
        after=known_caller(change.after) if change.after else None,
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
