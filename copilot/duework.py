"""Work that is due at moments kept in the database: begun when it is, a few at once.

What is begun holds a lease: a process may die anywhere, and another begins it again later.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from typing import Any

from copilot.store.errors import StoreError

logger = logging.getLogger(__name__)

LONGEST_SLEEP_S = 15.0
"""How late what another process made due may be seen; our own wakes us at once."""
SHORTEST_SLEEP_S = 0.05
STOP_S = 10.0
"""How long a stop waits for what was begun."""


class DueWork:
    """Use as `async with DueWork(...)`. Any number of processes may do the same work."""

    def __init__(
        self,
        name: str,
        *,
        begin_due: Callable[[], Awaitable[int]],
        next_due: Callable[[], Awaitable[datetime | None]],
        now: Callable[[], datetime],
        at_once: int,
        longest_sleep_s: float = LONGEST_SLEEP_S,
    ) -> None:
        """`begin_due` begins what is due as far as there is `room`, by `begin`; how much it found
        to do. `next_due` is when more will be. Either may raise `StoreError`: tried again later."""
        self._name = name
        self._begin_due = begin_due
        self._next_due = next_due
        self._now = now
        self._at_once = at_once
        self._longest_sleep_s = longest_sleep_s
        self._work = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None
        self._busy: set[asyncio.Task[None]] = set()

    @property
    def room(self) -> int:
        """How much more may be begun."""
        return self._at_once - len(self._busy)

    def wake(self) -> None:
        """Something may be due: look now."""
        self._work.set()

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Do this beside what goes on."""
        task = asyncio.create_task(work)
        self._busy.add(task)
        task.add_done_callback(self._done)

    async def settled(self) -> None:
        """Wait until what was begun is done."""
        if self._busy:
            await asyncio.wait(self._busy)

    async def __aenter__(self) -> DueWork:
        self._task = asyncio.create_task(self._run(), name=self._name)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Finish what was begun, for `STOP_S` at most; the rest keeps its lease."""
        self._stopping = True
        self._work.set()
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=STOP_S)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        try:
            while not self._stopping:
                self._work.clear()
                try:
                    found = await self._begin_due()
                    sleep_s = 0.0 if found else await self._until_due_s()
                except StoreError:
                    logger.exception("%s waits: the database does not answer", self._name)
                    sleep_s = self._longest_sleep_s
                except Exception:  # whatever it is, messages go on being sent afterwards
                    logger.exception("%s waits after an unexpected error", self._name)
                    sleep_s = self._longest_sleep_s
                if sleep_s > 0 and not self._stopping:
                    await self._sleep(sleep_s)
        finally:
            if self._busy:
                await asyncio.wait(self._busy, timeout=STOP_S)
            for task in self._busy:
                task.cancel()
            await asyncio.gather(*self._busy, return_exceptions=True)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._busy.discard(task)
        self._work.set()  # there is room again, and perhaps something that this one made due
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("%s: a try ended in an unexpected way", self._name, exc_info=error)

    async def _until_due_s(self) -> float:
        if self.room <= 0:
            return self._longest_sleep_s  # the first that ends wakes us
        due = await self._next_due()
        if due is None:
            return self._longest_sleep_s
        wait_s = (due - self._now()).total_seconds()
        return min(max(wait_s, SHORTEST_SLEEP_S), self._longest_sleep_s)

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._work.wait()
        except TimeoutError:
            return
