"""The way out of a call: events are numbered, shown on the bus, and appended to the call's log.

Showing never waits for keeping: browsers see an event at once, the database a moment later. When
the database is away events wait in memory, in order, and the calls concerned are told once.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol, TypedDict
from weakref import WeakValueDictionary

from copilot.bus import Bus
from copilot.events import Event, PartialHeard, Trouble

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

logger = logging.getLogger(__name__)

BATCH = 200
BACKLOG = 50_000
"""Events kept while the database is away: hours of calls; beyond it the oldest are lost, loudly."""


class EventLog(Protocol):
    """Where events are kept."""

    async def append_events(self, events: Sequence[Event]) -> None:
        """Keep events; already kept ones (same call and seq) are ignored."""
        ...


class Stamp(TypedDict):
    """What every event of a call starts with."""

    call_id: str
    seq: int
    at: datetime


class CallLog:
    """One call's pen: the only place its numbers are given."""

    def __init__(self, journal: Journal, call_id: str, first_seq: int = 1) -> None:
        self._journal = journal
        self.call_id = call_id
        self._next_seq = first_seq

    def stamp(self) -> Stamp:
        """Take the next number, with the time."""
        seq = self._next_seq
        self._next_seq += 1
        return Stamp(call_id=self.call_id, seq=seq, at=self._journal.now())

    def tell(self, event: Event) -> None:
        """Show an event and have it kept. Never waits."""
        self._journal.tell(event)


class Journal:
    """Shows and keeps the events of all calls of this process."""

    def __init__(
        self,
        *,
        bus: Bus,
        log: EventLog,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._bus = bus
        self._log = log
        self.now = now
        self._backlog: deque[Event] = deque()
        self._open: WeakValueDictionary[str, CallLog] = WeakValueDictionary()
        self._work = asyncio.Event()
        self._kept = asyncio.Event()
        self._kept.set()

    def open(self, call_id: str, first_seq: int = 1) -> CallLog:
        """Start numbering a call's events."""
        log = CallLog(self, call_id, first_seq)
        self._open[call_id] = log
        return log

    def tell(self, event: Event) -> None:
        """Show an event on the bus; keep it unless it is a partial."""
        self._bus.publish(event)
        if isinstance(event, PartialHeard):
            return
        if len(self._backlog) >= BACKLOG:
            lost = self._backlog.popleft()
            logger.error("event lost: the database has been away too long (call %s)", lost.call_id)
        self._backlog.append(event)
        self._kept.clear()
        self._work.set()

    async def kept(self) -> None:
        """Wait until everything told so far is in the database."""
        await self._kept.wait()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Journal]:
        """Keep events while inside; on leaving, what is left is kept first (5 s at most)."""
        writer = asyncio.create_task(self._write(), name="journal")
        try:
            yield self
        finally:
            try:
                await asyncio.wait_for(self.kept(), timeout=5)
            except TimeoutError:
                logger.error("%d events could not be kept at shutdown", len(self._backlog))
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)

    async def _write(self) -> None:
        delay_s = 0.0
        while True:
            await self._work.wait()
            batch = [self._backlog[i] for i in range(min(BATCH, len(self._backlog)))]
            try:
                await self._log.append_events(batch)
            except Exception as error:
                if delay_s == 0.0:
                    logger.exception("the call log cannot be written; events wait in memory")
                    self._tell_trouble(batch, detail=str(error))
                delay_s = min(max(0.2, delay_s * 2), 5.0)
                await asyncio.sleep(delay_s)
                continue
            if delay_s:
                logger.warning("the call log is written again")
                self._tell_trouble(batch, detail="", recovered=True)
            delay_s = 0.0
            for event in batch:
                # The overflow above may have taken some from the left already.
                if self._backlog and self._backlog[0] is event:
                    self._backlog.popleft()
            if not self._backlog:
                self._work.clear()
                self._kept.set()

    def _tell_trouble(self, batch: list[Event], *, detail: str, recovered: bool = False) -> None:
        """Tell the calls concerned that are still open."""
        for call_id in {event.call_id for event in batch}:
            if log := self._open.get(call_id):
                log.tell(
                    Trouble(
                        **log.stamp(),
                        part="store",
                        code="log_unavailable",
                        detail=detail,
                        recovered=recovered,
                    )
                )
