"""Where calls go out: a carrier's trunk, or the PBX an extension of ours is registered at."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from aiosipua.utils import bracket_ipv6

from telephony.dialplan import NumberForm
from telephony.sip.digest import Credentials
from telephony.sip.registration import Registration, Target, resolve, transport_of
from telephony.sip.uri import parse_uri

log = logging.getLogger(__name__)

Showing: TypeAlias = Literal["from", "asserted", "both"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """A way out, as set up."""

    name: str
    servers: tuple[str, ...] = ()
    """URIs in order of preference: `sip:trunk.example.com;transport=tls`."""
    extension: str = ""
    """Instead: through the registration of this extension."""
    user: str = ""
    """For its challenges; empty: none is expected."""
    password: str = ""
    domain: str = ""
    """Of our address there; empty: the server's host."""
    number_form: NumberForm = "e164"
    showing: Showing = "both"
    """Where the number presented is written: From, P-Asserted-Identity, or both."""

    def __repr__(self) -> str:
        return f"Gateway({self.name})"  # no password in logs


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A gateway as found: one address to send the INVITE to."""

    gateway: Gateway
    target: Target
    domain: str
    user: str
    """Of our address where the gateway has one for us, else empty."""
    route: tuple[str, ...] = ()
    credentials: Credentials | None = None


async def ways_out(
    gateways: Sequence[Gateway], registrations: Sequence[Registration]
) -> AsyncIterator[Way]:
    """Every way, in order of preference; those that are not there now are passed over."""
    by_user = {registration.user: registration for registration in registrations}
    for gateway in gateways:
        if gateway.extension:
            registration = by_user.get(gateway.extension)
            if registration is not None and registration.at is not None:
                yield _registered(gateway, registration, registration.at)
            else:
                log.info("extension %s is not registered: no call by it", gateway.extension)
            continue
        for uri in gateway.servers:
            async for way in _by_address(gateway, uri):
                yield way


async def way_into(
    at: Target, gateways: Sequence[Gateway], registrations: Sequence[Registration]
) -> AsyncIterator[Way]:
    """The one way to somebody in a dialog, with the password of the gateway that is there."""
    credentials = None
    async for way in ways_out(gateways, registrations):
        if way.target.address[0] == at.address[0]:
            credentials = way.credentials
            break
    yield Way(
        gateway=Gateway(name="referred"), target=at, domain=bracket_ipv6(at.host), user="",
        credentials=credentials,
    )  # fmt: skip


def _registered(gateway: Gateway, registration: Registration, at: Target) -> Way:
    extension = registration.extension
    return Way(
        gateway=gateway,
        target=at,
        domain=registration.domain,
        user=extension.user,
        route=registration.service_route,
        credentials=Credentials(
            user=extension.auth_user or extension.user, password=extension.password
        ),
    )


async def _by_address(gateway: Gateway, uri: str) -> AsyncIterator[Way]:
    parsed = parse_uri(uri)
    if parsed is None or not parsed.host:
        return
    transport, host = transport_of(uri), parsed.host.strip("[]")
    try:
        addresses = await resolve(host, parsed.port or (5061 if transport == "TLS" else 5060))
    except OSError as error:
        log.warning("gateway %s: %s: %s", gateway.name, host, error.strerror or error)
        return
    known = Credentials(user=gateway.user, password=gateway.password) if gateway.user else None
    for address in addresses:
        yield Way(
            gateway=gateway,
            target=Target(uri, host, transport, address),
            domain=gateway.domain or parsed.host,
            user="",
            credentials=known,
        )
