"""Which process has which call, where several share a database: calls that nobody has are ended.

Each process tells Redis every few seconds which calls it has, in one sorted set by the moment that
is believed until. A call of the database that no process has had for `PATIENCE_S`, all the while
Redis answered, and whose log says nothing new, was left by a process that died or lost its machine:
any other ends it, and says so to everybody (docs/adr/0280).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from copilot.bus import Bus
from copilot.interrupted import end_left
from copilot.store.records.calls import Call
from copilot.store.store import Store

if TYPE_CHECKING:
    from redis.asyncio import Redis

logger = logging.getLogger(__name__)

EVERY_S = 10.0
BELIEVED_S = 45.0
"""How long a process is believed to have what it told last."""
PATIENCE_S = 90.0
"""How long nobody may have a call, and its log say nothing, before it is ended. A process that
cannot reach Redis for a moment keeps its calls."""


class HeldCalls:
    """The calls that this process has, told to the others, and those that nobody has, ended."""

    def __init__(
        self,
        url: str,
        *,
        held: Callable[[], Iterable[str]],
        store: Store,
        bus: Bus,
        now: Callable[[], datetime],
        ended: Callable[[], Awaitable[object]],
        key: str = "souffleur:held",
        every_s: float = EVERY_S,
        believed_s: float = BELIEVED_S,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """`url`: of Redis. `held`: ids of the calls in progress here. `ended` is called after calls
        were ended, for what else they left open."""
        self._url, self._key = url, key
        self._held, self._store, self._bus, self._now = held, store, bus, now
        self._ended = ended
        self._every_s, self._believed_s, self._patience_s = every_s, believed_s, patience_s
        self._nobodys: dict[str, float] = {}
        """Since when nobody has them, on the monotonic clock."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[HeldCalls]:
        """Tell and look while inside."""
        keeping = asyncio.create_task(self._keep(), name="held calls")
        try:
            yield self
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)

    async def _keep(self) -> None:
        from redis.asyncio import Redis  # a slow import: only with several processes

        while True:
            try:
                async with Redis.from_url(
                    self._url, protocol=2, socket_timeout=5, socket_connect_timeout=5
                ) as redis:
                    while True:
                        await self._end_nobodys(await self._exchange(redis))
                        await asyncio.sleep(self._every_s)
            except Exception as error:  # Redis or the database is away: who has what is not known
                self._nobodys.clear()
                logger.warning("which calls other processes have is not known: %s", error)
            await asyncio.sleep(self._every_s)

    async def _exchange(self, redis: Redis) -> set[str]:
        """Tell what this process has; what any has."""
        answer: Any = await redis.time()
        at = answer[0] + answer[1] / 1e6
        mine = dict.fromkeys(self._held(), at + self._believed_s)
        if mine:
            await redis.zadd(self._key, mine)
        await redis.zremrangebyscore(self._key, "-inf", at)
        held: Any = await redis.zrange(self._key, 0, -1)
        return {call_id.decode() for call_id in held}

    async def _end_nobodys(self, held: set[str]) -> None:
        clock = time.monotonic()
        board = await self._store.provider.board()
        left = [call for call in board if call.id not in held]
        self._nobodys = {call.id: self._nobodys.get(call.id, clock) for call in left}
        over = [call for call in left if self._nobodys[call.id] <= clock - self._patience_s]
        if [call for call in over if await self._end(call)]:
            await self._ended()

    async def _end(self, call: Call) -> bool:
        silent_since = self._now() - timedelta(seconds=self._patience_s)
        ended = await end_left(self._store, call, reason="restarted", silent_since=silent_since)
        if ended is None:
            return False
        self._bus.publish(ended)
        logger.warning("call %s was cut off: no process has it any more", call.id)
        return True
