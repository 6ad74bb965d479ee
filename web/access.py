"""Who may do what: the one place that decides.

A signed-in person has a role; client people see their own company and nothing else. What somebody
may not see does not exist for them: 404, never 403, so that identifiers tell nothing.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Coroutine
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from copilot.accounts import SignedIn
from copilot.store.errors import NotFoundError
from copilot.store.records import Call, Message, Role
from copilot.store.store import ClientScope
from web.cookies import COOKIE
from web.house import House, InHouse

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class AccessError(Exception):
    """A request that will not be served; `status` is HTTP's."""

    code = "access"
    status = 403


class NotSignedInError(AccessError):
    """No session, or one that is over."""

    code = "not_signed_in"
    status = 401


class ForgedRequestError(AccessError):
    """The CSRF proof is missing or another session's, or the page is another site's."""

    code = "forged_request"
    status = 403


class WrongRoleError(AccessError):
    """The page is another role's. Said as absent."""

    code = "not_found"
    status = 404


async def signed_in_of(connection: HTTPConnection, house: House) -> SignedIn:
    """Who the cookie stands for. Raises NotSignedInError."""
    token = house.cookie.read(connection.cookies.get(COOKIE))
    signed_in = await house.accounts.signed_in(token) if token else None
    if signed_in is None:
        raise NotSignedInError("sign in first")
    return signed_in


def same_site(connection: HTTPConnection) -> bool:
    """Whether a browser's page is ours, for sockets: they carry cookies from any page."""
    origin = connection.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == connection.headers.get("host")


async def signed_in(request: Request, house: InHouse) -> SignedIn:
    """The person behind a request, which carries the proof that our page sent it."""
    person = await signed_in_of(request, house)
    proof = request.headers.get("x-csrf", "")
    if request.method not in SAFE_METHODS and not hmac.compare_digest(
        proof.encode(), person.session.csrf.encode()
    ):
        raise ForgedRequestError("reload the page: its proof is missing or out of date")
    return person


Person = Annotated[SignedIn, Depends(signed_in)]


def only(*roles: Role) -> Callable[[SignedIn], Coroutine[Any, Any, SignedIn]]:
    """A dependency: the person, when of one of these roles."""

    async def check(person: Person) -> SignedIn:
        require(person, *roles)
        return person

    return check


def require(person: SignedIn, *roles: Role) -> None:
    """Raises WrongRoleError."""
    if person.user.role not in roles:
        raise WrongRoleError("no such page")


Operator = Annotated[SignedIn, Depends(only("operator"))]
Floor = Annotated[SignedIn, Depends(only("operator", "supervisor"))]
Anybody = Annotated[SignedIn, Depends(only("operator", "supervisor", "client"))]
ClientPerson = Annotated[SignedIn, Depends(only("client"))]


def own_scope(house: House, person: SignedIn) -> ClientScope:
    """The company of a client's person."""
    if person.user.client_id is None:
        raise NotFoundError("no company")
    return house.store.for_client(person.user.client_id)


async def call_in_sight(house: House, person: SignedIn, call_id: str) -> Call:
    """A call this person may see. Raises NotFoundError."""
    if person.user.role == "client":
        return await own_scope(house, person).call(call_id)
    return await house.store.provider.call(call_id)


async def message_in_sight(house: House, person: SignedIn, message_id: str) -> Message:
    """A message this person may see. Raises NotFoundError."""
    if person.user.role == "client":
        return await own_scope(house, person).message(message_id)
    return await house.store.provider.message(message_id)


def client_filter(person: SignedIn, wanted: str | None) -> str | None:
    """The client whose data a list is about: a client's person has no choice."""
    if person.user.role != "client":
        return wanted
    if wanted not in (None, person.user.client_id):
        raise NotFoundError("no such client")
    return person.user.client_id
