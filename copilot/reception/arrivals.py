"""Calls that come in: each is found a client, rings, is answered, and is seen to its end."""

from __future__ import annotations

import asyncio
import logging

from copilot.journal import Journal
from copilot.reception.life import CallLife, readable_number
from copilot.reception.ongoing import OngoingCall, OngoingCalls
from copilot.store.records import NewCall
from copilot.store.store import Store
from telephony.call import IncomingCall

logger = logging.getLogger(__name__)


class Arrivals:
    """Takes each call from its arrival to its end."""

    def __init__(
        self,
        *,
        calls: OngoingCalls,
        store: Store,
        journal: Journal,
        life: CallLife,
        ring_timeout_s: float,
    ) -> None:
        self._calls = calls
        self._store = store
        self._journal = journal
        self._life = life
        self._ring_timeout_s = ring_timeout_s

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
        call = await self._ring(incoming, route.client_id)
        try:
            incoming.ring()
            await self._wait_for_answer(call, incoming)
            if call.answered.is_set():
                await self._life.converse(call, incoming)
            elif call.state != "ended":
                self._life.end(call, incoming)
        finally:
            if call.state != "ended":  # our own failure: nobody stays on a dead line
                await incoming.hang_up(by="system", reason="failed")
                self._life.end(call, incoming)
            self._calls.remove(call)

    async def _ring(self, incoming: IncomingCall, client_id: str) -> OngoingCall:
        new = NewCall(
            id=incoming.call_id,
            dialled=readable_number(incoming.dialled) or "",
            source=incoming.source,
            ringing_at=self._journal.now(),
            caller_number=readable_number(incoming.caller_number),
            caller_name=incoming.caller_name,
            forwarded_from=readable_number(incoming.forwarded_from),
        )
        call = await self._life.open(client_id, new)
        call.incoming = incoming
        return call

    async def _wait_for_answer(self, call: OngoingCall, incoming: IncomingCall) -> None:
        waits = [
            asyncio.create_task(call.answered.wait(), name="answered"),
            asyncio.create_task(incoming.ended.wait(), name="ended"),
        ]
        try:
            done, _ = await asyncio.wait(
                waits, timeout=self._ring_timeout_s, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            for wait in waits:
                wait.cancel()
        if not done:
            async with call.answering:  # an operator may be picking up at this very moment
                if not call.answered.is_set():
                    incoming.refuse(480, "Nobody answered")
