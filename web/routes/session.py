"""Signing in and out."""

from __future__ import annotations

from typing import TypedDict

from fastapi import APIRouter, Request, Response

from copilot.accounts import SESSION_LIFE, SignedIn
from copilot.store.people import normal_email
from web import schemas, views
from web.access import AccountHolder, ForgedRequestError, must_enrol, same_site
from web.cookies import DEVICE_COOKIE
from web.house import House, InHouse

router = APIRouter(prefix="/api/session", tags=["session"])


async def me(house: House, person: SignedIn) -> schemas.Me:
    """Who somebody is, to their own browser."""
    client_id = person.user.client_id
    client = await house.store.for_client(client_id).client() if client_id else None
    return views.me(person, client.name if client else None, must_enrol=must_enrol(house, person))


class Browser(TypedDict):
    """Where a sign-in comes from."""

    address: str
    agent: str
    replaces: str | None


def browser(request: Request, house: House) -> Browser:
    """What a sign-in keeps of the browser: its address and what it calls itself; and the session
    that it had, which ends."""
    return {
        "address": request.client.host if request.client else "",
        "agent": request.headers.get("user-agent", ""),
        "replaces": house.cookie.read(request.cookies),
    }


@router.post("")
async def sign_in(
    credentials: schemas.Credentials, request: Request, response: Response, house: InHouse
) -> schemas.Me:
    """Check a password (and a code); the browser gets its cookie."""
    if not same_site(request):
        raise ForgedRequestError("sign in from our own page")
    email = normal_email(credentials.email)
    device = house.cookie.read_device(request.cookies.get(DEVICE_COOKIE), email)
    opened = await house.accounts.sign_in(
        email, credentials.password, code=credentials.code, device=device, **browser(request, house)
    )
    house.cookie.write(response, opened.token, max_age_s=int(SESSION_LIFE.total_seconds()))
    if device is None:
        house.cookie.write_device(response, email)
    return await me(house, opened.signed_in)


@router.get("")
async def whoami(person: AccountHolder, house: InHouse) -> schemas.Me:
    """Who is signed in, and the CSRF proof to send."""
    return await me(house, person)


@router.delete("", status_code=204)
async def sign_out(person: AccountHolder, response: Response, house: InHouse) -> None:
    """End this session."""
    await house.accounts.sign_out(person.session.id, actor=person.actor)
    house.cookie.clear(response)
