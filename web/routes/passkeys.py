"""Passkeys: signing in with a device instead of a password."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from copilot.accounts import SESSION_LIFE
from copilot.passkeys import Site, site_of
from copilot.store.errors import NotFoundError
from copilot.store.records.accounts import Passkey
from web import passkeyschemas as schemas
from web.access import AccountHolder, ForgedRequestError, same_site
from web.accountschemas import ConfirmPassword
from web.house import House, InHouse
from web.routes.session import browser, me
from web.schemas import Me

router = APIRouter(prefix="/api", tags=["passkeys"])


def site(request: Request, house: House) -> Site:
    """Where people sign in: the public address, else this machine. Raises
    PasskeysUnavailableError."""
    public = house.trust.public_url
    return site_of(public if public.startswith("https:") else f"http://{request.url.netloc}")


def view(passkey: Passkey) -> schemas.PasskeyView:
    return schemas.PasskeyView(
        id=passkey.id,
        name=passkey.name,
        created_at=passkey.created_at,
        last_used_at=passkey.last_used_at,
    )


@router.get("/account/passkeys")
async def passkeys(person: AccountHolder, house: InHouse) -> list[schemas.PasskeyView]:
    """The devices that open one's account, the newest first."""
    return [view(each) for each in await house.trust.passkeys.of(person.user)]


@router.post("/account/passkeys/options")
async def offer(
    confirmation: ConfirmPassword, person: AccountHolder, request: Request, house: InHouse
) -> schemas.PasskeyOptions:
    """What the browser needs to make a passkey, with the password asked again."""
    where = site(request, house)
    await house.accounts.confirm(person, confirmation.password)
    return schemas.PasskeyOptions(options=await house.trust.passkeys.offer(person.user, where))


@router.post("/account/passkeys")
async def add(
    made: schemas.NewPasskey, person: AccountHolder, request: Request, house: InHouse
) -> schemas.PasskeyView:
    """Keep the passkey that the browser made."""
    passkey = await house.trust.passkeys.add(
        person.user, site(request, house), made.credential, name=made.name, actor=person.actor
    )
    return view(passkey)


@router.post("/account/passkeys/{passkey_id}/remove", status_code=204)
async def remove(
    passkey_id: str, confirmation: schemas.RemovePasskey, person: AccountHolder, house: InHouse
) -> None:
    """It opens the account no more; the password is asked again."""
    if passkey_id not in {each.id for each in await house.trust.passkeys.of(person.user)}:
        raise NotFoundError(f"no passkey {passkey_id!r}")
    await house.accounts.confirm(person, confirmation.password)
    await house.trust.passkeys.remove(person.user, passkey_id, actor=person.actor)


@router.post("/session/passkey/options")
async def ask(request: Request, house: InHouse) -> schemas.PasskeyOptions:
    """What the browser needs to sign somebody in with a passkey."""
    return schemas.PasskeyOptions(options=house.trust.passkeys.ask(site(request, house)))


@router.post("/session/passkey")
async def sign_in(
    answer: schemas.PasskeyAnswer, request: Request, response: Response, house: InHouse
) -> Me:
    """Sign in with a passkey; the browser gets its cookie."""
    if not same_site(request):
        raise ForgedRequestError("sign in from our own page")
    user = await house.trust.passkeys.bearer(site(request, house), answer.credential)
    opened = await house.accounts.open_session(user, **browser(request, house), two_factors=True)
    house.cookie.write(response, opened.token, max_age_s=int(SESSION_LIFE.total_seconds()))
    return await me(house, opened.signed_in)
