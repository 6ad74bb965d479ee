"""The end of a call: what was done, the texts a model proposes, what was changed of a draft."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from copilot.languagemodel.errors import NoModelError
from copilot.languagemodel.secretary import EndedCall, told
from copilot.messageevents import TextDecided, TextName, WritingChanged, WrittenText
from copilot.store.errors import ConflictError, NotFoundError
from copilot.store.records.calls import Call
from copilot.store.records.learning import ASKED
from copilot.wrapup.actions import actions_of
from copilot.wrapup.edits import measures_of
from web import schemas, views
from web import wrapup_schemas as shapes
from web.access import Floor, Operator, Overseer, call_in_sight
from web.holding import require_hold
from web.house import House, InHouse

router = APIRouter(tags=["wrap-up"])

BECOME_FIELDS = ("reason", "summary")
"""Texts that, taken, are fields of the message; a reply is the operator's own to send."""


@router.get("/api/calls/{call_id}/wrapup")
async def wrap_up(call_id: str, person: Floor, house: InHouse) -> shapes.WrapUpView:
    """What was done during a call, so far or to its end."""
    record = await call_in_sight(house, person, call_id)
    await house.journal.kept(timeout_s=1.0)
    scope = house.store.for_client(record.client_id)
    events = told(await scope.events_since(call_id))
    feedback = await scope.feedback(call_id)
    found = {one.entry_id for one in feedback if one.suggestion_id == ASKED}
    questions = {one.entry_id: one.question for one in await scope.entries()} if found else {}
    actions = actions_of(events, feedback, await scope.calls_back(call_id), questions)
    return shapes.WrapUpView(actions=[shapes.ActionView(**asdict(one)) for one in actions])


@router.post("/api/calls/{call_id}/texts", status_code=202)
async def write_texts(call_id: str, person: Operator, house: InHouse) -> None:
    """Have the texts of a call written now; `writing_changed` events tell what becomes of it."""
    record = await call_in_sight(house, person, call_id)
    if house.secretary is None:
        raise NoModelError("no language model is set")
    scope = house.store.for_client(record.client_id)
    if await scope.message_of_call(call_id) is not None:
        raise ConflictError("the message is approved")
    house.secretary.write(
        EndedCall(
            log=await house.journal.reopen(record.client_id, call_id),
            draft=await house.reception.drafts.of(record.client_id, call_id),
            sheet=await scope.sheet(record.ringing_at),
            ringing_at=record.ringing_at,
        )
    )


@router.post("/api/calls/{call_id}/texts/{name}")
async def decide_text(
    call_id: str,
    name: TextName,
    decision: shapes.TextDecision,
    person: Operator,
    house: InHouse,
) -> schemas.DraftView:
    """Take a proposed text or refuse it; taken, it is kept as typed before the answer."""
    record = await call_in_sight(house, person, call_id)
    await require_hold(house, person, record)
    proposed = await _proposed(house, record, name)
    if decision.taken and proposed.text != decision.text:
        raise ConflictError("another text was proposed since")
    draft = await house.reception.drafts.of(record.client_id, call_id)
    if decision.taken and name in BECOME_FIELDS:
        edit: dict[str, str | None] = {name: proposed.text}
        await house.store.for_client(record.client_id).save_draft_edits(
            call_id, edit, edited_by=person.user.id, at=house.journal.now()
        )
        draft.edit(edit)
    log = await house.journal.reopen(record.client_id, call_id)
    log.tell(
        TextDecided(**log.stamp(), name=name, taken=decision.taken, operator_id=person.user.id)
    )
    return views.draft_as_it_stands(draft)


async def _proposed(house: House, call: Call, name: TextName) -> WrittenText:
    """The text last proposed. Raises NotFoundError."""
    await house.journal.kept(timeout_s=1.0)
    events = told(await house.store.for_client(call.client_id).events_since(call.id))
    written = (event for event in reversed(events) if isinstance(event, WritingChanged))
    last = next((event for event in written if event.state == "written"), None)
    for text in last.texts if last else ():
        if text.name == name:
            return text
    raise NotFoundError("no such text was proposed")


@router.get("/api/clients/{client_id}/edits")
async def edits(
    client_id: str,
    _: Overseer,
    house: InHouse,
    days: Annotated[int, Query(ge=1, le=365)] = 90,
) -> shapes.EditsView:
    """How much of what was proposed was changed in a client's messages, field by field."""
    scope = house.store.for_client(client_id)
    await scope.client()  # no such client: 404
    found = await scope.edits_since(house.journal.now() - timedelta(days=days))
    return shapes.EditsView(
        days=days,
        fields=[shapes.FieldMeasureView(**asdict(one)) for one in measures_of(found)],
    )
