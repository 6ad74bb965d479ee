"""Clients' knowledge, ready to answer: loaded when first needed, kept while in use.

The database is the truth. A changed client goes on being answered from its old index until the new
one is built; the least recently used is put away when the shelf is full.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Executor

from copilot.store.store import Store
from knowledge.passages import Entry, Hit, Prompter

logger = logging.getLogger(__name__)

CAPACITY = 64
"""Clients whose index stays in memory: more than take calls within the same hour."""


class KnowledgeShelf:
    """A prompter per client."""

    def __init__(
        self,
        *,
        store: Store,
        build: Callable[[Sequence[Entry]], Prompter],
        executor: Executor,
        capacity: int = CAPACITY,
    ) -> None:
        """`build` indexes a client's entries; it runs in `executor`."""
        self._store = store
        self._build = build
        self._executor = executor
        self._capacity = capacity
        self._ready: OrderedDict[str, Prompter] = OrderedDict()
        self._building: dict[str, asyncio.Task[Prompter]] = {}
        self._stale: set[str] = set()
        self.awake = False
        """The models are loaded: a client was indexed."""

    async def prompter(self, client_id: str) -> Prompter:
        """The client's prompter, as up to date as can be had without waiting.

        Waits only when there is none at all yet.
        """
        if client_id in self._stale or client_id not in self._ready:
            building = self._start_building(client_id)
            if client_id not in self._ready:
                return await asyncio.shield(building)
        self._ready.move_to_end(client_id)
        return self._ready[client_id]

    async def warm(self) -> None:
        """Index as many clients as fit, so that their first call need not wait."""
        for client in (await self._store.provider.clients())[: self._capacity]:
            await self.prompter(client.id)

    async def ask(self, client_id: str, query: str) -> tuple[Hit, ...]:
        """Rank a client's entries for a typed query."""
        prompter = await self.prompter(client_id)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, prompter.ask, query)

    def changed(self, client_id: str) -> None:
        """The client's entries changed: rebuild, now when it is in use."""
        if client_id in self._ready or client_id in self._building:
            self._stale.add(client_id)
            self._start_building(client_id)

    async def close(self) -> None:
        """Leave what is being built: it is not needed any more."""
        building = tuple(self._building.values())
        for task in building:
            task.cancel()
        await asyncio.gather(*building, return_exceptions=True)

    def _start_building(self, client_id: str) -> asyncio.Task[Prompter]:
        if client_id not in self._building:
            task = asyncio.create_task(self._load(client_id), name=f"index-{client_id}")
            self._building[client_id] = task
            task.add_done_callback(lambda done: self._built(client_id, done))
        return self._building[client_id]

    async def _load(self, client_id: str) -> Prompter:
        while True:
            self._stale.discard(client_id)
            entries = await self._store.for_client(client_id).entries()
            loop = asyncio.get_running_loop()
            prompter = await loop.run_in_executor(self._executor, self._build, entries)
            self.awake = True
            self._ready[client_id] = prompter
            self._ready.move_to_end(client_id)
            while len(self._ready) > self._capacity:
                self._ready.popitem(last=False)
            if client_id not in self._stale:  # it may have changed again meanwhile
                return prompter

    def _built(self, client_id: str, done: asyncio.Task[Prompter]) -> None:
        self._building.pop(client_id, None)
        if not done.cancelled() and (error := done.exception()):
            logger.error("the knowledge of client %s cannot be indexed", client_id, exc_info=error)
