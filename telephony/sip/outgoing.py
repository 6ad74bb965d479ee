"""A call that we place: INVITE, its forks and challenges, until somebody answers or nobody does.

RFC 3261 sections 9.1 and 13.2, RFC 3262 (PRACK), RFC 4028. Once answered it is a call like others.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace

from aiosipua.message import SipRequest, SipResponse

from telephony.call import CodecName, EndedBy, Presented
from telephony.dialplan import DialPlan
from telephony.errors import CallFailed, CallOver, OfferRefused
from telephony.rtp import RtpEndpoint
from telephony.sip.body import session_description
from telephony.sip.channel import Channel, TransportName
from telephony.sip.conversation import Conversation
from telephony.sip.dialog import Dialog, contact_uri
from telephony.sip.failure import Reason, is_worth_another_way, reason_of
from telephony.sip.gateway import Way
from telephony.sip.glare import Standing
from telephony.sip.headers import option_tags, split_values
from telephony.sip.media import MediaPolicy
from telephony.sip.message import USER_AGENT, sequence_of, tag_of
from telephony.sip.presenting import dialog_toward, identity_headers
from telephony.sip.referred import ReferTarget, replacing_headers
from telephony.sip.refresh import Refresher
from telephony.sip.sessiontimer import DEFAULT_S, MINIMUM_S, agreed, minimum_asked
from telephony.sip.transaction import ServerTransaction
from telephony.sip.usage import Over
from telephony.sip.voice import Voice

log = logging.getLogger(__name__)

MAX_TRIES = 4
"""INVITEs by one way: a challenge, a nonce that aged, a longer interval."""


@dataclass(slots=True, kw_only=True)
class _Early:
    """A dialog that a provisional answer began; a forked call has several."""

    dialog: Dialog
    heard: int = 0
    """RSeq of the last reliable answer."""
    described: bool = False
    """It brought an answer to our offer."""
    settled: bool = False
    """In an answer that was acknowledged: new offers may be made (RFC 3311)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placing:
    """Everything a call that goes out is placed with."""

    number: str
    """E.164, or an extension; empty for somebody in a dialog who has none."""
    presented: Presented
    plan: DialPlan
    policy: MediaPolicy
    ring_s: float
    channel_of: Callable[[TransportName], Channel | None]
    on_dialog: Callable[[PlacedCall, Dialog], None]
    """Told each dialog that begins, to send its requests here."""
    into: ReferTarget | None = None
    """The dialog whose place the call takes (RFC 3891), by one way only."""


class PlacedCall(Conversation):
    """An `OutgoingCall` by SIP. Begun with `place`, which its owner runs as a task."""

    def __init__(
        self, placing: Placing, first: Way, channel: Channel, media: RtpEndpoint, on_over: Over
    ) -> None:
        self._placing = placing
        local = channel.contact_toward(first.target.address)
        super().__init__(
            dialog=self._dialog_toward(first, channel, placing),
            local=local, wire=channel, refresher=Refresher(None), on_over=on_over,
        )  # fmt: skip
        self.number = placing.number
        self.endpoint = media
        self.ringing = asyncio.Event()
        self.early_media = asyncio.Event()
        self._answered = asyncio.Event()
        self.failure: CallFailed | None = None
        self._voice = Voice(local[0], placing.policy, signalling_host=first.target.address[0])
        self._voice.open(media)
        self._way = first
        self._final: asyncio.Future[SipResponse | None] = self._loop.create_future()
        self._invite: SipRequest | None = None
        self._progressed = False
        """A provisional answer came: only now may it be cancelled (section 9.1)."""
        self._early: dict[str, _Early] = {}
        self._turned_away: dict[str, tuple[SipRequest, Dialog]] = {}
        """ACKs of those who answered too late, by tag."""
        self._interval_s = DEFAULT_S
        self._timer = self._loop.call_later(placing.ring_s, self._give_up)

    @property
    def codec(self) -> CodecName:
        return self.endpoint.codec

    async def answered(self) -> RtpEndpoint:
        """Wait until somebody picks up. Raises CallFailed; CallOver when we gave up first."""
        waits = [
            asyncio.ensure_future(self._answered.wait()), asyncio.ensure_future(self.ended.wait())
        ]  # fmt: skip
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if self._answered.is_set():
            return self.endpoint
        if self.failure is not None:
            raise self.failure
        raise CallOver(f"the call is over: {self.end_reason}")

    async def hang_up(self, *, by: EndedBy = "operator", reason: str = "hung_up") -> None:
        if self._phase == "ringing":
            self._cancel()
            reason = "cancelled" if reason == "hung_up" else reason
        await super().hang_up(by=by, reason=reason)

    async def place(self, others: AsyncIterator[Way]) -> None:
        """Send the INVITE by one way after the other, until one reaches somebody."""
        response = await self._try(self._way)
        while self._phase == "ringing" and is_worth_another_way(response) and not self._progressed:
            way = await anext(others, None)
            if way is None:
                break
            response = await self._try(way)
        if self._phase == "ringing":
            self._fail(reason_of(response), response)

    # The INVITE

    async def _try(self, way: Way) -> SipResponse | None:
        """The final refusal by this way; None when there was no answer, or the call is over."""
        channel = self._placing.channel_of(way.target.transport)
        if channel is None:
            log.warning("gateway %s: %s is not set up", way.gateway.name, way.target.transport)
            return None
        self._take(way, channel)
        response: SipResponse | None = None
        for tried in range(MAX_TRIES):
            response = await self._send_invite()
            if self._phase != "ringing" or response is None:
                return None
            if response.status_code in (401, 407):
                known = way.credentials
                challenged = known is not None and known.challenged(response)
                if known is None or not challenged or (tried and not known.stale):
                    return response
            elif response.status_code == 422:
                self._interval_s = minimum_asked(response)
            else:
                return response
        return response

    def _take(self, way: Way, channel: Channel) -> None:
        if way is self._way:
            return
        self._way, self._wire = way, channel
        self._local = channel.contact_toward(way.target.address)
        self.dialog = self._dialog_toward(way, channel, self._placing)
        self._voice = Voice(
            self._local[0], self._placing.policy, signalling_host=way.target.address[0]
        )
        self._voice.open(self.endpoint)

    @staticmethod
    def _dialog_toward(way: Way, channel: Channel, placing: Placing) -> Dialog:
        number = placing.plan.written(placing.number, way.gateway.number_form)
        uri = placing.into.uri if placing.into else f"sip:{number}@{way.domain}"
        return dialog_toward(way, uri, placing.presented, placing.plan, channel)

    async def _send_invite(self) -> SipResponse | None:
        way, invite = self._way, self._request("INVITE")
        headers = {
            "Allow": ", ".join(self._allowed),
            "Supported": ", ".join(self._supported),
            "Session-Expires": str(self._interval_s),
            "Min-SE": str(max(MINIMUM_S, self._interval_s if self._interval_s > DEFAULT_S else 0)),
            "User-Agent": USER_AGENT,
            "Content-Type": "application/sdp",
        } | identity_headers(self._placing.presented, self._placing.plan, way)
        if self._placing.into is not None:
            headers |= replacing_headers(self._placing.into)
        for name, value in headers.items():
            invite.headers.set_single(name, value)
        if way.credentials is not None:
            way.credentials.sign(invite)
        secured = self._wire.transport_name == "TLS"
        invite.text = self._voice.offer(secured=secured)
        self._invite, self._progressed = invite, False
        self._final = self._loop.create_future()
        self._wire.request(
            invite, way.target.address, server_name=way.target.host,
            on_answer=lambda response: self._hear(invite, response),
        )  # fmt: skip
        return await self._final

    def _hear(self, invite: SipRequest, response: SipResponse | None) -> None:
        if response is not None and response.status_code < 200:
            self._progress(invite, response)
        elif response is not None and response.status_code < 300:
            self._accepted(invite, response)
        elif invite is self._invite and not self._final.done():
            self._final.set_result(response)

    # Provisional answers

    def _progress(self, invite: SipRequest, response: SipResponse) -> None:
        if invite is not self._invite:
            return
        first, self._progressed = not self._progressed, True
        if self._phase != "ringing":
            if first:
                self._cancel()  # it was asked for before it was allowed
            return
        tag = tag_of(response, "to")
        if response.status_code == 100 or not tag:
            return
        if response.status_code == 180:
            self.ringing.set()
        early = self._early.get(tag)
        if early is None:
            early = self._early[tag] = _Early(dialog=self._dialog_of(response))
            self._placing.on_dialog(self, early.dialog)
        reliable = "100rel" in option_tags(response, "require")
        if reliable and not self._confirm_heard(early, invite, response):
            return
        if not early.settled:  # what follows an answer that arrived is no other (13.2.1)
            self._hear_early(early, response)
            early.settled = reliable and early.described

    def _confirm_heard(self, early: _Early, invite: SipRequest, response: SipResponse) -> bool:
        """PRACK a reliable answer; False for a copy, or one that came before its turn."""
        raw = (response.get_header("rseq") or "").strip()
        number = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 11 else 0
        if not number or (early.heard and number != early.heard + 1):
            return False
        early.heard = number
        prack = early.dialog.request("PRACK", via=self._local, transport=self._wire.transport_name)
        prack.headers.set_single("RAck", f"{number} {sequence_of(invite)[0]} INVITE")
        self._authorise(prack)
        self._wire.request(prack, early.dialog.next_hop(), source=early.dialog.source)
        return True

    def _hear_early(self, early: _Early, response: SipResponse) -> None:
        """What comes before the answer: a tone, an announcement."""
        try:
            text = session_description(response)
            if text is None:
                return
            self._voice.take_answer(text)
        except OfferRefused as error:
            log.info("call %s: nothing heard before the answer: %s", self.call_id, error)
            return
        early.described = True
        self.early_media.set()

    # The answer

    def _accepted(self, invite: SipRequest, response: SipResponse) -> None:
        tag = tag_of(response, "to")
        if tag in self._turned_away:
            ack, dialog = self._turned_away[tag]
            self._wire.send_ack(ack, dialog.next_hop(), source=dialog.source)
        elif self.dialog.remote_tag and tag == self.dialog.remote_tag:
            self._acknowledge(invite)
        elif self._phase == "ringing" and invite is self._invite:
            self._pick_up(invite, response)
        else:
            self._turn_away(invite, response)

    def _pick_up(self, invite: SipRequest, response: SipResponse) -> None:
        early = self._early.get(tag_of(response, "to"))
        self.dialog = self._dialog_of(response)
        if early is not None:
            self.dialog.local_sequence = early.dialog.local_sequence
            self.dialog.remote_sequence = early.dialog.remote_sequence
        self._placing.on_dialog(self, self.dialog)
        self._phase = "confirmed"
        self._acknowledge(invite)
        try:
            settled = early is not None and early.settled  # then it is no other (13.2.1)
            text = None if settled else session_description(response)
            if text is not None:
                self._voice.take_answer(text)
            elif early is None or not early.described:
                raise OfferRefused("the answer brought no session description")
        except OfferRefused as error:
            log.info("call %s: %s", self.call_id, error)
            self._bye()
            self._fail("no_media", response)
            return
        self._refresher, self._session = Refresher(response), agreed(response)
        self._start_timer()
        self._answered.set()
        self._settle()

    def _turn_away(self, invite: SipRequest, response: SipResponse) -> None:
        """Somebody answered too late, or second in a fork: ACK and BYE (section 13.2.2.4)."""
        dialog = self._dialog_of(response)
        transport = self._wire.transport_name
        ack = dialog.request(
            "ACK", via=self._local, transport=transport, number=sequence_of(invite)[0]
        )
        self._authorise(ack)
        self._turned_away[dialog.remote_tag] = (ack, dialog)
        self._wire.send_ack(ack, dialog.next_hop(), source=dialog.source)
        bye = dialog.request("BYE", via=self._local, transport=transport)
        self._wire.request(bye, dialog.next_hop(), source=dialog.source)

    def _acknowledge(self, invite: SipRequest) -> bool:
        known = self._acks.get(sequence_of(invite)[0])
        if known is None and invite is self._invite:
            ack = self._request("ACK", number=sequence_of(invite)[0])
            self._authorise(ack)
            self._acks = {sequence_of(invite)[0]: ack}
            self._wire.send_ack(ack, self.dialog.next_hop(), source=self.dialog.source)
            return True
        return super()._acknowledge(invite)

    def _authorise(self, request: SipRequest) -> None:
        """The credentials of the INVITE go with its ACK, and its PRACK (section 22.1)."""
        for name in ("Authorization", "Proxy-Authorization"):
            value = self._invite.get_header(name) if self._invite is not None else None
            if value:
                request.headers.set_single(name, value)

    # The end

    def _cancel(self) -> None:
        invite = self._invite
        if invite is None or not self._progressed:
            return
        cancel = SipRequest(method="CANCEL", uri=invite.uri)
        cancel.headers.append("Via", invite.headers.get("via")[0])
        for name in ("From", "To", "Call-ID", "Max-Forwards"):
            cancel.headers.set_single(name, invite.headers.get_first(name) or "")
        cancel.headers.set_single("CSeq", f"{sequence_of(invite)[0]} CANCEL")
        for route in invite.headers.get("route"):
            cancel.headers.append("Route", route)
        self._wire.request(
            cancel, self._way.target.address,
            source=self._way.target.address, server_name=self._way.target.host,
        )  # fmt: skip

    def _give_up(self) -> None:
        """It rang long enough."""
        if self._phase == "ringing":
            self._cancel()
            self._fail("no_answer", None)

    def failed(self) -> None:
        """Our own failure ends it."""
        self._cancel()
        self._over("system", "failed")

    def _fail(self, reason: Reason, response: SipResponse | None) -> None:
        status = response.status_code if response is not None else 0
        said = f"{status} {response.reason_phrase}" if response is not None else ""
        log.info("call %s to %s: %s %s", self.call_id, self.number, reason, said)
        self.failure = CallFailed(reason, status=status, detail=said)
        self._over("caller" if status else "system", reason)

    def _over(self, by: EndedBy, reason: str) -> None:
        super()._over(by, reason)
        self._settle()

    def _settle(self) -> None:
        if not self._final.done():
            self._final.set_result(None)

    # What the wire brings

    def receive(self, transaction: ServerTransaction) -> None:
        """A request within the dialog, or within one that may still become it."""
        request = transaction.request
        early = self._early.get(tag_of(request, "from"))
        if self._phase != "ringing":
            super().receive(transaction)
        elif early is None:
            self._reply(transaction, 481, "Call/Transaction Does Not Exist")
        elif not early.dialog.accepts(request):
            self._reply(transaction, 500, "Out Of Order")
        elif request.method in ("INFO", "OPTIONS"):
            self._reply(transaction, 200, "OK")
        elif request.method in ("INVITE", "UPDATE"):
            self._changed_early(early, transaction)
        else:
            self._reply(transaction, 481, "Call/Transaction Does Not Exist")

    def _changed_early(self, early: _Early, transaction: ServerTransaction) -> None:
        """An UPDATE before the answer: another voice to be heard, another contact (RFC 3311)."""
        standing = Standing(inviting=True, offered=not early.settled)
        if self._is_untimely(transaction, standing):
            return
        try:
            offer = session_description(transaction.request)
            body = "" if offer is None else self._answer_to(offer)
        except OfferRefused:
            self._reply(transaction, 488, "Not Acceptable Here")
            return
        early.dialog.refresh_target(transaction.request)
        self._reply(transaction, 200, "OK", body=body)

    def _dialog_of(self, response: SipResponse) -> Dialog:
        """The dialog this answer is of (section 12.1.2)."""
        routes = split_values(response.headers.get("record-route"))
        return replace(
            self.dialog,
            remote_tag=tag_of(response, "to"),
            remote_target=contact_uri(response) or self.dialog.remote_target,
            route_set=tuple(reversed(routes)),
            remote_sequence=-1,
        )
