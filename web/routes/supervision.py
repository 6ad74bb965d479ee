"""The supervisor's ear: listen to a call, whisper to its operator, barge in."""

from __future__ import annotations

from fastapi import APIRouter

from web import schemas
from web.access import Supervisor
from web.house import InHouse

router = APIRouter(prefix="/api/calls/{call_id}/supervision", tags=["supervision"])


@router.post("")
async def join(
    call_id: str, wanted: schemas.Supervise, person: Supervisor, house: InHouse
) -> schemas.SessionDescription:
    """Join this browser to the call; again after a reload. Audited before anything is heard."""
    sdp = await house.supervision.join(
        call_id, by=person, offer=wanted.offer.sdp, part=wanted.part, reason=wanted.reason
    )
    return schemas.SessionDescription(type="answer", sdp=sdp)


@router.put("", status_code=204)
async def change(
    call_id: str, wanted: schemas.SuperviseChange, person: Supervisor, house: InHouse
) -> None:
    """Listen only, whisper or barge in from now on."""
    await house.supervision.change(call_id, by=person, part=wanted.part)


@router.delete("", status_code=204)
async def leave(call_id: str, person: Supervisor, house: InHouse) -> None:
    """Hear no more of the call."""
    await house.supervision.leave(call_id, by=person)
