"""Keeps what `CallWatch` notices, and knows the alerts that nobody took note of yet.

Every process watches every call: whoever keeps an alert first has kept it. What the database does
not take is tried again; at most `MOST_PENDING` wait for it, the oldest goes first.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from copilot.board import LiveBoard
from copilot.bus import Bus
from copilot.quality.watch import CallWatch, Noticed
from copilot.store.alerts import alert_rules, open_alerts
from copilot.store.attention import waiting
from copilot.store.errors import NotFoundError, StoreError
from copilot.store.records.quality import Alert
from copilot.store.store import Store

logger = logging.getLogger(__name__)

LOOK_S = 1.0
RULES_EVERY = 5
"""Looks between two readings of the rules and of messages that wait."""
URGENT_SINCE = timedelta(days=2)
MOST_PENDING = 1000
REMEMBERED = 5000


class AlertWatcher:
    """Use as `async with watcher.following()`."""

    def __init__(
        self, *, store: Store, bus: Bus, board: LiveBoard, now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._bus = bus
        self._board = board
        self._now = now
        self._watch = CallWatch()
        self._pending: OrderedDict[tuple[str, str, str], Noticed] = OrderedDict()
        self._kept: OrderedDict[tuple[str, str, str], None] = OrderedDict()
        self._changed = asyncio.Event()
        self.alerts: tuple[Alert, ...] = ()
        """Those that nobody took note of, newest first."""

    def look(self) -> None:
        """Something changed: look at once."""
        self._changed.set()

    @asynccontextmanager
    async def following(self) -> AsyncIterator[AlertWatcher]:
        """Watch while inside."""
        tasks = [
            asyncio.create_task(self._follow(), name="alerts-follow"),
            asyncio.create_task(self._keep(), name="alerts-keep"),
        ]
        try:
            yield self
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self) -> None:
        while True:
            try:
                async with self._bus.subscribe(partials=False) as events:
                    async for event in events:
                        noticed = self._watch.after(event, self._clients().get(event.call_id))
                        if noticed is not None:
                            self._wants(noticed)
                            self._changed.set()
            except Exception:  # one event that is not understood must not end the watch
                logger.exception("alerts missed an event")
            await asyncio.sleep(LOOK_S)

    async def _keep(self) -> None:
        looks = 0
        while True:
            try:
                await self._look(settings=looks % RULES_EVERY == 0)
            except StoreError as error:
                logger.warning("alerts wait for the database: %s", error)
            except Exception:
                logger.exception("alerts wait after an unexpected error")
            looks += 1
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._changed.wait()
            except TimeoutError:
                pass
            self._changed.clear()

    async def _look(self, *, settings: bool) -> None:
        now = self._now()
        if settings:
            await self.read_rules()
            await self._urgencies(now)
        calls = self._board.calls()
        lines = {call.id: self._board.line(call.id) for call in calls}
        self._watch.forget_others(lines)
        for noticed in self._watch.due(calls, lines, now):
            self._wants(noticed)
        await self._write()
        found = await open_alerts(self._store.database)
        if found != self.alerts:
            self.alerts = found
            await self._board.touch()

    async def read_rules(self) -> None:
        """Take the rules in force; done by itself every few seconds. Raises StoreError."""
        self._watch.rules = await alert_rules(self._store.database)
        self._watch.client_words = {
            client.id: client.settings.alert_words
            for client in await self._store.provider.clients()
            if client.settings.alert_words
        }

    async def _urgencies(self, now: datetime) -> None:
        """Urgent messages that nobody at their client took in time."""
        patience_s = self._watch.rules.unacknowledged_s
        if patience_s == 0:
            return
        late = now - timedelta(seconds=patience_s)
        for one in await waiting(self._store.database, since=now - URGENT_SINCE):
            message = one.message
            if one.why == "failed" or message.approved_at > late:
                continue
            self._wants(
                Noticed(
                    client_id=message.client_id,
                    call_id=message.call_id,
                    kind="urgency",
                    about=message.id,
                    words=message.urgency,
                    at=now,
                )
            )

    def _wants(self, noticed: Noticed) -> None:
        if noticed.key in self._kept:
            return
        self._pending.setdefault(noticed.key, noticed)
        while len(self._pending) > MOST_PENDING:
            _, lost = self._pending.popitem(last=False)
            logger.error("an alert of call %s was dropped: too many wait", lost.call_id)

    async def _write(self) -> None:
        for key, noticed in tuple(self._pending.items()):
            try:
                await self._store.for_client(noticed.client_id).raise_alert(
                    noticed.call_id, noticed.kind, noticed.about, noticed.words, at=noticed.at
                )
            except NotFoundError:
                logger.info("call %s is gone: its alert too", noticed.call_id)
            self._pending.pop(key, None)
            self._kept[key] = None
            while len(self._kept) > REMEMBERED:
                self._kept.popitem(last=False)

    def _clients(self) -> dict[str, str]:
        """Calls on the board by client."""
        return {call.id: call.client_id for call in self._board.calls()}
