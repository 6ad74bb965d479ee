"""The SIP user agent server: a UDP socket, the transaction layer, the calls on it."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import socket
from collections.abc import Awaitable, Callable, Iterable
from typing import assert_never, cast

from aiosipua.message import SipRequest, SipResponse
from aiosipua.utils import generate_tag

from telephony.call import IncomingCall
from telephony.errors import SipSyntaxError
from telephony.rtp import RtpEndpoint
from telephony.sip.call import SipCall
from telephony.sip.dialog import dialog_key
from telephony.sip.message import (
    ALLOWED_METHODS,
    Address,
    check_request,
    is_address,
    is_keep_alive,
    parse_message,
    respond,
    sequence_of,
    stamp_source,
    tag_of,
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
    TransactionLayer,
    trying,
)

log = logging.getLogger(__name__)

DialogKey = tuple[str, str, str]
RequestKey = tuple[str, str, int]
CallHandler = Callable[[IncomingCall], Awaitable[None]]
Networks = Iterable[ipaddress.IPv4Network | ipaddress.IPv6Network]


class UdpSocket(asyncio.DatagramProtocol):
    """A datagram socket that no destination can kill.

    asyncio closes a UDP transport for good when `sendto` raises anything but OSError, which a
    port of 99999 does: destinations are checked before they get there.
    """

    def __init__(self, on_datagram: Callable[[bytes, Address], None]) -> None:
        self._on_datagram = on_datagram
        self._transport: asyncio.DatagramTransport | None = None
        self.sends_refused = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._on_datagram(data, (addr[0], addr[1]))

    def error_received(self, exc: Exception) -> None:
        log.debug("sip socket: %s", exc)

    @property
    def address(self) -> Address:
        if self._transport is None:
            raise RuntimeError("the SIP server is not started")
        name = self._transport.get_extra_info("sockname")
        return (name[0], name[1])

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
        if self._transport is not None:
            self._transport.close()


class SipServer:
    """Calls from a trunk, a PBX or a softphone, over UDP.

    `on_call` runs as a task per call, owned here; if it raises, the call is refused with 500.
    `public_host` is the address written in Contact and session descriptions (default: the one
    listened on, or when that is 0.0.0.0 the one that talks to the peer). `trunks` limits who may
    call; others get 403. `rtp_ports` is the first and last port for voice.
    """

    def __init__(
        self,
        *,
        host: str,
        port: int,
        on_call: CallHandler,
        public_host: str | None = None,
        rtp_ports: tuple[int, int] = (20000, 29999),
        trunks: Networks | None = None,
        max_calls: int = 500,
        timers: Timers | None = None,
    ) -> None:
        self._host, self._port = host, port
        self._on_call = on_call
        self._public_host = public_host
        self._rtp_ports = rtp_ports
        self._trunks = None if trunks is None else list(trunks)
        self._max_calls = max_calls
        self._layer = TransactionLayer(timers=timers)
        self._socket = UdpSocket(self._receive)
        self._live: set[SipCall] = set()
        self._dialogs: dict[DialogKey, SipCall] = {}
        """Calls by dialog, kept after their end until their INVITE is forgotten."""
        self._invites: dict[ServerTransaction, SipCall] = {}
        self._first_invites: dict[RequestKey, ServerTransaction] = {}
        """INVITEs that began a call, to recognise one that came by two ways."""
        self._handlers: set[asyncio.Task[None]] = set()
        self._alarm: asyncio.TimerHandle | None = None
        self._stopping = False
        self.messages_refused = 0
        """Datagrams that were no SIP message, or one that RFC 3261 says to refuse."""

    async def start(self) -> None:
        """Bind. Raises OSError when the address is taken or not ours."""
        self._loop = asyncio.get_running_loop()
        await self._loop.create_datagram_endpoint(
            lambda: self._socket, local_addr=(self._host, self._port)
        )
        log.info("SIP on udp:%s:%d", *self.address)

    async def stop(self) -> None:
        """Hang up every call, wait for their handlers, close the socket. Idempotent."""
        if self._stopping:
            return
        self._stopping = True
        for call in list(self._live):
            await call.hang_up(by="system", reason="server_stopped")
        for task in self._handlers:
            task.cancel()
        await asyncio.gather(*self._handlers, return_exceptions=True)
        if self._alarm is not None:
            self._alarm.cancel()
        self._socket.close()

    @property
    def address(self) -> Address:
        """Where it listens, the port as bound."""
        return self._socket.address

    @property
    def calls(self) -> int:
        """Calls ringing or in progress."""
        return len(self._live)

    # Wire (telephony.sip.call)

    def contact_toward(self, peer: Address) -> Address:
        host, port = self.address
        if self._public_host is not None:
            return self._public_host, port
        if ipaddress.ip_address(host).is_unspecified:
            host = _local_address_toward(peer)
        return host, port

    @property
    def transport_name(self) -> str:
        return "UDP"

    def respond(self, transaction: ServerTransaction, response: SipResponse) -> None:
        self._carry_out(self._layer.respond(transaction, response, self._loop.time()))

    def acknowledge(self, transaction: ServerTransaction) -> None:
        self._layer.acknowledge(transaction)

    def request(self, request: SipRequest, destination: Address) -> None:
        _, effects = self._layer.send_request(request, destination, self._loop.time())
        self._carry_out(effects)

    async def open_media(self) -> RtpEndpoint:
        return await RtpEndpoint.open(self._host, self._rtp_ports)

    # From the socket

    def _receive(self, data: bytes, source: Address) -> None:
        if is_keep_alive(data):
            return
        try:
            message = parse_message(data)
        except SipSyntaxError as error:
            self.messages_refused += 1
            log.debug("message from %s:%d dropped: %s", *source, error.reason)
            return
        now_s = self._loop.time()
        if isinstance(message, SipResponse):
            self._carry_out(self._layer.receive_response(message, now_s))
            return
        stamp_source(message, source)
        try:
            check_request(message, data)
        except SipSyntaxError as error:
            self.messages_refused += 1
            if message.method != "ACK":
                # Stateless (RFC 3261 section 8.2.7): a copy gets the same answer again.
                response = respond(message, error.status, error.reason, to_tag="refused")
                self._socket.send(bytes(response), source)
            return
        self._carry_out(self._layer.receive_request(message, source, now_s))

    def _carry_out(self, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case Send():
                    self._socket.send(effect.data, effect.destination)
                case RequestArrived():
                    self._dispatch(effect.transaction)
                case AckArrived():
                    self._acknowledged(effect.request)
                case TimedOut():
                    self._timed_out(effect.transaction)
                case Forgotten():
                    self._forget_transaction(effect.transaction)
                case ResponseArrived():
                    pass  # we only send BYE: any final answer ends it, the layer sees to it
                case _:
                    assert_never(effect)
        self._set_alarm()

    def _set_alarm(self) -> None:
        due_s = self._layer.next_due_s()
        if self._alarm is not None:
            if due_s is not None and self._alarm.when() <= due_s and not self._alarm.cancelled():
                return
            self._alarm.cancel()
            self._alarm = None
        if due_s is not None:
            self._alarm = self._loop.call_at(due_s, self._ring_alarm)

    def _ring_alarm(self) -> None:
        self._alarm = None
        self._carry_out(self._layer.advance(self._loop.time()))

    # The user agent's own rules (RFC 3261 section 8.2)

    def _dispatch(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        if self._trunks is not None and not self._from_trunk(transaction.source):
            self._refuse(transaction, 403, "Forbidden")
            return
        unknown = self._unsupported(request)
        if unknown:
            self._refuse(transaction, 420, "Bad Extension", ("Unsupported", ", ".join(unknown)))
        elif request.method == "CANCEL":
            self._cancel(transaction)
        elif tag_of(request, "to"):
            self._within_dialog(transaction)
        elif request.method == "INVITE":
            self._invited(transaction)
        elif request.method == "OPTIONS":
            self._refuse(transaction, 200, "OK", ("Accept", "application/sdp"))
        elif request.method in ALLOWED_METHODS:
            self._refuse(transaction, 481, "Call/Transaction Does Not Exist")
        else:
            self._refuse(transaction, 405, "Method Not Allowed")

    def _invited(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        key = (request.call_id or "", tag_of(request, "from"), sequence_of(request)[0])
        if key in self._first_invites:
            # The same request by two ways (section 8.2.2.2): one call, not two.
            self._refuse(transaction, 482, "Loop Detected")
            return
        if self._stopping or len(self._live) >= self._max_calls:
            self._refuse(transaction, 503, "Service Unavailable", ("Retry-After", "10"))
            return
        self.respond(transaction, trying(transaction))
        call = SipCall(transaction, self, self._over)
        self._live.add(call)
        self._dialogs[call.dialog.key] = call
        self._invites[transaction] = call
        self._first_invites[key] = transaction
        task = asyncio.create_task(self._handle(call), name=f"sip call {call.call_id}")
        self._handlers.add(task)
        task.add_done_callback(self._handlers.discard)

    async def _handle(self, call: SipCall) -> None:
        try:
            await self._on_call(call)
        except Exception:
            log.exception("call %s: its handler failed", call.call_id)
            call.refuse(500, "Server Internal Error")
            await call.hang_up(by="system", reason="failed")

    def _within_dialog(self, transaction: ServerTransaction) -> None:
        call = self._dialogs.get(dialog_key(transaction.request))
        if call is None:
            self._refuse(transaction, 481, "Call/Transaction Does Not Exist")
            return
        if transaction.request.method == "INVITE":
            self._invites[transaction] = call
        call.receive(transaction)

    def _cancel(self, transaction: ServerTransaction) -> None:
        invite = self._layer.invite_cancelled_by(transaction.request)
        if invite is None:
            self._refuse(transaction, 481, "Call/Transaction Does Not Exist")
            return
        call = self._invites.get(invite)
        # The same To tag as the INVITE's own answers (section 9.2).
        tag = call.dialog.local_tag if call else None
        self._refuse(transaction, 200, "OK", to_tag=tag)
        if call is not None:
            call.receive_cancel()

    def _acknowledged(self, request: SipRequest) -> None:
        call = self._dialogs.get(dialog_key(request))
        if call is not None:
            call.receive_ack(request)

    def _timed_out(self, transaction: ServerTransaction | ClientTransaction) -> None:
        if isinstance(transaction, ServerTransaction) and transaction in self._invites:
            self._invites[transaction].timed_out()

    def _forget_transaction(self, transaction: ServerTransaction) -> None:
        call = self._invites.pop(transaction, None)
        request = transaction.request
        key = (request.call_id or "", tag_of(request, "from"), sequence_of(request)[0])
        if self._first_invites.get(key) is transaction:
            del self._first_invites[key]
        if call is not None and call.ended.is_set():
            self._forget_dialog(call)

    def _over(self, call: SipCall) -> None:
        self._live.discard(call)
        self._forget_dialog(call)

    def _forget_dialog(self, call: SipCall) -> None:
        """Drop an ended call once nothing can come for it any more."""
        if call not in self._invites.values():
            self._dialogs.pop(call.dialog.key, None)

    def _unsupported(self, request: SipRequest) -> list[str]:
        """Extensions we are required to know; none so far (section 8.2.2.3)."""
        if request.method in ("ACK", "CANCEL"):
            return []
        return [option for option in request.headers.get("require") if option]

    def _from_trunk(self, source: Address) -> bool:
        address = ipaddress.ip_address(source[0])
        return any(address in network for network in self._trunks or ())

    def _refuse(
        self,
        transaction: ServerTransaction,
        status: int,
        reason: str,
        header: tuple[str, str] | None = None,
        *,
        to_tag: str | None = None,
    ) -> None:
        """Answer outside any call."""
        tag = to_tag or generate_tag()
        response = respond(transaction.request, status, reason, to_tag=tag)
        if status == 405 or transaction.request.method == "OPTIONS":
            response.headers.set_single("Allow", ", ".join(ALLOWED_METHODS))
        if header is not None:
            response.headers.set_single(*header)
        self.respond(transaction, response)


def _local_address_toward(peer: Address) -> str:
    """Which of this machine's addresses talks to `peer`. Sends nothing."""
    family = socket.AF_INET6 if ":" in peer[0] else socket.AF_INET
    with contextlib.closing(socket.socket(family, socket.SOCK_DGRAM)) as sock:
        try:
            sock.connect(peer)
        except OSError:
            return "127.0.0.1"
        return str(sock.getsockname()[0])
