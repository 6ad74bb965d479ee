"""Admission to a WebSocket, and its end: the reader may leave at any moment, or fall behind."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

from copilot.accounts import SEEN_EVERY, SignedIn
from copilot.store.errors import StoreError
from copilot.store.records.accounts import Role
from web.access import (
    AccessError,
    SecondFactorNeededError,
    must_enrol,
    note,
    require,
    same_site,
    signed_in_of,
)
from web.house import House, house_of
from web.panelaccess import PROTOCOL, secret_of, socket_visitor

LEFT = 1001
NOT_SIGNED_IN = 4401
NOT_FOUND = 4404
COME_BACK = 4503
"""Connect again from the last seq: the reader was too slow, or the service is restarting."""


@asynccontextmanager
async def admitted(
    socket: WebSocket, *roles: Role, panel: bool = False
) -> AsyncIterator[tuple[House, SignedIn]]:
    """Let a signed-in person of these roles in, with `panel` one in a panel too; the block is
    left when they close the socket."""
    house = house_of(socket)
    secret = secret_of(socket) if panel else None
    await socket.accept(subprotocol=None if secret is None else PROTOCOL)

    async def visitor() -> SignedIn:
        if secret is not None:
            return await socket_visitor(socket, house, secret)
        if same_site(socket):
            return await signed_in_of(socket, house)
        raise AccessError("another site's page")

    person: SignedIn | None = None
    try:
        person = await visitor()
        if secret is None and must_enrol(house, person):
            raise SecondFactorNeededError("set up the second factor first")
        require(person, *roles)
    except AccessError as error:
        code = NOT_SIGNED_IN if error.status == 401 else NOT_FOUND
        if person is not None:
            await _note_refusal(house, person, socket)
        await socket.close(code, reason=error.code)
        raise SocketRefusedError from error
    work = asyncio.current_task()
    assert work is not None  # noqa: S101 - a socket is always served by a task
    gone: int | None = None
    over = asyncio.Event()

    def end(code: int) -> None:
        nonlocal gone
        gone = code
        work.cancel()

    async def watch() -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            while True:
                await socket.receive()
        end(LEFT)

    async def ask_again() -> None:
        """An open page keeps its session in use, and closes with it. Ends when `over`: a question
        to the database is never cut off."""
        with contextlib.suppress(AccessError):
            while True:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(SEEN_EVERY.total_seconds()):
                        await over.wait()
                if over.is_set():
                    return
                with contextlib.suppress(StoreError):  # away: asked again
                    await visitor()
        if not over.is_set():
            end(NOT_SIGNED_IN)

    watcher = asyncio.create_task(watch(), name="socket-watch")
    asker = asyncio.create_task(ask_again(), name="socket-session")
    try:
        yield house, person
    except asyncio.CancelledError:
        if gone is None:
            raise
        work.uncancel()
        if gone != LEFT:
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                await socket.close(gone, reason="signed out")
    except WebSocketDisconnect:
        pass
    except StoreError as error:
        code = NOT_FOUND if error.code == "not_found" else COME_BACK
        if code == NOT_FOUND:
            await _note_refusal(house, person, socket)
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await socket.close(code, reason=error.code)
    finally:
        watcher.cancel()
        over.set()
        await asyncio.gather(watcher, asker, return_exceptions=True)


async def _note_refusal(house: House, person: SignedIn, socket: WebSocket) -> None:
    with contextlib.suppress(StoreError):  # refused all the same
        await note(house, person, "refused", subject=f"WS {socket.url.path}")


class SocketRefusedError(Exception):
    """Told to the browser already; ends the route."""


def install(app: FastAPI) -> None:
    """A refused socket was closed with its reason: nothing is left to do."""

    async def closed(_: WebSocket, __: Exception) -> None:
        return None

    app.add_exception_handler(SocketRefusedError, closed)
