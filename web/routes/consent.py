"""Connecting a Google or Microsoft calendar by consent: to the provider's page and back."""

from __future__ import annotations

import logging
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from copilot.accounts import SignedIn
from copilot.agenda.consent import LIFE_S, Asked, ConsentError
from copilot.store.audit import Act
from copilot.store.errors import ConflictError, NotFoundError
from copilot.store.records.agenda import Provider
from copilot.store.records.identifiers import new_id
from web import consentschemas as schemas
from web.access import client_filter, only
from web.cookies import CONSENT_PATH
from web.house import House, InHouse
from web.routes.forms import Keeper
from web.routes.mailboxconsent import keep_consented

router = APIRouter(tags=["calendar consent"])
logger = logging.getLogger(__name__)

PAGE = "/portal?tab=agenda&view=calendars"
MAILBOXES = "/portal?tab=contacts&view=inlets"
NAMES: dict[Provider, str] = {"google": "Google Agenda", "microsoft": "Microsoft 365"}

Returning = Annotated[SignedIn, Depends(only("supervisor", "client"))]


@router.get("/api/clients/{client_id}/calendar-consent")
async def offered(client_id: str, person: Keeper, house: InHouse) -> schemas.ConsentOffer:
    """The providers whose page can be gone to."""
    scope = house.store.for_client(client_filter(person, client_id) or client_id)
    await scope.client()
    return schemas.ConsentOffer(providers=list(house.appointments.consents.offered))


@router.post("/api/clients/{client_id}/calendar-consent")
async def begin(
    client_id: str,
    wanted: schemas.ConsentWanted,
    person: Keeper,
    response: Response,
    house: InHouse,
) -> schemas.ConsentAddress:
    """Where the provider asks for consent; the browser keeps what the answer must fit."""
    scope = house.store.for_client(client_filter(person, client_id) or client_id)
    await scope.client()
    if wanted.account_id:
        known = await scope.calendar_account(wanted.account_id)
        if known.provider != wanted.provider:
            raise NotFoundError("no such account at this provider")
    asked = Asked(
        provider=wanted.provider,
        client_id=scope.client_id,
        user_id=person.user.id,
        account_id=wanted.account_id or "",
    )
    begun = house.appointments.consents.begin(asked)
    house.cookie.write_consent(response, begun.kept, max_age_s=LIFE_S)
    return schemas.ConsentAddress(address=begun.address)


@router.get(f"{CONSENT_PATH}/answer", status_code=303, response_class=RedirectResponse)
async def answer(request: Request, person: Returning, house: InHouse) -> RedirectResponse:
    """The provider's answer: the access is kept, or the page says why not."""
    try:
        response = _to(await _connected(request, person, house))
    except (ConsentError, NotFoundError, ConflictError) as error:
        logger.warning("nothing is connected (%s): %s", error.code, error)
        about = house.appointments.consents.about(request.cookies.get(house.cookie.consent))
        page = MAILBOXES if about == "mailbox" else PAGE
        response = _to(f"{page}&refused={quote(error.code)}")
    house.cookie.write_consent(response, "", max_age_s=0)
    return response


async def _connected(request: Request, person: SignedIn, house: House) -> str:
    """The page that shows the account, or mailbox, with its new access. Raises `ConsentError`."""
    asked, access = await house.appointments.consents.complete(
        dict(request.query_params),
        request.cookies.get(house.cookie.consent),
        user_id=person.user.id,
    )
    # Their company may have changed since they asked.
    scope = house.store.for_client(client_filter(person, asked.client_id) or asked.client_id)
    if asked.mailbox:
        mailbox_id = await keep_consented(asked, access, scope, person, house)
        return f"{MAILBOXES}&connected={quote(mailbox_id)}"
    account_id, name = asked.account_id or new_id(), NAMES[asked.provider]
    if asked.account_id:
        known = await scope.calendar_account(asked.account_id)
        name = known.name
        house.appointments.door.forget(known)
    at = house.journal.now()
    act = Act(actor=person.actor, action="calendar.consented", at=at,
              client_id=scope.client_id, subject=account_id)  # fmt: skip
    await scope.save_calendar_account(
        account_id, provider=asked.provider, name=name, access=access, at=at, act=act
    )
    house.appointments.keeper.wake()
    return f"{PAGE}&connected={quote(account_id)}"


def _to(path: str) -> RedirectResponse:
    return RedirectResponse(path, status_code=303, headers={"Cache-Control": "no-store"})
