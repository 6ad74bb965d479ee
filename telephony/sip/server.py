"""The SIP user agent server: what a request deserves, and the calls that come of it."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

from aiosipua.message import SipRequest
from aiosipua.utils import generate_tag

from telephony.call import CodecName, IncomingCall, OutgoingCall, Presented
from telephony.errors import LinesBusy, SipSyntaxError
from telephony.rtp import RtpEndpoint
from telephony.sip.admission import Admission, Network
from telephony.sip.body import SDP, body_refusal
from telephony.sip.budget import MessageBudget, MessageLimits
from telephony.sip.call import SipCall
from telephony.sip.channel import STATELESS_TAG, Channel, TransportName
from telephony.sip.channels import Channels, local_address_toward
from telephony.sip.conversation import Conversation
from telephony.sip.dialler import Dialler, OutgoingPolicy
from telephony.sip.digest import Guard
from telephony.sip.headers import split_values
from telephony.sip.invitation import Invitation
from telephony.sip.keeping import KeptCalls
from telephony.sip.media import MediaPolicy
from telephony.sip.message import ALLOWED_METHODS, Address, respond, tag_of
from telephony.sip.outgoing import PlacedCall
from telephony.sip.recording import RecordedCall, is_recording
from telephony.sip.recordingmetadata import CONTENT_TYPES
from telephony.sip.referred import ReferTarget
from telephony.sip.referrers import Referrers
from telephony.sip.registration import Extension, Registration, RegistrationStatus, Target
from telephony.sip.replacing import replaces_of
from telephony.sip.tls import TlsIdentity
from telephony.sip.transaction import ServerTransaction, Timers, Transaction
from telephony.sip.transactionlayer import trying
from telephony.sip.usage import InviteUsage

log = logging.getLogger(__name__)

SUPPORTED = {"timer", "100rel", "siprec", "replaces"}
HANDLER_GRACE_S = 3.0
"""How long a call's handler may take to put things away once its call is over."""

CallHandler = Callable[[IncomingCall], Awaitable[None]]
RecordingHandler = Callable[[RecordedCall], Awaitable[None]]
Refusal: TypeAlias = tuple[int, str]
"""Status and reason."""


class SipServer:
    """Calls from a trunk, a PBX or a softphone, over UDP and TCP on the same port, and TLS.

    `on_call` runs as a task per call, owned here; if it raises, the call is refused with 500.
    `on_recording` likewise takes the copies of calls that a PBX sends (SIPREC); without it they
    are refused. `public_host` is the address written in Contact and session descriptions (default:
    the one listened on, or when that is 0.0.0.0 the one that talks to the peer). `trunks` limits
    who may call; others get 403. `rtp_ports` is the first and last port for voice. With `tls`,
    encrypted connections are taken on `tls_port`. `media` says which codecs are taken, and whether
    plain voice is. Who knows one of `passwords` (user to password, digest authentication) may call
    from anywhere. `extensions` are registered where they say, and called from there. `outgoing`
    says which numbers may be called from here, and by which ways. `referrers` are networks whose
    REFER is taken within a call, and whose INVITE may take a call's place (Replaces): calls may
    then be sent elsewhere by the other side. `limits` says how many messages of a source are read.
    """

    def __init__(
        self,
        *,
        host: str,
        port: int,
        on_call: CallHandler,
        on_recording: RecordingHandler | None = None,
        public_host: str | None = None,
        rtp_ports: tuple[int, int] = (20000, 29999),
        trunks: Iterable[Network] | None = None,
        tls: TlsIdentity | None = None,
        tls_port: int = 5061,
        media: MediaPolicy | None = None,
        passwords: Mapping[str, str] | None = None,
        extensions: Sequence[Extension] = (),
        outgoing: OutgoingPolicy | None = None,
        referrers: Iterable[Network] = (),
        max_calls: int = 500,
        timers: Timers | None = None,
        limits: MessageLimits | None = None,
    ) -> None:
        self._host, self._port = host, port
        self._on_call = on_call
        self._on_recording = on_recording
        self._public_host = public_host
        self._rtp_ports = rtp_ports
        self._registrations = [Registration(extension, self._channel) for extension in extensions]
        self._extensions = frozenset(extension.user for extension in extensions)
        self._registering: list[asyncio.Task[None]] = []
        self._admission = Admission(
            networks=None if trunks is None else list(trunks),
            guard=Guard(passwords) if passwords else None,
            registrations=self._registrations,
        )
        self._referrers = Referrers(referrers, dial_into=self._dial_into)
        self._max_calls = max_calls
        self._timers = timers
        self._limits = limits or MessageLimits()
        self._budget: MessageBudget | None = None
        self._channels: Channels | None = None
        self._tls_identity, self._tls_port = tls, tls_port
        self._media = media or MediaPolicy()
        self._live: set[InviteUsage] = set()
        self._kept = KeptCalls()
        self._handlers: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._dialler = Dialler(
            outgoing or OutgoingPolicy(),
            media=self._media, registrations=self._registrations, channel_of=self._channel,
            open_media=self.open_media, on_dialog=self._kept.add_dialog, on_over=self._over,
        )  # fmt: skip

    async def start(self) -> None:
        """Bind. Raises OSError when an address is taken or not ours, TlsUnusable."""
        self._budget = budget = MessageBudget(
            self._limits,
            may_call=self._admission.knows,
            now_s=asyncio.get_running_loop().time(),
        )
        self._channels = await Channels.open(
            self, (self._host, self._port), budget=budget, timers=self._timers,
            identity=self._tls_identity, tls_port=self._tls_port,
        )  # fmt: skip
        self._registering = [
            asyncio.create_task(registration.run(), name=f"register {registration.user}")
            for registration in self._registrations
        ]

    async def stop(self) -> None:
        """Hang up every call, wait for their handlers, close the sockets. Idempotent."""
        if self._stopping:
            return
        self._stopping = True
        for task in self._registering:
            task.cancel()
        await asyncio.gather(*self._registering, return_exceptions=True)
        await asyncio.gather(*(one.withdraw() for one in self._registrations))
        for call in list(self._live):
            await call.hang_up(by="system", reason="server_stopped")
        await self._dialler.close()
        if self._handlers:
            _, slow = await asyncio.wait(self._handlers, timeout=HANDLER_GRACE_S)
            for task in slow:
                task.cancel()
            await asyncio.gather(*slow, return_exceptions=True)
        if self._channels is not None:
            self._channels.close()

    @property
    def address(self) -> Address:
        """Where it listens, the port as bound."""
        if self._channels is None:
            raise RuntimeError("the SIP server is not started")
        return self._channels.udp.address

    @property
    def tls_address(self) -> Address | None:
        """Where it takes encrypted connections, None when it does not."""
        tls = self._channels.tls if self._channels else None
        return tls.address if tls else None

    @property
    def calls_out(self) -> bool:
        """Whether there is a way for calls to go out."""
        return self._dialler.is_possible

    async def dial(
        self, number: str, *, presented: Presented, prefer: CodecName | None = None,
        ring_s: float | None = None,
    ) -> PlacedCall:  # fmt: skip
        """Call somebody: an `OutgoingCall`, whose `answered` tells how it went.

        Raises NumberBarred, LinesBusy, PortsExhausted; CallFailed when there is no way out.
        """
        self._check_room()
        return self._goes_out(
            await self._dialler.dial(number, presented=presented, prefer=prefer, ring_s=ring_s)
        )

    async def _dial_into(
        self, target: ReferTarget, at: Target, presented: Presented, prefer: CodecName | None
    ) -> OutgoingCall:
        self._check_room()
        return self._goes_out(await self._dialler.dial_into(target, at, presented, prefer))

    def _check_room(self) -> None:
        if self._stopping or len(self._live) >= self._max_calls:
            raise LinesBusy(f"{len(self._live)} calls are in progress")

    def _goes_out(self, call: PlacedCall) -> PlacedCall:
        call.referrers = self._referrers
        if not call.ended.is_set():
            self._live.add(call)
        return call

    @property
    def calls(self) -> int:
        """Calls ringing or in progress."""
        return len(self._live)

    @property
    def registrations(self) -> list[RegistrationStatus]:
        """Where each of our extensions stands."""
        return [registration.status for registration in self._registrations]

    @property
    def requests_refused(self) -> int:
        """From outside the networks and without a password."""
        return self._admission.refused

    @property
    def messages_refused(self) -> int:
        """What was no SIP message, or one that RFC 3261 says to refuse."""
        return self._channels.messages_refused if self._channels else 0

    @property
    def messages_dropped(self) -> int:
        """Unread, from sources that send more than they may."""
        return self._budget.dropped if self._budget else 0

    @property
    def connections_refused(self) -> int:
        """Beyond what a source, or strangers together, may hold."""
        return self._channels.connections_refused if self._channels else 0

    # Agent (telephony.sip.channel)

    def host_toward(self, peer: Address) -> str:
        if self._public_host is not None:
            return self._public_host
        host = self.address[0]
        return local_address_toward(peer) if ipaddress.ip_address(host).is_unspecified else host

    async def open_media(self) -> RtpEndpoint:
        return await RtpEndpoint.open(self._host, self._rtp_ports)

    def ack_arrived(self, request: SipRequest) -> None:
        call = self._kept.by_dialog(request)
        if call is not None:
            call.receive_ack(request)

    def timed_out(self, transaction: Transaction) -> None:
        if isinstance(transaction, ServerTransaction):
            call = self._kept.by_invite(transaction.token)
            if call is not None:
                call.timed_out()

    def forgotten(self, token: object) -> None:
        self._kept.forgotten(token)

    # The user agent's own rules (RFC 3261 section 8.2)

    def request_arrived(self, channel: Channel, transaction: ServerTransaction) -> None:
        request = transaction.request
        if not self._known(channel, request) and not self._admitted(channel, transaction):
            return
        unknown = self._unsupported(request)
        if unknown:
            self._refuse(
                channel, transaction, 420, "Bad Extension", ("Unsupported", ", ".join(unknown))
            )
        elif request.method == "CANCEL":
            self._cancel(channel, transaction)
        elif tag_of(request, "to"):
            self._within_dialog(channel, transaction)
        elif request.method == "INVITE":
            self._invited(channel, transaction)
        elif request.method == "OPTIONS":
            self._refuse(channel, transaction, 200, "OK", ("Accept", "application/sdp"))
        elif request.method in ALLOWED_METHODS:
            self._refuse(channel, transaction, 481, "Call/Transaction Does Not Exist")
        else:
            self._refuse(channel, transaction, 405, "Method Not Allowed")

    def _invited(self, channel: Channel, transaction: ServerTransaction) -> None:
        request = transaction.request
        if self._kept.has_begun(request):
            # The same request by two ways (section 8.2.2.2): one call, not two.
            self._refuse(channel, transaction, 482, "Loop Detected")
            return
        refusal = body_refusal(request)
        if refusal is not None:
            kinds = ", ".join((SDP, *CONTENT_TYPES, "multipart/mixed"))
            self._refuse(channel, transaction, *refusal, ("Accept", kinds))
            return
        if self._stopping or len(self._live) >= self._max_calls:
            self._refuse(channel, transaction, 503, "Service Unavailable", ("Retry-After", "10"))
            return
        replaced = self._replaced_by(transaction)
        if isinstance(replaced, tuple):
            self._refuse(channel, transaction, *replaced)
            return
        call = self._call_of(channel, transaction)
        if call is None:
            self._refuse(channel, transaction, 488, "Recordings Not Taken Here")
            return
        channel.respond(transaction, trying(transaction))
        self._live.add(call)
        self._kept.begins(call, call.dialog, transaction)
        if replaced is not None and isinstance(call, SipCall):
            replaced.replaced_by(call)
            return
        task = asyncio.create_task(self._handle(call), name=f"sip call {call.call_id}")
        self._handlers.add(task)
        task.add_done_callback(self._handlers.discard)

    def _call_of(self, channel: Channel, transaction: ServerTransaction) -> Invitation | None:
        """What the INVITE begins; None when it is nothing we take."""
        if not is_recording(transaction.request):
            call = SipCall(
                transaction, channel, self._over, self._media, extensions=self._extensions
            )
            call.referrers = self._referrers
            return call
        if self._on_recording is None:
            return None
        return RecordedCall(transaction, channel, self._over, self._media)

    def _replaced_by(self, transaction: ServerTransaction) -> Conversation | Refusal | None:
        """Whose place the INVITE takes, if anybody's (RFC 3891 section 3)."""
        try:
            replaces = replaces_of(transaction.request)
        except SipSyntaxError as error:
            return error.status, error.reason
        if replaces is None:
            return None
        if not self._referrers.allow(transaction.source[0]):
            return 403, "Forbidden"
        call = self._kept.by_key(replaces.dialog)
        if not isinstance(call, Conversation) or not call.is_replaceable:
            return 481, "Call/Transaction Does Not Exist"
        return (486, "Busy Here") if replaces.early_only else call

    async def _handle(self, call: Invitation) -> None:
        try:
            if isinstance(call, SipCall):
                await self._on_call(call)
            elif isinstance(call, RecordedCall) and self._on_recording is not None:
                await self._on_recording(call)
        except Exception:
            log.exception("call %s: its handler failed", call.call_id)
            call.refuse(500, "Server Internal Error")
            await call.hang_up(by="system", reason="failed")

    def _within_dialog(self, channel: Channel, transaction: ServerTransaction) -> None:
        call = self._kept.by_dialog(transaction.request)
        if call is None:
            self._refuse(channel, transaction, 481, "Call/Transaction Does Not Exist")
            return
        if transaction.request.method == "INVITE":
            self._kept.add_invite(call, transaction)
        call.receive(transaction)

    def _cancel(self, channel: Channel, transaction: ServerTransaction) -> None:
        invite = channel.layer.invite_cancelled_by(transaction.request)
        if invite is None:
            self._refuse(channel, transaction, 481, "Call/Transaction Does Not Exist")
            return
        call = self._kept.by_invite(invite.token)
        # The same To tag as the INVITE's own answers (section 9.2).
        tag = call.dialog.local_tag if call else None
        self._refuse(channel, transaction, 200, "OK", to_tag=tag)
        if call is not None:
            call.receive_cancel()

    def _over(self, call: InviteUsage) -> None:
        self._live.discard(call)
        self._kept.over(call)

    def _unsupported(self, request: SipRequest) -> list[str]:
        """Extensions we are required to know and do not (section 8.2.2.3)."""
        if request.method in ("ACK", "CANCEL"):
            return []
        required = split_values(request.headers.get("require"))
        return [option for option in required if option.lower() not in SUPPORTED]

    def _channel(self, transport: TransportName) -> Channel | None:
        return self._channels.of(transport) if self._channels else None

    def _known(self, channel: Channel, request: SipRequest) -> bool:
        """Whether it belongs to a call that was let in: its tags are ours, and no stranger's."""
        if request.method == "CANCEL":
            # A stranger's INVITE leaves no transaction: what is there was let in.
            return channel.layer.invite_cancelled_by(request) is not None
        return self._kept.by_dialog(request) is not None

    def _admitted(self, channel: Channel, transaction: ServerTransaction) -> bool:
        """Let it in, or answer it."""
        now_s = asyncio.get_running_loop().time()
        judged = self._admission.judge(transaction.request, transaction.source, now_s)
        if judged == "yes":
            if not self._admission.knows(transaction.source[0]):  # by password
                channel.trust(transaction.source)
            return True
        # A stranger's request leaves nothing here, not even a transaction (section 8.2.7).
        if judged == "no" or transaction.request.method == "CANCEL":
            refusal = respond(transaction.request, 403, "Forbidden", to_tag=STATELESS_TAG)
        else:
            refusal = respond(transaction.request, 401, "Unauthorized", to_tag=STATELESS_TAG)
            for value in self._admission.challenges(now_s, stale=judged == "ask again"):
                refusal.headers.append("WWW-Authenticate", value)
        channel.answer_and_forget(transaction, refusal)
        return False

    def _refuse(
        self,
        channel: Channel,
        transaction: ServerTransaction,
        status: int,
        reason: str,
        *headers: tuple[str, str],
        to_tag: str | None = None,
    ) -> None:
        """Answer outside any call."""
        tag = to_tag or generate_tag()
        response = respond(transaction.request, status, reason, to_tag=tag)
        if status == 405 or transaction.request.method == "OPTIONS":
            response.headers.set_single("Allow", ", ".join(ALLOWED_METHODS))
        for name, value in headers:
            response.headers.append(name, value)
        channel.respond(transaction, response)
