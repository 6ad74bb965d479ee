"""What was written to clients, for operators: listed, taken, answered, handled."""

from __future__ import annotations

from dataclasses import asdict
from urllib.parse import quote

from fastapi import APIRouter, Response

from copilot.codec import event_of, kind_of
from copilot.events import SuggestionOffered
from copilot.inquiries.replies import proposed_reply
from copilot.store.inquiries import TAKEN_FOR
from copilot.store.records.inquiries import Inquiry
from copilot.store.store import ClientScope
from web import inquiryschemas as schemas
from web.access import Floor, Operator, call_in_sight
from web.holding import take as take_message
from web.house import House, InHouse

router = APIRouter(prefix="/api/inquiries", tags=["inquiries"])

OFFERED = kind_of(SuggestionOffered)
USES = ("used", "copied")


@router.get("")
async def inquiries(_: Floor, house: InHouse) -> list[schemas.InquirySummary]:
    """What nobody has handled, the longest waiting first."""
    return [_summary(one, house) for one in await house.store.inquiries.open_ones()]


@router.get("/mailboxes")
async def mailboxes(_: Floor, house: InHouse) -> list[schemas.UnreadMailboxView]:
    """Clients' mailboxes that cannot be read until somebody mends them: what comes there waits."""
    found = await house.store.mailboxes.unread()
    return [schemas.UnreadMailboxView(**asdict(one)) for one in found]


@router.get("/{call_id}")
async def inquiry(call_id: str, person: Floor, house: InHouse) -> schemas.InquiryView:
    """One of them, with a reply proposed from what was used of the client's answers, else from
    the first that was offered to each paragraph."""
    scope = await _scope(call_id, person, house)
    return await _view(scope, await scope.inquiry(call_id), house)


@router.post("/{call_id}/take")
async def take(call_id: str, person: Operator, house: InHouse) -> schemas.InquirySummary:
    """It is mine, and its message too. 409 when somebody else has it."""
    scope = await _scope(call_id, person, house)
    taken = await scope.take_inquiry(
        call_id, user_id=person.user.id, user_name=person.user.name, at=house.journal.now()
    )
    await take_message(house, person, await scope.call(call_id))
    house.inquiries.changed()
    return _summary(taken, house)


@router.post("/{call_id}/put-back")
async def put_back(call_id: str, person: Operator, house: InHouse) -> schemas.InquirySummary:
    """It is anybody's again."""
    scope = await _scope(call_id, person, house)
    back = await scope.put_inquiry_back(call_id, user_id=person.user.id)
    house.inquiries.changed()
    return _summary(back, house)


@router.post("/{call_id}/close")
async def close(call_id: str, person: Operator, house: InHouse) -> schemas.InquirySummary:
    """It is handled, without a reply by e-mail."""
    scope = await _scope(call_id, person, house)
    closed = await scope.close_inquiry(call_id, actor=person.actor, at=house.journal.now())
    house.inquiries.changed()
    return _summary(closed, house)


@router.post("/{call_id}/reply", status_code=202)
async def reply(
    call_id: str, given: schemas.Reply, person: Operator, house: InHouse
) -> schemas.InquiryView:
    """Approve the reply: kept with the intention to send it before the answer. The first stays,
    unless it could not be sent."""
    scope = await _scope(call_id, person, house)
    house.inquiries.replies.require_way_out()
    approved = await scope.approve_reply(
        call_id, given.text.strip(), actor=person.actor, at=house.journal.now()
    )
    house.inquiries.replies.wake()
    house.inquiries.changed()
    return await _view(scope, approved, house)


@router.get("/{call_id}/files/{file_id}", response_class=Response)
async def file(call_id: str, file_id: str, person: Floor, house: InHouse) -> Response:
    """Something attached, to be kept: never opened by the browser itself."""
    scope = await _scope(call_id, person, house)
    found = await scope.inquiry_file(call_id, file_id)
    return Response(
        found.content,
        media_type="application/octet-stream",
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name, safe='')}",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )


async def _scope(call_id: str, person: Floor, house: House) -> ClientScope:
    return house.store.for_client((await call_in_sight(house, person, call_id)).client_id)


async def _view(scope: ClientScope, record: Inquiry, house: House) -> schemas.InquiryView:
    client = await scope.client()
    proposed = proposed_reply(
        await _answers(scope, record.call_id),
        name=record.sender_name,
        client_name=client.name,
        language=client.settings.written_in,
    )
    return schemas.InquiryView(
        inquiry=_summary(record, house),
        files=[
            schemas.InquiryFileView(
                id=one.id, name=one.name, media_type=one.media_type, size_bytes=one.size_bytes
            )
            for one in await scope.inquiry_files(record.call_id)
        ],
        may_reply=bool(record.sender),
        proposed=proposed,
        reply=record.reply,
        reply_state=record.reply_state,
        reply_error=record.reply_error,
        replied_at=record.replied_at,
        replied_by_name=record.replied_by_name,
    )


async def _answers(scope: ClientScope, call_id: str) -> list[str]:
    """What the operator used, what they asked for last; before they used any, the first answer to
    each paragraph."""
    used = {one.entry_id: None for one in await scope.feedback(call_id) if one.action in USES}
    offers = [
        event
        for one in await scope.events_since(call_id)
        if one.kind == OFFERED
        and isinstance(
            event := event_of(
                kind=one.kind, call_id=one.call_id, seq=one.seq, at=one.at, data=one.data
            ),
            SuggestionOffered,
        )
    ]
    if not used:
        return [offer.cards[0].answer for offer in offers]
    every = [card for offer in offers for card in (*offer.cards, *offer.alternatives)]
    asked = used.keys() - {card.entry_id for card in every}
    known = {one.entry_id: one.answer for one in await scope.entries()} if asked else {}
    return [
        *(card.answer for card in every if card.entry_id in used),
        *(known[entry_id] for entry_id in used if entry_id in asked and entry_id in known),
    ]


def _summary(record: Inquiry, house: House) -> schemas.InquirySummary:
    at = record.taken_at
    left = at is not None and at < house.journal.now() - TAKEN_FOR
    return schemas.InquirySummary(
        call_id=record.call_id,
        client_id=record.client_id,
        client_name=record.client_name,
        client_colour=record.client_colour,
        channel=record.channel,
        sender=record.sender,
        sender_name=record.sender_name,
        subject=record.subject,
        received_at=record.received_at,
        prepared=record.prepared_at is not None,
        taken_by=None if left else record.taken_by,
        taken_by_name=None if left else record.taken_by_name,
        closed_at=record.closed_at,
        reply_failed=record.reply_state == "dead",
    )
