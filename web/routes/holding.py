"""Taking over a message that a colleague writes."""

from __future__ import annotations

from fastapi import APIRouter

from web.access import Operator, call_in_sight
from web.holding import take
from web.house import InHouse

router = APIRouter(prefix="/api/calls", tags=["calls"])


@router.put("/{call_id}/draft/holder", status_code=204)
async def hold(call_id: str, person: Operator, house: InHouse) -> None:
    """Write this call's message from now on, in place of whoever does; the others read."""
    await take(house, person, await call_in_sight(house, person, call_id))
