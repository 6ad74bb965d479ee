"""The live board: every call ringing or in progress."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Literal

from fastapi import APIRouter, WebSocket

from web import schemas, views
from web.access import Floor
from web.house import House, InHouse
from web.sockets import admitted

router = APIRouter(prefix="/api/board", tags=["board"])

LOOK_S = 1.0
"""How often what no event announces (how far the text is behind) is looked at."""


def transcription_state(house: House) -> Literal["ready", "loading", "interrupted"]:
    """Whether voices are being put into words."""
    if house.hearing.troubled:
        return "interrupted"
    return "ready" if house.hearing.ready.is_set() else "loading"


def board_view(house: House) -> schemas.Board:
    """The board as it stands."""
    lag_s = house.hearing.lag_s
    line = house.line.state()
    return schemas.Board(
        calls=[
            views.call_summary(
                call,
                lag_s=lag_s if call.state == "live" else 0.0,
                line=house.board.line(call.id),
            )
            for call in house.board.calls()
        ],
        waiting=[
            schemas.WaitingView(
                call_id=one.call_id,
                since=one.since,
                group=one.group,
                overflowed_to=one.overflowed_to,
                rings=list(one.rings),
            )
            for one in line.waiting
        ],
        operators=[
            schemas.OperatorView(
                user_id=one.user_id,
                name=one.name,
                state=one.state,
                since=one.since,
                until=one.until,
                call_id=one.call_id,
            )
            for one in line.operators
        ],
        transcription=transcription_state(house),
    )


@router.get("")
async def board(_: Floor, house: InHouse) -> schemas.Board:
    """Ringing and live calls, the longest waiting first."""
    return board_view(house)


@router.websocket("/socket")
async def board_socket(socket: WebSocket) -> None:
    """The board at once, then whole after each change."""
    async with (
        admitted(socket, "operator", "supervisor") as (house, person),
        AsyncExitStack() as here,
    ):
        if person.user.role == "operator":
            here.enter_context(house.attendance.desk(person.user.id))
        version = -1
        sent: schemas.Board | None = None
        while True:
            version = await house.board.changed_since(version, timeout_s=LOOK_S)
            view = board_view(house)
            if view != sent:
                await socket.send_text(view.model_dump_json())
                sent = view
