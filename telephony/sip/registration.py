"""Our extensions at a PBX or trunk: registered, refreshed, and found again after a failure.

One `Registration` an extension, a task each. RFC 3261 section 10.2, RFC 5626 section 4.5.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import re
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from aiosipua.message import SipRequest, SipResponse
from aiosipua.utils import bracket_ipv6, generate_branch, generate_tag

from telephony.sip.channel import Channel, TransportName
from telephony.sip.digest import Credentials
from telephony.sip.headers import split_values
from telephony.sip.message import ALLOWED_METHODS, USER_AGENT, Address
from telephony.sip.uri import parse_uri

log = logging.getLogger(__name__)

State: TypeAlias = Literal["registering", "registered", "refused", "unreachable"]

FIRST_RETRY_S = 5.0
LAST_RETRY_S = 300.0
KEEP_ALIVE_S = 25.0
"""Between two pings: shorter than translators forget a flow (RFC 5626 section 4.4.2)."""
MAX_CHALLENGES = 3
UNREGISTER_S = 1.0
SHORTEST_S = 10
"""Between two registrations, whatever the registrar grants."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """An account of ours at somebody's registrar."""

    user: str
    password: str
    registrars: tuple[str, ...]
    """URIs in order of preference: `sip:pbx.example.com;transport=tls`."""
    domain: str = ""
    """Of our address there; empty: the first registrar's host."""
    auth_user: str = ""
    """Empty: `user`."""
    expires_s: int = 300

    def __repr__(self) -> str:
        return f"Extension({self.user} at {self.registrars[0]})"  # no password in logs


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationStatus:
    """Where an extension stands, for people."""

    user: str
    registrar: str
    state: State
    detail: str = ""
    """What the registrar said, or why it was not reached."""
    registered_for_s: int = 0


@dataclass(frozen=True, slots=True)
class Target:
    """A registrar as written and as found."""

    uri: str
    host: str
    transport: TransportName
    address: Address


class _FailedError(Exception):
    def __init__(self, state: State, detail: str) -> None:
        super().__init__(detail)
        self.state: State = state
        self.detail = detail


ChannelOf: TypeAlias = Callable[[TransportName], Channel | None]


class Registration:
    """One extension. `run` keeps it registered until cancelled."""

    def __init__(self, extension: Extension, channel_of: ChannelOf) -> None:
        self._extension = extension
        self._channel_of = channel_of
        first = parse_uri(extension.registrars[0])
        domain = extension.domain or (first.host if first else "")
        self._address = f"sip:{extension.user}@{domain}"
        self._domain = f"sip:{domain}"
        self._call_id = secrets.token_hex(16)
        self._tag = generate_tag()
        self._sequence = 0
        self._expires_s = extension.expires_s
        self._credentials = Credentials(
            user=extension.auth_user or extension.user, password=extension.password
        )
        self._at: Target | None = None
        self.service_route: tuple[str, ...] = ()
        """The way our calls are to take from here (RFC 3608)."""
        self.hosts: frozenset[str] = frozenset()
        """Addresses of the registrars, from which its calls come."""
        self.status = RegistrationStatus(
            user=extension.user, registrar=extension.registrars[0], state="registering"
        )

    @property
    def user(self) -> str:
        return self._extension.user

    @property
    def extension(self) -> Extension:
        return self._extension

    @property
    def domain(self) -> str:
        """Of our address there."""
        return self._domain.removeprefix("sip:")

    @property
    def at(self) -> Target | None:
        """Where we are registered now; calls go out the same way."""
        return self._at if self.status.state == "registered" else None

    async def run(self) -> None:
        """Register, refresh in time, go to the next registrar on failure, wait, begin again."""
        failures = 0
        while True:
            async for target in self._targets():
                try:
                    while True:
                        granted_s = await self._register(target, self._expires_s)
                        granted_s = max(granted_s, SHORTEST_S)
                        failures = 0
                        self._tell("registered", target.uri, f"for {granted_s} s", granted_s)
                        await self._stay(target, granted_s * random.uniform(0.5, 0.8))
                except _FailedError as error:
                    self._tell(error.state, target.uri, error.detail)
            self._at = None
            failures += 1
            longest_s = min(LAST_RETRY_S, FIRST_RETRY_S * 2 ** min(failures - 1, 10))
            await asyncio.sleep(longest_s * random.uniform(0.5, 1.0))

    async def withdraw(self) -> None:
        """Tell the registrar that we go; waits for its answer a moment at most."""
        if self._at is None or self.status.state != "registered":
            return
        with contextlib.suppress(_FailedError, TimeoutError):
            async with asyncio.timeout(UNREGISTER_S):
                await self._register(self._at, 0)

    async def _targets(self) -> AsyncIterator[Target]:
        """Every address of every registrar, in order."""
        for uri in self._extension.registrars:
            parsed = parse_uri(uri)
            if parsed is None or not parsed.host:
                self._tell("unreachable", uri, "not a SIP address")
                continue
            transport = transport_of(uri)
            port = parsed.port or (5061 if transport == "TLS" else 5060)
            try:
                addresses = await resolve(parsed.host.strip("[]"), port)
            except OSError as error:
                self._tell("unreachable", uri, f"{parsed.host}: {error.strerror or error}")
                continue
            self.hosts |= {address[0] for address in addresses}
            for address in addresses:
                yield Target(uri, parsed.host.strip("[]"), transport, address)

    async def _register(self, target: Target, expires_s: int) -> int:
        """One registration, challenges included; the seconds granted. Raises _FailedError."""
        for attempt in range(MAX_CHALLENGES + 1):
            response = await self._send(target, expires_s)
            if response is None:
                raise _FailedError("unreachable", "no answer")
            status = response.status_code
            said = f"{status} {response.reason_phrase}"
            if status < 300:
                self._at = target
                self.service_route = tuple(split_values(response.headers.get("service-route")))
                return _granted(response, self.user, expires_s)
            if status in (401, 407):
                taken = self._credentials.challenged(response)
                # Once for a first challenge, once for a nonce that has aged without a word.
                if not taken or (attempt >= 2 and not self._credentials.stale):
                    raise _FailedError("refused", f"{said}: user or password refused")
            elif status == 423:
                minimum = response.get_header("min-expires") or ""
                if not minimum.isdecimal() or int(minimum[:9]) <= expires_s:
                    raise _FailedError("refused", said)
                expires_s = self._expires_s = int(minimum[:9])
            else:
                raise _FailedError("refused" if status < 500 else "unreachable", said)
        raise _FailedError("refused", "challenged again and again")

    async def _send(self, target: Target, expires_s: int) -> SipResponse | None:
        channel = self._channel_of(target.transport)
        if channel is None:
            raise _FailedError(
                "unreachable", f"{target.transport} is not set up (a certificate is needed)"
            )
        final: asyncio.Future[SipResponse | None] = asyncio.get_running_loop().create_future()

        def answered(response: SipResponse | None) -> None:
            if not final.done() and (response is None or response.status_code >= 200):
                final.set_result(response)

        request = self._request(channel, target, expires_s)
        channel.request(request, target.address, server_name=target.host, on_answer=answered)
        return await final

    def _request(self, channel: Channel, target: Target, expires_s: int) -> SipRequest:
        self._sequence += 1
        host, port = channel.contact_toward(target.address)
        place, transport = f"{bracket_ipv6(host)}:{port}", channel.transport_name
        suffix = "" if transport == "UDP" else f";transport={transport.lower()}"
        request = SipRequest(method="REGISTER", uri=self._domain)
        via = f"SIP/2.0/{transport} {place};branch={generate_branch()};rport"
        request.headers.append("Via", via)
        request.headers.set_single("Max-Forwards", "70")
        request.headers.set_single("From", f"<{self._address}>;tag={self._tag}")
        request.headers.set_single("To", f"<{self._address}>")
        request.headers.set_single("Call-ID", self._call_id)
        request.headers.set_single("CSeq", f"{self._sequence} REGISTER")
        request.headers.set_single("Contact", f"<sip:{self.user}@{place}{suffix}>")
        request.headers.set_single("Expires", str(expires_s))
        request.headers.set_single("Allow", ", ".join(ALLOWED_METHODS))
        request.headers.set_single("User-Agent", USER_AGENT)
        self._credentials.sign(request)
        return request

    async def _stay(self, target: Target, seconds: float) -> None:
        """Wait for the refresh, keeping the way here open."""
        loop = asyncio.get_running_loop()
        until_s = loop.time() + seconds
        while (left_s := until_s - loop.time()) > 0:
            await asyncio.sleep(min(left_s, KEEP_ALIVE_S))
            channel = self._channel_of(target.transport)
            if channel is None or not channel.reaches(target.address):
                return  # the connection broke: calls could not find us
            channel.send(b"\r\n\r\n", target.address)

    def _tell(self, state: State, uri: str, detail: str, granted_s: int = 0) -> None:
        before = self.status
        self.status = RegistrationStatus(
            user=self.user, registrar=uri, state=state, detail=detail, registered_for_s=granted_s
        )
        if (before.state, before.registrar, before.detail) != (state, uri, detail):
            level = logging.INFO if state == "registered" else logging.WARNING
            log.log(level, "extension %s at %s: %s %s", self.user, uri, state, detail)


def transport_of(uri: str) -> TransportName:
    """Of a SIP URI: its parameter, TLS for sips, else UDP."""
    match = re.search(r";transport=(udp|tcp|tls)\b", uri, re.IGNORECASE)
    names: dict[str, TransportName] = {"udp": "UDP", "tcp": "TCP", "tls": "TLS"}
    if match:
        return names[match[1].lower()]
    return "TLS" if uri.lower().startswith("sips:") else "UDP"


async def resolve(host: str, port: int) -> list[Address]:
    """Addresses of a host, IPv4 and IPv6. Raises OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    return list(dict.fromkeys((str(entry[4][0]), int(entry[4][1])) for entry in found))


def _granted(response: SipResponse, user: str, asked_s: int) -> int:
    """How long our Contact stays (section 10.2.4); others' are listed too."""
    for contact in split_values(response.headers.get("contact")):
        expires = re.search(r";\s*expires\s*=\s*\"?(\d{1,9})", contact, re.IGNORECASE)
        if f":{user}@" in contact and expires:
            return int(expires[1])
    expires_header = response.get_header("expires") or ""
    return int(expires_header[:9]) if expires_header.isdecimal() else asked_s
