"""How SIP messages come and go, each transport with transactions of its own; UDP is here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Literal, Protocol, TypeAlias, assert_never, cast

from aiosipua.message import SipRequest, SipResponse

from telephony.errors import SipSyntaxError
from telephony.rtp import RtpEndpoint
from telephony.sip.budget import MessageBudget
from telephony.sip.message import (
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
    ClientTransaction,
    Effect,
    Forgotten,
    RequestArrived,
    ResponseArrived,
    Send,
    ServerTransaction,
    TimedOut,
    Timers,
    Transaction,
)
from telephony.sip.transactionlayer import TransactionLayer

log = logging.getLogger(__name__)

TransportName: TypeAlias = Literal["UDP", "TCP", "TLS"]

STATELESS_TAG = "refused"
"""The To tag of answers given without keeping anything, the same on every copy."""

OnAnswer: TypeAlias = Callable[[SipResponse | None], None]
"""Told each answer to a request of ours; None when none came, or the request could not go."""


class Agent(Protocol):
    """What stands above the transactions of every channel."""

    def request_arrived(self, channel: Channel, transaction: ServerTransaction) -> None: ...

    def ack_arrived(self, request: SipRequest) -> None: ...

    def timed_out(self, transaction: Transaction) -> None: ...

    def forgotten(self, token: object) -> None: ...

    def host_toward(self, peer: Address) -> str: ...

    async def open_media(self) -> RtpEndpoint: ...


class Channel:
    """One transport and its transactions; also the `Wire` of the calls that came by it."""

    transport_name: TransportName

    def __init__(
        self, agent: Agent, *, budget: MessageBudget, timers: Timers | None, reliable: bool
    ) -> None:
        self._agent = agent
        self._budget = budget
        self._loop = asyncio.get_running_loop()
        self._alarm: asyncio.TimerHandle | None = None
        self.layer = TransactionLayer(timers=timers, reliable=reliable)
        self.messages_refused = 0
        """What was no SIP message, or one that RFC 3261 says to refuse."""

    @property
    def address(self) -> Address:
        """Where it listens, the port as bound."""
        raise NotImplementedError

    def send(self, data: bytes, destination: Address) -> None:
        """Send now, or never; an impossible destination is logged and changes nothing."""
        raise NotImplementedError

    def reaches(self, destination: Address) -> bool:
        """Whether `send` can go there as things stand: where there are connections, over one."""
        return destination[1] > 0

    def close(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()

    # Wire (telephony.sip.call)

    def contact_toward(self, peer: Address) -> Address:
        return self._agent.host_toward(peer), self.address[1]

    def respond(self, transaction: ServerTransaction, response: SipResponse) -> None:
        self._carry_out(self.layer.respond(transaction, response, self._loop.time()))

    def answer_and_forget(self, transaction: ServerTransaction, response: SipResponse) -> None:
        """Answer without keeping anything (RFC 3261 section 8.2.7): a copy is answered anew."""
        self.layer.forget(transaction)
        self.send(bytes(response), transaction.destination)

    def trust(self, source: Address) -> None:
        """It was let in: its messages are read as those of a network that may call."""
        self._budget.vouch(source[0])

    def acknowledge(self, transaction: ServerTransaction) -> None:
        self.layer.acknowledge(transaction)

    def request(
        self,
        request: SipRequest,
        destination: Address,
        *,
        source: Address | None = None,
        server_name: str | None = None,
        on_answer: OnAnswer | None = None,
    ) -> None:
        """Send a request and see to its transaction.

        Where there are connections, the one to `source` is used while it stands, else one is made
        to `destination`, which must show a certificate for `server_name` if it is encrypted.
        """
        del source, server_name
        self._budget.vouch(destination[0])  # its answer must not drown in a flood
        transaction, effects = self.layer.send_request(request, destination, self._loop.time())
        transaction.on_answer = on_answer
        self._carry_out(effects)

    def send_ack(self, ack: SipRequest, destination: Address, *, source: Address) -> None:
        """Send the ACK of a 2xx, which is no transaction: a copy of the 2xx asks for it again."""
        self.send(bytes(ack), self._way(destination, source))

    def _way(self, destination: Address, source: Address) -> Address:
        """Where there are connections, the one to `source` while it stands."""
        del source
        return destination

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
                response = respond(message, error.status, error.reason, to_tag=STATELESS_TAG)
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
                case TimedOut(transaction=ClientTransaction(on_answer=on_answer)):
                    if on_answer is not None:
                        on_answer(None)
                case TimedOut():
                    self._agent.timed_out(effect.transaction)
                case Forgotten():
                    self._agent.forgotten(effect.token)
                case ResponseArrived():
                    if effect.transaction.on_answer is not None:
                        effect.transaction.on_answer(effect.response)
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
    port of 99999 does: destinations are checked before they get there. asyncio reads one datagram
    a turn of the loop, so that between two messages of a flood every voice that came has its turn.
    """

    transport_name = "UDP"

    def __init__(self, agent: Agent, *, budget: MessageBudget, timers: Timers | None) -> None:
        super().__init__(agent, budget=budget, timers=timers, reliable=False)
        self._transport: asyncio.DatagramTransport | None = None
        self.sends_refused = 0

    @classmethod
    async def open(
        cls, agent: Agent, address: Address, *, budget: MessageBudget, timers: Timers | None
    ) -> UdpChannel:
        """Bind. Raises OSError."""
        loop = asyncio.get_running_loop()
        _, channel = await loop.create_datagram_endpoint(
            lambda: cls(agent, budget=budget, timers=timers), local_addr=address
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
        source = (addr[0], addr[1])
        if not self._budget.take(source, now_s := self._loop.time()):
            self._budget.drop(source, now_s)
        elif not is_keep_alive(data):
            self.receive(data, source)

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
