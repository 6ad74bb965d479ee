"""A call by SIP once it has a dialog: offers within it, its timer, its end (RFC 5057: a usage).

Who began it is left to subclasses: `telephony.sip.invitation` (we were called) and
`telephony.sip.outgoing` (we call); so is what is said in the media.
"""

from __future__ import annotations

import asyncio
import logging
import random
import uuid
from collections.abc import Callable
from typing import Literal, Protocol, TypeAlias

from aiosipua.message import SipRequest, SipResponse

from telephony.call import EndedBy
from telephony.errors import OfferRefused
from telephony.rtp import RtpEndpoint
from telephony.sip.body import session_description
from telephony.sip.channel import OnAnswer, TransportName
from telephony.sip.dialog import Dialog
from telephony.sip.glare import RETRY_AFTER_S, Standing
from telephony.sip.message import ALLOWED_METHODS, Address, respond, sequence_of
from telephony.sip.referral import Referral
from telephony.sip.refresh import Refresher
from telephony.sip.sessiontimer import MINIMUM_S, IntervalTooSmallError, SessionTimer, agree
from telephony.sip.transaction import ServerTransaction

log = logging.getLogger(__name__)

GLARE_S = 2.0
"""Who does not own the Call-ID asks again within this long after a 491 (section 14.1)."""
ATTEMPTS = 4

Phase: TypeAlias = Literal["ringing", "answered", "confirmed", "over"]
Asked: TypeAlias = Callable[[SipResponse | None], None]
Over: TypeAlias = Callable[["InviteUsage"], None]


class Wire(Protocol):
    """What a call needs of the channel it came in by (`telephony.sip.channel`)."""

    def contact_toward(self, peer: Address) -> Address:
        """Our address in Contact, Via and session descriptions, as this peer can reach it."""
        ...

    @property
    def transport_name(self) -> TransportName:
        """UDP, TCP or TLS, as Via writes it."""
        ...

    def respond(self, transaction: ServerTransaction, response: SipResponse) -> None: ...

    def acknowledge(self, transaction: ServerTransaction) -> None: ...

    def request(
        self,
        request: SipRequest,
        destination: Address,
        *,
        source: Address | None = None,
        server_name: str | None = None,
        on_answer: OnAnswer | None = None,
    ) -> None:
        """Send, with retransmissions.

        `source` is where the call came from: a connection to it, if any, is used again.
        `server_name` is whom the certificate must name where one is made.
        """
        ...

    def send_ack(self, ack: SipRequest, destination: Address, *, source: Address) -> None: ...

    async def open_media(self) -> RtpEndpoint: ...


class InviteUsage:
    """One call's dialog. Subclasses begin it and carry the media."""

    def __init__(
        self, *, dialog: Dialog, local: Address, wire: Wire, refresher: Refresher, on_over: Over
    ) -> None:
        self.call_id = uuid.uuid4().hex
        self.ended = asyncio.Event()
        self.ended_by: EndedBy | None = None
        self.end_reason = ""
        self.was_answered = False
        """Once it is over: a 2xx was sent or came, and its ACK, BYE or copies may still come."""
        self.dialog = dialog
        self._local = local
        self._wire = wire
        self._refresher = refresher
        self._on_over = on_over
        self._phase: Phase = "ringing"
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        """Until it is answered the subclass's; then it gives the call up, or refreshes it."""
        self._offer_in_ack = False
        self._bye_after_ack = False
        self._reinvite: ServerTransaction | None = None
        self._asked: SipRequest | None = None
        """A re-INVITE or UPDATE of ours that waits for its answer."""
        self._acks: dict[int, SipRequest] = {}
        self._session: SessionTimer | None = None
        self._referral: Referral | None = None

    # What the media has to say

    def _read_offer(self, request: SipRequest) -> str | None:
        """The offer in a request within the call, if any. Raises OfferRefused."""
        return session_description(request)

    def _answer_to(self, offer: str) -> str:
        """Take an offer within the call; our answer. Raises OfferRefused, and then is as before."""
        raise NotImplementedError

    def _description(self) -> str:
        """What we last said, to be said again."""
        raise NotImplementedError

    def _take_answer(self, answer: str) -> None:
        """The peer's answer to an offer of ours. Raises OfferRefused."""
        raise NotImplementedError

    def _shut_media(self) -> None:
        raise NotImplementedError

    # What the house asks

    async def hang_up(self, *, by: EndedBy = "operator", reason: str = "hung_up") -> None:
        if self._phase == "confirmed":
            self._bye()
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
            case "PRACK":
                self._receive_prack(transaction)
            case "NOTIFY":
                known = self._referral is not None and self._referral.told(request)
                self._reply(transaction, *((200, "OK") if known else (481, "No Subscription")))
            case "INFO" | "OPTIONS":
                self._reply(transaction, 200, "OK")
            case "REFER":
                self._receive_refer(transaction)
            case _:
                self._reply(transaction, 405, "Method Not Allowed")

    def _unacknowledged(self) -> list[ServerTransaction]:
        """INVITEs answered with a 2xx whose ACK may still come."""
        return [self._reinvite] if self._reinvite is not None else []

    def receive_ack(self, request: SipRequest) -> None:
        """The ACK of our 2xx, to the first INVITE or to a later one."""
        number, _ = sequence_of(request)
        for transaction in self._unacknowledged():
            if sequence_of(transaction.request)[0] != number:
                continue
            self._wire.acknowledge(transaction)
            if transaction is self._reinvite:
                self._reinvite = None
            self._confirm(request)
            return

    def receive_cancel(self) -> None:
        """Too late: the call is answered (section 9.2)."""

    def timed_out(self) -> None:
        """A 2xx of ours was never acknowledged (section 13.3.1.4)."""
        if self._phase == "over":
            if self._bye_after_ack:
                self._bye_after_ack = False
                self._bye()
            return
        self._bye()
        self._over("system", "no_ack")

    # Offers within the call

    def _confirm(self, ack: SipRequest) -> None:
        if self._bye_after_ack:
            self._bye_after_ack = False
            self._bye()
            return
        if self._phase == "answered":
            self._phase = "confirmed"
            self._start_timer()
        if self._phase != "confirmed" or not self._offer_in_ack:
            return
        self._offer_in_ack = False
        try:
            text = session_description(ack)
            if text is None:
                raise OfferRefused("the ACK brought no answer to our offer")
            self._take_answer(text)
        except OfferRefused as error:
            log.info("call %s: %s", self.call_id, error)
            self._bye()
            self._over("system", "no_media")

    @property
    def _asking(self) -> bool:
        return self._asked is not None

    def _standing(self) -> Standing:
        """What is under way in the dialog, to judge what comes."""
        asked = self._asked
        return Standing(
            inviting=asked is not None and asked.method == "INVITE",
            offered=self._offer_in_ack or (asked is not None and bool(asked.body)),
            invited=self._reinvite is not None or self._phase == "answered",
        )

    def _is_untimely(self, transaction: ServerTransaction, standing: Standing) -> bool:
        """Whether an INVITE or UPDATE came at the wrong moment; it is answered then."""
        request = transaction.request
        untimely = standing.judge(request.method, offers=bool(request.body.strip()))
        if untimely == "pending":
            self._reply(transaction, 491, "Request Pending")
        elif untimely == "later":
            headers = {"Retry-After": str(RETRY_AFTER_S)}
            self._reply(transaction, 500, "Retry Later", headers=headers)
        return untimely is not None

    def _renegotiate(self, transaction: ServerTransaction) -> None:
        """Re-INVITE and UPDATE: hold, resume, another address (RFC 3261 14.2, RFC 3311)."""
        request = transaction.request
        invite = request.method == "INVITE"
        if self._is_untimely(transaction, self._standing()):
            return
        try:
            # Before the answer it is the INVITE that settles the timer.
            session = self._session if self._phase == "ringing" else agree(request)
            text = self._read_offer(request)
            body = "" if text is None else self._answer_to(text)
        except IntervalTooSmallError:
            self._refuse_interval(transaction)
            return
        except OfferRefused:
            self._reply(transaction, 488, "Not Acceptable Here")
            return
        self.dialog.refresh_target(request)
        self._session = session
        if invite:
            self._reinvite = transaction
            if not body:
                # Without an offer, ours is repeated as it stands; the answer comes in the ACK.
                body = self._description()
                self._offer_in_ack = True
        if self._phase == "confirmed":
            self._start_timer()
        self._reply(transaction, 200, "OK", body=body)

    def _refuse_interval(self, transaction: ServerTransaction) -> None:
        headers = {"Min-SE": str(MINIMUM_S)}
        self._reply(transaction, 422, "Session Interval Too Small", headers=headers)

    def _ask(self, method: str, body: str, headers: dict[str, str], answered: Asked) -> None:
        """Send a re-INVITE or UPDATE; `answered` gets its final answer, once."""
        request = self._request(method)
        for name, value in headers.items():
            request.headers.set_single(name, value)
        if body:
            request.headers.set_single("Content-Type", "application/sdp")
            request.text = body
        self._asked = request

        def told(response: SipResponse | None) -> None:
            if response is not None and response.status_code < 200:
                return
            accepted = response is not None and response.status_code < 300
            if accepted and method == "INVITE" and not self._acknowledge(request):
                return
            self._asked = None
            if self._phase == "confirmed":
                answered(response)

        self._wire.request(
            request, self.dialog.next_hop(), source=self.dialog.source, on_answer=told
        )

    def _acknowledge(self, invite: SipRequest) -> bool:
        """ACK a 2xx of ours, each copy again; False for a copy (section 13.2.2.4)."""
        number, _ = sequence_of(invite)
        known = self._acks.get(number)
        ack = known or self._request("ACK", number=number)
        self._acks = {number: ack}
        self._wire.send_ack(ack, self.dialog.next_hop(), source=self.dialog.source)
        return known is None

    def _ask_again(self, attempt: int, retry: Callable[[int], None]) -> bool:
        """After a 491: both asked at once, and each waits its own while (section 14.1).

        False when it was asked often enough.
        """
        if attempt < ATTEMPTS:
            self._loop.call_later(random.uniform(0, GLARE_S), retry, attempt + 1)
        return attempt < ATTEMPTS

    # The session timer (RFC 4028)

    def _start_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._session is None or self._phase != "confirmed":
            return
        due = self._refresh if self._session.we_refresh else self._expire
        self._timer = self._loop.call_later(self._session.due_s, due)

    def _timer_headers(self) -> dict[str, str]:
        """What keeps the timer running through a request that is not made for its sake."""
        return self._refresher.request(self._session)[1] if self._session else {}

    def _expire(self) -> None:
        """The peer gave no sign of life in time."""
        self._bye()
        self._over("system", "session_expired")

    def _refresh(self, attempt: int = 1) -> None:
        if self._phase != "confirmed" or self._session is None:
            return
        if self._asking or self._reinvite is not None:
            self._loop.call_later(GLARE_S, self._refresh, attempt)
            return
        method, headers = self._refresher.request(self._session)
        body = self._description() if method == "INVITE" else ""

        def answered(response: SipResponse | None) -> None:
            outcome = self._refresher.judge(response)
            if outcome == "gone":
                self._expire()
            elif outcome == "again":
                self._refresh(attempt + 1) if attempt < ATTEMPTS else self._expire()
            elif outcome == "later":
                self._ask_again(attempt, self._refresh)
            else:
                self._session = outcome
                self._start_timer()

        self._ask(method, body, headers, answered)

    # Inside

    @property
    def _allowed(self) -> tuple[str, ...]:
        """The methods we take in this call."""
        return ALLOWED_METHODS

    @property
    def _supported(self) -> tuple[str, ...]:
        """The extensions we know in this call."""
        return ("timer", "100rel")

    def _request(self, method: str, *, number: int | None = None) -> SipRequest:
        return self.dialog.request(
            method, via=self._local, transport=self._wire.transport_name, number=number
        )

    def _response(self, transaction: ServerTransaction, status: int, reason: str) -> SipResponse:
        request = transaction.request
        response = respond(request, status, reason, to_tag=self.dialog.local_tag)
        if status < 300 and request.method in ("INVITE", "UPDATE", "REFER"):
            for route in request.headers.get("record-route"):
                response.headers.append("Record-Route", route)
            response.headers.set_single("Contact", self.dialog.contact)
        if status == 405 or (status < 300 and request.method in ("INVITE", "UPDATE", "OPTIONS")):
            response.headers.set_single("Allow", ", ".join(self._allowed))
            response.headers.set_single("Supported", ", ".join(self._supported))
        return response

    def _reply(
        self,
        transaction: ServerTransaction,
        status: int,
        reason: str,
        *,
        body: str = "",
        headers: dict[str, str] | None = None,
    ) -> None:
        response = self._response(transaction, status, reason)
        for name, value in (headers or {}).items():
            response.headers.set_single(name, value)
        request = transaction.request
        if 200 <= status < 300 and request.method in ("INVITE", "UPDATE") and self._session:
            response.headers.set_single("Session-Expires", self._session.header(answering=True))
            if not self._session.we_refresh:
                response.headers.set_single("Require", "timer")
        if body:
            response.headers.set_single("Content-Type", "application/sdp")
            response.text = body
        self._wire.respond(transaction, response)

    def _receive_refer(self, transaction: ServerTransaction) -> None:
        """Nobody else decides where our calls go, unless a subclass lets them."""
        self._reply(transaction, 405, "Method Not Allowed")

    def _receive_prack(self, transaction: ServerTransaction) -> None:
        self._reply(transaction, 481, "Nothing To Confirm")

    def _bye(self) -> None:
        self._wire.request(self._request("BYE"), self.dialog.next_hop(), source=self.dialog.source)

    def _ended_remotely(self, reason: str) -> None:
        self._over("caller", reason)

    def _over(self, by: EndedBy, reason: str) -> None:
        if self._phase == "over":
            return
        self.was_answered = self._phase != "ringing"
        self._phase = "over"
        if self._timer is not None:
            self._timer.cancel()
        if self._referral is not None:
            self._referral.settle(200)  # whoever hangs up now has the call elsewhere
        self.ended_by, self.end_reason = by, reason
        self._shut_media()
        self.ended.set()
        self._on_over(self)
