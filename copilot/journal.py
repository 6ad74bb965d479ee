"""The way out of a call: events are numbered, shown on the bus, and appended to the call's log.

Showing never waits for keeping: browsers see an event at once, the database a moment later. When
the database is away events wait in memory, in order, and the calls concerned are told once.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol, TypedDict
from weakref import WeakValueDictionary

from copilot.bus import Bus
from copilot.events import (
    DraftChanged,
    Event,
    GuidanceChanged,
    KnowledgeChanged,
    LanguageChanged,
    PartialHeard,
    SuggestionOffered,
    Trouble,
)
from copilot.store.errors import UnavailableError
from copilot.wrapup.done import Done

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

logger = logging.getLogger(__name__)

BATCH = 200
BACKLOG = 50_000
"""Events kept while the database is away. Beyond it, those go that the call's page can do without:
suggestions, troubles, drafts that a newer one replaced. What was said and what was done stays: 24
calls at once fill it with words alone in three hours, and then the oldest are lost, loudly."""

_PASSING = (SuggestionOffered, GuidanceChanged, LanguageChanged, KnowledgeChanged, Trouble)
"""Events that help while the call lasts; its transcript and its message are whole without them."""


class EventLog(Protocol):
    """Where events are kept."""

    async def keep(self, client_id: str, call_id: str, events: Sequence[Event]) -> None:
        """Keep a call's events, in order; already kept ones are ignored.

        Raises `UnavailableError` when it is worth trying again.
        """
        ...

    async def next_seq(self, client_id: str, call_id: str) -> int:
        """One more than the last number kept for the call."""
        ...


class Stamp(TypedDict):
    """What every event of a call starts with."""

    call_id: str
    seq: int
    at: datetime


class CallLog:
    """One call's pen: the only place its numbers are given."""

    def __init__(self, journal: Journal, client_id: str, call_id: str, first_seq: int = 1) -> None:
        self._journal = journal
        self.client_id = client_id
        self.call_id = call_id
        self.done = Done()
        """What was done for the caller, as told so far; who reopens a log sets what came before."""
        self._next_seq = first_seq

    def stamp(self) -> Stamp:
        """Take the next number, with the time."""
        seq = self._next_seq
        self._next_seq += 1
        return Stamp(call_id=self.call_id, seq=seq, at=self._journal.now())

    @property
    def last_seq(self) -> int:
        """The number given last; 0 before any was."""
        return self._next_seq - 1

    def now(self) -> datetime:
        """The time, as the events have it."""
        return self._journal.now()

    def tell(self, event: Event) -> None:
        """Show an event and have it kept. Never waits."""
        self.done = self.done.after(event)
        self._journal.tell(self.client_id, event)


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
        self._backlog: deque[tuple[str, Event]] = deque()
        self._open: WeakValueDictionary[str, CallLog] = WeakValueDictionary()
        self._reopening = asyncio.Lock()
        self._work = asyncio.Event()
        self._kept = asyncio.Event()
        self._kept.set()

    def open(self, client_id: str, call_id: str, first_seq: int = 1) -> CallLog:
        """Start numbering a call's events."""
        log = CallLog(self, client_id, call_id, first_seq)
        self._open[call_id] = log
        return log

    async def reopen(self, client_id: str, call_id: str) -> CallLog:
        """Go on numbering a call, in progress or long over."""
        async with self._reopening:
            if log := self._open.get(call_id):
                return log
            await self.kept()
            return self.open(client_id, call_id, await self._log.next_seq(client_id, call_id))

    def tell(self, client_id: str, event: Event) -> None:
        """Show an event on the bus; keep it unless it is a partial."""
        self._bus.publish(event)
        if isinstance(event, PartialHeard):
            return
        if len(self._backlog) >= BACKLOG:
            self._make_room()
        self._backlog.append((client_id, event))
        self._kept.clear()
        self._work.set()

    async def kept(self, *, timeout_s: float | None = None) -> bool:
        """Wait until everything told so far is in the database; False when it takes longer."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._kept.wait()
        except TimeoutError:
            return False
        return True

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Journal]:
        """Keep events while inside; on leaving, what is left is kept first (5 s at most)."""
        writer = asyncio.create_task(self._write(), name="journal")
        try:
            yield self
        finally:
            if not await self.kept(timeout_s=5):
                logger.error("%d events could not be kept at shutdown", len(self._backlog))
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)

    async def _write(self) -> None:
        delay_s = 0.0
        while True:
            await self._work.wait()
            client_id, call_id, events = self._next_batch()
            try:
                await self._log.keep(client_id, call_id, events)
            except UnavailableError as error:
                if delay_s == 0.0:
                    logger.error("the call log cannot be written, events wait in memory: %s", error)
                    self._tell_trouble(call_id, detail=str(error))
                delay_s = min(max(0.2, delay_s * 2), 5.0)
                await asyncio.sleep(delay_s)
                continue
            except Exception:
                # Trying again would not help, and must not hold up the other calls.
                logger.exception("%d events of call %s were not kept", len(events), call_id)
            if delay_s:
                logger.warning("the call log is written again")
                self._tell_trouble(call_id, detail="", recovered=True)
            delay_s = 0.0
            self._forget(events)

    def _next_batch(self) -> tuple[str, str, list[Event]]:
        """The oldest events that belong to one call, in order."""
        client_id, first = self._backlog[0]
        same = itertools.takewhile(lambda kept: kept[1].call_id == first.call_id, self._backlog)
        return client_id, first.call_id, [event for _, event in itertools.islice(same, BATCH)]

    def _forget(self, events: list[Event]) -> None:
        for event in events:
            # An overflow may have taken some from the left already.
            if self._backlog and self._backlog[0][1] is event:
                self._backlog.popleft()
        if not self._backlog:
            self._work.clear()
            self._kept.set()

    def _make_room(self) -> None:
        """Give up what can be done without; the oldest event only where nothing can."""
        lasting = deque(_lasting(self._backlog))
        if len(lasting) < len(self._backlog):
            logger.error(
                "the database has been away too long: %d passing events are not kept",
                len(self._backlog) - len(lasting),
            )
            self._backlog = lasting
            return
        _, lost = self._backlog.popleft()
        logger.error("event lost: the database has been away too long (call %s)", lost.call_id)

    def _tell_trouble(self, call_id: str, *, detail: str, recovered: bool = False) -> None:
        """Tell a call that is still open."""
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


def _lasting(backlog: Iterable[tuple[str, Event]]) -> list[tuple[str, Event]]:
    """What must be kept of a backlog, in order: of a call's drafts the newest."""
    kept: list[tuple[str, Event]] = []
    drafted: set[str] = set()
    for client_id, event in reversed(list(backlog)):
        if isinstance(event, _PASSING):
            continue
        if isinstance(event, DraftChanged):
            if event.call_id in drafted:
                continue
            drafted.add(event.call_id)
        kept.append((client_id, event))
    return kept[::-1]
