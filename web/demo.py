"""The demonstration's browser callers: people who call a line from a web page, without a phone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from telephony.call import IncomingCall

logger = logging.getLogger(__name__)

AT_ONCE = 20
"""Browser callers at the same time: anyone may open the page."""


class DemoLines:
    """Owns the calls that come from demonstration pages."""

    def __init__(self, receive: Callable[[IncomingCall], Awaitable[None]]) -> None:
        self._receive = receive
        self._calls: dict[str, IncomingCall] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def full(self) -> bool:
        """No more callers fit."""
        return len(self._calls) >= AT_ONCE

    def start(self, call: IncomingCall) -> None:
        """Let a call in; it lives in a task of its own."""
        self._calls[call.call_id] = call
        task = asyncio.create_task(self._live(call), name=f"demo-call-{call.call_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def hang_up(self, call_id: str) -> None:
        """The page's caller hangs up. Harmless when the call is over."""
        if call := self._calls.get(call_id):
            await call.hang_up(by="caller", reason="hung_up")

    async def close(self) -> None:
        """End every call and wait for it."""
        for call in list(self._calls.values()):
            await call.hang_up(by="system", reason="server_stopped")
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _live(self, call: IncomingCall) -> None:
        try:
            await self._receive(call)
        except Exception:
            logger.exception("demonstration call %s failed", call.call_id)
            await call.hang_up(by="system", reason="failed")
        finally:
            self._calls.pop(call.call_id, None)
