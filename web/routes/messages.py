"""Approved messages: lists, what became of them, acknowledgement, another try."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends

from copilot.accounts import SignedIn
from copilot.store.attention import waiting
from web import delivery_views, deliveryschemas, schemas, views
from web.access import (
    ClientReader,
    MessagesAcknowledger,
    MessagesReader,
    client_filter,
    message_in_sight,
    only,
    own_scope,
)
from web.house import House, InHouse
from web.routes.calls import Limit
from web.routes.receipts import tell_acknowledged

router = APIRouter(prefix="/api/messages", tags=["messages"])

Handler = Annotated[SignedIn, Depends(only("operator", "supervisor", "client"))]
"""Whoever may send again, revoke links and stop an escalation."""

ATTENTION = timedelta(days=14)


@router.get("")
async def messages(
    person: MessagesReader,
    house: InHouse,
    client_id: str | None = None,
    before: str | None = None,
    limit: Limit = 50,
) -> list[schemas.MessageView]:
    """Newest first; `before` is the id of the last message of the page above."""
    wanted = client_filter(person, client_id)
    source = house.store.for_client(wanted) if wanted else house.store.provider
    return [views.message(record) for record in await source.messages(before=before, limit=limit)]


@router.get("/attention")
async def attention(
    person: MessagesReader, house: InHouse, client_id: str | None = None
) -> list[deliveryschemas.AttentionItem]:
    """Of the last fortnight: urgent and not acknowledged, the gravest first; then what could not
    be sent."""
    found = await waiting(
        house.store.database,
        since=house.journal.now() - ATTENTION,
        client_id=client_filter(person, client_id),
    )
    return [delivery_views.attention(record) for record in found]


@router.post("/{message_id}/acknowledge")
async def acknowledge(
    message_id: str, person: MessagesAcknowledger, house: InHouse
) -> schemas.MessageView:
    """The client has seen it."""
    scope = own_scope(house, person)
    before = await scope.message(message_id)
    record = await scope.acknowledge_message(message_id, actor=person.actor, at=house.journal.now())
    if before.acknowledged_at is None:
        await tell_acknowledged(house, record)
    return views.message(record)


@router.post("/{message_id}/read", status_code=204)
async def read(message_id: str, person: ClientReader, house: InHouse) -> None:
    """Somebody of the client opened it on its page."""
    scope = own_scope(house, person)
    await scope.message(message_id)
    await scope.mark_read(message_id, at=house.journal.now())


@router.get("/{message_id}/delivery")
async def delivery(
    message_id: str, person: MessagesReader, house: InHouse
) -> deliveryschemas.DeliveryView:
    """Every try to send it, and its escalation."""
    await message_in_sight(house, person, message_id)
    return await _delivery(message_id, person, house)


@router.post("/{message_id}/links/revoke")
async def revoke(message_id: str, person: Handler, house: InHouse) -> deliveryschemas.DeliveryView:
    """No link sent so far opens it any more."""
    record = await message_in_sight(house, person, message_id)
    await house.store.for_client(record.client_id).revoke_links(
        message_id, actor=person.actor, at=house.journal.now()
    )
    return await _delivery(message_id, person, house)


@router.post("/{message_id}/escalation/stop")
async def stop(message_id: str, person: Handler, house: InHouse) -> deliveryschemas.DeliveryView:
    """Nobody else on call is tried."""
    record = await message_in_sight(house, person, message_id)
    scope = house.store.for_client(record.client_id)
    stopped = await scope.stop_escalation(message_id, actor=person.actor, at=house.journal.now())
    await house.outgoing.teller.move(stopped)
    return await _delivery(message_id, person, house)


async def _delivery(
    message_id: str, person: SignedIn, house: House
) -> deliveryschemas.DeliveryView:
    record = await message_in_sight(house, person, message_id)
    scope = house.store.for_client(record.client_id)
    return delivery_views.delivery(
        record,
        await scope.outbox_rows(message_id),
        await scope.escalation_of_message(message_id),
        await scope.message_replies(message_id),
    )


@router.post("/{message_id}/retry")
async def retry(message_id: str, person: Handler, house: InHouse) -> schemas.MessageView:
    """Send again what was given up."""
    record = await message_in_sight(house, person, message_id)
    scope = house.store.for_client(record.client_id)
    again = await scope.retry_message(message_id, actor=person.actor, at=house.journal.now())
    house.delivery.wake()
    return views.message(again)
