"""Single sign-on: to the identity provider and back."""

from __future__ import annotations

import logging
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from copilot.accounts import SESSION_LIFE
from copilot.singlesignon.errors import (
    LogoutRefusedError,
    SignOnOffError,
    SingleSignOnError,
)
from copilot.singlesignon.signon import LIFE_S, SingleSignOn
from web import signonschemas as schemas
from web.access import AccountHolder, Administrator, ForgedRequestError, same_site
from web.cookies import SIGN_ON_PATH
from web.house import House, InHouse
from web.problems import english
from web.problems.signon import SENTENCES
from web.routes.session import browser

router = APIRouter(tags=["single sign-on"])
logger = logging.getLogger(__name__)

MOST_HINT = 3500
"""Characters of an ID token that a browser keeps in one cookie."""
NO_HINT = "-"
MOST_LOGOUT = 16_384
"""Characters of a logout token; those of the large providers have some 1,000."""


@router.get(SIGN_ON_PATH)
async def offer(
    request: Request, house: InHouse, refused: Annotated[str, Query(max_length=60)] = ""
) -> schemas.SignOnOffer:
    """Whether there is a provider; and the sentence of a refusal that the page was sent."""
    sign_on = house.trust.sign_on
    sentences = SENTENCES.get(refused)
    return schemas.SignOnOffer(
        name=sign_on.registration.name if sign_on else None,
        refused=sentences[english(request)] if sentences else None,
    )


@router.post(SIGN_ON_PATH)
async def begin(request: Request, response: Response, house: InHouse) -> schemas.SignOnAddress:
    """Where the provider asks who it is; the browser keeps what the answer must fit."""
    if not same_site(request):
        raise ForgedRequestError("sign in from our own page")
    begun = await _sign_on(house).begin()
    house.cookie.write_sign_on(response, house.cookie.sign_on, begun.kept, max_age_s=LIFE_S)
    return schemas.SignOnAddress(address=begun.address)


@router.get(f"{SIGN_ON_PATH}/answer", status_code=303, response_class=RedirectResponse)
async def answer(request: Request, house: InHouse) -> RedirectResponse:
    """The provider's answer: the browser gets its cookie, or the sign-in page says why not."""
    try:
        response = await _opened(request, house)
    except SingleSignOnError as error:
        logger.warning("single sign-on refused (%s): %s", error.code, error)
        response = _to(f"/?sign_on={quote(error.code)}")
    house.cookie.write_sign_on(response, house.cookie.sign_on, "", max_age_s=0)
    return response


@router.post(f"{SIGN_ON_PATH}/end")
async def end(
    _: AccountHolder, request: Request, response: Response, house: InHouse
) -> schemas.SignOnEnd:
    """Where to end the provider's session too, for a browser that it signed in."""
    hint = request.cookies.get(house.cookie.signed_on)
    sign_on = house.trust.sign_on
    house.cookie.write_sign_on(response, house.cookie.signed_on, "", max_age_s=0)
    if sign_on is None or not hint:
        return schemas.SignOnEnd(address=None)
    id_token = "" if hint == NO_HINT else hint
    back = f"{house.trust.public_url}/"
    return schemas.SignOnEnd(address=await sign_on.end_address(id_token, back=back))


@router.post(
    f"{SIGN_ON_PATH}/logout",
    response_class=JSONResponse,
    responses={400: {"model": schemas.LogoutRefused, "description": "Nothing was ended"}},
)
async def back_channel(
    request: Request,
    house: InHouse,
    logout_token: Annotated[str, Form(min_length=1, max_length=MOST_LOGOUT)],
) -> JSONResponse:
    """The provider says that a session of its own is over, and ours with it (OpenID Connect
    Back-Channel Logout 1.0)."""
    sign_on = _sign_on(house)
    address = request.client.host if request.client else ""
    try:
        await sign_on.back_channel.end(logout_token, address=address)
    except LogoutRefusedError as error:
        logger.warning("a logout of the provider is refused: %s", error)
        # Section 2.8, in the provider's words (RFC 6749, section 5.2), not in ours.
        refused = {"error": "invalid_request", "error_description": str(error)[:200]}
        return JSONResponse(refused, 400)
    return JSONResponse({})


@router.delete("/api/admin/people/{user_id}/identity", status_code=204)
async def unlink(user_id: str, person: Administrator, house: InHouse) -> None:
    """Undo the link between an account and an identity at the provider."""
    user = await house.store.people.user(user_id)
    await _sign_on(house).unlink(user, actor=person.actor)


async def _opened(request: Request, house: House) -> RedirectResponse:
    came_from = browser(request, house)
    proven = await _sign_on(house).complete(
        dict(request.query_params),
        request.cookies.get(house.cookie.sign_on),
        address=came_from["address"],
    )
    opened = await house.accounts.open_session(
        proven.user,
        **came_from,
        two_factors=proven.two_factors,
        opened_by=proven.provider_session,
    )
    response = _to("/")
    life_s = int(SESSION_LIFE.total_seconds())
    house.cookie.write(response, opened.token, max_age_s=life_s)
    hint = proven.id_token if len(proven.id_token) <= MOST_HINT else NO_HINT
    house.cookie.write_sign_on(response, house.cookie.signed_on, hint, max_age_s=life_s)
    return response


def _to(path: str) -> RedirectResponse:
    return RedirectResponse(path, status_code=303, headers={"Cache-Control": "no-store"})


def _sign_on(house: House) -> SingleSignOn:
    if house.trust.sign_on is None:
        raise SignOnOffError("no identity provider is set")
    return house.trust.sign_on
