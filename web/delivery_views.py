"""From the records of delivery to the JSON models of `web.deliveryschemas`."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import get_args

from copilot.delivery import wording
from copilot.escalation import Escalation
from copilot.guide import form_of
from copilot.oncall import (
    OnCall,
    OnCallContact,
    OnCallException,
    OnCallShift,
    on_call_at,
)
from copilot.routing import DeliveryRoute
from copilot.store.attention import Waiting
from copilot.store.records.clients import Client
from copilot.store.records.inquiries import MessageReply
from copilot.store.records.messages import Message, OutboxRow
from copilot.timing import DeliveryPolicy, content_of, zone_of
from web import deliveryschemas as schemas
from web import views


def route(record: DeliveryRoute) -> schemas.RouteView:
    """Without the address of a named channel: it is a password."""
    return schemas.RouteView(
        channel=record.channel,
        to=record.to,
        urgencies=list(record.urgencies),
        secret=record.secret,
        service=record.service,
        on_call_only=record.on_call_only,
        looks_up=record.looks_up,
    )


def settings(
    client: Client, channels: Iterable[str], notified: Iterable[str], at: datetime
) -> schemas.DeliverySettings:
    kept = client.settings
    zone = zone_of(kept.time_zone)
    return schemas.DeliverySettings(
        recipients=list(kept.recipients),
        policy=schemas.PolicyView(**dataclasses.asdict(kept.delivery)),
        on_call=_on_call(kept.on_call),
        version=version_of(kept.recipients, kept.delivery),
        on_call_version=version_of(kept.on_call),
        time_zone=kept.time_zone,
        content=content_of(kept.delivery, client.sector),
        on_call_now=[contact.name for contact in on_call_at(kept.on_call, at, zone)],
        channels=sorted(set(channels) & set(get_args(schemas.ChannelName))),
        notified=list(notified),
    )


def version_of(*parts: object) -> str:
    """The same while the parts are."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _on_call(listed: OnCall) -> schemas.OnCallView:
    return schemas.OnCallView(
        contacts=[
            schemas.OnCallContactView(**dataclasses.asdict(contact)) for contact in listed.contacts
        ],
        shifts=[schemas.OnCallShiftView(**_lists(shift)) for shift in listed.shifts],
        exceptions=[schemas.OnCallExceptionView(**_lists(item)) for item in listed.exceptions],
        urgencies=list(listed.urgencies),
        rounds=listed.rounds,
    )


def _lists(record: OnCallShift | OnCallException) -> dict[str, object]:
    values = dataclasses.asdict(record)
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in values.items()
    }


def policy_of(view: schemas.PolicyView) -> DeliveryPolicy:
    return DeliveryPolicy(**view.model_dump())


def on_call_of(view: schemas.OnCallView) -> OnCall:
    return OnCall(
        contacts=tuple(
            OnCallContact(
                name=contact.name.strip(),
                email=(contact.email or "").strip() or None,
                phone=(contact.phone or "").strip() or None,
                route=contact.route or None,
                push=contact.push,
                wait_minutes=contact.wait_minutes,
            )
            for contact in view.contacts
        ),
        shifts=tuple(
            OnCallShift(
                contacts=tuple(shift.contacts),
                weekdays=tuple(sorted(set(shift.weekdays))),
                from_time=shift.from_time,
                until_time=shift.until_time,
            )
            for shift in view.shifts
        ),
        exceptions=tuple(
            OnCallException(contacts=tuple(item.contacts), first=item.first, last=item.last)
            for item in view.exceptions
        ),
        urgencies=tuple(view.urgencies),
        rounds=view.rounds,
    )


def delivery(
    message: Message,
    rows: Iterable[OutboxRow],
    escalation: Escalation | None,
    replies: Iterable[MessageReply],
) -> schemas.DeliveryView:
    return schemas.DeliveryView(
        message=views.message(message),
        tries=[
            schemas.TryView(
                channel=row.channel,
                recipient=row.recipient,
                state=row.state,
                attempts=row.attempts,
                pace=row.pace,
                step=row.step,
                next_attempt_at=row.next_attempt_at,
                last_error=row.last_error,
                delivered_at=row.delivered_at,
                read_at=row.read_at,
                acknowledged_at=row.acknowledged_at,
                revoked=row.revoked_at is not None,
            )
            for row in rows
        ],
        escalation=ladder(escalation),
        replies=[schemas.ReplyView(sender=one.sender, text=one.text, at=one.at) for one in replies],
    )


def ladder(escalation: Escalation | None) -> schemas.EscalationView | None:
    """Every rung, those not tried yet too."""
    if escalation is None:
        return None
    return schemas.EscalationView(
        state=escalation.state,
        step=escalation.step,
        rungs=[
            schemas.RungView(
                step=number,
                name=rung.name,
                round=rung.round,
                channels=[channel for channel, _ in rung.targets],
                wait_s=rung.wait_s,
            )
            for number, rung in enumerate(escalation.rungs, start=1)
        ],
        started_at=escalation.started_at,
        next_at=escalation.next_at,
        ended_at=escalation.ended_at,
        ended_by=escalation.ended_by,
    )


def attention(record: Waiting) -> schemas.AttentionItem:
    return schemas.AttentionItem(
        message=views.message(record.message),
        client_name=record.client_name,
        why=record.why,
        escalation=ladder(record.escalation),
    )


def receipt(row: OutboxRow, message: Message, client: Client) -> schemas.ReceiptView:
    """Nothing of what was said."""
    return schemas.ReceiptView(
        client_name=client.name,
        urgency=message.urgency,
        at=message.approved_at,
        acknowledged_at=message.acknowledged_at,
        acknowledged_by=message.acknowledged_by_name,
        code_to=masked(row.recipient) if row.channel == "email" else None,
    )


def opened(row: OutboxRow, message: Message, client: Client) -> schemas.OpenedReceipt:
    labels = {field.name: field.label for field in form_of(client).fields if field.label}
    return schemas.OpenedReceipt(
        receipt=receipt(row, message, client),
        rows=[
            schemas.ReceiptRow(label=label, value=value)
            for label, value in wording.rows(message.fields, labels, client.settings.written_in)
        ],
        note=message.note.strip(),
        taken_by=message.approved_by_name,
    )


def masked(address: str) -> str:
    """`c…@example.fr`: enough for its owner."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}…@{domain}"
