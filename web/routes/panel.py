"""The side panel inside the provider's other software: its sessions, and the operator's own calls.

The routes of a call are those of `web.routes.calls`, for calls that this operator has or had.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, WebSocket

from copilot.accounts import AccountError
from copilot.panelsessions import PanelVisitor
from copilot.store.errors import NotFoundError
from copilot.store.records.accounts import User
from web import panelschemas as shapes
from web import schemas, views, wrapup_schemas
from web.holding import take
from web.house import House, InHouse
from web.panelaccess import PanelOpener, Visitor, own_call
from web.routes import calls as desk
from web.routes import wrapup
from web.routes.board import LOOK_S, transcription_state
from web.routes.transcripts import Seq, said_before
from web.sockets import admitted
from web.transcriptschemas import SaidBefore, Utterances

router = APIRouter(prefix="/api/panel", tags=["panel"])


class PanelOriginError(AccountError):
    """The page is not one that may show a panel."""

    code = "panel_origin"


@router.post("/sessions", status_code=201)
async def open_session(
    wanted: shapes.PanelSessionWish, program: PanelOpener, house: InHouse
) -> shapes.PanelSessionOpened:
    """Let an operator into the panel, for half an hour: asked by the other software's server."""
    origin = wanted.origin.lower().rstrip("/")
    if origin not in house.panel.origins:
        raise PanelOriginError(origin)
    operator = await _operator(house, wanted.operator.strip())
    opened = await house.trust.panels.open(program, operator, origin=origin)
    return shapes.PanelSessionOpened(
        session=opened.secret,
        expires_at=opened.session.expires_at,
        operator_name=operator.name,
    )


async def _operator(house: House, named: str) -> User:
    """By address, else by the extension they answer on. Raises NotFoundError."""
    email = house.panel.operators.get(named, named)
    found = await house.store.people.by_email(email)
    if found is None:
        raise NotFoundError("no such operator")
    return found.user


@router.get("/session")
async def session(person: Visitor) -> shapes.PanelSessionView:
    """Whose panel it is, and until when."""
    return shapes.PanelSessionView(
        operator_id=person.user.id,
        operator_name=person.user.name,
        language=person.user.language,
        expires_at=person.session.expires_at,
    )


@router.delete("/session", status_code=204)
async def leave(person: Visitor, house: InHouse) -> None:
    """End the panel's session; one of our own pages goes on."""
    if isinstance(person, PanelVisitor):
        await house.trust.panels.end(person.panel, actor=person.actor)


@router.get("/calls")
async def calls(
    person: Visitor,
    house: InHouse,
    name: Annotated[str | None, Query(max_length=255)] = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
) -> list[schemas.CallSummary]:
    """The operator's calls, newest first; `name`: those that SIP knows by it (Call-ID)."""
    await house.journal.kept(timeout_s=1.0)
    provider, operator = house.store.provider, person.user.id
    if name is None:
        found = await provider.calls_of_operator(operator, limit=limit)
    else:
        found = await provider.calls_named(name, operator_id=operator)
    return [views.call_summary(one) for one in found[:limit]]


def _board(house: House, operator_id: str) -> shapes.PanelBoard:
    return shapes.PanelBoard(
        calls=[
            views.call_summary(call, line=house.board.line(call.id))
            for call in house.board.calls()
            if call.operator_id == operator_id
        ],
        transcription=transcription_state(house),
    )


@router.get("/board")
async def board(person: Visitor, house: InHouse) -> shapes.PanelBoard:
    """The operator's calls in progress."""
    return _board(house, person.user.id)


@router.websocket("/socket")
async def panel_socket(socket: WebSocket) -> None:
    """The operator's calls in progress at once, then whole after each change."""
    async with admitted(socket, "operator", panel=True) as (house, person):
        version = -1
        sent: shapes.PanelBoard | None = None
        while True:
            version = await house.board.changed_since(version, timeout_s=LOOK_S)
            view = _board(house, person.user.id)
            if view != sent:
                await socket.send_text(view.model_dump_json())
                sent = view


@router.get("/calls/{call_id}")
async def call(
    call_id: str, person: Visitor, house: InHouse, last: Utterances | None = None
) -> schemas.CallDetail:
    """Everything about a call of theirs, with its log so far, or the end of it."""
    await own_call(house, person, call_id)
    return await desk.call(call_id, person, house, last)


@router.get("/calls/{call_id}/log")
async def log(
    call_id: str, before: Seq, person: Visitor, house: InHouse, last: Utterances = 200
) -> SaidBefore:
    """The last utterances before a seq, with what was offered for them."""
    record = await own_call(house, person, call_id)
    return await said_before(house, record.client_id, call_id, before, last)


@router.websocket("/calls/{call_id}/socket")
async def call_socket(socket: WebSocket, call_id: str, since: int = 0) -> None:
    """The log after `since`, then everything live, partials included."""
    async with admitted(socket, "operator", panel=True) as (house, person):
        record = await own_call(house, person, call_id)
        await desk.stream(socket, house, record, since)


@router.patch("/calls/{call_id}/draft")
async def edit_draft(
    call_id: str, edit: schemas.DraftEdit, person: Visitor, house: InHouse
) -> schemas.DraftView:
    """Keep what the operator typed; durable before the answer."""
    await own_call(house, person, call_id)
    return await desk.edit_draft(call_id, edit, person, house)


@router.put("/calls/{call_id}/draft/holder", status_code=204)
async def hold(call_id: str, person: Visitor, house: InHouse) -> None:
    """Write this call's message again, in place of the colleague who took it."""
    await take(house, person, await own_call(house, person, call_id))


@router.post("/calls/{call_id}/message", status_code=202)
async def approve_message(
    call_id: str, approval: schemas.ApproveMessage, person: Visitor, house: InHouse
) -> schemas.MessageView:
    """Approve the message: kept, with the intention to send it, before the answer."""
    await own_call(house, person, call_id)
    return await desk.approve_message(call_id, approval, person, house)


@router.get("/calls/{call_id}/ask")
async def ask(
    call_id: str,
    person: Visitor,
    house: InHouse,
    q: Annotated[str, Query(max_length=500)],
    limit: Annotated[int, Query(ge=1, le=20)] = 5,
) -> list[schemas.CardView]:
    """Search this call's client's knowledge, as it is typed."""
    await own_call(house, person, call_id)
    return await desk.ask(call_id, person, house, q, limit)


@router.post("/calls/{call_id}/suggestions/{suggestion_id}/feedback", status_code=204)
async def feedback(
    call_id: str,
    suggestion_id: str,
    given: schemas.Feedback,
    person: Visitor,
    house: InHouse,
) -> None:
    """What the operator did with an answer offered."""
    await own_call(house, person, call_id)
    await desk.feedback(call_id, suggestion_id, given, person, house)


@router.get("/calls/{call_id}/wrapup")
async def wrap_up(call_id: str, person: Visitor, house: InHouse) -> wrapup_schemas.WrapUpView:
    """What was done during the call, so far or to its end."""
    await own_call(house, person, call_id)
    return await wrapup.wrap_up(call_id, person, house)
