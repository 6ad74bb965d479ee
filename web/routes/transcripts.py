"""What was said in a call before what its reader has, page by page."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from web import transcriptschemas as shapes
from web import views
from web.access import CallsReader, call_in_sight
from web.house import House, InHouse

router = APIRouter(prefix="/api/calls", tags=["calls"])

Seq = Annotated[int, Query(ge=1)]


@router.get("/{call_id}/log")
async def log(
    call_id: str,
    before: Seq,
    person: CallsReader,
    house: InHouse,
    last: shapes.Utterances = 200,
) -> shapes.SaidBefore:
    """The last utterances before a seq, with what was offered for them."""
    record = await call_in_sight(house, person, call_id)
    return await said_before(house, record.client_id, call_id, before, last)


async def said_before(
    house: House, client_id: str, call_id: str, before: int, last: int
) -> shapes.SaidBefore:
    """A page of a call that its reader may see."""
    piece = await house.store.for_client(client_id).said_before(call_id, before, utterances=last)
    return shapes.SaidBefore(
        events=[views.stored_event(event) for event in piece.events], earlier=piece.earlier
    )
