"""What an operator has left to finish: messages that were not sent, or could not be."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter

from web import schemas, views
from web.access import Operator, call_in_sight, note
from web.holding import require_hold
from web.house import InHouse

router = APIRouter(prefix="/api/unfinished", tags=["messages"])

REMEMBERED = timedelta(days=7)


@router.get("")
async def unfinished(person: Operator, house: InHouse) -> list[schemas.CallSummary]:
    """One's own calls of the last week that are over, and whose message is not sent or was given
    up, newest first."""
    since = house.journal.now() - REMEMBERED
    found = await house.store.provider.unfinished(person.user.id, since=since)
    return [views.call_summary(call) for call in found]


@router.delete("/{call_id}", status_code=204)
async def nothing_to_send(call_id: str, person: Operator, house: InHouse) -> None:
    """This call needs no message: what is drafted stays with it, and nobody is reminded. Audited;
    refused while a colleague writes the message. Typing in it takes that back."""
    call = await call_in_sight(house, person, call_id)
    await require_hold(house, person, call)
    if await house.store.for_client(call.client_id).forget_draft(call_id):
        await note(house, person, "message.unneeded", client_id=call.client_id, subject=call_id)
