"""One incoming SIP call, from INVITE to BYE (RFC 3261 sections 13 to 15)."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, Protocol

from aiosipua.message import SipRequest, SipResponse

from telephony.call import CallSource, EndedBy, Endpoint
from telephony.errors import CallOver, OfferRefused
from telephony.sip.dialog import Dialog, dialog_of
from telephony.sip.identity import identify
from telephony.sip.media import (
    RemoteMedia,
    read_media,
    session_description,
    write_answer,
    write_offer,
)
from telephony.sip.message import ALLOWED_METHODS, Address, respond, sequence_of
from telephony.sip.transaction import ServerTransaction

if TYPE_CHECKING:
    from telephony.rtp import RtpEndpoint

log = logging.getLogger(__name__)

RING_AGAIN_S = 60.0

Phase = Literal["ringing", "answered", "confirmed", "over"]


class Wire(Protocol):
    """What a call needs of the server it came in by."""

    def contact_toward(self, peer: Address) -> Address:
        """Our address in Contact, Via and session descriptions, as this peer can reach it."""
        ...

    @property
    def transport_name(self) -> str:
        """UDP, TCP or TLS, as Via writes it."""
        ...

    def respond(self, transaction: ServerTransaction, response: SipResponse) -> None: ...

    def acknowledge(self, transaction: ServerTransaction) -> None: ...

    def request(self, request: SipRequest, destination: Address, *, source: Address) -> None:
        """Send, with retransmissions; the answer is not waited for.

        `source` is where the call came from: a connection to it, if any, is used again.
        """
        ...

    async def open_media(self) -> RtpEndpoint: ...


class SipCall:
    """An `IncomingCall` from SIP."""

    def __init__(
        self, transaction: ServerTransaction, wire: Wire, on_over: Callable[[SipCall], None]
    ) -> None:
        invite = transaction.request
        self.call_id = uuid.uuid4().hex
        self.source: CallSource = "sip"
        identity = identify(invite)
        self.dialled = identity.dialled
        self.forwarded_from = identity.forwarded_from
        self.caller_number = identity.caller_number
        self.caller_name = identity.caller_name
        self.ended = asyncio.Event()
        self.ended_by: EndedBy | None = None
        self.end_reason = ""
        self.dialog: Dialog = dialog_of(invite, transaction.source)
        self._local = wire.contact_toward(transaction.source)
        host, port = self._local
        scheme = "sips" if wire.transport_name == "TLS" else "sip"
        suffix = "" if wire.transport_name == "UDP" else f";transport={wire.transport_name.lower()}"
        bracketed = f"[{host}]" if ":" in host else host
        self.dialog.contact = f"<{scheme}:{bracketed}:{port}{suffix}>"
        self._invite = transaction
        self._wire = wire
        self._on_over = on_over
        self._phase: Phase = "ringing"
        self._ringing: asyncio.TimerHandle | None = None
        self._answering = False
        self._media: RtpEndpoint | None = None
        self._remote: RemoteMedia | None = None
        self._sdp = ""
        self._sdp_version = 0
        self._offer_in_ack = False
        self._bye_after_ack = False
        self._reinvite: ServerTransaction | None = None

    # What the house asks

    def ring(self) -> None:
        if self._phase == "ringing" and self._ringing is None:
            self._ring_again()

    def _ring_again(self) -> None:
        """Proxies give up an INVITE that is silent for three minutes (section 16.6, timer C)."""
        if self._phase == "ringing":
            self._answer_invite(180, "Ringing")
            loop = asyncio.get_running_loop()
            self._ringing = loop.call_later(RING_AGAIN_S, self._ring_again)

    def refuse(self, status: int, reason: str) -> None:
        if self._phase != "ringing":
            return
        log.info("call %s to %s refused: %d %s", self.call_id, self.dialled, status, reason)
        self._answer_invite(status, reason)
        self._over("system", "refused")

    async def answer(self) -> Endpoint:
        if self._phase != "ringing" or self._answering:
            raise CallOver(f"the call is over: {self.end_reason or 'already answered'}")
        self._answering = True
        try:
            remote = self._read_offer(self._invite.request)
            media = await self._wire.open_media()
        except OfferRefused:
            self._answering = False
            self.refuse(488, "Not Acceptable Here")
            raise
        except BaseException:
            self._answering = False
            raise
        if self.ended.is_set():  # cancelled while the sockets opened
            media.shut()
            raise CallOver(f"the call is over: {self.end_reason}")
        self._media = media
        if remote is None:
            self._offer_in_ack = True
            self._describe(None)
        else:
            self._take(remote)
            self._describe(remote)
        self._phase = "answered"
        self._answer_invite(200, "OK", body=self._sdp)
        return media

    async def hang_up(self, *, by: EndedBy = "operator", reason: str = "hung_up") -> None:
        if self._phase == "ringing":
            status, phrase = (
                (480, "Temporarily Unavailable") if by == "system" else (603, "Decline")
            )
            self._answer_invite(status, phrase)
        elif self._phase == "confirmed":
            self._bye()
        elif self._phase == "answered":
            # No BYE before the ACK (section 15).
            self._bye_after_ack = True
        self._over(by, reason)

    # What the wire brings

    def receive(self, transaction: ServerTransaction) -> None:
        """A request within the dialog (never ACK or CANCEL)."""
        request = transaction.request
        if self._phase == "over":
            if request.method == "BYE":  # it crossed ours
                self._reply(transaction, 200, "OK")
            else:
                self._reply(transaction, 481, "Call/Transaction Does Not Exist")
            return
        if not self.dialog.accepts(request):
            self._reply(transaction, 500, "Out Of Order")
            return
        match request.method:
            case "BYE":
                self._reply(transaction, 200, "OK")
                self._ended_remotely("hung_up")
            case "INVITE" | "UPDATE":
                self._renegotiate(transaction)
            case "INFO" | "OPTIONS":
                self._reply(transaction, 200, "OK")
            case _:
                self._reply(transaction, 405, "Method Not Allowed")

    def receive_ack(self, request: SipRequest) -> None:
        """The ACK of our 2xx, to the first INVITE or to a later one."""
        number, _ = sequence_of(request)
        for transaction in (self._reinvite, self._invite):
            if transaction is None or sequence_of(transaction.request)[0] != number:
                continue
            self._wire.acknowledge(transaction)
            if transaction is self._reinvite:
                self._reinvite = None
            self._confirm(request)
            return

    def receive_cancel(self) -> None:
        """The caller gives up while it rings; too late once answered (section 9.2)."""
        if self._phase == "ringing":
            self._answer_invite(487, "Request Terminated")
            self._over("caller", "cancelled")

    def timed_out(self) -> None:
        """A 2xx of ours was never acknowledged (section 13.3.1.4)."""
        if self._phase == "over":
            if self._bye_after_ack:
                self._bye_after_ack = False
                self._bye()
            return
        self._bye()
        self._over("system", "no_ack")

    # Inside

    def _confirm(self, ack: SipRequest) -> None:
        if self._bye_after_ack:
            self._bye_after_ack = False
            self._bye()
            return
        if self._phase != "answered":
            return
        self._phase = "confirmed"
        if not self._offer_in_ack:
            return
        self._offer_in_ack = False
        try:
            text = session_description(ack)
            if text is None:
                raise OfferRefused("the ACK brought no answer to our offer")
            self._take(read_media(text))
        except OfferRefused as error:
            log.info("call %s: %s", self.call_id, error)
            self._bye()
            self._over("system", "no_media")

    def _renegotiate(self, transaction: ServerTransaction) -> None:
        """Re-INVITE and UPDATE: hold, resume, another address (RFC 3261 14.2, RFC 3311)."""
        request = transaction.request
        invite = request.method == "INVITE"
        if self._reinvite is not None and invite:
            self._reply(transaction, 500, "Retry Later", retry_after=True)
            return
        if self._phase != "confirmed":
            # Our own offer or answer is still on its way: glare (RFC 3311 section 5.2).
            self._reply(transaction, 491, "Request Pending")
            return
        try:
            text = session_description(request)
            remote = self._read(text)
        except OfferRefused:
            self._reply(transaction, 488, "Not Acceptable Here")
            return
        self.dialog.refresh_target(request)
        body = ""
        if remote is not None:
            self._take(remote)
            self._describe(remote)
            body = self._sdp
        elif invite:
            # Without an offer, ours is repeated as it stands; the answer comes in the ACK.
            body = self._sdp
        if invite:
            self._reinvite = transaction
        self._reply(transaction, 200, "OK", body=body)

    def _read_offer(self, invite: SipRequest) -> RemoteMedia | None:
        return self._read(session_description(invite))

    def _read(self, text: str | None) -> RemoteMedia | None:
        if text is None:
            return None
        return read_media(text, prefer=self._remote.codec if self._remote else None)

    def _take(self, remote: RemoteMedia) -> None:
        self._remote = remote
        if self._media is None:
            return
        self._media.connect(
            remote.address,
            codec=remote.codec,
            payload_types=remote.payload_types,
            dtmf_payload_type=remote.dtmf_payload_type,
            signalling_host=self.dialog.source[0],
            muted=remote.held,
        )

    def _describe(self, remote: RemoteMedia | None) -> None:
        """Write our side of the session; the version counts what we have said."""
        if self._media is None:
            return
        local = (self._local[0], self._media.local[1])
        self._sdp_version += 1
        version = self._sdp_version
        self._sdp = (
            write_offer(local, version=version)
            if remote is None
            else write_answer(remote, local, version=version)
        )

    def _answer_invite(self, status: int, reason: str, *, body: str = "") -> None:
        self._reply(self._invite, status, reason, body=body)

    def _reply(
        self,
        transaction: ServerTransaction,
        status: int,
        reason: str,
        *,
        body: str = "",
        retry_after: bool = False,
    ) -> None:
        request = transaction.request
        response = respond(request, status, reason, to_tag=self.dialog.local_tag)
        if status < 300 and request.method in ("INVITE", "UPDATE"):
            for route in request.headers.get("record-route"):
                response.headers.append("Record-Route", route)
            response.headers.set_single("Contact", self.dialog.contact)
            response.headers.set_single("Allow", ", ".join(ALLOWED_METHODS))
        if status == 405:
            response.headers.set_single("Allow", ", ".join(ALLOWED_METHODS))
        if retry_after:
            response.headers.set_single("Retry-After", "2")
        if body:
            response.headers.set_single("Content-Type", "application/sdp")
            response.text = body
        self._wire.respond(transaction, response)

    def _bye(self) -> None:
        bye = self.dialog.request("BYE", via=self._local, transport=self._wire.transport_name)
        self._wire.request(bye, self.dialog.next_hop(), source=self.dialog.source)

    def _ended_remotely(self, reason: str) -> None:
        if self._phase == "ringing":
            self._answer_invite(487, "Request Terminated")
        self._over("caller", reason)

    def _over(self, by: EndedBy, reason: str) -> None:
        if self._phase == "over":
            return
        self._phase = "over"
        if self._ringing is not None:
            self._ringing.cancel()
        self.ended_by, self.end_reason = by, reason
        if self._media is not None:
            self._media.shut()
        self.ended.set()
        self._on_over(self)
