"""Where a client's messages go: by e-mail to its recipients, and by routes for some urgencies.

A channel is named by what intentions carry: an e-mail address, the address a webhook posts to, a
telephone number (sms), the name the client gave to a channel (notify: Slack, Teams, ntfy...), the
kind of its CRM, or the browsers that its people added in the portal (push).
The address of a named channel has its password in it: it is kept sealed, and never shown.
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Channel = Literal["email", "webhook", "sms", "notify", "crm", "push"]
LEVELS = ("normal", "urgent", "critique")
MOST_ROUTES = 20
LONGEST = 254
SEALED = ("notify", "crm")
"""Channels whose address or token is a password."""
EVERYBODY = "portal"
"""What notifications in browsers are addressed to: whoever added theirs; else one person's."""
SHAPES: dict[Channel, str] = {
    "email": r"[^\s@]+@[^\s@]+",
    "webhook": r"https?://[^\s/]+\S*",
    "sms": r"\+\d{6,15}",
    "notify": r"\S(.{0,78}\S)?",
    "crm": r"hubspot",
    "push": EVERYBODY,
}


class BadRouteError(ValueError):
    """A route that leads nowhere; the message says which and why."""

    code = "bad_route"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRoute:
    """One way messages go out, beside the client's recipients."""

    channel: Channel
    to: str
    """An e-mail address, a webhook's address, a number (E.164), a channel's name, or `portal`."""
    urgencies: tuple[str, ...] = ()
    """Levels it is for; empty for all of them."""
    secret: str | None = None
    """Of a webhook: signs what is posted."""
    sealed: str | None = None
    """Of a named channel its address, of a CRM its token: sealed with the house's key."""
    service: str | None = None
    """Of a named channel: whose it is ("Slack")."""
    on_call_only: bool = False
    """Of a named channel: only for people on call."""
    looks_up: bool = False
    """Of a CRM, or of a webhook that answers for one: it is asked who calls."""

    def takes(self, urgency: str) -> bool:
        """Whether a message of this urgency goes that way."""
        return not self.on_call_only and (not self.urgencies or urgency in self.urgencies)


def read_route(value: Mapping[str, Any]) -> DeliveryRoute:
    """The route that `dataclasses.asdict` made."""
    return DeliveryRoute(
        channel=value["channel"],
        to=value["to"],
        urgencies=tuple(value.get("urgencies", ())),
        secret=value.get("secret"),
        sealed=value.get("sealed"),
        service=value.get("service"),
        on_call_only=value.get("on_call_only", False),
        looks_up=value.get("looks_up", False),
    )


def about_route(client_id: str, name: str) -> str:
    """What a sealed address is about: it opens for no other client and under no other name."""
    return f"delivery-route/{client_id}/{name}"


def checked(
    routes: tuple[DeliveryRoute, ...], known: tuple[DeliveryRoute, ...] = ()
) -> tuple[DeliveryRoute, ...]:
    """The routes, each with the secret or sealed address it had. Raises `BadRouteError`."""
    if len(routes) > MOST_ROUTES:
        raise BadRouteError(f"a client has at most {MOST_ROUTES} routes")
    kept = {(route.channel, route.to): route for route in known}
    found = []
    for route in routes:
        if not re.fullmatch(SHAPES[route.channel], route.to) or len(route.to) > LONGEST:
            raise BadRouteError(f"{route.to!r} is no address for {route.channel}")
        if unknown := sorted(set(route.urgencies) - set(LEVELS)):
            raise BadRouteError(f"{route.to}: no urgency is called {', '.join(unknown)}")
        if sum(other.to.lower() == route.to.lower() for other in routes) > 1:
            raise BadRouteError(f"{route.to} is there twice")
        found.append(_completed(route, kept.get((route.channel, route.to))))
    return tuple(found)


def _completed(route: DeliveryRoute, before: DeliveryRoute | None) -> DeliveryRoute:
    secret = sealed = service = None
    if route.channel == "webhook":
        secret = (before.secret if before else None) or new_secret()
    if route.channel in SEALED:
        source = route if route.sealed else before
        if source is None or source.sealed is None:
            missing = "token of the CRM" if route.channel == "crm" else "address of the channel"
            raise BadRouteError(f"{route.to}: the {missing} is missing")
        sealed, service = source.sealed, source.service
    return DeliveryRoute(
        channel=route.channel,
        to=route.to,
        urgencies=route.urgencies,
        secret=secret,
        sealed=sealed,
        service=service,
        on_call_only=route.on_call_only and route.channel == "notify",
        looks_up=route.looks_up and route.channel in ("webhook", "crm"),
    )


def new_secret() -> str:
    """24 random bytes, as Standard Webhooks writes them."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


def targets(
    recipients: tuple[str, ...], routes: tuple[DeliveryRoute, ...], urgency: str
) -> tuple[tuple[Channel, str], ...]:
    """Each (channel, recipient) that a message of this urgency goes to, once."""
    found: dict[tuple[str, str], tuple[Channel, str]] = {}
    for address in recipients:
        found.setdefault(("email", address.lower()), ("email", address))
    for route in routes:
        if route.takes(urgency):
            key = route.to.lower() if route.channel == "email" else route.to
            found.setdefault((route.channel, key), (route.channel, route.to))
    return tuple(found.values())
