"""Notifications for people on call without an account: by the link of a message sent to them.

The link gives what it gives: whoever holds it is told that there is a message, and its link. What
was said opens by signing in or with a code, as ever (ADR 0252).
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request

from copilot.accounts import SignedIn, TooManyAttemptsError
from copilot.delivery.pushkey import checked_subscription
from copilot.oncall import OnCallContact, contact_reached, entry_digest
from copilot.store.audit import Act, Actor
from copilot.store.errors import NotFoundError
from copilot.store.pushsubscriptions import digest_of_address
from copilot.store.records.identifiers import new_id
from copilot.store.records.push import OnCallBrowser
from copilot.store.store import ClientScope
from web import deliveryschemas
from web import oncallpushschemas as schemas
from web.access import client_filter
from web.house import House, InHouse
from web.routes.forms import Keeper
from web.routes.receipts import own_page, receipt_of

router = APIRouter(prefix="/api", tags=["on call"])


@dataclass(frozen=True, kw_only=True)
class _Called:
    """Whom a link was sent to, as they are on the list now."""

    scope: ClientScope
    contact: OnCallContact
    item_id: str
    client_id: str

    def act(self, action: str, request: Request, house: House, subject: str) -> Act:
        address = request.client.host if request.client else ""
        return Act(
            actor=Actor(id=self.item_id, name=self.contact.name, role="link", address=address),
            action=action,
            at=house.journal.now(),
            client_id=self.client_id,
            subject=subject,
        )


async def _called(token: str, house: House) -> _Called:
    """Raises `LinkOverError`; `NotFoundError` when the link is nobody's on the list."""
    receipt = await receipt_of(token, house)
    row, client = receipt.row, receipt.client
    scope = house.store.for_client(client.id)
    climbed = await scope.escalation_of_message(row.message_id)
    if not row.step or climbed is None or row.step > len(climbed.rungs):
        raise NotFoundError("this link is of nobody on call")
    name = climbed.rungs[row.step - 1].name
    contact = contact_reached(client.settings.on_call, name, row.channel, row.recipient)
    if contact is None:
        raise NotFoundError("this link is of nobody on call")
    return _Called(scope=scope, contact=contact, item_id=row.id, client_id=client.id)


@router.post("/receipts/notified")
async def notified(
    given: deliveryschemas.ReceiptToken, request: Request, house: InHouse
) -> schemas.OnCallOffer:
    """Who the link is of, and which browsers are told; 404 on a link of nobody on call."""
    own_page(request)
    return await _offer(await _called(given.token, house), house)


@router.post("/receipts/notify", status_code=201)
async def notify(
    given: schemas.NewOnCallBrowser, request: Request, house: InHouse
) -> schemas.OnCallOffer:
    """Tell this browser when they are tried, until their entry changes or it is removed."""
    own_page(request)
    called, at = await _called(given.token, house), house.journal.now()
    _slow_down(called, house)
    said = given.subscription
    kept = OnCallBrowser(
        id=new_id(),
        contact=called.contact.name,
        entry=entry_digest(called.contact),
        browser=" ".join(said.browser.split()),
        address=said.endpoint,
        keys=checked_subscription(said.endpoint, said.keys.p256dh, said.keys.auth),
        created_at=at,
    )
    act = called.act("push.on_call_added", request, house, kept.id)
    await called.scope.keep_on_call_browser(kept, act=act)
    return await _offer(called, house)


@router.post("/receipts/silence")
async def silence(
    given: schemas.OnCallSilence, request: Request, house: InHouse
) -> schemas.OnCallOffer:
    """Tell this browser no more. Idempotent."""
    own_page(request)
    called = await _called(given.token, house)
    for one in await called.scope.on_call_browsers(called.contact.name):
        if one.address == given.endpoint:
            act = called.act("push.on_call_removed", request, house, one.id)
            await called.scope.drop_on_call_browser(one.id, act=act, contact=one.contact)
    return await _offer(called, house)


@router.get("/clients/{client_id}/on-call/browsers")
async def browsers(
    client_id: str, person: Keeper, house: InHouse
) -> list[schemas.OnCallBrowserView]:
    """The browsers that people on call added, oldest first."""
    kept = await _scope(client_id, person, house).on_call_browsers()
    return [
        schemas.OnCallBrowserView(
            id=one.id,
            contact=one.contact,
            browser=one.browser,
            created_at=one.created_at,
            reached_at=one.reached_at,
        )
        for one in kept
    ]


@router.delete("/clients/{client_id}/on-call/browsers/{browser_id}", status_code=204)
async def remove(client_id: str, browser_id: str, person: Keeper, house: InHouse) -> None:
    """Tell it no more."""
    act = Act(
        actor=person.actor,
        action="push.on_call_removed",
        at=house.journal.now(),
        client_id=client_id,
        subject=browser_id,
    )
    await _scope(client_id, person, house).drop_on_call_browser(browser_id, act=act)


def _scope(client_id: str, person: SignedIn, house: House) -> ClientScope:
    return house.store.for_client(client_filter(person, client_id) or client_id)


async def _offer(called: _Called, house: House) -> schemas.OnCallOffer:
    kept = await called.scope.on_call_browsers(called.contact.name)
    return schemas.OnCallOffer(
        contact=called.contact.name,
        public_key=house.outgoing.push.key.public,
        digests=[digest_of_address(one.address) for one in kept],
    )


def _slow_down(called: _Called, house: House) -> None:
    """A link adds browsers no faster than codes are asked for. Raises `TooManyAttemptsError`."""
    key, at = f"push/{called.item_id}", house.journal.now()
    if (wait_s := house.outgoing.asked.wait_s(key, at=at)) > 0:
        raise TooManyAttemptsError(wait_s)
    house.outgoing.asked.failed(key, at=at)
