"""The client company's own pages: its sheet. Its knowledge is in `web.routes.knowledge`."""

from __future__ import annotations

from fastapi import APIRouter

from web import schemas, views
from web.access import ClientReader, own_scope
from web.house import InHouse

router = APIRouter(prefix="/api/portal", tags=["portal"])


@router.get("/client")
async def client(person: ClientReader, house: InHouse) -> schemas.ClientCard:
    """The sheet operators see, as it is now."""
    return views.client_card(await own_scope(house, person).sheet(house.journal.now()))
