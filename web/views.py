"""From the house's records to the JSON models of `web.schemas`."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from copilot.accounts import SignedIn
from copilot.board import LineState
from copilot.codec import event_data, kind_of
from copilot.drafting.form import Form
from copilot.events import DraftField, Event
from copilot.guide import form_of
from copilot.messagedraft import MessageDraft
from copilot.opening import links_of
from copilot.store.records.calls import Call, SaidLine, StoredEvent
from copilot.store.records.clients import ClientSheet, Contact
from copilot.store.records.consignes import ConsigneChange
from copilot.store.records.learning import SuggestionFeedback
from copilot.store.records.messages import Message
from knowledge.passages import Hit
from web import schemas
from web.knowledge_views import consigne, consigne_change


def me(person: SignedIn, client_name: str | None, *, must_enrol: bool) -> schemas.Me:
    user = person.user
    return schemas.Me(
        id=user.id,
        email=user.email,
        name=user.name,
        role=user.role,
        client_id=user.client_id,
        client_name=client_name,
        language=user.language,
        second_factor=user.second_factor,
        has_password=not user.invited,
        must_enrol=must_enrol,
        csrf=person.session.csrf,
    )


def contact(record: Contact) -> schemas.ContactView:
    return schemas.ContactView(**dataclasses.asdict(record))


def client_card(
    sheet: ClientSheet, *, version: int = 0, changed: Sequence[ConsigneChange] = ()
) -> schemas.ClientCard:
    """`version` of the consignes, and what the reader has not seen of them."""
    zone = ZoneInfo(sheet.client.settings.time_zone)
    return schemas.ClientCard(
        id=sheet.client.id,
        name=sheet.client.name,
        sector=sheet.client.sector,
        colour=sheet.client.colour,
        greeting=sheet.greeting,
        consignes=[consigne(record, zone) for record in sheet.consignes],
        consignes_version=version,
        consignes_changed=[consigne_change(change) for change in changed],
        contacts=[contact(record) for record in sheet.contacts],
        languages=list(sheet.client.settings.languages),
        required_fields=[field.name for field in form_of(sheet.client).fields if field.required],
        form=form(form_of(sheet.client)),
    )


def form(record: Form) -> schemas.FormView:
    return schemas.FormView(
        fields=[
            schemas.FormFieldView(
                name=field.name,
                required=field.required,
                categories=list(field.categories),
                label=field.label,
            )
            for field in record.fields
        ],
        trade=record.trade,
    )


def call_summary(
    record: Call, *, lag_s: float = 0.0, line: LineState | None = None
) -> schemas.CallSummary:
    """`line` of a call in progress."""
    line = line or LineState()
    return schemas.CallSummary(
        id=record.id,
        state=record.state,
        client_id=record.client_id,
        client_name=record.client_name,
        client_colour=record.client_colour,
        caller_number=record.caller_number,
        caller_name=record.caller_name,
        source=record.source,
        ringing_at=record.ringing_at,
        answered_at=record.answered_at,
        ended_at=record.ended_at,
        duration_s=record.duration_s,
        operator_id=record.operator_id,
        operator_name=record.operator_name,
        message_state=record.message_state,
        transcript_lag_s=round(lag_s, 1),
        held=line.held,
        transfer=line.transfer,
        supervised=line.supervised,
        recording=line.recording,
        troubles=sorted(line.troubles),
    )


def said(record: SaidLine) -> schemas.SaidView:
    shown = dataclasses.asdict(record)
    del shown["seq"]
    return schemas.SaidView(**shown)


def draft_fields(fields: Iterable[DraftField]) -> list[schemas.DraftFieldView]:
    return [schemas.DraftFieldView(**dataclasses.asdict(field)) for field in fields]


def draft_as_it_stands(draft: MessageDraft) -> schemas.DraftView:
    return schemas.DraftView(fields=draft_fields(draft.fields()), seq=draft.seq)


def message(record: Message) -> schemas.MessageView:
    return schemas.MessageView(
        id=record.id,
        call_id=record.call_id,
        client_id=record.client_id,
        state=record.state,
        fields=record.fields,
        note=record.note,
        urgency=record.urgency,
        approved_at=record.approved_at,
        approved_by=record.approved_by_name,
        delivered_at=record.delivered_at,
        acknowledged_at=record.acknowledged_at,
        acknowledged_by=record.acknowledged_by_name,
        failure=record.failure,
    )


def stored_event(record: StoredEvent) -> schemas.EventView:
    return schemas.EventView(
        kind=record.kind, call_id=record.call_id, seq=record.seq, at=record.at, data=record.data
    )


def event(record: Event) -> schemas.EventView:
    return schemas.EventView(
        kind=kind_of(type(record)),
        call_id=record.call_id,
        seq=record.seq,
        at=record.at,
        data=event_data(record),
    )


def feedback(stands: Iterable[SuggestionFeedback], user_id: str) -> list[schemas.FeedbackGiven]:
    """What a page shows as pressed to the one who pressed it."""
    return [
        schemas.FeedbackGiven(
            suggestion_id=one.suggestion_id, entry_id=one.entry_id, action=one.action
        )
        for one in stands
        if one.user_id == user_id and (one.action == "used" or one.action == "not_this")
    ]


def card(hit: Hit, client_id: str) -> schemas.CardView:
    return schemas.CardView(
        entry_id=hit.entry.entry_id,
        question=hit.entry.question,
        answer=hit.entry.answer,
        source=hit.entry.source,
        confidence=hit.confidence,
        matched=list(hit.marking.words),
        marks=schemas.CardMarks(
            said=list(hit.marking.said),
            question=list(hit.marking.question),
            answer=list(hit.marking.answer),
        ),
        weight=hit.weight,
        note=hit.entry.note,
        place=hit.entry.place,
        links=[
            schemas.CardLink(label=link.label, address=link.address)
            for link in links_of(client_id, hit.entry)
        ],
    )
