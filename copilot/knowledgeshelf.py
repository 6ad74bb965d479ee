"""Clients' knowledge, ready to answer: loaded when first needed, kept while in use.

The database is the truth. A changed client goes on being answered from its old index until the new
one is built; the least recently used are put away when the shelf weighs too much. A change made by
another process is seen within seconds: the versions of the clients in use are looked at.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

from copilot.store.errors import NotFoundError, StoreError
from copilot.store.store import Store
from knowledge.marking import UNMARKED
from knowledge.passages import BuildPrompter, Decision, Entry, Hit, Prompter, Tuning

logger = logging.getLogger(__name__)

CAPACITY_BYTES = 768 * 1024 * 1024
"""What the indexes may weigh together; a client of 300 entries weighs about 10 MB."""
CLIENTS = 512
"""Clients whose index stays in memory at most, however small."""
LOOK_EVERY_S = 5.0
"""How often the version of a client in use is looked at."""
LEARN_EVERY_S = 600.0
"""How often operators' use is counted again for a client in use."""
LEARNT_OVER = timedelta(days=180)
UNWEIGHED_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """What an index was built from: another one means that it is out of date."""

    version: int
    day: date
    """Local: entries come into force and go out of it."""
    threshold: float | None
    worded_at: datetime | None
    """When the client last approved or refused a wording."""
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Meanwhile:
    """An index that is out of date, until the new one is there (`Prompter`): it ranks what it
    knows, and shows of it what is there today, as it is written now."""

    prompter: Prompter
    day: date
    entries: Mapping[str, Entry] | None
    """What is there now, by id; null: only the day is another one."""

    def decide(self, utterance: str, *, previous: Sequence[str] = ()) -> Decision:
        """See `Prompter.decide`."""
        found = self.prompter.decide(utterance, previous=previous)
        return replace(found, ranked=self._of(found.ranked), shown=self._of(found.shown))

    def ask(self, query: str, *, limit: int = 5) -> tuple[Hit, ...]:
        """See `Prompter.ask`."""
        return self._of(self.prompter.ask(query, limit=limit))

    def _of(self, hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
        return tuple(now for hit in hits if (now := self._now(hit)) is not None)

    def _now(self, hit: Hit) -> Hit | None:
        entry = hit.entry
        known = entry if self.entries is None else self.entries.get(entry.entry_id)
        if known is None or not known.in_force(self.day):
            return None
        if (known.question, known.answer) == (entry.question, entry.answer):
            return replace(hit, entry=known)
        return replace(hit, entry=known, marking=UNMARKED)


class KnowledgeShelf:
    """A prompter per client."""

    def __init__(
        self,
        *,
        store: Store,
        build: BuildPrompter,
        executor: Executor,
        forget_others: Callable[[Collection[str]], None] = lambda _: None,
        capacity_bytes: int = CAPACITY_BYTES,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock_s: Callable[[], float] = monotonic,
    ) -> None:
        """`build` indexes a client's entries; it runs in `executor`, as does `forget_others`,
        which removes what is kept on disk of clients other than those given."""
        self._store = store
        self._build = build
        self._executor = executor
        self._forget_others = forget_others
        self._capacity_bytes = capacity_bytes
        self._now = now
        self._clock_s = clock_s
        self._ready: OrderedDict[str, Prompter] = OrderedDict()
        self._states: dict[str, _State] = {}
        self._meanwhile: dict[str, dict[str, Entry]] = {}
        self._looked_at_s: dict[str, float] = {}
        self._built_at_s: dict[str, float] = {}
        self._building: dict[str, asyncio.Task[Prompter]] = {}
        self._looking: set[asyncio.Task[None]] = set()
        self._stale: set[str] = set()
        self._learnt: set[str] = set()
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
        prompter, state = self._ready[client_id], self._states[client_id]
        today, now = self._day(state.time_zone), self._meanwhile.get(client_id)
        if today != state.day:  # midnight has passed since: not one card of yesterday's
            self._start_building(client_id)
        else:
            self._look(client_id)
        if today != state.day or now is not None:
            return Meanwhile(prompter=prompter, day=today, entries=now)
        return prompter

    async def warm(self) -> None:
        """Index as many clients as fit, so that their first call need not wait."""
        await self.forget_removed()
        for client in (await self._store.provider.clients())[:CLIENTS]:
            await self.prompter(client.id)
            if self._weight_bytes() > self._capacity_bytes // 2:
                return

    async def ask(self, client_id: str, query: str, *, limit: int = 5) -> tuple[Hit, ...]:
        """Rank a client's entries for a typed query."""
        prompter = await self.prompter(client_id)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, lambda: prompter.ask(query, limit=limit))

    def changed(self, client_id: str) -> None:
        """The client's entries or settings changed: rebuild, now when it is in use."""
        if client_id in self._building:
            # Seconds may pass before what is being built is there: until then, this is seen.
            self._begin(self._see(client_id), f"see-{client_id}")
        if client_id in self._ready or client_id in self._building:
            self._stale.add(client_id)
            self._start_building(client_id)

    async def forget_removed(self) -> None:
        """Drop what is held, in memory and on disk, of clients that are not there any more."""
        there = {client.id for client in await self._store.provider.clients()}
        # What is being indexed would be kept again: let it end first.
        ending = [task for of, task in self._building.items() if of not in there]
        await asyncio.gather(*ending, return_exceptions=True)
        for client_id in {*self._ready} - there:
            self._put_away(client_id)
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._executor, self._forget_others, there)

    def learnt(self, client_id: str) -> None:
        """An operator used or refused an entry: counted again before long."""
        self._learnt.add(client_id)

    async def close(self) -> None:
        """Leave what is being built: it is not needed any more."""
        tasks = (*self._building.values(), *self._looking)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _look(self, client_id: str) -> None:
        """See in the background whether the index is out of date."""
        now_s = self._clock_s()
        if now_s - self._looked_at_s.get(client_id, 0.0) < LOOK_EVERY_S:
            return
        self._looked_at_s[client_id] = now_s
        self._begin(self._compare(client_id), f"look-{client_id}")

    def _begin(self, work: Coroutine[None, None, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._looking.add(task)
        task.add_done_callback(self._looking.discard)

    async def _see(self, client_id: str) -> None:
        """What is there now, while an index of what was is being built."""
        try:
            state = await self._state(client_id)
            entries = await self._store.for_client(client_id).entries_to_index(state.day)
        except StoreError:
            logger.warning("the entries of client %s cannot be read", client_id, exc_info=True)
            return
        if client_id in self._building and client_id in self._ready:
            self._meanwhile[client_id] = {entry.entry_id: entry for entry in entries}

    async def _compare(self, client_id: str) -> None:
        try:
            state = await self._state(client_id)
        except NotFoundError:  # removed through another process
            await self.forget_removed()
            return
        except StoreError:
            logger.warning("the version of client %s cannot be read", client_id, exc_info=True)
            return
        waited_s = self._clock_s() - self._built_at_s.get(client_id, 0.0)
        learnt = client_id in self._learnt and waited_s >= LEARN_EVERY_S
        if learnt or state != self._states.get(client_id):
            self.changed(client_id)

    async def _state(self, client_id: str) -> _State:
        scope = self._store.for_client(client_id)
        settings = (await scope.client()).settings
        return _State(
            version=await scope.knowledge_version(),
            day=self._day(settings.time_zone),
            threshold=settings.suggestion_threshold,
            worded_at=await scope.wordings_decided_at(),
            time_zone=settings.time_zone,
        )

    def _day(self, time_zone: str) -> date:
        return self._now().astimezone(ZoneInfo(time_zone)).date()

    def _start_building(self, client_id: str) -> asyncio.Task[Prompter]:
        if client_id not in self._building:
            task = asyncio.create_task(self._load(client_id), name=f"index-{client_id}")
            self._building[client_id] = task
            task.add_done_callback(lambda done: self._built(client_id, done))
        return self._building[client_id]

    async def _load(self, client_id: str) -> Prompter:
        while True:
            self._stale.discard(client_id)
            self._learnt.discard(client_id)
            # Read before the entries: a change in between is seen at the next look.
            state = await self._state(client_id)
            scope = self._store.for_client(client_id)
            entries = await scope.entries_to_index(state.day)
            if client_id in self._ready:
                self._meanwhile[client_id] = {entry.entry_id: entry for entry in entries}
            uses = await scope.acts(self._now() - LEARNT_OVER)
            tuning = Tuning(
                client_id=client_id,
                threshold=state.threshold,
                weights={entry_id: use.weight for entry_id, use in uses.items() if use.weight},
            )
            loop = asyncio.get_running_loop()
            prompter = await loop.run_in_executor(self._executor, self._build, entries, tuning)
            self._keep(client_id, prompter, state)
            if client_id not in self._stale:  # it may have changed again meanwhile
                return prompter

    def _keep(self, client_id: str, prompter: Prompter, state: _State) -> None:
        self.awake = True
        self._ready[client_id] = prompter
        self._ready.move_to_end(client_id)
        self._states[client_id] = state
        self._meanwhile.pop(client_id, None)
        self._built_at_s[client_id] = self._looked_at_s[client_id] = self._clock_s()
        while len(self._ready) > 1 and (
            len(self._ready) > CLIENTS or self._weight_bytes() > self._capacity_bytes
        ):
            self._put_away(next(iter(self._ready)))

    def _put_away(self, client_id: str) -> None:
        del self._ready[client_id]
        for held in (self._states, self._meanwhile, self._looked_at_s, self._built_at_s):
            held.pop(client_id, None)

    def _weight_bytes(self) -> int:
        return sum(getattr(one, "size_bytes", UNWEIGHED_BYTES) for one in self._ready.values())

    def _built(self, client_id: str, done: asyncio.Task[Prompter]) -> None:
        self._building.pop(client_id, None)
        if not done.cancelled() and (error := done.exception()):
            logger.error("the knowledge of client %s cannot be indexed", client_id, exc_info=error)
