"""Who may do what: the one place that decides.

A signed-in person has a role; client people see their own company and nothing else. What somebody
may not see does not exist for them: 404, never 403, so that identifiers tell nothing. Every
refusal of a signed-in person enters the audit trail (`web.problems`, `web.sockets`).

Every route takes one of the people below, or is in `OPEN`: a test reads each route's dependencies.

    administrator   accounts, client companies, the audit trail; no call, no message
    supervisor      every call and message, the audit trail of what was seen
    operator        the desk: every call, what they answer and write
    client          its own company's messages and knowledge, which it manages
    reader          the same, to read

A program's token opens the routes that name one of its scopes (`may`), and nothing else: a
client's as its manager, the provider's as a supervisor.
"""

from __future__ import annotations

import hmac
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from copilot.accounts import SignedIn
from copilot.apitokens import Scope
from copilot.store.audit import Act
from copilot.store.errors import NotFoundError
from copilot.store.records.accounts import CLIENT_ROLES, Role
from copilot.store.records.calls import Call
from copilot.store.records.messages import Message
from copilot.store.store import ClientScope
from web.house import House, InHouse

OPEN = {
    "POST /api/session": "signing in",
    "POST /api/session/passkey/options": "signing in",
    "POST /api/session/passkey": "signing in",
    "GET /api/session/sign-on": "signing in",
    "POST /api/session/sign-on": "signing in",
    "GET /api/session/sign-on/answer": "signing in: whoever comes back from the provider",
    "POST /api/session/sign-on/logout": "the identity provider, which signs what it says",
    "GET /healthz": "monitors",
    "POST /api/links/look": "whoever holds a one-time link",
    "POST /api/links/redeem": "whoever holds a one-time link",
    "POST /api/links/set-up": "whoever holds the set-up link",
    "POST /api/links/forgotten": "answers the same whatever it is given",
    "POST /api/receipts/look": "whoever holds the link of a letter; nothing of what was said",
    "POST /api/receipts/code": "whoever holds the link of a letter; answers nothing",
    "POST /api/receipts/open": "whoever holds the link of a letter and its code, or is signed in",
    "POST /api/receipts/acknowledge": "whoever holds the link of a letter",
    "POST /api/receipts/notified": "whoever holds the link of somebody on call; no one's address",
    "POST /api/receipts/notify": "whoever holds the link of somebody on call; told links, no more",
    "POST /api/receipts/silence": "whoever holds that link and the browser's own address",
    "POST /api/web-forms/{key}": "whoever fills a client's form in, on the sites it is for",
    "OPTIONS /api/web-forms/{key}": "browsers, before they post a form; tells nothing",
    "POST /api/line/calls": "a PBX that knows the line's token",
    "POST /api/replay": "proves that it can read the house's secret",
    "GET /api/demo/lines": "demonstration only",
    "POST /api/demo/calls": "demonstration only",
    "GET /api/demo/calls/{call_id}": "demonstration only",
    "DELETE /api/demo/calls/{call_id}": "demonstration only",
}
"""Routes that nobody signs in for, and why."""

OPEN_SOCKETS = {
    "/api/line/stream": "a platform that knows the line's token, or signs the address",
}
"""The same of sockets; each proves by itself who opens it."""

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


class SecondFactorNeededError(AccessError):
    """The house wants a second factor of this role, and this person has none yet."""

    code = "second_factor_needed"
    status = 403


class WrongRoleError(AccessError):
    """The page is another role's. Said as absent."""

    code = "not_found"
    status = 404


async def signed_in_of(connection: HTTPConnection, house: House) -> SignedIn:
    """Who the cookie stands for. Raises NotSignedInError."""
    token = house.cookie.read(connection.cookies)
    signed_in = await house.accounts.signed_in(token) if token else None
    if signed_in is None:
        raise NotSignedInError("sign in first")
    return signed_in


def same_site(connection: HTTPConnection) -> bool:
    """Whether a browser's page is ours, for sockets: they carry cookies from any page."""
    origin = connection.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == connection.headers.get("host")


async def account_holder(request: Request, house: InHouse) -> SignedIn:
    """The person behind a request, which carries the proof that our page sent it.

    For what concerns their own account; everything else asks for `signed_in`.
    """
    person = await signed_in_of(request, house)
    request.state.person = person
    proof = request.headers.get("x-csrf", "")
    if request.method not in SAFE_METHODS and not hmac.compare_digest(
        proof.encode(), person.session.csrf.encode()
    ):
        raise ForgedRequestError("reload the page: its proof is missing or out of date")
    return person


AccountHolder = Annotated[SignedIn, Depends(account_holder)]


def must_enrol(house: House, person: SignedIn) -> bool:
    """Whether the house wants a second factor that this person does not have."""
    proved = person.user.second_factor or person.session.two_factors
    return person.user.role in house.trust.second_factor_roles and not proved


async def signed_in(person: AccountHolder, house: InHouse) -> SignedIn:
    """Somebody who has everything that the house asks of their role."""
    if must_enrol(house, person):
        raise SecondFactorNeededError("set up the second factor first")
    return person


Person = Annotated[SignedIn, Depends(signed_in)]


class only:  # noqa: N801 - reads as a statement
    """A dependency: the person, when of one of these roles."""

    def __init__(self, *roles: Role) -> None:
        self.roles = roles

    async def __call__(self, person: Person) -> SignedIn:
        require(person, *self.roles)
        return person


class may(only):  # noqa: N801 - reads as a statement
    """A dependency: the person, when of one of these roles, or a program with this scope."""

    def __init__(self, scope: Scope, *roles: Role) -> None:
        super().__init__(*roles)
        self.scope = scope

    async def __call__(self, request: Request, house: InHouse) -> SignedIn:  # type: ignore[override]
        secret = bearer_of(request)
        if secret is None:
            person = await signed_in(await account_holder(request, house), house)
        else:
            address = request.client.host if request.client else ""
            person = await house.trust.tokens.program(secret, self.scope, address=address)
            request.state.person = person
        require(person, *self.roles)
        return person


def bearer_of(request: Request) -> str | None:
    """The token of a program; null for a browser."""
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    return secret.strip() if kind.lower() == "bearer" else None


def require(person: SignedIn, *roles: Role) -> None:
    """Raises WrongRoleError."""
    if person.user.role not in roles:
        raise WrongRoleError("no such page")


Administrator = Annotated[SignedIn, Depends(only("administrator"))]
Operator = Annotated[SignedIn, Depends(only("operator"))]
Floor = Annotated[SignedIn, Depends(only("operator", "supervisor"))]
Anybody = Annotated[SignedIn, Depends(only("operator", "supervisor", "client", "reader"))]
ClientPerson = Annotated[SignedIn, Depends(only("client"))]
ClientReader = Annotated[SignedIn, Depends(only("client", "reader"))]
Supervisor = Annotated[SignedIn, Depends(only("supervisor"))]
Overseer = Annotated[SignedIn, Depends(only("administrator", "supervisor"))]


MessagesReader = Annotated[
    SignedIn, Depends(may("messages:read", "operator", "supervisor", "client", "reader"))
]
MessagesAcknowledger = Annotated[SignedIn, Depends(may("messages:acknowledge", "client"))]
CallsReader = Annotated[
    SignedIn, Depends(may("calls:read", "operator", "supervisor", "client", "reader"))
]
Searcher = Annotated[SignedIn, Depends(may("transcripts:search", "supervisor", "client", "reader"))]
KnowledgeReader = Annotated[SignedIn, Depends(may("knowledge:read", "client", "reader"))]
KnowledgeWriter = Annotated[SignedIn, Depends(may("knowledge:write", "client"))]
ConsignesReader = Annotated[SignedIn, Depends(may("consignes:read", "client", "reader"))]
ConsignesWriter = Annotated[SignedIn, Depends(may("consignes:write", "client"))]


async def note(
    house: House,
    person: SignedIn,
    action: str,
    *,
    client_id: str | None = None,
    subject: str = "",
    reason: str = "",
) -> None:
    """Say in the audit trail what somebody saw, or was refused."""
    act = Act(
        actor=person.actor,
        action=action,
        at=house.journal.now(),
        client_id=client_id,
        subject=subject[:200],
        reason=reason,
    )
    await house.store.audit.record(act)


def own_scope(house: House, person: SignedIn) -> ClientScope:
    """The company of a client's person."""
    if person.user.client_id is None:
        raise NotFoundError("no company")
    return house.store.for_client(person.user.client_id)


async def call_in_sight(house: House, person: SignedIn, call_id: str) -> Call:
    """A call this person may see. Raises NotFoundError."""
    if person.user.role in CLIENT_ROLES:
        return await own_scope(house, person).call(call_id)
    return await house.store.provider.call(call_id)


async def message_in_sight(house: House, person: SignedIn, message_id: str) -> Message:
    """A message this person may see. Raises NotFoundError."""
    if person.user.role in CLIENT_ROLES:
        return await own_scope(house, person).message(message_id)
    return await house.store.provider.message(message_id)


def client_filter(person: SignedIn, wanted: str | None) -> str | None:
    """The client whose data a list is about: a client's person has no choice."""
    if person.user.role not in CLIENT_ROLES:
        return wanted
    if wanted not in (None, person.user.client_id):
        raise NotFoundError("no such client")
    return person.user.client_id
