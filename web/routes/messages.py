"""Approved messages: lists, acknowledgement, another try."""

from __future__ import annotations

from fastapi import APIRouter

from web import schemas, views
from web.access import Anybody, ClientPerson, Floor, client_filter, message_in_sight, own_scope
from web.house import InHouse
from web.routes.calls import Limit

router = APIRouter(prefix="/api/messages", tags=["messages"])


@router.get("")
async def messages(
    person: Anybody,
    house: InHouse,
    client_id: str | None = None,
    before: str | None = None,
    limit: Limit = 50,
) -> list[schemas.MessageView]:
    """Newest first; `before` is the id of the last message of the page above."""
    wanted = client_filter(person, client_id)
    source = house.store.for_client(wanted) if wanted else house.store.provider
    return [views.message(record) for record in await source.messages(before=before, limit=limit)]


@router.post("/{message_id}/acknowledge")
async def acknowledge(message_id: str, person: ClientPerson, house: InHouse) -> schemas.MessageView:
    """The client has seen it."""
    record = await own_scope(house, person).acknowledge_message(
        message_id, actor=person.actor, at=house.journal.now()
    )
    return views.message(record)


@router.post("/{message_id}/retry")
async def retry(message_id: str, person: Floor, house: InHouse) -> schemas.MessageView:
    """Send again what was given up."""
    record = await message_in_sight(house, person, message_id)
    scope = house.store.for_client(record.client_id)
    again = await scope.retry_message(message_id, actor=person.actor, at=house.journal.now())
    house.delivery.wake()
    return views.message(again)
