"""The demonstration caller's page. These routes exist only in the demonstration."""

from __future__ import annotations

from fastapi import APIRouter, Request

from copilot.store.errors import ConflictError, NotFoundError
from telephony.webrtc import WebRtcCall
from web import schemas
from web.access import ForgedRequestError, same_site
from web.demo import DemoLines
from web.house import House, InHouse

router = APIRouter(prefix="/api/demo", tags=["demonstration"])


def _lines(house: House) -> DemoLines:
    if house.demo is None:
        raise NotFoundError("not a demonstration")
    return house.demo


@router.get("/lines")
async def lines(house: InHouse) -> list[schemas.DemoLine]:
    """The numbers that can be called."""
    _lines(house)
    found = [
        schemas.DemoLine(number=number.number, client_name=client.name)
        for client, number in await house.store.provider.numbers()
        if number.kind == "did"
    ]
    return sorted(found, key=lambda line: line.number)


@router.post("/calls")
async def call(
    wanted: schemas.DemoCallRequest, request: Request, house: InHouse
) -> schemas.DemoCall:
    """Call a line from the browser."""
    demo = _lines(house)
    if not same_site(request):
        raise ForgedRequestError("call from our own page")
    if demo.full:
        raise ConflictError("too many demonstration calls at once")
    if await house.store.provider.route(wanted.number) is None:
        raise NotFoundError(f"no client has the number {wanted.number}")
    incoming, sdp = await WebRtcCall.receive(
        wanted.offer.sdp, dialled=wanted.number, caller_number=wanted.caller_number or None
    )
    demo.start(incoming)
    return schemas.DemoCall(
        call_id=incoming.call_id, answer=schemas.SessionDescription(type="answer", sdp=sdp)
    )


@router.get("/calls/{call_id}")
async def state(call_id: str, house: InHouse) -> schemas.DemoCallState:
    """Whether the demonstration caller is still ringing. Forgotten once it is over: 404."""
    _lines(house)
    ongoing = house.reception.calls.find(call_id)
    if ongoing is None:
        raise NotFoundError("no such call")
    return schemas.DemoCallState(state=ongoing.state)


@router.delete("/calls/{call_id}", status_code=204)
async def hang_up(call_id: str, request: Request, house: InHouse) -> None:
    """The demonstration caller hangs up."""
    demo = _lines(house)
    if not same_site(request):
        raise ForgedRequestError("hang up from our own page")
    await demo.hang_up(call_id)
