"""How a client's messages leave: routes, policy, on-call list, trials."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import datetime

from fastapi import APIRouter

from copilot.accounts import SignedIn, TooManyAttemptsError
from copilot.delivery.channel import DeliveryError
from copilot.delivery.letter import recipient
from copilot.delivery.trial import trial
from copilot.oncall import checked_on_call
from copilot.routing import BadRouteError, DeliveryRoute, about_route, checked
from copilot.store.audit import Act
from copilot.store.errors import ConflictError, NotFoundError
from copilot.store.records.clients import Client, ClientSettings
from copilot.store.store import ClientScope
from copilot.timing import checked_policy
from web import delivery_views as views
from web import deliveryschemas as schemas
from web.access import client_filter
from web.house import House, InHouse
from web.routes.forms import Keeper

router = APIRouter(prefix="/api/clients", tags=["routing"])

TRIAL_S = 40.0
MOST_RECIPIENTS = 20


def _scope(client_id: str, person: SignedIn, house: House) -> ClientScope:
    return house.store.for_client(client_filter(person, client_id) or client_id)


@router.get("/{client_id}/routes")
async def routes(client_id: str, person: Keeper, house: InHouse) -> list[schemas.RouteView]:
    """The routes in force; a webhook's secret is shown to whoever may change it."""
    client = await _scope(client_id, person, house).client()
    return [views.route(route) for route in client.settings.routes]


@router.put("/{client_id}/routes")
async def save_routes(
    client_id: str, edit: schemas.RoutesEdit, person: Keeper, house: InHouse
) -> list[schemas.RouteView]:
    """Keep the routes; they count from the next message approved on."""
    scope = _scope(client_id, person, house)
    wanted = [await _route(route, scope.client_id, house) for route in edit.routes]
    client = await scope.client()  # read last: finding out whose an address is takes a second
    kept = checked(tuple(wanted), client.settings.routes)
    checked_on_call(client.settings.on_call, _names(kept))
    await scope.save_settings(
        dataclasses.replace(client.settings, routes=kept),
        before=client.settings,
        act=_act(person, "delivery.routes", scope.client_id, house.journal.now()),
    )
    return [views.route(route) for route in kept]


async def _route(given: schemas.RouteInput, client_id: str, house: House) -> DeliveryRoute:
    """The route, the address of a named channel sealed once it is known to be one."""
    to = given.to.strip()
    sealed = service = None
    if given.channel == "notify" and given.address and given.address.strip():
        address = given.address.strip()
        try:
            service = await house.outgoing.notifier.service_of(address)
        except (BadRouteError, DeliveryError) as error:
            raise BadRouteError(f"{to}: {error}") from error
        about = about_route(client_id, to)
        sealed = house.outgoing.keyring.seal(address.encode(), about=about)
    if given.channel == "crm" and given.address and given.address.strip():
        about = about_route(client_id, to)
        sealed = house.outgoing.keyring.seal(given.address.strip().encode(), about=about)
        service = "HubSpot"
    return DeliveryRoute(
        channel=given.channel,
        to=to,
        urgencies=tuple(given.urgencies),
        sealed=sealed,
        service=service,
        on_call_only=given.on_call_only,
        looks_up=given.looks_up,
    )


@router.get("/{client_id}/delivery")
async def delivery(client_id: str, person: Keeper, house: InHouse) -> schemas.DeliverySettings:
    """Recipients, when messages leave, who is on call."""
    scope = _scope(client_id, person, house)
    client, notified = await scope.client(), await scope.notified_emails()
    return views.settings(client, house.outgoing.channels, notified, house.journal.now())


@router.put("/{client_id}/delivery")
async def save_delivery(
    client_id: str, edit: schemas.DeliveryEdit, person: Keeper, house: InHouse
) -> schemas.DeliverySettings:
    """Keep what is given; it counts from the next message approved on."""
    scope = _scope(client_id, person, house)
    before = (await scope.client()).settings
    settings = before
    if edit.recipients is not None:
        settings = dataclasses.replace(settings, recipients=_recipients(edit.recipients))
    if edit.policy is not None:
        settings = dataclasses.replace(
            settings, delivery=checked_policy(views.policy_of(edit.policy))
        )
    if edit.on_call is not None:
        listed = checked_on_call(views.on_call_of(edit.on_call), _names(before.routes))
        settings = dataclasses.replace(settings, on_call=listed)
    _require_read(edit, before)
    at = house.journal.now()
    await scope.save_settings(
        settings, before=before, act=_act(person, "delivery.settings", scope.client_id, at)
    )
    notified = await scope.notified_emails()
    return views.settings(await scope.client(), house.outgoing.channels, notified, at)


def _require_read(edit: schemas.DeliveryEdit, kept: ClientSettings) -> None:
    """Raises `ConflictError` when what is kept is not what the page had read."""
    now = (
        views.version_of(kept.recipients, kept.delivery),
        views.version_of(kept.on_call),
    )
    for read, version in zip((edit.version, edit.on_call_version), now, strict=True):
        if read not in (None, version):
            raise ConflictError("somebody changed them meanwhile")


@router.post("/{client_id}/delivery/trial")
async def try_out(
    client_id: str, asked: schemas.TrialRequest, person: Keeper, house: InHouse
) -> schemas.TrialResult:
    """Send a trial note now, to somebody of the settings; say what became of it."""
    client = await _scope(client_id, person, house).client()
    if (asked.channel, asked.to) not in _known(client):
        raise NotFoundError("no such recipient: save the settings first")
    at = house.journal.now()
    if (wait_s := house.outgoing.asked.wait_s(person.user.id, at=at)) > 0:
        raise TooManyAttemptsError(wait_s)
    house.outgoing.asked.failed(person.user.id, at=at)
    channel = house.outgoing.channels.get(asked.channel)
    if channel is None:
        return schemas.TrialResult(
            delivered=False, detail=f"aucun envoi n'est configuré pour « {asked.channel} »"
        )
    try:
        async with asyncio.timeout(TRIAL_S):
            await channel.send(trial(client, asked.channel, asked.to, person.user.name, at))
    except DeliveryError as error:
        return schemas.TrialResult(delivered=False, detail=str(error))
    except TimeoutError:
        return schemas.TrialResult(delivered=False, detail="le service ne répond pas")
    return schemas.TrialResult(delivered=True, detail="")


def _known(client: Client) -> set[tuple[str, str]]:
    settings = client.settings
    known = {("email", address) for address in settings.recipients}
    known |= {(route.channel, route.to) for route in settings.routes}
    for contact in settings.on_call.contacts:
        known |= {("email", contact.email or ""), ("sms", contact.phone or "")}
        known |= {("push", contact.email or "")} if contact.push else set()
    return known - {("email", ""), ("sms", ""), ("push", "")}


def _names(routes: tuple[DeliveryRoute, ...]) -> tuple[str, ...]:
    return tuple(route.to for route in routes if route.channel == "notify")


def _recipients(given: list[str]) -> tuple[str, ...]:
    kept = tuple(dict.fromkeys(address.strip() for address in given if address.strip()))
    if len(kept) > MOST_RECIPIENTS:
        raise BadRouteError(f"a client has at most {MOST_RECIPIENTS} recipients")
    for address in kept:
        try:
            recipient(address)
        except DeliveryError as error:
            raise BadRouteError(str(error)) from error
    return kept


def _act(person: SignedIn, action: str, client_id: str, at: datetime) -> Act:
    return Act(actor=person.actor, action=action, at=at, client_id=client_id)
