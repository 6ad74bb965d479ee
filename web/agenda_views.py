"""Appointments as JSON, and JSON as an agenda's rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from copilot.agenda.accounts import SECRETS
from copilot.agenda.booking import Offer
from copilot.agenda.rules import AgendaRules, KeptRules, Practitioner, VisitType
from copilot.agenda.wish import written_when
from copilot.store.records.agenda import Appointment, Notice, NoticeChannel, Person, StoredAccount
from web import agendaschemas as shapes
from web.hours_views import hours_of, hours_view


def rules_of(edit: shapes.AgendaRulesEdit) -> AgendaRules:
    return AgendaRules(
        hours=hours_of(edit.hours) if edit.hours else None,
        practitioners=tuple(
            Practitioner(
                id=one.id,
                name=one.name.strip(),
                hours=hours_of(one.hours) if one.hours else None,
                account=one.account or None,
                calendar=one.calendar,
            )
            for one in edit.practitioners
        ),
        visits=tuple(
            VisitType(
                id=one.id,
                name=one.name.strip(),
                duration_min=one.duration_min,
                before_min=one.before_min,
                after_min=one.after_min,
                practitioners=tuple(one.practitioners),
            )
            for one in edit.visits
        ),
        notice_min=edit.notice_min,
        horizon_days=edit.horizon_days,
        step_min=edit.step_min,
        address=edit.address,
        phone=edit.phone,
    )


def agenda(
    kept: KeptRules,
    *,
    time_zone: str,
    accounts: Iterable[StoredAccount],
    channels: Sequence[NoticeChannel],
) -> shapes.AgendaView:
    rules = kept.rules
    return shapes.AgendaView(
        version=kept.version,
        time_zone=time_zone,
        hours=hours_view(rules.hours) if rules.hours else None,
        practitioners=[
            shapes.PractitionerView(
                id=one.id,
                name=one.name,
                hours=hours_view(one.hours) if one.hours else None,
                account=one.account,
                calendar=one.calendar,
            )
            for one in rules.practitioners
        ],
        visits=[
            shapes.VisitTypeView(
                id=one.id,
                name=one.name,
                duration_min=one.duration_min,
                before_min=one.before_min,
                after_min=one.after_min,
                practitioners=list(one.practitioners),
            )
            for one in rules.visits
        ],
        notice_min=rules.notice_min,
        horizon_days=rules.horizon_days,
        step_min=rules.step_min,
        address=rules.address,
        phone=rules.phone,
        accounts=[account(one) for one in accounts],
        channels=list(channels),
    )


def account(one: StoredAccount) -> shapes.CalendarAccountView:
    return shapes.CalendarAccountView(
        id=one.id,
        provider=one.provider,
        name=one.name,
        shown={name: value for name, value in one.access.items() if name not in SECRETS},
        kept=sorted(name for name in one.access if name in SECRETS),
        fault=one.fault,
        tried_at=one.tried_at,
    )


def offer(found: Offer, rules: AgendaRules) -> shapes.SlotOffer:
    names = {one.id: one.name for one in rules.practitioners}
    return shapes.SlotOffer(
        slots=[
            shapes.SlotView(
                practitioner_id=slot.practitioner_id,
                practitioner_name=names[slot.practitioner_id],
                begins=slot.begins,
                ends=slot.ends,
            )
            for slot in found.slots
        ],
        faults=[
            shapes.CalendarFault(practitioner=one.practitioner, code=one.code)
            for one in found.faults
        ],
    )


def person_of(edit: shapes.PersonEdit) -> Person:
    return Person(
        name=edit.name.strip(),
        phone=edit.phone or None,
        email=edit.email or None,
        note=edit.note.strip(),
    )


def appointment(
    one: Appointment, notices: Iterable[Notice], zone: ZoneInfo
) -> shapes.AppointmentView:
    person = one.person
    return shapes.AppointmentView(
        id=one.id,
        call_id=one.call_id,
        client_id=one.client_id,
        practitioner_id=one.practitioner_id,
        practitioner_name=one.practitioner_name,
        visit_name=one.visit_name,
        begins=one.begins_at,
        ends=one.ends_at,
        state=one.state,
        held_until=one.held_until,
        person=shapes.PersonEdit(
            name=person.name, phone=person.phone, email=person.email, note=person.note
        )
        if person
        else None,
        booked_by=one.created_by_name,
        when=written_when(one.begins_at, zone),
        sync=one.sync,
        fault=one.fault,
        notices=[notice(each) for each in notices],
    )


def notice(one: Notice) -> shapes.NoticeView:
    return shapes.NoticeView.model_validate(
        {
            "channel": one.channel,
            "recipient": one.recipient,
            "occasion": one.occasion,
            "state": one.state,
            "error": one.last_error,
            "delivered_at": one.delivered_at,
        }
    )


def told(tell: Iterable[shapes.NoticeEdit]) -> list[tuple[NoticeChannel, str]]:
    return [(one.channel, one.recipient.strip()) for one in tell]
