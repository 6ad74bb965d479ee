"""How SIP messages come and go: UDP and TCP, each with transactions of its own."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
from typing import Literal, Protocol, assert_never, cast

from aiosipua.message import SipRequest, SipResponse

from telephony.errors import SipSyntaxError
from telephony.rtp import RtpEndpoint
from telephony.sip.message import (
    MAX_MESSAGE_BYTES,
    Address,
    check_request,
    is_address,
    is_keep_alive,
    parse_message,
    respond,
    stamp_source,
)
from telephony.sip.transaction import (
    AckArrived,
    Effect,
    Forgotten,
    RequestArrived,
    ResponseArrived,
    Send,
    ServerTransaction,
    TimedOut,
    Timers,
    Transaction,
    TransactionLayer,
)

log = logging.getLogger(__name__)

MAX_CONNECTIONS = 500
MAX_UNSENT_BYTES = 1_000_000
"""A peer that lets this much wait does not read any more."""
PARTIAL_MESSAGE_S = 30.0
"""How long a message may take to arrive whole."""
CONNECT_TIMEOUT_S = 5.0


class Agent(Protocol):
    """What stands above the transactions of every channel."""

    def request_arrived(self, channel: Channel, transaction: ServerTransaction) -> None: ...

    def ack_arrived(self, request: SipRequest) -> None: ...

    def timed_out(self, transaction: Transaction) -> None: ...

    def forgotten(self, transaction: ServerTransaction) -> None: ...

    def contact_toward(self, peer: Address) -> Address: ...

    async def open_media(self) -> RtpEndpoint: ...


class Channel:
    """One transport and its transactions; also the `Wire` of the calls that came by it."""

    transport_name: Literal["UDP", "TCP"]

    def __init__(self, agent: Agent, *, timers: Timers | None, reliable: bool) -> None:
        self._agent = agent
        self._loop = asyncio.get_running_loop()
        self._alarm: asyncio.TimerHandle | None = None
        self.layer = TransactionLayer(timers=timers, reliable=reliable)
        self.messages_refused = 0
        """What was no SIP message, or one that RFC 3261 says to refuse."""

    def send(self, data: bytes, destination: Address) -> None:
        """Send now, or never; an impossible destination is logged and changes nothing."""
        raise NotImplementedError

    def close(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()

    # Wire (telephony.sip.call)

    def contact_toward(self, peer: Address) -> Address:
        return self._agent.contact_toward(peer)

    def respond(self, transaction: ServerTransaction, response: SipResponse) -> None:
        self._carry_out(self.layer.respond(transaction, response, self._loop.time()))

    def acknowledge(self, transaction: ServerTransaction) -> None:
        self.layer.acknowledge(transaction)

    def request(self, request: SipRequest, destination: Address, *, source: Address) -> None:
        del source  # matters where there are connections
        _, effects = self.layer.send_request(request, destination, self._loop.time())
        self._carry_out(effects)

    async def open_media(self) -> RtpEndpoint:
        return await self._agent.open_media()

    # From the transport

    def receive(self, data: bytes, source: Address) -> None:
        """Take one whole message."""
        try:
            message = parse_message(data)
        except SipSyntaxError as error:
            self.messages_refused += 1
            log.debug("message from %s:%d dropped: %s", *source, error.reason)
            return
        now_s = self._loop.time()
        if isinstance(message, SipResponse):
            self._carry_out(self.layer.receive_response(message, now_s))
            return
        stamp_source(message, source)
        try:
            check_request(message, data)
        except SipSyntaxError as error:
            self.messages_refused += 1
            if message.method != "ACK":
                # Stateless (RFC 3261 section 8.2.7): a copy gets the same answer again.
                response = respond(message, error.status, error.reason, to_tag="refused")
                self.send(bytes(response), source)
            return
        self._carry_out(self.layer.receive_request(message, source, now_s))

    def _carry_out(self, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case Send():
                    self.send(effect.data, effect.destination)
                case RequestArrived():
                    self._agent.request_arrived(self, effect.transaction)
                case AckArrived():
                    self._agent.ack_arrived(effect.request)
                case TimedOut():
                    self._agent.timed_out(effect.transaction)
                case Forgotten():
                    self._agent.forgotten(effect.transaction)
                case ResponseArrived():
                    pass  # we only send BYE: any final answer ends it, the layer sees to it
                case _:
                    assert_never(effect)
        self._set_alarm()

    def _set_alarm(self) -> None:
        due_s = self.layer.next_due_s()
        if self._alarm is not None:
            if due_s is not None and self._alarm.when() <= due_s:
                return
            self._alarm.cancel()
            self._alarm = None
        if due_s is not None:
            self._alarm = self._loop.call_at(due_s, self._ring_alarm)

    def _ring_alarm(self) -> None:
        self._alarm = None
        self._carry_out(self.layer.advance(self._loop.time()))


class UdpChannel(Channel, asyncio.DatagramProtocol):
    """A datagram socket that no destination can kill.

    asyncio closes a UDP transport for good when `sendto` raises anything but OSError, which a
    port of 99999 does: destinations are checked before they get there.
    """

    transport_name = "UDP"

    def __init__(self, agent: Agent, *, timers: Timers | None) -> None:
        super().__init__(agent, timers=timers, reliable=False)
        self._transport: asyncio.DatagramTransport | None = None
        self.sends_refused = 0

    @classmethod
    async def open(cls, agent: Agent, address: Address, *, timers: Timers | None) -> UdpChannel:
        """Bind. Raises OSError."""
        loop = asyncio.get_running_loop()
        _, channel = await loop.create_datagram_endpoint(
            lambda: cls(agent, timers=timers), local_addr=address
        )
        return channel

    @property
    def address(self) -> Address:
        """As bound."""
        if self._transport is None:
            raise RuntimeError("the channel is not open")
        name = self._transport.get_extra_info("sockname")
        return (name[0], name[1])

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if not is_keep_alive(data):
            self.receive(data, (addr[0], addr[1]))

    def error_received(self, exc: Exception) -> None:
        log.debug("sip socket: %s", exc)

    def send(self, data: bytes, destination: Address) -> None:
        host, port = destination
        if self._transport is None or self._transport.is_closing():
            return
        if not (is_address(host) and 0 < port < 65536):
            self.sends_refused += 1
            log.warning("nothing sent to impossible address %s:%s", host, port)
            return
        self._transport.sendto(data, (host.strip("[]"), port))

    def close(self) -> None:
        super().close()
        if self._transport is not None:
            self._transport.close()


_LENGTH = re.compile(rb"(?im)^(?:content-length|l)[ \t]*:[ \t]*(\d{1,6})[ \t]*\r?$")


class MessageFramer:
    """Whole messages out of a stream (RFC 3261 section 18.3). No I/O."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def __len__(self) -> int:
        """Bytes of a message that is not whole yet."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes; return the messages now whole.

        Raises SipSyntaxError when the stream cannot be followed any further: a message without
        a length, or longer than any real one.
        """
        self._buffer += data
        messages: list[bytes] = []
        while True:
            if self._buffer[:1] in (bytearray(b"\r"), bytearray(b"\n")):
                self._buffer = self._buffer.lstrip(b"\r\n")  # keep-alives between messages
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


class TcpChannel(Channel):
    """Connections of peers, and ours to them; answers go back the way their requests came."""

    transport_name = "TCP"

    def __init__(self, agent: Agent, *, timers: Timers | None) -> None:
        super().__init__(agent, timers=timers, reliable=True)
        self._server: asyncio.Server | None = None
        self._connections: dict[Address, Connection] = {}
        self._connecting: set[asyncio.Task[None]] = set()

    @classmethod
    async def open(cls, agent: Agent, address: Address, *, timers: Timers | None) -> TcpChannel:
        """Bind. Raises OSError."""
        channel = cls(agent, timers=timers)
        loop = asyncio.get_running_loop()
        channel._server = await loop.create_server(
            lambda: Connection(channel), *address, family=_family(address[0])
        )
        return channel

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

    def request(self, request: SipRequest, destination: Address, *, source: Address) -> None:
        """By the connection the call came by while it stands, else by a new one."""
        if source in self._connections:
            destination = source
        if destination in self._connections:
            super().request(request, destination, source=source)
            return
        task = asyncio.create_task(self._connect_and_request(request, destination))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    async def _connect_and_request(self, request: SipRequest, destination: Address) -> None:
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                await self._loop.create_connection(lambda: Connection(self), *destination)
        except OSError as error:
            log.info("%s to %s:%d not sent: %s", request.method, *destination, error)
            return
        super().request(request, destination, source=destination)

    def close(self) -> None:
        super().close()
        for task in self._connecting:
            task.cancel()
        for connection in list(self._connections.values()):
            connection.close()
        if self._server is not None:
            self._server.close()


class Connection(asyncio.Protocol):
    """One TCP connection, whoever opened it."""

    def __init__(self, channel: TcpChannel) -> None:
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
