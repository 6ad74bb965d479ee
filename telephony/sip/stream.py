"""SIP over streams: TCP and TLS, messages cut out of them, connections kept and used again."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import ssl
from typing import cast

from aiosipua.message import SipRequest

from telephony.errors import SipSyntaxError, TlsUnusable
from telephony.sip.channel import Agent, Channel, OnAnswer, TransportName
from telephony.sip.message import MAX_MESSAGE_BYTES, Address
from telephony.sip.tls import (
    TlsIdentity,
    client_context,
    load_certificate,
    server_context,
)
from telephony.sip.transaction import Timers

log = logging.getLogger(__name__)

MAX_CONNECTIONS = 500
MAX_UNSENT_BYTES = 1_000_000
"""A peer that lets this much wait does not read any more."""
PARTIAL_MESSAGE_S = 30.0
"""How long a message may take to arrive whole."""
CONNECT_TIMEOUT_S = 5.0
HANDSHAKE_TIMEOUT_S = 5.0
RENEWAL_S = 60.0
"""How often the certificate's files are looked at."""

_LENGTH = re.compile(rb"(?im)^(?:content-length|l)[ \t]*:[ \t]*(\d{1,6})[ \t]*\r?$")


class MessageFramer:
    """Whole messages out of a stream (RFC 3261 section 18.3). No I/O."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.pings = 0
        """Double line ends seen between messages (RFC 5626 section 3.5.1), to be answered."""

    def __len__(self) -> int:
        """Bytes of a message that is not whole yet; the line ends between two are of none."""
        return len(self._buffer.strip(b"\r\n"))

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes; return the messages now whole.

        Raises SipSyntaxError when the stream cannot be followed any further: a message without
        a length, or longer than any real one.
        """
        self._buffer += data
        messages: list[bytes] = []
        while True:
            self._skip_line_ends()
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                if len(self._buffer) > MAX_MESSAGE_BYTES:
                    raise SipSyntaxError("headers without end", status=513)
                return messages
            length = _LENGTH.search(self._buffer, 0, end + 2)
            if length is None:
                raise SipSyntaxError("no Content-Length on a stream")
            whole = end + 4 + int(length[1])
            if whole > MAX_MESSAGE_BYTES:
                raise SipSyntaxError("too long", status=513)
            if len(self._buffer) < whole:
                return messages
            messages.append(bytes(self._buffer[:whole]))
            del self._buffer[:whole]

    def _skip_line_ends(self) -> None:
        while self._buffer[:1] == b"\r" or self._buffer[:1] == b"\n":
            if self._buffer[:4] == b"\r\n\r\n":
                self.pings += 1
                del self._buffer[:4]
            elif b"\r\n\r\n".startswith(self._buffer):
                return  # the rest of a ping may still come
            else:
                del self._buffer[:1]


class StreamChannel(Channel):
    """Connections of peers, and ours to them; answers go back the way their requests came."""

    transport_name: TransportName = "TCP"

    def __init__(self, agent: Agent, *, timers: Timers | None) -> None:
        super().__init__(agent, timers=timers, reliable=True)
        self._server: asyncio.Server | None = None
        self._connections: dict[Address, Connection] = {}
        self._connecting: set[asyncio.Task[None]] = set()

    @classmethod
    async def open(
        cls,
        agent: Agent,
        address: Address,
        *,
        timers: Timers | None,
        identity: TlsIdentity | None = None,
    ) -> StreamChannel:
        """Bind; encrypted with an `identity`. Raises OSError, TlsUnusable."""
        channel = (
            cls(agent, timers=timers)
            if identity is None
            else TlsChannel(agent, timers=timers, identity=identity)
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
        """A connection was made; False when there are too many."""
        if len(self._connections) >= MAX_CONNECTIONS:
            log.warning("connection from %s:%d refused: too many", *peer)
            return False
        self._connections[peer] = connection
        return True

    def closed(self, peer: Address) -> None:
        self._connections.pop(peer, None)

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

    def __init__(self, agent: Agent, *, timers: Timers | None, identity: TlsIdentity) -> None:
        super().__init__(agent, timers=timers)
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
    """One connection, whoever opened it."""

    def __init__(self, channel: StreamChannel) -> None:
        self._channel = channel
        self._framer = MessageFramer()
        self._transport: asyncio.Transport | None = None
        self._peer: Address = ("", 0)
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        name = transport.get_extra_info("peername")
        self._peer = (name[0], name[1])
        if not self._channel.opened(self, self._peer):
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio's)
        self._wait_for_rest(whole=True)
        self._channel.closed(self._peer)

    def data_received(self, data: bytes) -> None:
        try:
            messages = self._framer.feed(data)
        except SipSyntaxError as error:
            self._channel.messages_refused += 1
            log.debug("connection from %s:%d closed: %s", *self._peer, error.reason)
            self.close()
            return
        self._wait_for_rest(whole=not len(self._framer))
        if self._framer.pings:
            self._framer.pings = 0
            self.send(b"\r\n")
        for message in messages:
            self._channel.receive(message, self._peer)

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
