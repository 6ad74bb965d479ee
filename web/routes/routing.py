"""Where a client's messages go, beside its recipients."""

from __future__ import annotations

import dataclasses

from fastapi import APIRouter

from copilot.routing import DeliveryRoute, checked
from web import schemas
from web.access import client_filter
from web.house import InHouse
from web.routes.forms import Keeper

router = APIRouter(prefix="/api/clients", tags=["routing"])


@router.get("/{client_id}/routes")
async def routes(client_id: str, person: Keeper, house: InHouse) -> list[schemas.RouteView]:
    """The routes in force; a webhook's secret is shown to whoever may change it."""
    scope = house.store.for_client(client_filter(person, client_id) or client_id)
    return _views((await scope.client()).settings.routes)


@router.put("/{client_id}/routes")
async def save_routes(
    client_id: str, edit: schemas.RoutesEdit, person: Keeper, house: InHouse
) -> list[schemas.RouteView]:
    """Keep the routes; they count from the next message approved on."""
    scope = house.store.for_client(client_filter(person, client_id) or client_id)
    client = await scope.client()
    wanted = tuple(
        DeliveryRoute(channel=route.channel, to=route.to.strip(), urgencies=tuple(route.urgencies))
        for route in edit.routes
    )
    kept = checked(wanted, client.settings.routes)
    await scope.save_settings(dataclasses.replace(client.settings, routes=kept))
    return _views(kept)


def _views(routes: tuple[DeliveryRoute, ...]) -> list[schemas.RouteView]:
    return [
        schemas.RouteView(
            channel=route.channel,
            to=route.to,
            urgencies=list(route.urgencies),
            secret=route.secret,
        )
        for route in routes
    ]
