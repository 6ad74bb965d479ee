"""Who calls, asked of the client's CRM within a bound that no call waits for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from copilot.crm.asked import AskedWebhook
from copilot.crm.hubspot import ADDRESS, HubSpot
from copilot.crm.people import Crm, CrmPerson
from copilot.delivery.channel import DeliveryError, Dispatch, PermanentFailureError
from copilot.delivery.guarded import GuardedRequests
from copilot.keyfile import KeyFileError, Keyring
from copilot.routing import DeliveryRoute, about_route
from copilot.store.records.clients import Client

logger = logging.getLogger(__name__)

WITHIN_S = 1.5
AT_ONCE = 20
"""Look-ups at a time; one more is told to be unavailable at once rather than wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedUp:
    """What a CRM said of a number."""

    state: Literal["none", "found", "unknown", "unavailable", "refused"]
    """`none`: the client has no CRM that is asked; `refused`: it takes no question of ours until
    somebody mends its access or its address."""
    people: tuple[CrmPerson, ...] = ()


class Crms:
    """Every client's CRM, and the channel that notes approved messages there."""

    def __init__(
        self,
        keyring: Keyring,
        *,
        allow_private: bool,
        now: Callable[[], datetime],
        hubspot: str = ADDRESS,
    ) -> None:
        self._keyring = keyring
        self._requests = GuardedRequests("CRM", allow_private=allow_private)
        self._now = now
        self._hubspot = hubspot
        self._asking = 0

    async def look_up(self, client: Client, number: str) -> LookedUp:
        """Never later than `WITHIN_S`; never raises for what the CRM does."""
        route = next((one for one in client.settings.routes if one.looks_up), None)
        if route is None:
            return LookedUp(state="none")
        if self._asking >= AT_ONCE:
            return LookedUp(state="unavailable")
        self._asking += 1
        try:
            async with asyncio.timeout(WITHIN_S):
                people = await self._crm(client, route).find(number)
        except (DeliveryError, TimeoutError) as error:
            logger.info("the CRM of %s does not say who calls: %s", client.id, error)
            over = isinstance(error, PermanentFailureError)
            return LookedUp(state="refused" if over else "unavailable")
        finally:
            self._asking -= 1
        named = tuple(one for one in people if one.name or one.company)
        return LookedUp(state="found" if named else "unknown", people=named)

    async def send(self, dispatch: Dispatch) -> None:
        """Note an approved message (`copilot.delivery.channel.Channel`)."""
        routes = dispatch.client.settings.routes
        route = next(
            (r for r in routes if r.channel == "crm" and r.to == dispatch.item.recipient), None
        )
        if route is None:
            raise PermanentFailureError("ce CRM n'est plus dans les réglages du client")
        for part in dispatch.parts:
            await self._of_hubspot(dispatch.client, route).push(part)

    def _crm(self, client: Client, route: DeliveryRoute) -> Crm:
        if route.channel == "crm":
            return self._of_hubspot(client, route)
        return AskedWebhook(self._requests, route, client_id=client.id, now=self._now)

    def _of_hubspot(self, client: Client, route: DeliveryRoute) -> HubSpot:
        try:
            about = about_route(client.id, route.to)
            token = self._keyring.unseal(route.sealed or "", about=about).decode()
        except KeyFileError as error:
            raise PermanentFailureError(
                "le jeton du CRM ne s'ouvre plus : donnez-le à nouveau"
            ) from error
        return HubSpot(self._requests, token, address=self._hubspot)
