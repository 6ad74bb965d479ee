"""The bus of several processes, through one Redis stream.

    publish ──> own subscriptions, at once
           └──> outgoing, bounded ──> writer task ──XADD──> stream ──XREAD──> reader task
                                                     (of every other process) ──> subscriptions

A call's own process never depends on Redis: its subscriptions are served before anything is
sent. When Redis is away, `publish` goes on, `on_trouble` is told, events wait in a bounded
backlog, and both tasks come back by themselves. Whenever events may have gone missing for other
processes, their subscriptions end as `lost`: their readers take up the call from its log.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from copilot import codec
from copilot.bus import CAPACITY, InProcessBus, Subscription
from copilot.events import Event, PartialHeard, UtteranceHeard

if TYPE_CHECKING:
    from redis.asyncio import Redis

logger = logging.getLogger(__name__)

STREAM_LENGTH = 20_000
"""Entries that Redis keeps, about: what a process may miss and still catch up without a gap."""

BACKLOG = 5_000
"""Events that wait while Redis is away; beyond it the oldest go, and other processes are told
that there is a gap. Partials never wait: they are worth nothing a second later."""

BATCH = 200
READ_BLOCK_MS = 2_000
ANSWER_S = 5.0
"""How long Redis may take to answer before it counts as away. Longer than READ_BLOCK_MS."""
RETRY_S = (0.1, 5.0)
"""Wait before coming back, first and longest."""
LAST_WORDS_S = 1.0
"""How long a stop tries to send what waits."""

CANCEL_AGAIN_S = 0.1

UNNUMBERED = 0
"""Number of what may be taken twice or not at all: partials, and the note of a gap."""

TROUBLE = "redis_unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class BusTrouble:
    """Other processes cannot be reached, or can again (`recovered`)."""

    code: str
    detail: str
    recovered: bool = False


class RedisBus:
    """Use as `async with RedisBus(url) as bus`."""

    def __init__(
        self,
        url: str,
        *,
        on_trouble: Callable[[BusTrouble], None] | None = None,
        stream: str = "souffleur:events",
    ) -> None:
        """`on_trouble` is called on the event loop, once when Redis goes and once when it is
        back; without it the log says so."""
        self._url = url
        self._stream = stream
        self._on_trouble = on_trouble or _log_trouble
        self._here = InProcessBus()
        self._away: set[str] = set()
        self._tasks: list[asyncio.Task[None]] = []
        # Writing: our events are numbered from 1, so that one sent twice is taken once.
        self._origin = secrets.token_hex(8)
        self._published = 0
        self._outgoing: deque[tuple[int, Event]] = deque()
        self._partials: dict[tuple[str, str], PartialHeard] = {}
        self._gap = False
        self._work = asyncio.Event()
        self._all_sent = asyncio.Event()
        self._all_sent.set()
        # Reading: the place in the stream, the server's life it belongs to, the last number taken
        # from each other process.
        self._last_id = ""
        self._server_run = ""
        self._taken: dict[str, int] = {}

    @property
    def healthy(self) -> bool:
        """Whether events reach the other processes, as far as is known."""
        return not self._away

    def publish(self, event: Event) -> None:
        """See `Bus.publish`: never waits, never raises, whatever Redis does."""
        self._here.publish(event)
        if isinstance(event, PartialHeard):
            self._partials[event.call_id, event.leg] = event
        else:
            self._queue(event)
        self._work.set()

    def subscribe(
        self, call_id: str | None = None, *, partials: bool = True, capacity: int = CAPACITY
    ) -> AbstractAsyncContextManager[Subscription]:
        """See `Bus.subscribe`."""
        return self._here.subscribe(call_id, partials=partials, capacity=capacity)

    async def __aenter__(self) -> RedisBus:
        """Connect. A Redis that is away does not prevent the start: `on_trouble` is told.

        Raises `ValueError` when the address cannot be one.
        """
        async with self._connection() as redis:
            try:
                await self._find_place(redis)
            except Exception as error:  # the tasks try again, for as long as it takes
                self._gone("reading", error)
        self._tasks = [
            asyncio.create_task(self._keep(self._write, "writing"), name="redis-bus-writer"),
            asyncio.create_task(self._keep(self._read, "reading"), name="redis-bus-reader"),
        ]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop, after a short try to send what waits. Idempotent."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_S if self.healthy else 0):
                await self._all_sent.wait()
        running = set(self._tasks)
        while running:
            # Cancelled again if need be: a cancellation that meets the client library while it
            # is reading an answer can be lost there (seen with redis-py 8.1).
            for task in running:
                task.cancel()
            running = (await asyncio.wait(running, timeout=CANCEL_AGAIN_S))[1]
        self._tasks = []
        await self._here.__aexit__()

    def _connection(self) -> Redis:
        # A slow import: only with several processes.
        from redis.asyncio import Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff

        return Redis.from_url(
            self._url,
            protocol=2,
            socket_timeout=ANSWER_S,
            socket_connect_timeout=ANSWER_S,
            # Trying again is our business: the library would do it in silence for a minute.
            retry=Retry(NoBackoff(), 0),
        )

    async def _keep(self, work: Callable[[Redis], Awaitable[None]], name: str) -> None:
        """Do `work` for ever, over connections that come and go."""
        first_s, longest_s = RETRY_S
        wait_s = first_s
        while True:
            began = time.monotonic()
            try:
                async with self._connection() as redis:
                    await redis.ping()
                    self._back(name)
                    await work(redis)
            except Exception as error:  # whatever the client library raises, the bus goes on
                self._gone(name, error)
            # A server that takes connections and then refuses to work is not hammered.
            lasted = time.monotonic() - began > longest_s
            wait_s = first_s if lasted else min(wait_s * 2, longest_s)
            await asyncio.sleep(wait_s)

    def _queue(self, event: Event) -> None:
        if isinstance(event, UtteranceHeard):
            self._partials.pop((event.call_id, event.leg), None)
        if len(self._outgoing) >= BACKLOG:
            self._outgoing.popleft()
            self._gap = True
        self._published += 1
        self._outgoing.append((self._published, event))
        self._all_sent.clear()

    async def _write(self, redis: Redis) -> None:
        self._work.set()
        while True:
            await self._work.wait()
            self._work.clear()
            while self._outgoing or self._partials or self._gap:
                await self._write_batch(redis)

    async def _write_batch(self, redis: Redis) -> None:
        batch = list(islice(self._outgoing, BATCH))
        gap, self._gap = self._gap, False
        partials, self._partials = self._partials, {}
        async with redis.pipeline(transaction=False) as pipeline:
            if gap:
                self._add(pipeline, UNNUMBERED, b"")
            for number, event in batch:
                self._add(pipeline, number, codec.encode(event))
            for partial in partials.values():
                self._add(pipeline, UNNUMBERED, codec.encode(partial))
            try:
                await pipeline.execute()
            except BaseException:
                self._gap = self._gap or gap
                raise
        last = batch[-1][0] if batch else 0
        while self._outgoing and self._outgoing[0][0] <= last:
            self._outgoing.popleft()
        if not self._outgoing:
            self._all_sent.set()

    def _add(self, pipeline: Any, number: int, line: bytes) -> None:
        entry = {"from": self._origin, "number": number, "event": line}
        pipeline.xadd(self._stream, entry, maxlen=STREAM_LENGTH, approximate=True)

    async def _read(self, redis: Redis) -> None:
        await self._find_place(redis)
        while True:
            answer: Any = await redis.xread(
                {self._stream: self._last_id}, count=BATCH, block=READ_BLOCK_MS
            )
            for _, entries in answer or ():
                for entry_id, entry in entries:
                    self._last_id = entry_id.decode()
                    self._take(entry)

    async def _find_place(self, redis: Redis) -> None:
        """Go on where reading stopped; where that is not possible, subscriptions are `lost`."""
        server: Any = await redis.info("server")
        if self._server_run == server["run_id"]:
            oldest: Any = await redis.xrange(self._stream, count=1)
            # Trimming leaves STREAM_LENGTH entries at least: a shorter stream is whole.
            whole = await redis.xlen(self._stream) < STREAM_LENGTH
            if whole or _place(oldest[0][0].decode()) <= _place(self._last_id):
                return
        newest: Any = await redis.xrevrange(self._stream, count=1)
        self._last_id = newest[0][0].decode() if newest else "0-0"
        self._server_run = server["run_id"]
        self._here.close_subscriptions("lost")

    def _take(self, entry: dict[bytes, bytes]) -> None:
        origin, number = entry[b"from"].decode(), int(entry[b"number"])
        if origin == self._origin:
            return
        if number != UNNUMBERED:
            if number <= self._taken.get(origin, 0):
                return
            self._taken[origin] = number
        if not entry[b"event"]:
            self._here.close_subscriptions("lost")
            return
        try:
            self._here.publish(codec.decode(entry[b"event"]))
        except codec.CodecError as error:  # a later version's event: its call's log has it
            logger.warning("an event from another process cannot be read: %s", error)

    def _gone(self, name: str, error: Exception) -> None:
        if not self._away:
            self._on_trouble(BusTrouble(code=TROUBLE, detail=f"{self._where()} is away: {error}"))
        self._away.add(name)

    def _back(self, name: str) -> None:
        if name not in self._away:
            return
        self._away.discard(name)
        if not self._away:
            self._on_trouble(
                BusTrouble(code=TROUBLE, detail=f"{self._where()} is back", recovered=True)
            )

    def _where(self) -> str:
        return f"Redis at {self._url.rpartition('@')[2].removeprefix('redis://')}"


def _place(entry_id: str) -> tuple[int, int]:
    milliseconds, _, number = entry_id.partition("-")
    return int(milliseconds), int(number)


def _log_trouble(trouble: BusTrouble) -> None:
    logger.log(logging.INFO if trouble.recovered else logging.ERROR, "%s", trouble.detail)
