"""Clients' own mailboxes, read for what is written to them."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from copilot.accounts import SignedIn, TooManyAttemptsError
from copilot.inquiries.mailboxconsent import provider_of
from copilot.inquiries.mailboxes import access_of
from copilot.store.audit import Act
from copilot.store.records.mailboxes import Mailbox
from copilot.store.store import ClientScope
from web import mailboxschemas as schemas
from web.access import client_filter
from web.consentschemas import AccountRemoval
from web.house import House, InHouse
from web.routes.forms import Keeper

router = APIRouter(prefix="/api/clients/{client_id}/mailboxes", tags=["mailboxes"])

SAME_FOLDER = ("host", "user", "folder")


def _scope(client_id: str, person: SignedIn, house: House) -> ClientScope:
    return house.store.for_client(client_filter(person, client_id) or client_id)


@router.get("")
async def mailboxes(client_id: str, person: Keeper, house: InHouse) -> list[schemas.MailboxView]:
    """The client's mailboxes, how they fare, and what was left in them."""
    scope = _scope(client_id, person, house)
    await scope.client()
    return [_view(one) for one in await scope.mailboxes()]


@router.post("", status_code=201)
async def add(
    client_id: str, given: schemas.NewMailbox, person: Keeper, house: InHouse
) -> schemas.MailboxView:
    """Read this mailbox: what comes from now on. It is not tried out yet."""
    scope = _scope(client_id, person, house)
    access = _checked(given)
    mailbox_id = await scope.add_mailbox(
        given.address.lower(),
        access,
        at=house.journal.now(),
        act=_act(house, person, "mailbox.added", scope.client_id),
    )
    house.inquiries.mailboxes.wake()
    return _view(await scope.mailbox(mailbox_id))


@router.put("/{mailbox_id}")
async def change(
    client_id: str, mailbox_id: str, given: schemas.MailboxInput, person: Keeper, house: InHouse
) -> schemas.MailboxView:
    """Another access; of another folder what comes from now on is read."""
    scope = _scope(client_id, person, house)
    known = await scope.mailbox(mailbox_id)
    access = _checked(given, known.access.get("password", ""))
    await scope.change_mailbox(
        mailbox_id,
        access,
        afresh=any(access[name] != known.access[name] for name in SAME_FOLDER),
        at=house.journal.now(),
        act=_act(house, person, "mailbox.changed", scope.client_id, mailbox_id),
    )
    house.inquiries.mailboxes.forget(mailbox_id)
    house.inquiries.mailboxes.wake()
    return _view(await scope.mailbox(mailbox_id))


@router.delete("/{mailbox_id}")
async def remove(client_id: str, mailbox_id: str, person: Keeper, house: InHouse) -> AccountRemoval:
    """Read it no more; what came in stays, and nothing in it was changed. One given by consent is
    given back to its provider, once it is forgotten here."""
    scope = _scope(client_id, person, house)
    known = await scope.mailbox(mailbox_id)
    act = _act(house, person, "mailbox.removed", scope.client_id, mailbox_id)
    await scope.drop_mailbox(mailbox_id, act=act)
    house.inquiries.mailboxes.forget(mailbox_id)
    consents = house.appointments.consents
    return AccountRemoval(revoked=await consents.revoke(provider_of(known) or "", known.access))


@router.post("/{mailbox_id}/trial")
async def try_out(
    client_id: str, mailbox_id: str, person: Keeper, house: InHouse
) -> schemas.MailboxTrial:
    """Sign in now and look; say what is wrong, if anything is."""
    mailbox = await _scope(client_id, person, house).mailbox(mailbox_id)
    asked, trier, at = house.outgoing.asked, f"mailbox {person.user.id}", house.journal.now()
    if (wait_s := asked.wait_s(trier, at=at)) > 0:
        raise TooManyAttemptsError(wait_s)
    asked.failed(trier, at=at)
    fault = await house.inquiries.mailboxes.trial(mailbox)
    if fault is None:
        asked.succeeded(trier)
    return schemas.MailboxTrial(fault=fault)


def _checked(given: schemas.MailboxInput, known_password: str = "") -> dict[str, str]:
    """The access as it is kept. Raises `BadMailboxError`."""
    password = given.password or known_password
    parts: dict[str, Any] = given.model_dump(include={"host", "port", "security", "user", "folder"})
    access = access_of({name: str(value) for name, value in parts.items()} | {"password": password})
    return {
        "host": access.host,
        "port": str(access.port),
        "security": access.security,
        "user": access.user,
        "password": access.password,
        "folder": access.folder,
    }


def _view(one: Mailbox) -> schemas.MailboxView:
    secret = ("password", "refresh_token", "by", "provider")
    shown = {name: value for name, value in one.access.items() if name not in secret}
    return schemas.MailboxView.model_validate(
        {
            **shown,
            "id": one.id,
            "address": one.address,
            "provider": provider_of(one),
            "fault": one.fault,
            "read_at": one.read_at,
            "aside": [
                {"at": left.at, "sender": left.sender, "subject": left.subject, "why": left.why}
                for left in one.aside
            ],
        }
    )


def _act(house: House, person: SignedIn, action: str, client_id: str, subject: str = "") -> Act:
    return Act(
        actor=person.actor,
        action=action,
        at=house.journal.now(),
        client_id=client_id,
        subject=subject,
    )
