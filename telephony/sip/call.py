"""A conversation that comes by SIP."""

from __future__ import annotations

from telephony.call import CallSource, CodecName, Endpoint
from telephony.errors import CallOver, OfferRefused
from telephony.sip.body import session_description
from telephony.sip.conversation import Conversation
from telephony.sip.identity import identify, names_of
from telephony.sip.invitation import Invitation
from telephony.sip.media import MediaPolicy, RemoteMedia
from telephony.sip.transaction import ServerTransaction
from telephony.sip.usage import Over, Wire
from telephony.sip.voice import Voice


class SipCall(Invitation, Conversation):
    """An `IncomingCall` from SIP."""

    source: CallSource = "sip"

    def __init__(
        self,
        transaction: ServerTransaction,
        wire: Wire,
        on_over: Over,
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
        self.names = names_of(transaction.request)
        self._policy = policy
        self._voice = Voice(self._local[0], policy, signalling_host=transaction.source[0])
        self._opening = False

    @property
    def codec(self) -> CodecName:
        if self._voice.remote is not None:
            return self._voice.remote.codec
        try:
            text = session_description(self._invite.request)
            return self._policy.codecs[0] if text is None else self._voice.read(text).codec
        except OfferRefused:
            return self._policy.codecs[0]

    async def early(self) -> Endpoint:
        if self._phase != "ringing" or self._opening:
            raise CallOver(f"the call is over: {self.end_reason or 'already answered'}")
        offer = session_description(self._invite.request)
        if offer is None:
            raise OfferRefused("without an offer nothing can be heard before the answer")
        if self._early:
            return self._media()
        await self._provisionals.settled()  # ringing of ours, if any
        remote = await self._open()
        if remote is None:
            raise OfferRefused("the offer is gone")
        self._progress(self._voice.answer(remote))
        return self._media()

    async def answer(self) -> Endpoint:
        if self._phase != "ringing" or self._opening:
            raise CallOver(f"the call is over: {self.end_reason or 'already answered'}")
        if self._early:
            self._opening = True
            await self._provisionals.settled()
            if self.ended.is_set() or not self._agree_session():
                raise CallOver(f"the call is over: {self.end_reason}")
            self._accept(self._early, offering=False)
            return self._media()
        remote = await self._open()
        if not self._agree_session():
            raise CallOver("the caller wants to refresh the call too often")
        if remote is None:
            secured = self._wire.transport_name == "TLS"
            self._accept(self._voice.offer(secured=secured), offering=True)
        else:
            self._accept(self._voice.answer(remote), offering=False)
        return self._media()

    async def _open(self) -> RemoteMedia | None:
        """Open the sockets of the voice; what the INVITE offers, None without an offer.

        Raises CallOver; OfferRefused, and the call is refused then.
        """
        self._opening = True
        try:
            text = session_description(self._invite.request)
            remote = None if text is None else self._voice.read(text)
            if self._policy.encrypted_only and self._wire.transport_name != "TLS":
                raise OfferRefused("only calls over TLS are taken here")
            media = await self._wire.open_media()
        except OfferRefused as error:
            self.refuse(488, "Not Acceptable Here", warning=str(error))
            raise
        finally:
            self._opening = False
        if self.ended.is_set():  # cancelled while the sockets opened
            media.shut()
            raise CallOver(f"the call is over: {self.end_reason}")
        self._voice.open(media)
        return remote

    def _answer_to(self, offer: str) -> str:
        answer = super()._answer_to(offer)
        if self._early:
            self._early = answer
        return answer

    def _media(self) -> Endpoint:
        if self._voice.endpoint is None:
            raise CallOver(f"the call is over: {self.end_reason}")
        return self._voice.endpoint
