"""Two people talking in a SIP call, whoever began it: one voice, and hold."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiosipua.message import SipResponse

from telephony.call import CodecName, IncomingCall, OutgoingCall, Presented, Referred
from telephony.errors import CallOver, OfferRefused, ReferRefused
from telephony.sip.body import session_description
from telephony.sip.message import sequence_of
from telephony.sip.referral import Referral, refer_target, replacing_target
from telephony.sip.referred import ReferAsked, ReferTarget, refer_asked_for
from telephony.sip.referrers import Referrers
from telephony.sip.sessiontimer import agreed
from telephony.sip.transaction import ServerTransaction
from telephony.sip.usage import InviteUsage
from telephony.sip.voice import Voice


class Conversation(InviteUsage):
    """The media of a call between two people; whoever begins the call sets `_voice`."""

    _voice: Voice
    referrers: Referrers = Referrers()
    """Who may have us call somebody else, or send somebody else; by default nobody may."""
    on_referred: Callable[[Referred], None] | None = None
    on_replaced: Callable[[IncomingCall], None] | None = None
    _refer_asked: ReferAsked | None = None

    async def hold(self, held: bool) -> None:
        """Tell the caller's side that it waits, or no longer does (`a=sendonly`).

        It goes on hearing what is sent to it, music for one. Returns when the peer has agreed;
        raises CallOver, and OfferRefused when it will not.
        """
        answered: asyncio.Future[SipResponse | None] = self._loop.create_future()

        def ask(attempt: int = 1) -> None:
            if self._phase == "over":
                answered.cancel()
            elif self._phase != "confirmed" or self._asking or self._reinvite is not None:
                if not self._ask_again(attempt, ask):
                    answered.set_result(None)
            else:
                body = self._voice.hold_offer(held=held)
                self._ask(
                    "INVITE", body, self._timer_headers(), lambda response: told(response, attempt)
                )

        def told(response: SipResponse | None, attempt: int) -> None:
            glare = response is not None and response.status_code == 491
            if not (glare and self._ask_again(attempt, ask)) and not answered.done():
                answered.set_result(response)

        over = asyncio.create_task(self.ended.wait())
        try:
            ask()
            await asyncio.wait((answered, over), return_when=asyncio.FIRST_COMPLETED)
        finally:
            over.cancel()
        if self.ended.is_set() or answered.cancelled():
            raise CallOver(f"the call is over: {self.end_reason}")
        response = answered.result()
        if response is None or response.status_code >= 300:
            status = "no answer" if response is None else response.status_code
            raise OfferRefused(f"the other side refused to be held or resumed ({status})")
        self._voice.held_by_us = held
        if self._session is not None:
            self._session = agreed(response) or self._session
            self._start_timer()
        text = session_description(response)
        if text is not None:
            self._voice.take_answer(text)

    async def refer(self, number: str, *, replaces: OutgoingCall | None = None) -> None:
        """Ask the other side to call this number itself, in our place, or who `replaces` talks to.

        Returns once it has; our part is then to hang up. Raises ReferRefused, and CallOver.
        """
        if self._phase != "confirmed":
            raise CallOver(f"the call is over: {self.end_reason}")
        target = refer_target(number, self.dialog)
        if isinstance(replaces, Conversation):
            target = replacing_target(replaces.dialog)
        request = self._request("REFER")
        request.headers.set_single("Refer-To", target)
        request.headers.set_single("Referred-By", self.dialog.contact)
        answered: asyncio.Future[SipResponse | None] = self._loop.create_future()
        self._referral = referral = Referral()

        def told(response: SipResponse | None) -> None:
            if not answered.done() and (response is None or response.status_code >= 200):
                answered.set_result(response)

        self._wire.request(
            request, self.dialog.next_hop(), source=self.dialog.source, on_answer=told
        )
        try:
            response = await answered
            if response is None or response.status_code >= 300:
                status = response.status_code if response is not None else 408
                raise ReferRefused(status, f"the other side takes no calls over ({status})")
            await referral.outcome()
        finally:
            self._referral = None

    @property
    def _may_refer(self) -> bool:
        return self.referrers.allow(self.dialog.source[0])

    @property
    def _allowed(self) -> tuple[str, ...]:
        return (*super()._allowed, "REFER") if self._may_refer else super()._allowed

    @property
    def _supported(self) -> tuple[str, ...]:
        return (*super()._supported, "replaces") if self._may_refer else super()._supported

    @property
    def is_replaceable(self) -> bool:
        """Whether somebody else may take the other side's place: once it is answered."""
        return self._phase == "confirmed"

    def replaced_by(self, call: IncomingCall) -> None:
        """Somebody calls in the other side's place (RFC 3891); whoever listens sees to it."""
        if self.on_replaced is None:
            call.refuse(603, "Decline")
        else:
            self.on_replaced(call)

    def _receive_refer(self, transaction: ServerTransaction) -> None:
        """RFC 3515 section 2.4: accepted, then told how it goes, one at a time."""
        target = refer_asked_for(transaction.request)
        if not self._may_refer:
            super()._receive_refer(transaction)
        elif self._refer_asked is not None and not self._refer_asked.settled:
            self._reply(transaction, 491, "Request Pending")
        elif target is None:
            self._reply(transaction, 400, "Refer-To Is No Number Nor Dialog")
        elif self.on_referred is None or self._phase != "confirmed":
            self._reply(transaction, 603, "Decline")
        else:
            # Later subscriptions of a dialog are told apart by the REFER's number (2.4.6).
            again = f";id={sequence_of(transaction.request)[0]}" if self._refer_asked else ""
            self._reply(transaction, 202, "Accepted")
            asked = ReferAsked(
                target, event=f"refer{again}", notify=self._notify, join=self._join_asked
            )
            self._refer_asked = asked
            asked.tell(100, "Trying")
            self.on_referred(asked)

    async def _join_asked(
        self, target: ReferTarget, presented: Presented, prefer: CodecName | None
    ) -> OutgoingCall:
        transport = self._wire.transport_name
        return await self.referrers.join(target, self.dialog, transport, presented, prefer)

    def _notify(self, headers: dict[str, str], body: str) -> None:
        if self._phase != "confirmed":
            return  # whoever asked has hung up meanwhile
        notify = self._request("NOTIFY")
        for name, value in headers.items():
            notify.headers.set_single(name, value)
        notify.text = body
        self._wire.request(notify, self.dialog.next_hop(), source=self.dialog.source)

    def _answer_to(self, offer: str) -> str:
        return self._voice.answer(self._voice.read(offer))

    def _description(self) -> str:
        return self._voice.description

    def _take_answer(self, answer: str) -> None:
        self._voice.take_answer(answer)

    def _shut_media(self) -> None:
        self._voice.shut()
