"""A conversation that comes by SIP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiosipua.message import SipResponse

from telephony.call import CallSource, CodecName, Endpoint
from telephony.errors import CallOver, OfferRefused
from telephony.sip.body import session_description
from telephony.sip.identity import identify
from telephony.sip.invitation import Invitation, Wire
from telephony.sip.media import MediaPolicy
from telephony.sip.sessiontimer import agreed
from telephony.sip.transaction import ServerTransaction
from telephony.sip.voice import Voice


class SipCall(Invitation):
    """An `IncomingCall` from SIP."""

    source: CallSource = "sip"

    def __init__(
        self,
        transaction: ServerTransaction,
        wire: Wire,
        on_over: Callable[[Invitation], None],
        policy: MediaPolicy,
        *,
        extensions: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(transaction, wire, on_over)
        identity = identify(transaction.request, extensions=extensions)
        self.dialled = identity.dialled
        self.forwarded_from = identity.forwarded_from
        self.caller_number = identity.caller_number
        self.caller_name = identity.caller_name
        self._policy = policy
        self._voice = Voice(self._local[0], policy, signalling_host=transaction.source[0])
        self._answering = False

    @property
    def codec(self) -> CodecName:
        if self._voice.remote is not None:
            return self._voice.remote.codec
        try:
            text = session_description(self._invite.request)
            return self._policy.codecs[0] if text is None else self._voice.read(text).codec
        except OfferRefused:
            return self._policy.codecs[0]

    async def answer(self) -> Endpoint:
        if self._phase != "ringing" or self._answering:
            raise CallOver(f"the call is over: {self.end_reason or 'already answered'}")
        self._answering = True
        try:
            text = session_description(self._invite.request)
            remote = None if text is None else self._voice.read(text)
            if self._policy.encrypted_only and self._wire.transport_name != "TLS":
                raise OfferRefused("only calls over TLS are taken here")
            media = await self._wire.open_media()
        except OfferRefused as error:
            self._answering = False
            self.refuse(488, "Not Acceptable Here", warning=str(error))
            raise
        except BaseException:
            self._answering = False
            raise
        if self.ended.is_set():  # cancelled while the sockets opened
            media.shut()
            raise CallOver(f"the call is over: {self.end_reason}")
        if not self._agree_session():
            media.shut()
            raise CallOver("the caller wants to refresh the call too often")
        self._voice.open(media)
        if remote is None:
            secured = self._wire.transport_name == "TLS"
            self._accept(self._voice.offer(secured=secured), offering=True)
        else:
            self._accept(self._voice.answer(remote), offering=False)
        return media

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

    def _answer_to(self, offer: str) -> str:
        return self._voice.answer(self._voice.read(offer))

    def _description(self) -> str:
        return self._voice.description

    def _take_answer(self, answer: str) -> None:
        self._voice.take_answer(answer)

    def _shut_media(self) -> None:
        self._voice.shut()
