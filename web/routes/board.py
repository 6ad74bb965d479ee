"""The live board: every call ringing or in progress."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Literal

from fastapi import APIRouter, WebSocket

from copilot.store.records.accounts import Role
from copilot.store.records.quality import Alert
from web import boardschemas as boards
from web import views
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


def board_view(house: House, role: Role) -> boards.Board:
    """The board as it stands, for somebody of this role."""
    lag_s = house.hearing.lag_s
    line = house.line.state()
    return boards.Board(
        calls=[
            views.call_summary(
                call,
                lag_s=lag_s if call.state == "live" else 0.0,
                line=house.board.line(call.id),
            )
            for call in house.board.calls()
        ],
        waiting=[
            boards.WaitingView(
                call_id=one.call_id,
                since=one.since,
                group=one.group,
                overflowed_to=one.overflowed_to,
                rings=list(one.rings),
            )
            for one in line.waiting
        ],
        operators=[
            boards.OperatorView(
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
        inbox=house.board.inbox,
        alerts=[alert_view(one) for one in house.alerts.alerts] if role == "supervisor" else [],
    )


def alert_view(alert: Alert) -> boards.AlertView:
    return boards.AlertView(
        id=alert.id,
        client_id=alert.client_id,
        client_name=alert.client_name,
        call_id=alert.call_id,
        kind=alert.kind,
        about=alert.about,
        words=alert.words,
        at=alert.at,
    )


@router.get("")
async def board(person: Floor, house: InHouse) -> boards.Board:
    """Ringing and live calls, the longest waiting first."""
    return board_view(house, person.user.role)


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
        sent: boards.Board | None = None
        while True:
            version = await house.board.changed_since(version, timeout_s=LOOK_S)
            view = board_view(house, person.user.role)
            if view != sent:
                await socket.send_text(view.model_dump_json())
                sent = view
