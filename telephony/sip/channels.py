"""The sockets of a line: UDP and TCP on one port, TLS on another."""

from __future__ import annotations

import contextlib
import logging
import socket

from telephony.errors import TelephonyError
from telephony.sip.budget import MessageBudget
from telephony.sip.channel import Agent, Channel, TransportName, UdpChannel
from telephony.sip.message import Address
from telephony.sip.stream import StreamChannel
from telephony.sip.tls import TlsIdentity
from telephony.sip.transaction import Timers

log = logging.getLogger(__name__)

ATTEMPTS = 20
"""A port that the system picked for UDP may be taken for TCP."""


class Channels:
    """Every channel of one line, open until `close`."""

    def __init__(self, udp: UdpChannel, tcp: StreamChannel) -> None:
        self.udp, self.tcp = udp, tcp
        self.tls: StreamChannel | None = None

    @classmethod
    async def open(
        cls,
        agent: Agent,
        address: Address,
        *,
        budget: MessageBudget,
        timers: Timers | None,
        identity: TlsIdentity | None = None,
        tls_port: int = 5061,
    ) -> Channels:
        """Bind; port 0 picks one. Raises OSError, TlsUnusable; nothing is left open then."""
        channels = await cls._both(agent, address, budget=budget, timers=timers)
        log.info("SIP on %s:%d, UDP and TCP", *channels.udp.address)
        if identity is not None:
            try:
                channels.tls = await StreamChannel.open(
                    agent, (address[0], tls_port),
                    budget=budget, timers=timers, identity=identity,
                )  # fmt: skip
            except (OSError, TelephonyError):
                channels.close()
                raise
            log.info("SIP on %s:%d, TLS", *channels.tls.address)
        return channels

    @classmethod
    async def _both(
        cls, agent: Agent, address: Address, *, budget: MessageBudget, timers: Timers | None
    ) -> Channels:
        attempts = 1 if address[1] else ATTEMPTS
        while True:
            attempts -= 1
            udp = await UdpChannel.open(agent, address, budget=budget, timers=timers)
            try:
                tcp = await StreamChannel.open(agent, udp.address, budget=budget, timers=timers)
            except OSError:
                udp.close()
                if not attempts:
                    raise
            else:
                return cls(udp, tcp)

    def of(self, transport: TransportName) -> Channel | None:
        """The channel of a transport, None without one."""
        return {"UDP": self.udp, "TCP": self.tcp, "TLS": self.tls}[transport]

    @property
    def all(self) -> list[Channel]:
        return [channel for channel in (self.udp, self.tcp, self.tls) if channel is not None]

    @property
    def messages_refused(self) -> int:
        return sum(channel.messages_refused for channel in self.all)

    @property
    def connections_refused(self) -> int:
        return self.tcp.connections_refused + (self.tls.connections_refused if self.tls else 0)

    def close(self) -> None:
        """Idempotent."""
        for channel in self.all:
            channel.close()


def local_address_toward(peer: Address) -> str:
    """Which of this machine's addresses talks to `peer`. Sends nothing."""
    family = socket.AF_INET6 if ":" in peer[0] else socket.AF_INET
    with contextlib.closing(socket.socket(family, socket.SOCK_DGRAM)) as sock:
        try:
            sock.connect(peer)
        except OSError:
            return "127.0.0.1"
        return str(sock.getsockname()[0])
