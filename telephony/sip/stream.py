"""SIP over streams: TCP and TLS, messages cut out of them, connections kept and used again."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections import Counter, deque
from typing import cast

from aiosipua.message import SipRequest

from telephony.errors import SipSyntaxError, TlsUnusable
from telephony.sip.budget import MessageBudget, OnceAMinute
from telephony.sip.channel import Agent, Channel, OnAnswer, TransportName
from telephony.sip.framing import MessageFramer
from telephony.sip.message import Address
from telephony.sip.tls import (
    TlsIdentity,
    client_context,
    load_certificate,
    server_context,
)
from telephony.sip.transaction import Timers

log = logging.getLogger(__name__)

MAX_CONNECTIONS = 500
MAX_FROM_ONE_KNOWN = 250
MAX_FROM_STRANGERS, MAX_FROM_ONE_STRANGER = 100, 10
"""Of these: strangers cannot take the place of a trunk."""
MESSAGES_A_TURN = 4
"""Of one connection, then voices have their turn of the loop."""
REST_S = 0.1
"""How long a connection that sent more than it may is not read."""
MAX_UNSENT_BYTES = 1_000_000
"""A peer that lets this much wait does not read any more."""
PARTIAL_MESSAGE_S = 30.0
"""How long a message may take to arrive whole."""
CONNECT_TIMEOUT_S = 5.0
HANDSHAKE_TIMEOUT_S = 5.0
RENEWAL_S = 60.0
"""How often the certificate's files are looked at."""


class StreamChannel(Channel):
    """Connections of peers, and ours to them; answers go back the way their requests came."""

    transport_name: TransportName = "TCP"

    def __init__(self, agent: Agent, *, budget: MessageBudget, timers: Timers | None) -> None:
        super().__init__(agent, budget=budget, timers=timers, reliable=True)
        self._server: asyncio.Server | None = None
        self._connections: dict[Address, Connection] = {}
        self._connecting: set[asyncio.Task[None]] = set()
        self._strangers: Counter[str] = Counter()
        self._known: Counter[str] = Counter()
        """Connections of each host, by what the host was when it connected."""
        self._telling = OnceAMinute()
        self.connections_refused = 0

    @classmethod
    async def open(
        cls,
        agent: Agent,
        address: Address,
        *,
        budget: MessageBudget,
        timers: Timers | None,
        identity: TlsIdentity | None = None,
    ) -> StreamChannel:
        """Bind; encrypted with an `identity`. Raises OSError, TlsUnusable."""
        channel = (
            cls(agent, budget=budget, timers=timers)
            if identity is None
            else TlsChannel(agent, budget=budget, timers=timers, identity=identity)
        )
        await channel._listen(address, None)
        return channel

    async def _listen(self, address: Address, context: ssl.SSLContext | None) -> None:
        self._server = await self._loop.create_server(
            lambda: Connection(self), *address,
            family=_family(address[0]),
            ssl=context,
            ssl_handshake_timeout=None if context is None else HANDSHAKE_TIMEOUT_S,
        )  # fmt: skip

    @property
    def address(self) -> Address:
        if self._server is None:
            raise RuntimeError("the channel is not open")
        name = self._server.sockets[0].getsockname()
        return (name[0], name[1])

    def opened(self, connection: Connection, peer: Address) -> bool:
        """A connection was made; False when there are too many, in all or of its kind."""
        known = self._budget.knows(peer[0])
        of_kind = self._known if known else self._strangers
        most_of_one = MAX_FROM_ONE_KNOWN if known else MAX_FROM_ONE_STRANGER
        most_of_kind = MAX_CONNECTIONS if known else MAX_FROM_STRANGERS
        if (
            len(self._connections) >= MAX_CONNECTIONS
            or of_kind[peer[0]] >= most_of_one
            or of_kind.total() >= most_of_kind
        ):
            self.connections_refused += 1
            if self._telling.due(self._loop.time()):
                log.warning(
                    "connection from %s:%d refused: too many (%d refused so far)",
                    *peer, self.connections_refused,
                )  # fmt: skip
            return False
        self._connections[peer] = connection
        connection.kind = of_kind
        of_kind[peer[0]] += 1
        if not known:
            connection.expect()
        return True

    def closed(self, peer: Address) -> None:
        connection = self._connections.pop(peer, None)
        if connection is not None:
            connection.kind[peer[0]] -= 1
            if not connection.kind[peer[0]]:
                del connection.kind[peer[0]]

    def take(self, peer: Address) -> bool:
        """Whether one more message of this peer may be read now."""
        return self._budget.take(peer, self._loop.time())

    def send(self, data: bytes, destination: Address) -> None:
        connection = self._connections.get(destination)
        if connection is not None:
            connection.send(data)

    def reaches(self, destination: Address) -> bool:
        return destination in self._connections

    def request(
        self,
        request: SipRequest,
        destination: Address,
        *,
        source: Address | None = None,
        server_name: str | None = None,
        on_answer: OnAnswer | None = None,
    ) -> None:
        self._budget.vouch(destination[0])
        if source is not None:
            destination = self._way(destination, source)
        if destination in self._connections:
            super().request(request, destination, on_answer=on_answer)
            return
        task = asyncio.create_task(
            self._connect_and_request(request, destination, server_name, on_answer)
        )
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    def _way(self, destination: Address, source: Address) -> Address:
        return source if source in self._connections else destination

    async def _connect_and_request(
        self,
        request: SipRequest,
        destination: Address,
        server_name: str | None,
        on_answer: OnAnswer | None,
    ) -> None:
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                await self._connect(destination, server_name)
        except OSError as error:  # a certificate that is not believed included
            log.info("%s to %s:%d not sent: %s", request.method, *destination, error)
            if on_answer is not None:
                on_answer(None)
            return
        super().request(request, destination, on_answer=on_answer)

    async def _connect(self, destination: Address, server_name: str | None) -> None:
        del server_name
        await self._loop.create_connection(lambda: Connection(self), *destination)

    def close(self) -> None:
        super().close()
        for task in self._connecting:
            task.cancel()
        for connection in list(self._connections.values()):
            connection.close()
        if self._server is not None:
            self._server.close()


class TlsChannel(StreamChannel):
    """The same, encrypted."""

    transport_name = "TLS"

    def __init__(
        self, agent: Agent, *, budget: MessageBudget, timers: Timers | None, identity: TlsIdentity
    ) -> None:
        super().__init__(agent, budget=budget, timers=timers)
        self._identity = identity
        self._contexts = server_context(identity), client_context(identity)
        self._read_s = identity.changed_s()
        self._renewal = self._loop.call_later(RENEWAL_S, self._renew)

    async def _listen(self, address: Address, context: ssl.SSLContext | None) -> None:
        await super()._listen(address, context or self._contexts[0])

    async def _connect(self, destination: Address, server_name: str | None) -> None:
        await self._loop.create_connection(
            lambda: Connection(self), *destination,
            ssl=self._contexts[1],
            server_hostname=server_name or destination[0],
            ssl_handshake_timeout=HANDSHAKE_TIMEOUT_S,
        )  # fmt: skip

    def _renew(self) -> None:
        """Take a renewed certificate for the connections to come."""
        self._renewal = self._loop.call_later(RENEWAL_S, self._renew)
        changed_s = self._identity.changed_s()
        if changed_s == self._read_s:
            return
        try:
            for context in self._contexts:
                load_certificate(context, self._identity)
        except TlsUnusable as error:
            log.warning("the certificate before stays in use: %s", error)
            return  # perhaps half written: read again next time
        self._read_s = changed_s
        log.info("certificate %s read again", self._identity.certificate)

    def close(self) -> None:
        self._renewal.cancel()
        super().close()


class Connection(asyncio.Protocol):
    """One connection, whoever opened it.

    What its peer sends beyond its budget stays in the peer's own send buffer: the connection is not
    read until there is budget again. So at most one read's messages wait here.
    """

    kind: Counter[str]
    """Where the channel counts it."""

    def __init__(self, channel: StreamChannel) -> None:
        self._channel = channel
        self._framer = MessageFramer()
        self._transport: asyncio.Transport | None = None
        self._peer: Address = ("", 0)
        self._patience: asyncio.TimerHandle | None = None
        self._waiting: deque[bytes] = deque()
        """Messages read off the stream and not taken yet."""
        self._rest: asyncio.Handle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        name = transport.get_extra_info("peername")
        self._peer = (name[0], name[1])
        if not self._channel.opened(self, self._peer):
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio's)
        self._wait_for_rest(whole=True)
        if self._rest is not None:
            self._rest.cancel()
        self._channel.closed(self._peer)

    def expect(self) -> None:
        """Close unless a whole message comes in time."""
        self._wait_for_rest(whole=False)

    def data_received(self, data: bytes) -> None:
        try:
            messages = self._framer.feed(data)
        except SipSyntaxError as error:
            self._channel.messages_refused += 1
            log.debug("connection from %s:%d closed: %s", *self._peer, error.reason)
            self.close()
            return
        if messages:
            self._wait_for_rest(whole=True)
        if len(self._framer):
            self._wait_for_rest(whole=False)
        if self._framer.pings:
            self._framer.pings = 0
            self.send(b"\r\n")
        # A read without a message counts as one: line ends and single bytes are work too.
        self._waiting += messages or [b""]
        if self._rest is None:
            self._take_some()

    def _take_some(self) -> None:
        """Take what waits while the budget lasts, a few a turn of the loop."""
        self._rest = None
        if self._transport is None or self._transport.is_closing():
            return
        loop = asyncio.get_running_loop()
        for _ in range(MESSAGES_A_TURN):
            if not self._waiting:
                self._transport.resume_reading()
                return
            if not self._channel.take(self._peer):
                self._transport.pause_reading()
                self._rest = loop.call_later(REST_S, self._take_some)
                return
            message = self._waiting.popleft()
            if message:
                self._channel.receive(message, self._peer)
        self._transport.pause_reading()
        self._rest = loop.call_soon(self._take_some)

    def send(self, data: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size() > MAX_UNSENT_BYTES:
            self._transport.abort()
            return
        self._transport.write(data)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def _wait_for_rest(self, *, whole: bool) -> None:
        if whole and self._patience is not None:
            self._patience.cancel()
            self._patience = None
        elif not whole and self._patience is None:
            loop = asyncio.get_running_loop()
            self._patience = loop.call_later(PARTIAL_MESSAGE_S, self.close)


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
