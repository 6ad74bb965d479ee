"""The other side of a call asks that somebody else be called in its place (REFER).

Off unless its network may (`SOUFFLEUR_SIP_REFER`). What is called goes through the dial plan and
the limits of any call out, in the operator's name. Until somebody answers nothing changes but that
the operator hears it ring; then they take the caller's place on the bridge.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Literal

from copilot.lineevents import CallMoved
from copilot.reception.callerid import for_client
from copilot.reception.errors import why
from copilot.reception.ongoing import CallEnd, Media, OngoingCall
from copilot.reception.placing import Placement
from copilot.store.numbering import e164
from telephony.call import CallLine, OutgoingCall, Referred
from telephony.errors import CallFailed, TelephonyError
from telephony.tone import ringing

logger = logging.getLogger(__name__)

MOVED = "moved"
"""Why a line is over whose place somebody else has."""
ANSWERS: dict[str, tuple[int, str]] = {
    "busy": (486, "Busy Here"),
    "no_answer": (480, "Temporarily Unavailable"),
    "unknown_number": (404, "Not Found"),
    "declined": (603, "Decline"),
    "number_barred": (403, "Forbidden"),
    "toll_limit": (403, "Forbidden"),
}


class Move:
    """Of one call, from a REFER to its outcome. Its task ends with the call."""

    def __init__(self, call: OngoingCall, line: CallLine, asked: Referred, media: Media) -> None:
        self._call, self._line, self._asked, self._media = call, line, asked, media
        self.number = e164(asked.number) or asked.number
        self._task = asyncio.create_task(self._run(), name=f"move-{call.call_id}")

    @property
    def under_way(self) -> bool:
        """Somebody is being called."""
        return not self._task.done()

    async def outcome(self) -> OutgoingCall | None:
        """Who has the caller's place in the end; None: nobody else."""
        return await asyncio.shield(self._task)

    async def stop(self) -> None:
        """The call is over, and with it whoever was called. Idempotent."""
        self._task.cancel()
        (placed,) = await asyncio.gather(self._task, return_exceptions=True)
        if placed is not None and not isinstance(placed, BaseException):
            await placed.hang_up(by="system", reason="caller_gone")

    async def _run(self) -> OutgoingCall | None:
        self._tell("asked")
        placed: OutgoingCall | None = None
        moved = False
        try:
            placed = await self._place()
            await self._reach(placed)
            await self._take_over(placed)
            moved = True
        except TelephonyError as error:
            self._refuse(why(error))
        except Exception:
            logger.exception("call %s could not be moved", self._call.call_id)
            self._refuse("failed")
        finally:
            if not moved and placed is not None:
                await placed.hang_up(by="system", reason="caller_gone")
        return placed if moved else None

    async def _place(self) -> OutgoingCall:
        call = self._call
        if call.operator is None or call.bridge is None or call.transfer is not None:
            raise CallFailed("declined", detail="nobody has the call in hand")
        return await self._media.place(
            self.number,
            presented=for_client(call.sheet),
            prefer=self._line.codec,
            placement=Placement(client_id=call.sheet.client.id, operator=call.operator),
        )

    async def _reach(self, placed: OutgoingCall) -> None:
        assert self._call.bridge is not None  # noqa: S101 - it placed the call
        tone = self._call.bridge.play("operator", ringing())
        telling = asyncio.create_task(self._tell_ringing(placed))
        try:
            await placed.answered()
        finally:
            tone.stop()
            telling.cancel()

    async def _tell_ringing(self, placed: OutgoingCall) -> None:
        await placed.ringing.wait()
        self._asked.tell(180, "Ringing")

    async def _take_over(self, placed: OutgoingCall) -> None:
        call = self._call
        assert call.bridge is not None  # noqa: S101 - it placed the call
        await call.bridge.connect_caller(placed.endpoint)
        call.line = placed
        if call.controls is not None:
            call.controls.follow(placed)
        self._tell("moved")
        self._asked.tell(200, "OK")
        await self._line.hang_up(by="system", reason=MOVED)

    def _refuse(self, reason: str) -> None:
        logger.info("call %s is not moved to %s: %s", self._call.call_id, self.number, reason)
        self._tell("refused", reason)
        self._asked.tell(*ANSWERS.get(reason, (503, "Service Unavailable")))

    def _tell(self, state: Literal["asked", "moved", "refused"], reason: str = "") -> None:
        log = self._call.log
        log.tell(CallMoved(**log.stamp(), state=state, number=self.number, reason=reason))


async def last_line(call: OngoingCall, line: CallEnd, media: Media) -> CallEnd:
    """Wait for the end of a call: of its line, or of whoever took that one's place.

    Who asks may hang up at once: the call then goes on while somebody else is called.
    """
    while True:
        carried = call.line
        if carried is not None:
            _listen(call, carried, media)
        await line.ended.wait()
        if line.ended_by != "caller" and line.end_reason != MOVED:
            return line  # hung up on our side
        moved = await call.move.outcome() if call.move is not None else None
        if moved is None or moved is line:
            return line
        line = moved


def _listen(call: OngoingCall, line: CallLine, media: Media) -> None:
    def asked(referred: Referred) -> None:
        call.move = Move(call, line, referred, media)

    line.on_referred = asked
