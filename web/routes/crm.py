"""Who calls, as the client's own CRM has them: beside the call, never before it."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter

from copilot.store.numbering import e164
from web import callerschemas as schemas
from web.access import Floor, call_in_sight
from web.house import InHouse

router = APIRouter(tags=["crm"])


@router.get("/api/calls/{call_id}/crm")
async def crm(call_id: str, person: Floor, house: InHouse) -> schemas.CrmView:
    """Asked within 1.5 s; `unavailable` when it does not answer by then."""
    record = await call_in_sight(house, person, call_id)
    number = e164(record.caller_number) if record.caller_number else None
    if number is None:
        return schemas.CrmView(state="none", people=[])
    client = await house.store.for_client(record.client_id).client()
    found = await house.outgoing.crms.look_up(client, number)
    return schemas.CrmView(
        state=found.state, people=[schemas.CrmPersonView(**asdict(one)) for one in found.people]
    )
