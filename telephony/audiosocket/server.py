"""The listening side of AudioSocket: one TCP connection a call, identified before it is heard."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import socket
import uuid
from collections.abc import Awaitable, Callable, Sequence
from typing import cast

from telephony.audiosocket.announced import Announced, AnnouncedCalls
from telephony.audiosocket.endpoint import AudioSocketEndpoint
from telephony.audiosocket.frames import (
    DIGIT,
    ERROR,
    IDENTITY,
    RATES_HZ,
    TERMINATE,
    BadFrameError,
    FrameReader,
    frame,
)
from telephony.call import IncomingCall
from telephony.carried import CarriedCall

log = logging.getLogger(__name__)

IDENTIFY_S = 5.0
RATE_WAIT_S = 0.5
"""How long the first sound is waited for: its rate decides the codec the operator is asked for."""
DEAD_AFTER_S = 20

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class _Connection(asyncio.Protocol):
    """One TCP connection: identified first, then a call's sound."""

    def __init__(self, server: AudioSocketServer) -> None:
        self._server = server
        self._reader = FrameReader()
        self._transport: asyncio.Transport
        self._endpoint: AudioSocketEndpoint | None = None
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        peer = self._transport.get_extra_info("peername")
        if not self._server.admits(str(peer[0])):
            log.warning("audiosocket: %s is in none of the allowed networks", peer[0])
            self._transport.abort()
            return
        _notice_the_dead(self._transport.get_extra_info("socket"))
        self._server.connections.add(self)
        loop = asyncio.get_running_loop()
        self._patience = loop.call_later(IDENTIFY_S, self.refuse, "it did not say its UUID")

    def data_received(self, data: bytes) -> None:
        try:
            for kind, payload in self._reader.feed(data):
                self._take(kind, payload)
        except BadFrameError as error:
            self.refuse(str(error))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._forget()
        if self._endpoint is not None:
            self._endpoint.ended.set()

    def refuse(self, why: str) -> None:
        """Hang up on a peer that makes no sense."""
        log.warning("audiosocket: connection closed: %s", why)
        self._forget()
        if not self._transport.is_closing():
            self._transport.write(frame(TERMINATE))
            self._transport.close()
        if self._endpoint is not None:
            self._endpoint.ended.set()

    def _forget(self) -> None:
        self._server.connections.discard(self)
        if self._patience is not None:
            self._patience.cancel()

    def _take(self, kind: int, payload: bytes) -> None:
        endpoint = self._endpoint
        if self._transport.is_closing():
            return
        if endpoint is None:
            if kind != IDENTITY:
                raise BadFrameError(f"frame {kind:#x} before a UUID")
            self._identify(uuid.UUID(bytes=payload))
        elif kind in RATES_HZ:
            endpoint.hear(kind, payload)
        elif kind == DIGIT:
            endpoint.press(payload.decode().upper())
        elif kind in (TERMINATE, ERROR):
            if kind == ERROR:
                log.info("audiosocket: Asterisk reports error %s", payload.hex() or "(none)")
            endpoint.ended.set()
            self._transport.close()
        elif kind == IDENTITY:
            raise BadFrameError("a second UUID")
        # Other kinds are newer than this: a frame says its own length, so it is passed over.

    def _identify(self, identity: uuid.UUID) -> None:
        announced = self._server.announced.take(identity)
        if announced is None:
            raise BadFrameError(f"nobody announced {identity}")
        if self._patience is not None:
            self._patience.cancel()
        self._endpoint = AudioSocketEndpoint(self._transport)
        self._server.receive(self._endpoint, announced)


class AudioSocketServer:
    """Takes such calls. `on_call` gets each as `telephony.call` describes."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        on_call: Callable[[IncomingCall], Awaitable[None]],
        announced: AnnouncedCalls,
        networks: Sequence[Network],
        max_connections: int = 500,
    ) -> None:
        self.announced = announced
        self.connections: set[_Connection] = set()
        self._host, self._port = host, port
        self._on_call = on_call
        self._networks = tuple(networks)
        self._max_connections = max_connections
        self._server: asyncio.Server | None = None
        self._calls: dict[asyncio.Task[None], CarriedCall] = {}

    @property
    def address(self) -> tuple[str, int]:
        """As bound, once started."""
        assert self._server is not None  # noqa: S101 - asked for after `start`
        host, port = self._server.sockets[0].getsockname()[:2]
        return host, port

    async def start(self) -> None:
        """Raises OSError when the port is taken."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: _Connection(self), self._host, self._port, backlog=128
        )

    async def stop(self) -> None:
        """Hang everybody up and wait for it."""
        if self._server is not None:
            self._server.close()
        for call in list(self._calls.values()):
            await call.hang_up(by="system", reason="server_stopped")
        await asyncio.gather(*self._calls, return_exceptions=True)
        for connection in list(self.connections):
            connection.refuse("the service stops")
        if self._server is not None:
            await self._server.wait_closed()

    def admits(self, host: str) -> bool:
        """Whether a connection from there is taken."""
        address = ipaddress.ip_address(host.partition("%")[0])
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        full = len(self.connections) >= self._max_connections
        return not full and any(address in network for network in self._networks)

    def receive(self, endpoint: AudioSocketEndpoint, announced: Announced) -> None:
        """An identified connection is a call."""
        call = CarriedCall(
            endpoint,
            source="audiosocket",
            dialled=announced.dialled,
            caller_number=announced.caller_number,
            caller_name=announced.caller_name,
            forwarded_from=announced.forwarded_from,
        )
        task = asyncio.create_task(self._live(call, endpoint), name=f"call {call.call_id}")
        self._calls[task] = call
        task.add_done_callback(lambda done: self._calls.pop(done, None))

    async def _live(self, call: CarriedCall, endpoint: AudioSocketEndpoint) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(endpoint.heard_first.wait(), RATE_WAIT_S)
        try:
            await self._on_call(call)
        except Exception:
            log.exception("call %s failed", call.call_id)
            await call.hang_up(by="system", reason="failed")


def _notice_the_dead(sock: socket.socket) -> None:
    """A machine that is gone without a word is noticed by what it no longer acknowledges."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for name, value in (
        ("TCP_KEEPIDLE", 5), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3),
        ("TCP_USER_TIMEOUT", DEAD_AFTER_S * 1000),
    ):  # fmt: skip
        if hasattr(socket, name):  # Linux has all of them
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
