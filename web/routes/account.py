"""One's own account: password, sessions, second factor."""

from __future__ import annotations

from fastapi import APIRouter, Response

from copilot.accounts import SESSION_LIFE
from copilot.secondfactor import SecondFactorError
from copilot.store.errors import NotFoundError
from web import accountschemas as schemas
from web.access import AccountHolder
from web.house import InHouse
from web.routes.session import me
from web.schemas import Me

router = APIRouter(prefix="/api/account", tags=["account"])


@router.post("/password")
async def change_password(
    change: schemas.ChangePassword, person: AccountHolder, response: Response, house: InHouse
) -> Me:
    """Choose another password: every other session ends, this one goes on under a new cookie."""
    await house.accounts.confirm(person, change.current)
    await house.accounts.change_password(person.user.id, change.new, actor=person.actor)
    opened = await house.accounts.open_session(
        person.user, address=person.session.address, agent=person.session.agent
    )
    house.cookie.write(response, opened.token, max_age_s=int(SESSION_LIFE.total_seconds()))
    return await me(house, opened.signed_in)


@router.get("/sessions")
async def sessions(person: AccountHolder, house: InHouse) -> list[schemas.SessionView]:
    """Where one is signed in, the newest first."""
    return [
        schemas.SessionView(
            id=session.id,
            current=session.id == person.session.id,
            created_at=session.created_at,
            last_seen_at=session.last_seen_at,
            expires_at=session.expires_at,
            address=session.address,
            agent=session.agent,
        )
        for session in await house.accounts.open_sessions(person.user.id)
    ]


@router.post("/sessions/end", status_code=204)
async def sign_out_everywhere(
    confirmation: schemas.ConfirmPassword, person: AccountHolder, response: Response, house: InHouse
) -> None:
    """End every session of this account, this one too, with the password asked again."""
    await house.accounts.confirm(person, confirmation.password)
    await house.accounts.sign_out_everywhere(person.user.id, actor=person.actor)
    house.cookie.clear(response)


@router.post("/sessions/{session_id}/end", status_code=204)
async def end_session(
    session_id: str, confirmation: schemas.ConfirmPassword, person: AccountHolder, house: InHouse
) -> None:
    """End one of one's own sessions, with the password asked again."""
    own = await house.accounts.open_sessions(person.user.id)
    if session_id not in {session.id for session in own}:
        raise NotFoundError(f"no session {session_id!r}")
    await house.accounts.confirm(person, confirmation.password)
    await house.accounts.sign_out(session_id, actor=person.actor)


@router.post("/second-factor")
async def enrol(
    confirmation: schemas.ConfirmPassword, person: AccountHolder, house: InHouse
) -> schemas.EnrolmentView:
    """A secret for an authenticator application; of no effect until a code confirms it."""
    import segno

    await house.accounts.confirm(person, confirmation.password)
    enrolment = await house.trust.second_factors.enrol(person.user)
    picture = segno.make(enrolment.uri, error="m").svg_data_uri(scale=5, border=2, light="#fff")
    return schemas.EnrolmentView(secret=enrolment.secret, uri=enrolment.uri, picture=picture)


@router.post("/second-factor/confirm")
async def confirm_second_factor(
    given: schemas.Code, person: AccountHolder, house: InHouse
) -> schemas.RecoveryCodes:
    """Turn the second factor on with a first code."""
    codes = await house.trust.second_factors.confirm(person.user, given.code, actor=person.actor)
    return schemas.RecoveryCodes(codes=list(codes))


@router.post("/second-factor/remove", status_code=204)
async def remove_second_factor(
    confirmation: schemas.ConfirmPassword, person: AccountHolder, house: InHouse
) -> None:
    """Turn it off, with the password asked again."""
    if not person.user.second_factor:
        raise SecondFactorError("there is no second factor to remove")
    await house.accounts.confirm(person, confirmation.password)
    await house.trust.second_factors.remove(person.user.id, actor=person.actor)
