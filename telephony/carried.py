"""A call whose sound flows from the start: a browser page, an Asterisk channel, a media stream."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable

from telephony.call import (
    CallSource,
    CodecName,
    EndedBy,
    Endpoint,
    IncomingCall,
    OutgoingCall,
    Referred,
)
from telephony.errors import CallOver, ReferRefused

log = logging.getLogger(__name__)


class CarriedCall:
    """An `IncomingCall` that ends with its endpoint. Its caller hears silence, then a ringing
    tone of ours, then the operator."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        source: CallSource,
        dialled: str,
        caller_number: str | None = None,
        caller_name: str | None = None,
        forwarded_from: str | None = None,
        names: tuple[str, ...] = (),
    ) -> None:
        self.call_id = uuid.uuid4().hex
        self.names = names
        self.source = source
        self.dialled = dialled
        self.forwarded_from = forwarded_from
        self.caller_number = caller_number
        self.caller_name = caller_name
        self.ended = asyncio.Event()
        self.ended_by: EndedBy | None = None
        self.end_reason = ""
        self.on_referred: Callable[[Referred], None] | None = None
        self.on_replaced: Callable[[IncomingCall], None] | None = None
        """Never called: nothing this comes by asks such things."""
        self._endpoint = endpoint
        self._answered = False
        self._ringing: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None
        self._watching = asyncio.create_task(self._watch(), name=f"{source} call {self.call_id}")

    @property
    def codec(self) -> CodecName:
        return self._endpoint.codec

    async def hold(self, held: bool) -> None:
        """There is nobody to tell: the bridge plays what the caller hears."""

    async def refer(self, number: str, *, replaces: OutgoingCall | None = None) -> None:  # noqa: ARG002
        """Nobody there places calls."""
        raise ReferRefused(501, "this side takes no calls over")

    def ring(self) -> None:
        if self._ringing is None and not self._answered and not self.ended.is_set():
            self._ringing = asyncio.create_task(self._play_ringing())

    def refuse(self, status: int, reason: str, *, retry_after_s: int = 0) -> None:  # noqa: ARG002
        if self._answered or self.ended.is_set():
            return
        log.info("call %s to %s refused: %d %s", self.call_id, self.dialled, status, reason)
        self._over("system", "refused")
        self._closing = asyncio.create_task(self._endpoint.close())

    async def early(self) -> Endpoint:
        """Returns once the caller hears: nobody is charged, and nothing needs an answer."""
        waits = [asyncio.create_task(self.flowing()), asyncio.create_task(self.ended.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if self._answered or self.ended.is_set():
            raise CallOver(f"the call is over: {self.end_reason or 'already answered'}")
        self._stop_ringing()
        return self._endpoint

    async def answer(self) -> Endpoint:
        if self._answered or self.ended.is_set():
            raise CallOver(f"the call is over: {self.end_reason or 'already answered'}")
        self._answered = True
        self._stop_ringing()
        return self._endpoint

    async def hang_up(self, *, by: EndedBy = "operator", reason: str = "hung_up") -> None:
        self._over(by, reason)
        await self._endpoint.close()

    async def flowing(self) -> None:
        """Wait until sound can flow."""

    def why_gone(self) -> str:
        """The reason when the endpoint ended by itself."""
        return "hung_up"

    async def _watch(self) -> None:
        await self._endpoint.ended.wait()
        self._over("caller", self.why_gone())

    async def _play_ringing(self) -> None:
        from telephony.announcement import Announcer
        from telephony.tone import ringing

        await self.flowing()
        async with Announcer(self._endpoint) as announcer:
            await announcer.play(ringing()).finished()

    def _stop_ringing(self) -> None:
        if self._ringing is not None:
            self._ringing.cancel()

    def _over(self, by: EndedBy, reason: str) -> None:
        if self.ended.is_set():
            return
        self.ended_by, self.end_reason = by, reason
        self._stop_ringing()
        self._watching.cancel()
        self.ended.set()
