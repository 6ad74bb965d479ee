"""One-time links: the first administrator, invitations, forgotten passwords.

Tokens come in bodies, never in addresses: the page keeps its own after the `#`, so that no log, no
proxy and no `Referer` ever has one.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from copilot.accounts import SESSION_LIFE, TooManyAttemptsError
from copilot.store.records.accounts import User
from web import accountschemas as schemas
from web.access import ForgedRequestError, same_site
from web.house import House, InHouse
from web.routes.session import browser, me
from web.schemas import Me

router = APIRouter(prefix="/api/links", tags=["links"])


def _own_page(request: Request) -> None:
    if not same_site(request):
        raise ForgedRequestError("use the link from our own page")


@router.post("/look")
async def look(given: schemas.LinkToken, house: InHouse) -> schemas.LinkView:
    """What a link is for; 410 when it is over."""
    opened = await house.trust.invitations.look(given.token)
    user = opened.user
    return schemas.LinkView(
        kind=opened.link.kind,
        email=user.email if user else None,
        name=user.name if user else None,
        language=user.language if user else "fr",
        expires_at=opened.link.expires_at,
    )


@router.post("/redeem")
async def redeem(
    given: schemas.RedeemLink, request: Request, response: Response, house: InHouse
) -> Me | None:
    """Choose a password. Signed in at once, unless a second factor is to be asked for (null)."""
    _own_page(request)
    user = await house.trust.invitations.redeem(given.token, given.password)
    if user.second_factor:
        return None
    return await _enter(house, user, request, response)


@router.post("/set-up")
async def set_up(
    given: schemas.FirstAdministrator, request: Request, response: Response, house: InHouse
) -> Me:
    """Make the first administrator, signed in at once."""
    _own_page(request)
    user = await house.trust.invitations.make_administrator(
        given.token,
        email=given.email,
        name=given.name.strip(),
        password=given.password,
        language=given.language,
    )
    return await _enter(house, user, request, response)


@router.post("/forgotten", status_code=202)
async def forgotten(given: schemas.Forgotten, request: Request, house: InHouse) -> None:
    """Send a link to choose another password, if the address is somebody's. Never says."""
    _own_page(request)
    address = request.client.host if request.client else ""
    if (wait_s := house.trust.resets.wait_s(address)) > 0:
        raise TooManyAttemptsError(wait_s)
    house.trust.resets.ask(given.email, address=address)


async def _enter(house: House, user: User, request: Request, response: Response) -> Me:
    opened = await house.accounts.open_session(user, **browser(request, house))
    house.cookie.write(response, opened.token, max_age_s=int(SESSION_LIFE.total_seconds()))
    house.cookie.write_device(response, user.email)
    return await me(house, opened.signed_in)
