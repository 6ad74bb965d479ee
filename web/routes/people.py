"""Administration: who can sign in."""

from __future__ import annotations

from fastapi import APIRouter

from copilot.accounts import SignedIn
from copilot.delivery.channel import DeliveryError
from copilot.invitations import Issued
from copilot.store.audit import Act
from copilot.store.records.accounts import CLIENT_ROLES, User
from web import accountschemas as schemas
from web.access import Administrator
from web.house import House, InHouse

router = APIRouter(prefix="/api/admin/people", tags=["administration"])


@router.get("")
async def people(_: Administrator, house: InHouse) -> list[schemas.PersonView]:
    """Everybody, by name."""
    names, linked = await _client_names(house), await house.store.identities.linked()
    return [_view(user, names, linked) for user in await house.store.people.users()]


@router.post("", status_code=201)
async def invite(new: schemas.NewPerson, person: Administrator, house: InHouse) -> schemas.Invited:
    """Open an account; the link to choose a password is shown, and e-mailed when it can be."""
    client_id = new.client_id if new.role in CLIENT_ROLES else None
    if client_id is not None:
        await house.store.for_client(client_id).client()  # 404 rather than a broken reference
    user, issued = await house.trust.invitations.invite(
        email=new.email,
        name=new.name.strip(),
        role=new.role,
        client_id=client_id,
        language=new.language,
        actor=person.actor,
    )
    names = await _client_names(house)
    return schemas.Invited(
        person=_view(user, names, frozenset()), link=await _send(house, user, issued)
    )


@router.patch("/{user_id}")
async def change(
    user_id: str, wanted: schemas.PersonChange, person: Administrator, house: InHouse
) -> schemas.PersonView:
    """Change or disable an account; disabling signs it out everywhere, at once."""
    user = await house.store.people.user(user_id)
    values = wanted.model_dump(exclude_none=True)
    if values:
        await house.store.people.change_user(
            user_id, act=_changed(house, person, user, values), spare_last=True, **values
        )
    if wanted.disabled or wanted.role not in (None, user.role):
        await house.accounts.sign_out_everywhere(user_id, actor=person.actor)
    return _view(
        await house.store.people.user(user_id),
        await _client_names(house),
        await house.store.identities.linked(),
    )


@router.post("/{user_id}/link")
async def link(user_id: str, person: Administrator, house: InHouse) -> schemas.LinkIssued:
    """A fresh link: the invitation again, or to choose another password."""
    issued = await house.trust.invitations.link_for(user_id, actor=person.actor)
    return await _send(house, await house.store.people.user(user_id), issued)


@router.delete("/{user_id}/sessions", status_code=204)
async def sign_out(user_id: str, person: Administrator, house: InHouse) -> None:
    """Sign somebody out everywhere."""
    await house.store.people.user(user_id)
    await house.accounts.sign_out_everywhere(user_id, actor=person.actor)


@router.post("/{user_id}/second-factor/remove", status_code=204)
async def remove_second_factor(
    user_id: str, confirmation: schemas.ConfirmPassword, person: Administrator, house: InHouse
) -> None:
    """For somebody who lost their phone and their recovery codes: the administrator's own
    password is asked again."""
    await house.store.people.user(user_id)
    await house.accounts.confirm(person, confirmation.password)
    await house.trust.second_factors.remove(user_id, actor=person.actor)


def _changed(house: House, person: SignedIn, user: User, values: dict[str, object]) -> Act:
    disabled = values.get("disabled")
    action = {True: "user.disabled", False: "user.enabled"}.get(disabled is True, "")
    return Act(
        actor=person.actor,
        action=action if disabled is not None else "user.changed",
        at=house.journal.now(),
        client_id=user.client_id,
        subject=user.id,
        detail={"fields": sorted(values)},
    )


async def _send(house: House, user: User, issued: Issued) -> schemas.LinkIssued:
    address = house.trust.address(issued.token)
    emailed, problem = False, ""
    if house.trust.letters is not None:
        try:
            await house.trust.letters.send(
                user, issued.kind, address, until=issued.expires_at, at=house.journal.now()
            )
            emailed = True
        except DeliveryError as error:
            problem = str(error)
    return schemas.LinkIssued(
        link=address,
        kind=issued.kind,
        expires_at=issued.expires_at,
        emailed=emailed,
        email_problem=problem,
    )


async def _client_names(house: House) -> dict[str, str]:
    return {client.id: client.name for client in await house.store.provider.clients()}


def _view(user: User, client_names: dict[str, str], linked: frozenset[str]) -> schemas.PersonView:
    return schemas.PersonView(
        id=user.id,
        email=user.email,
        name=user.name,
        role=user.role,
        client_id=user.client_id,
        client_name=client_names.get(user.client_id) if user.client_id else None,
        language=user.language,
        disabled=user.disabled,
        invited=user.invited,
        second_factor=user.second_factor,
        signs_on=user.id in linked,
        created_at=user.created_at,
    )
