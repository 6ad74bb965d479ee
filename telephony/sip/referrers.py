"""Which networks may have our calls go elsewhere, and how somebody in a dialog is reached."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeAlias

from telephony.call import CodecName, OutgoingCall, Presented
from telephony.errors import CallFailed
from telephony.sip.admission import Network
from telephony.sip.channel import TransportName
from telephony.sip.dialog import Dialog
from telephony.sip.message import is_address
from telephony.sip.referred import ReferTarget
from telephony.sip.registration import Target, transport_of
from telephony.sip.uri import parse_uri

DialInto: TypeAlias = Callable[
    [ReferTarget, Target, Presented, CodecName | None], Awaitable[OutgoingCall]
]
"""Sends an INVITE with Replaces there. Raises TelephonyError."""


class Referrers:
    """Asked by every conversation; by default nobody may."""

    def __init__(
        self, networks: Iterable[Network] = (), *, dial_into: DialInto | None = None
    ) -> None:
        self._networks = tuple(networks)
        self._dial_into = dial_into

    def allow(self, host: str) -> bool:
        """Whether this address may have our calls go elsewhere."""
        address = ipaddress.ip_address(host)
        return any(address in network for network in self._networks)

    async def join(
        self,
        target: ReferTarget,
        asking: Dialog,
        transport: TransportName,
        presented: Presented,
        prefer: CodecName | None,
    ) -> OutgoingCall:
        """Call into the dialog that `asking` names. Raises TelephonyError."""
        if self._dial_into is None:
            raise CallFailed("declined", detail="nobody may have calls go elsewhere")
        return await self._dial_into(
            target, self._way(target, asking, transport), presented, prefer
        )

    def _way(self, target: ReferTarget, asking: Dialog, transport: TransportName) -> Target:
        """The address named, where it may ask such things too; else who asks, and knows the way.

        So an INVITE with Replaces never goes anywhere but to networks that were named to us.
        """
        uri = parse_uri(target.uri)
        host = uri.host.strip("[]") if uri is not None else ""
        if uri is None or not is_address(host) or not self.allow(host):
            return Target(target.uri, host, transport, asking.source)
        if "transport" in uri.parameters or uri.scheme == "sips":
            transport = transport_of(target.uri)
        port = uri.port or (5061 if transport == "TLS" else 5060)
        return Target(target.uri, host, transport, (host, port))
