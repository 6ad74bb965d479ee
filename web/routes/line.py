"""Calls from other machines: AudioSocket calls announced, media streams opened."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from collections.abc import Mapping
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response, WebSocket, WebSocketDisconnect

from copilot.store.errors import NotFoundError
from telephony.audiosocket import Announced, AnnouncementRefused
from telephony.mediastream import BadMessageError, MediaStream
from telephony.mediastream.admission import bearer
from web.access import NotSignedInError
from web.house import InHouse, house_of

logger = logging.getLogger(__name__)

router = APIRouter(prefix="/api/line", tags=["line"])

LONGEST_FORM = 4096
TO_SEND = 100
"""Messages that wait to be sent, two seconds of them: the oldest is left out beyond it."""
START_S = 10.0
BAD_MESSAGE = 1008


@router.post("/calls", status_code=204)
async def announce(request: Request, house: InHouse) -> Response:
    """A dial plan tells of an AudioSocket call before it connects: the form fields `id` (its
    UUID) and `to`, and `from`, `name` and `forwarded_from` where known."""
    if house.audiosocket is None or not house.streams.open:
        raise NotFoundError("no AudioSocket here")
    form = await _form(request)
    if not house.streams.knows(bearer(request.headers) or form.get("token")):
        raise NotSignedInError("the line's token is missing or wrong")
    try:
        identity = uuid.UUID(form.get("id", ""))
    except ValueError as error:
        raise AnnouncementRefused("id is no UUID") from error
    if not form.get("to"):
        raise AnnouncementRefused("to is missing: the number called")
    told = Announced(
        dialled=form["to"],
        caller_number=form.get("from") or None,
        caller_name=form.get("name") or None,
        forwarded_from=form.get("forwarded_from") or None,
    )
    house.audiosocket.announced.add(identity, told)
    return Response(status_code=204)


async def _form(request: Request) -> dict[str, str]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_FORM:
            raise AnnouncementRefused(f"more than {LONGEST_FORM} bytes")
    try:
        return dict(parse_qsl(body.decode(), strict_parsing=bool(body), max_num_fields=20))
    except ValueError as error:
        raise AnnouncementRefused("the body is no form (application/x-www-form-urlencoded)") from (
            error
        )


@router.websocket("/stream")
async def stream(socket: WebSocket) -> None:
    """A platform's media stream: a call to answer, or with two tracks a copy to listen to."""
    streams = house_of(socket).streams
    if not streams.open or streams.full:
        await socket.close(BAD_MESSAGE)
        return
    proven = streams.admits_request(socket.headers, socket.url.path, socket.url.query)
    await socket.accept()
    waiting: asyncio.Queue[str] = asyncio.Queue(maxsize=TO_SEND)

    def write(text: str) -> None:
        if waiting.full():
            waiting.get_nowait()
        waiting.put_nowait(text)

    def admits(parameters: Mapping[str, str]) -> bool:
        return proven or streams.knows(parameters.get("token"))

    media = MediaStream(write=write, on_call=streams.call, on_copy=streams.copy, admits=admits)
    await _converse(socket, media, waiting)


async def _converse(socket: WebSocket, media: MediaStream, waiting: asyncio.Queue[str]) -> None:
    """Until either side has said everything."""

    async def send() -> None:
        while True:
            await socket.send_text(await waiting.get())

    async def start_in_time() -> None:
        await asyncio.sleep(START_S)
        if not media.started:
            raise BadMessageError("no start came")
        await asyncio.Event().wait()

    work = [
        asyncio.create_task(_receive(socket, media), name="stream-in"),
        asyncio.create_task(send(), name="stream-out"),
        asyncio.create_task(media.over.wait(), name="stream-over"),
        asyncio.create_task(start_in_time(), name="stream-start"),
    ]
    code, reason = 1000, ""
    try:
        done, _ = await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            error = task.exception()
            if isinstance(error, BadMessageError):
                code, reason = BAD_MESSAGE, str(error)
                logger.warning("media stream closed: %s", reason)
            elif error is not None and not isinstance(error, WebSocketDisconnect | RuntimeError):
                logger.error("media stream failed", exc_info=error)
                code = 1011
    finally:
        media.lost()
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):
        await socket.close(code, reason=reason[:120])


async def _receive(socket: WebSocket, media: MediaStream) -> None:
    """Raises BadMessageError; returns when they have hung up."""
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return
        text = message.get("text")
        if text is None:
            raise BadMessageError("messages are text")
        media.receive(text)
