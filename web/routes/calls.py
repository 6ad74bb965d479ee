"""Calls: what was said, what was offered, and the operator's commands."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, WebSocket

from copilot.events import PartialHeard
from copilot.messagedraft import check_names
from copilot.store.numbering import e164
from copilot.store.records.accounts import CLIENT_ROLES
from copilot.store.records.calls import Call, LogPiece
from copilot.store.records.consignes import ConsigneChange
from copilot.store.records.learning import SuggestionFeedback
from copilot.wordings import propose_said, withdrawn
from web import caller_views, schemas, views
from web.access import CallsReader, Floor, Operator, call_in_sight, client_filter, note
from web.approval import approve
from web.callerschemas import CallerView
from web.holding import require_hold
from web.house import House, InHouse
from web.localtime import zone_of
from web.sockets import COME_BACK, admitted
from web.transcriptschemas import Utterances

router = APIRouter(prefix="/api/calls", tags=["calls"])

Limit = Annotated[int, Query(ge=1, le=200)]


@router.get("")
async def calls(
    person: CallsReader,
    house: InHouse,
    client_id: str | None = None,
    state: schemas.CallState | None = None,
    before: str | None = None,
    limit: Limit = 50,
    mine: bool = False,
) -> list[schemas.CallSummary]:
    """Newest first; `before` is the id of the last call of the page above. `mine`: of all clients,
    those that oneself answered."""
    wanted = client_filter(person, client_id)
    if wanted:
        found = await house.store.for_client(wanted).calls(state=state, before=before, limit=limit)
    else:
        found = await house.store.provider.calls(
            state=state,
            before=before,
            limit=limit,
            operator_id=person.user.id if mine else None,
        )
    return [views.call_summary(call) for call in found]


@router.get("/{call_id}")
async def call(
    call_id: str, person: CallsReader, house: InHouse, last: Utterances | None = None
) -> schemas.CallDetail:
    """Everything about one call, with its log so far. `last`: of a call in progress, the end of
    its log alone, from so many utterances back; one that is over is read from its first word."""
    await house.journal.kept(timeout_s=1.0)  # the row follows the log by a moment
    record = await call_in_sight(house, person, call_id)
    # The desk reads what it is itself hearing.
    if person.user.role != "operator" or record.operator_id not in (None, person.user.id):
        await note(house, person, "call.read", client_id=record.client_id, subject=call_id)
    scope = house.store.for_client(record.client_id)
    ongoing = house.reception.calls.find(call_id)
    sheet = ongoing.sheet if ongoing else await scope.sheet(record.ringing_at)
    version = await scope.consignes_version()
    changed: tuple[ConsigneChange, ...] = ()
    if person.user.role == "operator":
        changed = await scope.consignes_changed_for(person.user.id)
    message = await scope.message_of_call(call_id)
    draft = await house.reception.drafts.of(record.client_id, call_id)
    if last is None or record.state == "ended":
        piece = LogPiece(events=await scope.events_since(call_id), earlier=None)
    else:
        piece = await scope.end_of_log(call_id, utterances=last)
    return schemas.CallDetail(
        call=views.call_summary(record),
        client=views.client_card(sheet, version=version, changed=changed),
        draft=views.draft_fields(draft.fields()),
        message=views.message(message) if message else None,
        writer=house.secretary.model if house.secretary else None,
        events=[views.stored_event(event) for event in piece.events],
        feedback=views.feedback(await scope.feedback(call_id), person.user.id),
        earlier=piece.earlier,
    )


@router.get("/{call_id}/caller")
async def caller(call_id: str, _: Floor, house: InHouse) -> CallerView:
    """Who is calling: whom the client knows by this number, and its earlier calls."""
    record = await house.store.provider.call(call_id)
    scope = house.store.for_client(record.client_id)
    sheet = await scope.sheet(record.ringing_at)
    past = await scope.earlier_calls(call_id)
    number = e164(record.caller_number) if record.caller_number else None
    people = await scope.recognised(number) if number else ()
    zone = await zone_of(scope)
    return caller_views.caller(
        number, sheet.contacts, people, past, at=record.ringing_at, zone=zone
    )


@router.websocket("/{call_id}/socket")
async def call_socket(socket: WebSocket, call_id: str, since: int = 0) -> None:
    """The log after `since`, then everything live, partials included."""
    async with admitted(socket, "operator", "supervisor", *CLIENT_ROLES) as (house, person):
        record = await call_in_sight(house, person, call_id)
        if person.user.role != "operator":
            await note(house, person, "call.followed", client_id=record.client_id, subject=call_id)
        await stream(socket, house, record, since)


async def stream(socket: WebSocket, house: House, record: Call, since: int) -> None:
    """Send a call's log after `since`, then what happens in it, to a reader who may see it."""
    async with house.bus.subscribe(record.id) as live:
        last = await _send_log(socket, house, record, since)
        caught_up = False
        async for event in live:
            if isinstance(event, PartialHeard):
                await socket.send_text(views.event(event).model_dump_json())
                continue
            if not caught_up and event.seq > last + 1:
                # Another process may have told it before we listened and kept it after.
                last = await _send_log(socket, house, record, last)
            caught_up = True
            if event.seq > last:
                last = event.seq
                await socket.send_text(views.event(event).model_dump_json())
    await socket.close(COME_BACK, reason=live.close_reason or "closed")


async def _send_log(socket: WebSocket, house: House, call: Call, since: int) -> int:
    """Send what is kept after `since`; the last seq sent."""
    await house.journal.kept(timeout_s=1.0)
    events = await house.store.for_client(call.client_id).events_since(call.id, since)
    for event in events:
        await socket.send_text(views.stored_event(event).model_dump_json())
    return events[-1].seq if events else since


@router.post("/{call_id}/answer")
async def answer(
    call_id: str, offer: schemas.SessionDescription, person: Operator, house: InHouse
) -> schemas.SessionDescription:
    """Join this browser to the call; again after a reload."""
    sdp = await house.reception.commands.answer(call_id, operator=person.user, offer=offer.sdp)
    return schemas.SessionDescription(type="answer", sdp=sdp)


@router.post("/{call_id}/hangup", status_code=204)
async def hang_up(call_id: str, person: Operator, house: InHouse) -> None:
    """End the call on both sides."""
    await house.reception.commands.hang_up(call_id, operator=person.user)


@router.post("/{call_id}/pause", status_code=204)
async def pause(call_id: str, wanted: schemas.Pause, person: Operator, house: InHouse) -> None:
    """Stop listening to the call, or go on: nothing said meanwhile is heard or kept."""
    house.reception.commands.pause(call_id, operator=person.user, paused=wanted.paused)


@router.post("/{call_id}/hold", status_code=204)
async def hold(call_id: str, wanted: schemas.Hold, person: Operator, house: InHouse) -> None:
    """Put the call on hold, or take it back: on hold both hear silence, and nothing is heard."""
    controls = house.reception.commands.controls(call_id, operator=person.user)
    await controls.hold(wanted.held, operator_id=person.user.id)


@router.post("/{call_id}/mute", status_code=204)
async def mute(call_id: str, wanted: schemas.Mute, person: Operator, house: InHouse) -> None:
    """Keep the operator's voice from the caller and from the transcript, or no longer."""
    controls = house.reception.commands.controls(call_id, operator=person.user)
    controls.mute(wanted.muted, operator_id=person.user.id)


@router.post("/{call_id}/keys", status_code=204)
async def keys(call_id: str, pressed: schemas.Keys, person: Operator, house: InHouse) -> None:
    """Press telephone keys toward the caller's side; answered once the last is up."""
    controls = house.reception.commands.controls(call_id, operator=person.user)
    await controls.press_keys(pressed.keys, operator_id=person.user.id)


@router.patch("/{call_id}/draft")
async def edit_draft(
    call_id: str, edit: schemas.DraftEdit, person: Operator, house: InHouse
) -> schemas.DraftView:
    """Keep what the operator typed; durable before the answer. Refused while a colleague writes
    the message."""
    record = await call_in_sight(house, person, call_id)
    draft = await house.reception.drafts.of(record.client_id, call_id)
    check_names(edit.fields, draft.names)
    await require_hold(house, person, record)
    await house.store.for_client(record.client_id).save_draft_edits(
        call_id, edit.fields, edited_by=person.user.id, at=house.journal.now()
    )
    draft.edit(edit.fields)
    return views.draft_as_it_stands(draft)


@router.post("/{call_id}/message", status_code=202)
async def approve_message(
    call_id: str, approval: schemas.ApproveMessage, person: Operator, house: InHouse
) -> schemas.MessageView:
    """Approve the message: kept, with the intention to send it, before the answer."""
    record = await call_in_sight(house, person, call_id)
    await require_hold(house, person, record)
    return views.message(await approve(house, person, record, approval))


@router.get("/{call_id}/ask")
async def ask(
    call_id: str,
    person: Operator,
    house: InHouse,
    q: Annotated[str, Query(max_length=500)],
    limit: Annotated[int, Query(ge=1, le=20)] = 5,
) -> list[schemas.CardView]:
    """Search this call's client's knowledge, as it is typed."""
    record = await call_in_sight(house, person, call_id)
    hits = await house.shelf.ask(record.client_id, q, limit=limit)
    return [views.card(hit, record.client_id) for hit in hits]


@router.post("/{call_id}/suggestions/{suggestion_id}/feedback", status_code=204)
async def feedback(
    call_id: str,
    suggestion_id: str,
    given: schemas.Feedback,
    person: Operator,
    house: InHouse,
) -> None:
    """What the operator did with an answer offered, or found by asking (`ask`); or that they take
    it back."""
    record = await call_in_sight(house, person, call_id)
    scope = house.store.for_client(record.client_id)
    told = SuggestionFeedback(
        call_id=call_id,
        suggestion_id=suggestion_id,
        entry_id=given.entry_id,
        action=given.action,
        user_id=person.user.id,
        at=house.journal.now(),
    )
    if given.withdrawn:
        await withdrawn(scope, told)
    else:
        await scope.stored_entry(given.entry_id)  # another client's, or one removed: 404
        await scope.record_feedback(told)
        if given.action == "used":
            await propose_said(scope, call_id, suggestion_id, given.entry_id, at=told.at)
    house.shelf.learnt(record.client_id)
