"""Notifications in browsers: each person of a client adds and removes their own."""

from __future__ import annotations

from fastapi import APIRouter

from copilot.accounts import SignedIn
from copilot.delivery.pushkey import checked_subscription
from copilot.store.audit import Act
from copilot.store.pushsubscriptions import digest_of_address
from copilot.store.records.identifiers import new_id
from copilot.store.records.push import PushSubscription
from web import pushschemas as schemas
from web.access import ClientReader, own_scope
from web.house import House, InHouse

router = APIRouter(prefix="/api/push", tags=["push"])


@router.get("")
async def browsers(person: ClientReader, house: InHouse) -> schemas.PushSettings:
    """The key to subscribe with, and the person's browsers."""
    kept = await own_scope(house, person).push_subscriptions(user_id=person.user.id)
    return schemas.PushSettings(
        public_key=house.outgoing.push.key.public, browsers=[_view(one) for one in kept]
    )


@router.post("", status_code=201)
async def add(
    given: schemas.NewPushBrowser, person: ClientReader, house: InHouse
) -> schemas.PushBrowser:
    """Notify this browser from now on: where the client's channels say so."""
    scope, at = own_scope(house, person), house.journal.now()
    kept = PushSubscription(
        id=new_id(),
        user_id=person.user.id,
        browser=" ".join(given.browser.split()),
        address=given.endpoint,
        keys=checked_subscription(given.endpoint, given.keys.p256dh, given.keys.auth),
        created_at=at,
    )
    act = _act(house, person, "push.added", kept.id)
    return _view(await scope.keep_push_subscription(kept, act=act))


@router.delete("/{subscription_id}", status_code=204)
async def remove(subscription_id: str, person: ClientReader, house: InHouse) -> None:
    """Notify it no more."""
    act = _act(house, person, "push.removed", subscription_id)
    scope = own_scope(house, person)
    await scope.drop_push_subscription(subscription_id, user_id=person.user.id, act=act)


def _view(one: PushSubscription) -> schemas.PushBrowser:
    return schemas.PushBrowser(
        id=one.id,
        browser=one.browser,
        digest=digest_of_address(one.address),
        created_at=one.created_at,
        reached_at=one.reached_at,
    )


def _act(house: House, person: SignedIn, action: str, subject: str) -> Act:
    return Act(
        actor=person.actor,
        action=action,
        at=house.journal.now(),
        client_id=person.user.client_id,
        subject=subject,
    )
