"""Who is in a panel: an operator whom other software let in, or one signed in on our own pages."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request, WebSocket
from starlette.requests import HTTPConnection

from copilot.accounts import AccountError, SignedIn
from copilot.apitokens import PANEL, Program
from copilot.store.errors import NotFoundError
from copilot.store.records.calls import Call
from web.access import (
    ForgedRequestError,
    NotSignedInError,
    account_holder,
    bearer_of,
    may,
    only,
    require,
    signed_in,
)
from web.house import House, InHouse

PROTOCOL = "souffleur-panel-1"
"""The WebSocket subprotocol that a panel asks for, beside `session.<secret>`: browsers let pages
add no header to a socket, and an address ends up in logs."""
CARRYING = "session."


def foreign_origin(connection: HTTPConnection) -> str | None:
    """The origin of the page, where it is not the service's own."""
    origin = connection.headers.get("origin")
    if origin is None or urlsplit(origin).netloc == connection.headers.get("host"):
        return None
    return origin.lower()


async def visitor_of(connection: HTTPConnection, house: House, secret: str) -> SignedIn:
    """Who is in the panel. Raises ForgedRequestError from a page that is not allowed,
    BadPanelSessionError, TooManyRequestsError."""
    origin = foreign_origin(connection)
    if origin is not None and origin not in house.panel.origins:
        raise ForgedRequestError("not from this page")
    address = connection.client.host if connection.client else ""
    return await house.trust.panels.visitor(secret, origin=origin, address=address)


class at_the_panel(only):  # noqa: N801 - reads as a statement
    """A dependency: the operator in a panel, or signed in on our own pages."""

    async def __call__(self, request: Request, house: InHouse) -> SignedIn:  # type: ignore[override]
        secret = bearer_of(request)
        if secret is None:
            person = await signed_in(await account_holder(request, house), house)
        else:
            person = await visitor_of(request, house, secret)
            request.state.person = person
        require(person, *self.roles)
        return person


Visitor = Annotated[SignedIn, Depends(at_the_panel("operator"))]


class opens_panels(may):  # noqa: N801 - reads as a statement
    """A dependency: the program that may open panels; nobody who is signed in."""

    async def __call__(self, request: Request, house: InHouse) -> SignedIn:  # type: ignore[override]
        person = await super().__call__(request, house)
        if not isinstance(person, Program):
            raise NotFoundError("no such page")
        return person


PanelOpener = Annotated[Program, Depends(opens_panels(PANEL, "supervisor"))]


def secret_of(socket: WebSocket) -> str | None:
    """What a panel's socket is opened with; null for our own pages."""
    offered: list[str] = socket.scope.get("subprotocols", [])
    if PROTOCOL not in offered:
        return None
    return next((one.removeprefix(CARRYING) for one in offered if one.startswith(CARRYING)), "")


async def socket_visitor(socket: WebSocket, house: House, secret: str) -> SignedIn:
    """As `visitor_of`, for a socket. Raises AccessError."""
    try:
        return await visitor_of(socket, house, secret)
    except AccountError as error:
        raise NotSignedInError(error.code) from error


async def own_call(house: House, person: SignedIn, call_id: str) -> Call:
    """A call that this operator has, or had: a panel shows no other. Raises NotFoundError."""
    await house.journal.kept(timeout_s=1.0)  # the row follows the log by a moment
    record = await house.store.provider.call(call_id)
    if record.operator_id != person.user.id:
        raise NotFoundError(f"no call {call_id!r}")
    return record
