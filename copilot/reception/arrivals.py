"""Calls that come in: each is found a client, is welcomed, waits, and is seen to its end.

route ─> blocked?, hours, room in the line ─> welcome ─> line ─> answer (a command) ─> ended
                 └─> closed message, refusal                        └─> too long: closed message
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from zoneinfo import ZoneInfo

from copilot.events import CallWaiting
from copilot.journal import Journal
from copilot.reception.blocked import BLOCKED, BlockedCallers
from copilot.reception.life import CallLife, readable_number
from copilot.reception.ongoing import Media, OngoingCall, OngoingCalls
from copilot.reception.welcoming import Welcoming
from copilot.store.records.calls import NewCall
from copilot.store.store import Store
from copilot.waiting.hours import is_open
from copilot.waiting.policy import admission
from copilot.waiting.sounds import ClientSounds
from telephony.call import IncomingCall
from telephony.errors import TelephonyError

logger = logging.getLogger(__name__)

CALL_AGAIN_S = 60
"""What a caller's network is told when the line is full."""


class Arrivals:
    """Takes each call from its arrival to its end."""

    def __init__(
        self,
        *,
        calls: OngoingCalls,
        store: Store,
        journal: Journal,
        life: CallLife,
        media: Media,
        sounds: ClientSounds,
        ring_timeout_s: float,
        most_waiting: int,
        released: Callable[[str], Awaitable[None]],
    ) -> None:
        """`released` is told the operator whose call is over. `most_waiting`: calls of all
        clients that may wait at once in this process."""
        self._calls = calls
        self._store = store
        self._journal = journal
        self._life = life
        self._media = media
        self._sounds = sounds
        self._ring_timeout_s = ring_timeout_s
        self._most_waiting = most_waiting
        self._released = released
        self._blocked = BlockedCallers(store, journal)

    async def receive(self, incoming: IncomingCall) -> None:
        """Take a call from its arrival until everything said in it is transcribed."""
        forwarded_from = (incoming.forwarded_from,) if incoming.forwarded_from else ()
        route = await self._store.provider.route(incoming.dialled, forwarded_from=forwarded_from)
        if route is None:
            logger.warning(
                "call refused: no client has the number %s (forwarded from %s)",
                incoming.dialled,
                incoming.forwarded_from,
            )
            incoming.refuse(404, "No client has this number")
            return
        if self._waiting() >= self._most_waiting:
            logger.warning("call refused: %d calls wait already", self._most_waiting)
            incoming.refuse(503, "Too many calls wait", retry_after_s=CALL_AGAIN_S)
            return
        call = await self._open(incoming, route.client_id)
        try:
            await self._admit(call, incoming)
            if call.answered.is_set():
                await self._life.converse(call, incoming)
            elif call.state != "ended":
                self._life.end(call, incoming)
        finally:
            if call.state != "ended":  # our own failure: nobody stays on a dead line
                await incoming.hang_up(by="system", reason="failed")
                self._life.end(call, incoming)
            if call.bridge is not None:
                await call.bridge.close()
            self._calls.remove(call)
            if call.operator is not None and not call.given_away:
                await self._released(call.operator.id)

    async def _open(self, incoming: IncomingCall, client_id: str) -> OngoingCall:
        new = NewCall(
            id=incoming.call_id,
            dialled=readable_number(incoming.dialled) or "",
            source=incoming.source,
            ringing_at=self._journal.now(),
            caller_number=readable_number(incoming.caller_number),
            caller_name=incoming.caller_name,
            forwarded_from=readable_number(incoming.forwarded_from),
            names=incoming.names,
        )
        call = await self._life.open(client_id, new)
        call.incoming = incoming
        call.welcoming = Welcoming(call, incoming, sounds=self._sounds, media=self._media)
        return call

    async def _admit(self, call: OngoingCall, incoming: IncomingCall) -> None:
        """To its answer, or to its refusal."""
        settings = call.sheet.client.settings
        welcome = settings.welcome
        if await self._blocked.stops(call, incoming.caller_number):
            await self._turn_blocked_away(call, incoming)
            return
        match admission(
            is_open=is_open(welcome.hours, call.ringing_at, ZoneInfo(settings.time_zone)),
            waiting=self._waiting(client_id=call.sheet.client.id) - 1,
            most_waiting=welcome.most_waiting,
        ):
            case "closed":
                await self._turn_away(call, incoming, reason="closed")
            case "full":
                incoming.refuse(486, "Too many calls wait", retry_after_s=CALL_AGAIN_S)
                self._life.close(call, ended_by="system", reason="line_full")
            case "take":
                await self._welcome(call, incoming)

    async def _welcome(self, call: OngoingCall, incoming: IncomingCall) -> None:
        assert call.welcoming is not None  # noqa: S101 - set when opened
        welcome = call.sheet.client.settings.welcome
        try:
            await call.welcoming.receive()
        except TelephonyError as error:
            logger.info("call %s was not welcomed: %s", call.call_id, error)
            return
        if incoming.ended.is_set():
            return
        if not call.answered.is_set():
            call.log.tell(CallWaiting(**call.log.stamp(), group_id=welcome.group))
        if not await self._is_answered(call, incoming, welcome.max_wait_s or self._ring_timeout_s):
            await self._turn_away(call, incoming, reason="unanswered")

    async def _turn_blocked_away(self, call: OngoingCall, incoming: IncomingCall) -> None:
        if call.sheet.client.settings.blocked_calls == "announced":
            await self._turn_away(call, incoming, reason=BLOCKED)
        else:
            incoming.refuse(603, "Declined")
            self._life.close(call, ended_by="system", reason=BLOCKED)

    async def _turn_away(self, call: OngoingCall, incoming: IncomingCall, *, reason: str) -> None:
        """The closed message, where there is one, then the end."""
        assert call.welcoming is not None  # noqa: S101 - set when opened
        try:
            await call.welcoming.turn_away()
        except TelephonyError as error:
            logger.info("call %s was not told why: %s", call.call_id, error)
        if incoming.ended.is_set():
            return
        if call.welcoming.picked_up:
            await incoming.hang_up(by="system", reason=reason)
        else:
            incoming.refuse(480, "Nobody answers now")
        self._life.close(call, ended_by="system", reason=reason)

    def _waiting(self, *, client_id: str | None = None) -> int:
        """Calls that wait for an operator, of a client or of all."""
        return sum(
            call.state == "ringing" and client_id in (None, call.sheet.client.id)
            for call in self._calls
        )

    async def _is_answered(
        self, call: OngoingCall, incoming: IncomingCall, within_s: float
    ) -> bool:
        """Wait until the call is answered, or over; False after so long."""
        waits = [
            asyncio.create_task(call.answered.wait(), name="answered"),
            asyncio.create_task(incoming.ended.wait(), name="ended"),
        ]
        try:
            done, _ = await asyncio.wait(
                waits, timeout=within_s, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            for wait in waits:
                wait.cancel()
        if done:
            return True
        async with call.answering:  # an operator may be picking up at this very moment
            if not call.answered.is_set():
                call.answerable = False
            return call.answered.is_set()
