"""Who is to take a caller's place: called because the other side asks, or calling by themselves.

An attended transfer by a PBX is one or the other (RFC 5589): a REFER whose Refer-To names the
dialog of the consultation, or an INVITE that names the dialog we talk in.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

from copilot.reception.callerid import for_client
from copilot.reception.ongoing import Media, OngoingCall
from copilot.reception.placing import Placement
from copilot.store.numbering import e164
from telephony.call import CallLine, Endpoint, IncomingCall, OutgoingCall, Referred
from telephony.errors import CallFailed
from telephony.tone import ringing

ANSWERS: dict[str, tuple[int, str]] = {
    "busy": (486, "Busy Here"),
    "no_answer": (480, "Temporarily Unavailable"),
    "unknown_number": (404, "Not Found"),
    "declined": (603, "Decline"),
    "number_barred": (403, "Forbidden"),
    "toll_limit": (403, "Forbidden"),
}


class Successor(Protocol):
    """Somebody who talks to the operator next, if it comes to that."""

    @property
    def number(self) -> str:
        """For people; empty when there is none."""
        ...

    @property
    def line(self) -> CallLine | None:
        """Their call, once there is one."""
        ...

    async def reach(self, call: OngoingCall) -> Endpoint:
        """Have them on the line. Raises TelephonyError."""
        ...

    def settled(self, reason: str) -> None:
        """Tell whoever asked: "" that they talk, else why not."""
        ...

    async def leave(self) -> None:
        """It came to nothing, or the call is over. Idempotent."""
        ...


class CalledSuccessor:
    """The other side asks that we call somebody (REFER)."""

    def __init__(self, asked: Referred, *, replaced: CallLine, media: Media) -> None:
        self._asked, self._replaced, self._media = asked, replaced, media
        self.number = e164(asked.number) or asked.number
        self.line: OutgoingCall | None = None

    async def reach(self, call: OngoingCall) -> Endpoint:
        """The operator hears it ring."""
        check_in_hand(call)
        assert call.bridge is not None  # noqa: S101 - it is in hand
        self.line = placed = await self._place(call)
        tone = call.bridge.play("operator", ringing())
        telling = asyncio.create_task(self._tell_ringing(placed))
        try:
            return await placed.answered()
        finally:
            tone.stop()
            telling.cancel()

    async def _place(self, call: OngoingCall) -> OutgoingCall:
        presented, prefer = for_client(call.sheet), self._replaced.codec
        if self._asked.consulted:
            return await self._asked.join(presented=presented, prefer=prefer)
        assert call.operator is not None  # noqa: S101 - it is in hand
        return await self._media.place(
            self.number,
            presented=presented,
            prefer=prefer,
            placement=Placement(client_id=call.sheet.client.id, operator=call.operator),
        )

    async def _tell_ringing(self, placed: OutgoingCall) -> None:
        await placed.ringing.wait()
        self._asked.tell(180, "Ringing")

    def settled(self, reason: str) -> None:
        """As a SIP status."""
        unknown = (503, "Service Unavailable")
        self._asked.tell(*(ANSWERS.get(reason, unknown) if reason else (200, "OK")))

    async def leave(self) -> None:
        if self.line is not None:
            await self.line.hang_up(by="system", reason="caller_gone")


class CallingSuccessor:
    """Somebody calls in the other side's place (INVITE with Replaces)."""

    def __init__(self, coming: IncomingCall) -> None:
        self.line = coming
        self.number = e164(coming.caller_number or "") or coming.caller_number or ""
        self._refused = ANSWERS["declined"]

    async def reach(self, call: OngoingCall) -> Endpoint:
        """They are answered at once."""
        check_in_hand(call)
        return await self.line.answer()

    def settled(self, reason: str) -> None:
        """A refusal is the answer to their INVITE."""
        if reason:
            self.line.refuse(*ANSWERS.get(reason, (503, "Service Unavailable")))

    async def leave(self) -> None:
        await self.line.hang_up(by="system", reason="caller_gone")


def check_in_hand(call: OngoingCall) -> None:
    """Raises CallFailed: nobody talks in the call, or it is being given away."""
    if call.operator is None or call.bridge is None or call.transfer is not None:
        raise CallFailed("declined", detail="nobody has the call in hand")
