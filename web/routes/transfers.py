"""Calling others from a desk: transfers of a call, and calls in a client's name."""

from __future__ import annotations

import re
import time

from fastapi import APIRouter

from copilot.reception.transferring import Wish
from copilot.store.errors import BadNumberError, NotFoundError
from copilot.store.numbering import e164
from web import schemas
from web.access import Floor, Operator, call_in_sight, note
from web.house import House, InHouse

router = APIRouter(prefix="/api", tags=["transfers"])


@router.get("/line")
async def line(person: Floor, house: InHouse) -> schemas.LineAccess:
    """What this browser needs to carry voice, and whether calls can go out."""
    calls_out = house.sip is not None and house.sip.calls_out
    if house.turn is None:
        return schemas.LineAccess(ice_servers=[], expires_s=None, calls_out=calls_out)
    access = house.turn.access(person.user.id, now_s=time.time())
    server = schemas.IceServer(
        urls=list(access.urls), username=access.username, credential=access.credential
    )
    return schemas.LineAccess(ice_servers=[server], expires_s=access.expires_s, calls_out=calls_out)


@router.post("/calls", status_code=201)
async def call_out(
    wanted: schemas.OutgoingCallWish, person: Operator, house: InHouse
) -> schemas.OutgoingCallView:
    """Call a number in a client's name; what happens comes as events of the new call."""
    number = dialable(wanted.number)
    await note(house, person, "call.placed", client_id=wanted.client_id, subject=number)
    call_id, sdp = await house.reception.calling.call(
        wanted.client_id, number, operator=person.user, offer=wanted.offer.sdp
    )
    return schemas.OutgoingCallView(
        call_id=call_id, answer=schemas.SessionDescription(type="answer", sdp=sdp)
    )


@router.post("/calls/{call_id}/transfer", status_code=202)
async def transfer(
    call_id: str, wanted: schemas.TransferWish, person: Operator, house: InHouse
) -> None:
    """Call somebody for the caller, who waits meanwhile; what happens comes as events."""
    record = await call_in_sight(house, person, call_id)
    wish = await _wish(house, record.client_id, wanted)
    await note(
        house, person, "call.transferred", client_id=record.client_id,
        subject=call_id, reason=f"{wish.mode} {wish.number}",
    )  # fmt: skip
    await house.reception.transfers.begin(call_id, wish, operator=person.user)


@router.post("/calls/{call_id}/transfer/complete", status_code=204)
async def complete(call_id: str, person: Operator, house: InHouse) -> None:
    """Join the caller and who was called; as soon as they answer, if they have not yet."""
    house.reception.transfers.complete(call_id, operator=person.user)


@router.post("/calls/{call_id}/transfer/together", status_code=204)
async def together(call_id: str, person: Operator, house: InHouse) -> None:
    """Let caller, operator and who was consulted talk, all three."""
    house.reception.transfers.bring_together(call_id, operator=person.user)


@router.post("/calls/{call_id}/transfer/take-back", status_code=204)
async def take_back(call_id: str, person: Operator, house: InHouse) -> None:
    """Have the caller again; who was called is hung up on."""
    house.reception.transfers.take_back(call_id, operator=person.user)


async def _wish(house: House, client_id: str, wanted: schemas.TransferWish) -> Wish:
    """Raises NotFoundError, BadNumberError."""
    if wanted.contact_id is None:
        return Wish(mode=wanted.mode, number=dialable(wanted.number or ""))
    sheet = await house.store.for_client(client_id).sheet(house.journal.now())
    for contact in sheet.contacts:
        if contact.id == wanted.contact_id:
            number = dialable(contact.phone or "")
            return Wish(mode=wanted.mode, number=number, name=contact.name)
    raise NotFoundError("no such contact")


def dialable(raw: str) -> str:
    """E.164, or a short number as it is. Raises BadNumberError."""
    bare = re.sub(r"[\s.\-()]", "", raw)
    if re.fullmatch(r"\d{2,6}", bare):
        return bare
    number = e164(raw)
    if number is None:
        raise BadNumberError(repr(raw))
    return number
