"""Signing in and out."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from copilot.accounts import SESSION_LIFE, SignedIn
from web import schemas, views
from web.access import ForgedRequestError, Person, same_site
from web.house import House, InHouse

router = APIRouter(prefix="/api/session", tags=["session"])


async def _me(house: House, person: SignedIn) -> schemas.Me:
    client_id = person.user.client_id
    client = await house.store.for_client(client_id).client() if client_id else None
    return views.me(person, client.name if client else None)


@router.post("")
async def sign_in(
    credentials: schemas.Credentials, request: Request, response: Response, house: InHouse
) -> schemas.Me:
    """Check a password; the browser gets its cookie."""
    if not same_site(request):
        raise ForgedRequestError("sign in from our own page")
    address = request.client.host if request.client else ""
    opened = await house.accounts.sign_in(credentials.email, credentials.password, address=address)
    house.cookie.write(response, opened.token, max_age_s=int(SESSION_LIFE.total_seconds()))
    return await _me(house, opened.signed_in)


@router.get("")
async def whoami(person: Person, house: InHouse) -> schemas.Me:
    """Who is signed in, and the CSRF proof to send."""
    return await _me(house, person)


@router.delete("", status_code=204)
async def sign_out(person: Person, response: Response, house: InHouse) -> None:
    """End this session."""
    await house.accounts.sign_out(person.session.id)
    house.cookie.clear(response)
