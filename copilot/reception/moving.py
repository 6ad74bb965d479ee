"""The other side of a call puts somebody else in its place (REFER, or INVITE with Replaces).

Off unless its network may (`SOUFFLEUR_SIP_REFER`). What is called goes through the dial plan and
the limits of any call out, in the operator's name. Until somebody answers nothing changes but that
the operator hears it ring; then they take the caller's place on the bridge.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Literal

from copilot.lineevents import CallMoved
from copilot.reception.errors import why
from copilot.reception.ongoing import CallEnd, Media, OngoingCall
from copilot.reception.successors import CalledSuccessor, CallingSuccessor, Successor
from telephony.call import CallLine, Endpoint, IncomingCall, Referred
from telephony.errors import TelephonyError

logger = logging.getLogger(__name__)

MOVED = "moved"
"""Why a line is over whose place somebody else has."""


class Move:
    """Of one call, from what was asked to its outcome. Its task ends with the call."""

    def __init__(self, call: OngoingCall, line: CallLine, successor: Successor) -> None:
        self._call, self._line, self._successor = call, line, successor
        self._task = asyncio.create_task(self._run(), name=f"move-{call.call_id}")

    @property
    def under_way(self) -> bool:
        """Somebody is being called."""
        return not self._task.done()

    async def outcome(self) -> CallLine | None:
        """Who has the caller's place in the end; None: nobody else."""
        return self._successor.line if await asyncio.shield(self._task) else None

    async def stop(self) -> None:
        """The call is over, and with it whoever was called. Idempotent."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._successor.leave()

    async def _run(self) -> bool:
        self._tell("asked")
        moved = False
        try:
            await self._take_over(await self._successor.reach(self._call))
            moved = True
        except TelephonyError as error:
            self._refuse(why(error))
        except Exception:
            logger.exception("call %s could not be moved", self._call.call_id)
            self._refuse("failed")
        finally:
            if not moved:
                await self._successor.leave()
        return moved

    async def _take_over(self, endpoint: Endpoint) -> None:
        call, line = self._call, self._successor.line
        assert call.bridge is not None  # noqa: S101 - it is in hand
        assert line is not None  # noqa: S101 - they were reached
        await call.bridge.connect_caller(endpoint)
        call.line = line
        if call.controls is not None:
            call.controls.follow(line)
        self._tell("moved")
        self._successor.settled("")
        await self._line.hang_up(by="system", reason=MOVED)

    def _refuse(self, reason: str) -> None:
        number = self._successor.number
        logger.info("call %s is not moved to %s: %s", self._call.call_id, number, reason)
        self._tell("refused", reason)
        self._successor.settled(reason)

    def _tell(self, state: Literal["asked", "moved", "refused"], reason: str = "") -> None:
        log, number = self._call.log, self._successor.number
        log.tell(CallMoved(**log.stamp(), state=state, number=number, reason=reason))


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
        begin(CalledSuccessor(referred, replaced=line, media=media))

    def comes(coming: IncomingCall) -> None:
        begin(CallingSuccessor(coming))

    def begin(successor: Successor) -> None:
        if call.move is not None and call.move.under_way:
            successor.settled("declined")  # one at a time
        else:
            call.move = Move(call, line, successor)

    line.on_referred, line.on_replaced = asked, comes
