"""An INVITE that came to us, from its first ring to its answer (RFC 3261 section 13.3).

What is said in the media is left to subclasses: a conversation (`telephony.sip.call`), or the
copy of one (`telephony.sip.recording`).
"""

from __future__ import annotations

import logging
import re

from telephony.call import EndedBy
from telephony.errors import OfferRefused
from telephony.sip.dialog import contact_toward, dialog_of
from telephony.sip.glare import Standing
from telephony.sip.refresh import Refresher
from telephony.sip.reliable import ReliableProvisionals
from telephony.sip.sessiontimer import IntervalTooSmallError, agree
from telephony.sip.transaction import ServerTransaction
from telephony.sip.usage import InviteUsage, Over, Wire

log = logging.getLogger(__name__)

RING_AGAIN_S = 60.0


class Invitation(InviteUsage):
    """A dialog in which we were called. Subclasses carry the media."""

    def __init__(self, transaction: ServerTransaction, wire: Wire, on_over: Over) -> None:
        invite = transaction.request
        local = wire.contact_toward(transaction.source)
        super().__init__(
            dialog=dialog_of(invite, transaction.source),
            local=local, wire=wire, refresher=Refresher(invite), on_over=on_over,
        )  # fmt: skip
        self.dialog.contact = contact_toward(invite, local, wire.transport_name)
        self._invite = transaction
        self._provisionals = ReliableProvisionals(self._unheard)
        self._early = ""
        """What we said of the media before the answer."""

    def ring(self) -> None:
        """180, again every minute, acknowledged where the peer requires it (RFC 3262)."""
        if self._phase == "ringing" and self._timer is None:
            self._ring_again()

    def _ring_again(self) -> None:
        """Proxies give up an INVITE that is silent for three minutes (section 16.6, timer C)."""
        if self._phase == "ringing":
            early = bool(self._early)
            self._provisionals.send(self._invite.request, self._provisional, if_supported=early)
            self._timer = self._loop.call_later(RING_AGAIN_S, self._ring_again)

    def _progress(self, description: str) -> None:
        """183 with our answer to the offer: what we send is heard from now on."""
        self._early = description
        if self._timer is not None:
            self._timer.cancel()
        self._ring_again()

    def _provisional(self, headers: dict[str, str]) -> None:
        status, reason = (183, "Session Progress") if self._early else (180, "Ringing")
        response = self._response(self._invite, status, reason)
        for name, value in headers.items():
            response.headers.set_single(name, value)
        if self._early:
            response.headers.set_single("Content-Type", "application/sdp")
            response.text = self._early
        self._wire.respond(self._invite, response)

    def _unheard(self) -> None:
        """Nobody acknowledged what we answered: the caller cannot hear us (RFC 3262 section 3)."""
        self.refuse(504, "Server Time-out")

    def refuse(
        self, status: int, reason: str, *, warning: str = "", retry_after_s: int = 0
    ) -> None:
        """A final refusal; `warning` says why to who looks into the message."""
        if self._phase != "ringing":
            return
        log.info("call %s refused: %d %s %s", self.call_id, status, reason, warning)
        response = self._response(self._invite, status, reason)
        if retry_after_s:
            response.headers.set_single("Retry-After", str(retry_after_s))
        if warning:
            text = re.sub(r"[^ !#-\[\]-~]+", " ", warning)
            response.headers.set_single("Warning", f'399 {self._local[0]} "{text}"')
        self._wire.respond(self._invite, response)
        self._over("system", "refused")

    def _accept(self, description: str, *, offering: bool) -> None:
        """200 to the INVITE; `offering` when the description is our offer, not our answer."""
        self._offer_in_ack = offering
        self._phase = "answered"
        if self._timer is not None:
            self._timer.cancel()
        self._reply(self._invite, 200, "OK", body=description)

    async def hang_up(self, *, by: EndedBy = "operator", reason: str = "hung_up") -> None:
        if self._phase == "ringing":
            status, phrase = (
                (480, "Temporarily Unavailable") if by == "system" else (603, "Decline")
            )
            self._reply(self._invite, status, phrase)
        elif self._phase == "answered":
            # No BYE before the ACK (section 15).
            self._bye_after_ack = True
        await super().hang_up(by=by, reason=reason)

    def _unacknowledged(self) -> list[ServerTransaction]:
        return [*super()._unacknowledged(), self._invite]

    def receive_cancel(self) -> None:
        """The caller gives up while it rings; too late once answered (section 9.2)."""
        if self._phase == "ringing":
            self._reply(self._invite, 487, "Request Terminated")
            self._over("caller", "cancelled")

    def _agree_session(self) -> bool:
        """Settle the timer of the first INVITE; False when it was refused for it."""
        try:
            self._session = agree(self._invite.request)
        except IntervalTooSmallError:
            self._refuse_interval(self._invite)
            self._over("system", "refused")
            return False
        return True

    def _standing(self) -> Standing:
        """Before the answer, what the INVITE offered is open until our early answer to it is
        known to have arrived (RFC 3311 section 5.2, RFC 6337 section 2.2)."""
        if self._phase != "ringing":
            return super()._standing()
        return Standing(invited=True, asked=not self._is_settled_early)

    @property
    def _is_settled_early(self) -> bool:
        return bool(self._early) and self._provisionals.acknowledged

    def _receive_prack(self, transaction: ServerTransaction) -> None:
        """It may bring a new offer, answered in our 200 (RFC 3262 section 5)."""
        if not self._provisionals.heard(transaction.request):
            self._reply(transaction, 481, "Nothing To Confirm")
            return
        try:
            offer = self._read_offer(transaction.request)
            if offer is None:
                self._reply(transaction, 200, "OK")
                return
            if not self._is_settled_early:
                raise OfferRefused("the offer of the INVITE has no answer yet")
            body = self._answer_to(offer)
        except OfferRefused as error:
            log.info("call %s: the offer in a PRACK is refused: %s", self.call_id, error)
            self._reply(transaction, 488, "Not Acceptable Here")
        else:
            self._reply(transaction, 200, "OK", body=body)

    def _ended_remotely(self, reason: str) -> None:
        if self._phase == "ringing":
            self._reply(self._invite, 487, "Request Terminated")
        super()._ended_remotely(reason)

    def _over(self, by: EndedBy, reason: str) -> None:
        self._provisionals.stop()
        super()._over(by, reason)
