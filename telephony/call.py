"""A call as the rest of the house sees it, whatever carries it.

IncomingCall   somebody rings: SIP (`telephony.sip`) or a browser (`telephony.webrtc`)
OutgoingCall   we call somebody, by SIP
Endpoint       one person's two-way media, encoded voice in and out
Bridge         joins two endpoints and lets others listen (`telephony.bridge`)
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

EndedBy = Literal["caller", "operator", "system"]
CallSource = Literal["sip", "webrtc", "audiosocket", "mediastream"]
CodecName = Literal["PCMA", "PCMU", "G722", "opus"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VoicePacket:
    """One received packet of encoded voice, in the terms of RTP (RFC 3550 section 5.1)."""

    payload: bytes
    """As the codec has it; G.711 and G.722 are one byte a tick of 1/8000 s."""

    codec: CodecName

    sequence: int
    """16 bits, wraps."""

    timestamp: int
    """32 bits, wraps; 8000 a second whatever the codec's own clock (`telephony.codec`)."""

    ssrc: int

    arrived_s: float
    """Event loop time of arrival."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointStats:
    """Counters of one endpoint since it opened."""

    packets_received: int = 0
    packets_sent: int = 0
    packets_lost: int = 0
    """From sequence numbers."""
    packets_foreign: int = 0
    """Refused because they came from somebody else than the peer."""
    packets_invalid: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """Who an outgoing call says is calling; numbers E.164."""

    number: str | None
    """Shown to who is called; None hides it."""

    name: str = ""

    asserted: str | None = None
    """The number we answer for (RFC 3325), where it is not the one shown."""

    diverted_from: str | None = None
    """The number a call was sent on from (RFC 5806)."""


class Endpoint(Protocol):
    """One person's two-way media. Never waits, never raises on the media path."""

    @property
    def codec(self) -> CodecName:
        """What this endpoint is sent; what it sends may differ and says so itself."""
        ...

    on_packet: Callable[[VoicePacket], None] | None
    """Called on the event loop for each packet received. Set by the bridge."""

    on_digit: Callable[[str], None] | None
    """Called with each DTMF digit received (RFC 4733)."""

    @property
    def ended(self) -> asyncio.Event:
        """Set when the media can no longer flow (browser gone, closed)."""
        ...

    @property
    def stats(self) -> EndpointStats: ...

    def send(self, payload: bytes, *, sequence: int, timestamp: int, marker: bool = False) -> None:
        """Send voice encoded in `codec` now; numbering as in RTP, chosen by the bridge."""
        ...

    async def send_keys(self, keys: str) -> None:
        """Press telephone keys (0-9 * # A-D) one after the other; returns when the last is up.

        Voice is not sent meanwhile. Raises KeysRefused where the peer takes none.
        """
        ...

    async def close(self) -> None:
        """Release sockets. Idempotent."""
        ...


class Referred(Protocol):
    """The other side of a call asks that somebody else be called in its place."""

    @property
    def number(self) -> str:
        """As asked, digits and a plus sign at most; empty for somebody in a dialog without one."""
        ...

    @property
    def consulted(self) -> bool:
        """They are in a dialog whose place we are to take (RFC 3891): `join`, not a number."""
        ...

    async def join(self, *, presented: Presented, prefer: CodecName | None = None) -> OutgoingCall:
        """Call into that dialog. Raises TelephonyError."""
        ...

    def tell(self, status: int, reason: str) -> None:
        """How that goes, as a SIP status; what is told after a final one is not sent."""
        ...


class CallLine(Protocol):
    """A call once it is answered, whoever placed it."""

    on_referred: Callable[[Referred], None] | None
    """Called when the other side asks so, where it may; None refuses."""

    on_replaced: Callable[[IncomingCall], None] | None
    """Called with a call that is to take this one's place, where it may (RFC 3891): answer it and
    hang this one up, or refuse it. None refuses."""

    @property
    def codec(self) -> CodecName: ...

    @property
    def ended(self) -> asyncio.Event: ...

    @property
    def ended_by(self) -> EndedBy | None: ...

    @property
    def end_reason(self) -> str: ...

    async def hold(self, held: bool) -> None: ...

    async def refer(self, number: str, *, replaces: OutgoingCall | None = None) -> None: ...

    async def hang_up(self, *, by: EndedBy = "operator", reason: str = "hung_up") -> None: ...


class IncomingCall(Protocol):
    """Somebody calls. Either `refuse`, or `ring` then `answer`; `hang_up` ends it at any time."""

    on_referred: Callable[[Referred], None] | None
    on_replaced: Callable[[IncomingCall], None] | None

    @property
    def call_id(self) -> str:
        """Ours, unique, safe in a URL."""
        ...

    @property
    def source(self) -> CallSource: ...

    @property
    def dialled(self) -> str:
        """The number called, as signalled: user part of the Request-URI or To."""
        ...

    @property
    def forwarded_from(self) -> str | None:
        """The number that forwarded the call here: Diversion (RFC 5806), else History-Info."""
        ...

    @property
    def caller_number(self) -> str | None:
        """As signalled; None when the caller hides it (RFC 3323 Privacy, anonymous)."""
        ...

    @property
    def caller_name(self) -> str | None:
        """Display name; None when there is none or the caller hides it."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """How the other side's systems know the call: SIP's Call-ID, Session-ID (RFC 7989)."""
        ...

    @property
    def codec(self) -> CodecName:
        """What it will be answered in, as far as can be told before."""
        ...

    @property
    def ended(self) -> asyncio.Event:
        """Set once the call is over, whoever ended it, answered or not."""
        ...

    @property
    def ended_by(self) -> EndedBy | None:
        """None until `ended` is set."""
        ...

    @property
    def end_reason(self) -> str:
        """Short, stable: cancelled, hung_up, refused, no_ack, lost, server_stopped..."""
        ...

    def ring(self) -> None:
        """Let the caller hear that it rings (180). Harmless when repeated or too late."""
        ...

    def refuse(self, status: int, reason: str, *, retry_after_s: int = 0) -> None:
        """Refuse with a final SIP status (404, 486, 603...). Harmless when already over."""
        ...

    async def early(self) -> Endpoint:
        """Let the caller hear what is sent, before the answer (183, RFC 3960): the endpoint that
        `answer` will give. Idempotent.

        Raises CallOver; OfferRefused where nothing can be heard before the answer.
        """
        ...

    async def answer(self) -> Endpoint:
        """Pick up. Raises CallOver when the caller has gone, OfferRefused without media."""
        ...

    async def hold(self, held: bool) -> None:
        """Tell the caller's side that it waits, or no longer does; it still hears what is sent.

        Raises CallOver; OfferRefused when the other side will not.
        """
        ...

    async def refer(self, number: str, *, replaces: OutgoingCall | None = None) -> None:
        """Ask the other side to call this number itself, or to take the place of `replaces`.

        Returns once it has. Raises ReferRefused, when the call is as it was; CallOver.
        """
        ...

    async def hang_up(self, *, by: EndedBy = "operator", reason: str = "hung_up") -> None:
        """End the call from our side, ringing or answered. Idempotent; closes the media."""
        ...


class OutgoingCall(Protocol):
    """We call somebody. `ended_by` "caller" means who was called."""

    on_referred: Callable[[Referred], None] | None
    on_replaced: Callable[[IncomingCall], None] | None

    @property
    def call_id(self) -> str:
        """Ours, unique, safe in a URL."""
        ...

    @property
    def number(self) -> str:
        """E.164, or an extension."""
        ...

    @property
    def endpoint(self) -> Endpoint:
        """Their media, from the beginning: tones and announcements may come before the answer."""
        ...

    @property
    def codec(self) -> CodecName: ...

    @property
    def ringing(self) -> asyncio.Event:
        """Set once their telephone rings."""
        ...

    @property
    def early_media(self) -> asyncio.Event:
        """Set once there is something to hear before the answer: no tone of ours is needed."""
        ...

    @property
    def ended(self) -> asyncio.Event: ...

    @property
    def ended_by(self) -> EndedBy | None: ...

    @property
    def end_reason(self) -> str:
        """As of an `IncomingCall`, and the reasons of `telephony.sip.failure`."""
        ...

    async def answered(self) -> Endpoint:
        """Wait until somebody picks up.

        Raises CallFailed with the reason; CallOver when it was hung up before.
        """
        ...

    async def hold(self, held: bool) -> None:
        """As of an `IncomingCall`."""
        ...

    async def refer(self, number: str, *, replaces: OutgoingCall | None = None) -> None:
        """As of an `IncomingCall`."""
        ...

    async def hang_up(self, *, by: EndedBy = "operator", reason: str = "hung_up") -> None:
        """End the call, ringing or answered. Idempotent; closes the media."""
        ...
