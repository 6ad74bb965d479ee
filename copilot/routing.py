"""Where a client's messages go: by e-mail to its recipients, and by routes for some urgencies."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Channel = Literal["email", "webhook"]
LEVELS = ("normal", "urgent", "critique")
MOST_ROUTES = 20
LONGEST = 254


class BadRouteError(ValueError):
    """A route that leads nowhere; the message says which and why."""

    code = "bad_route"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRoute:
    """One way messages go out, beside the client's recipients."""

    channel: Channel
    to: str
    """An e-mail address, or the address a webhook posts to."""
    urgencies: tuple[str, ...] = ()
    """Levels it is for; empty for all of them."""
    secret: str | None = None
    """Of a webhook: signs what is posted."""

    def takes(self, urgency: str) -> bool:
        """Whether a message of this urgency goes that way."""
        return not self.urgencies or urgency in self.urgencies


def read_route(value: Mapping[str, Any]) -> DeliveryRoute:
    """The route that `dataclasses.asdict` made."""
    return DeliveryRoute(
        channel=value["channel"],
        to=value["to"],
        urgencies=tuple(value.get("urgencies", ())),
        secret=value.get("secret"),
    )


def checked(
    routes: tuple[DeliveryRoute, ...], known: tuple[DeliveryRoute, ...] = ()
) -> tuple[DeliveryRoute, ...]:
    """The routes, each webhook with its secret (kept when it had one). Raises `BadRouteError`."""
    if len(routes) > MOST_ROUTES:
        raise BadRouteError(f"a client has at most {MOST_ROUTES} routes")
    secrets_of = {route.to: route.secret for route in known if route.secret}
    found = []
    for route in routes:
        shape = r"[^\s@]+@[^\s@]+" if route.channel == "email" else r"https?://[^\s/]+\S*"
        if not re.fullmatch(shape, route.to) or len(route.to) > LONGEST:
            raise BadRouteError(f"{route.to!r} is no address for {route.channel}")
        if unknown := sorted(set(route.urgencies) - set(LEVELS)):
            raise BadRouteError(f"{route.to}: no urgency is called {', '.join(unknown)}")
        if sum(other.to == route.to for other in routes) > 1:
            raise BadRouteError(f"{route.to} is there twice")
        secret = secrets_of.get(route.to) or new_secret() if route.channel == "webhook" else None
        found.append(
            DeliveryRoute(
                channel=route.channel, to=route.to, urgencies=route.urgencies, secret=secret
            )
        )
    return tuple(found)


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
