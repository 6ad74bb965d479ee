"""Every operator's presence, in every process: read from the database, kept up to date by events.

A desk that is open tells so every few seconds; an operator whose desk has not been heard of for a
while is away, whether a browser or a whole process went.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime

from copilot.bus import Bus
from copilot.events import Event, FloorChanged, PresenceChanged
from copilot.store.errors import StoreError
from copilot.store.floor import Answerer
from copilot.store.store import Store
from copilot.waiting.policy import RingGroup
from copilot.waiting.presence import Presence, PresenceState, after_call, said

logger = logging.getLogger(__name__)

TICK_S = 1.0
RETRY_S = 1.0
GRACE_S = 5.0
"""A desk may be away this long, as while its page is loaded again."""
TELL_S = 10.0
"""How often a process says which desks are open at it..."""
HEARD_S = 35.0
"""...and how long that holds: three of them, and some."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attending:
    """An operator as the floor has them now."""

    answerer: Answerer
    presence: Presence
    at_desk: bool


class Attendance:
    """Who is there. One a process; its methods are called from the event loop only."""

    def __init__(
        self,
        *,
        store: Store,
        bus: Bus,
        now: Callable[[], datetime],
        wrap_up_s: float,
        changed: Callable[[], Awaitable[None]],
    ) -> None:
        """`changed` is awaited after each change that people would see."""
        self._store = store
        self._bus = bus
        self._now = now
        self._wrap_up_s = wrap_up_s
        self._changed = changed
        self._answerers: dict[str, Answerer] = {}
        self._presences: dict[str, Presence] = {}
        self.groups: dict[str, RingGroup] = {}
        """Ring groups by id."""
        self._desks: Counter[str] = Counter()
        """Sockets open here, by operator."""
        self._left_s: dict[str, float] = {}
        """When the last one here closed, by the event loop's clock."""
        self._heard_s: dict[str, float] = {}
        """When a desk was last heard of, here or elsewhere."""
        self._told_s = 0.0

    def operators(self) -> tuple[Attending, ...]:
        """Every operator, by name."""
        now = self._now()
        return tuple(
            Attending(
                answerer=answerer,
                presence=self.presence(answerer.user_id).at(now),
                at_desk=self.is_at_desk(answerer.user_id),
            )
            for answerer in self._answerers.values()
        )

    def presence(self, user_id: str) -> Presence:
        """What an operator said last; who never said anything is available."""
        known = self._presences.get(user_id)
        if known is None:
            known = Presence(user_id=user_id, state="available", since=self._now())
            self._presences[user_id] = known
        return known.at(self._now())

    def is_at_desk(self, user_id: str) -> bool:
        """Whether a desk of theirs is open in some process, or was a moment ago."""
        heard_s = self._heard_s.get(user_id)
        return heard_s is not None and asyncio.get_running_loop().time() - heard_s < HEARD_S

    @contextmanager
    def desk(self, user_id: str) -> Iterator[None]:
        """An operator's desk is open at this process while inside."""
        self._desks[user_id] += 1
        self._left_s.pop(user_id, None)
        self._tell(user_id, at_desk=True)
        try:
            yield
        finally:
            self._desks[user_id] -= 1
            if self._desks[user_id] == 0:
                del self._desks[user_id]
                self._left_s[user_id] = asyncio.get_running_loop().time()

    async def say(self, user_id: str, state: PresenceState) -> Presence:
        """An operator chooses; kept before it is told."""
        return await self._keep(said(self.presence(user_id), state, self._now()))

    async def call_ended(self, user_id: str) -> None:
        """A call of an operator's is over for them: wrap-up begins. Never raises."""
        presence = after_call(self.presence(user_id), self._now(), wrap_up_s=self._wrap_up_s)
        try:
            await self._keep(presence)
        except StoreError as error:
            logger.warning("presence of %s not kept: %s", user_id, error)
            self._hold(presence)

    async def floor_changed(self) -> None:
        """Groups or skills were changed here."""
        await self._read()
        self._bus.publish(FloorChanged(call_id="", seq=0, at=self._now()))
        await self._changed()

    @asynccontextmanager
    async def following(self) -> AsyncIterator[Attendance]:
        """Keep up to date while inside."""
        tasks = [
            asyncio.create_task(self._follow(), name="attendance"),
            asyncio.create_task(self._tick(), name="attendance clock"),
        ]
        try:
            yield self
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep(self, presence: Presence) -> Presence:
        if presence != self._presences.get(presence.user_id):
            await self._store.floor.save_presence(presence)
            self._hold(presence)
        return presence

    def _hold(self, presence: Presence) -> None:
        self._presences[presence.user_id] = presence
        self._tell(presence.user_id, at_desk=self.is_at_desk(presence.user_id))

    def _tell(self, user_id: str, *, at_desk: bool) -> None:
        presence = self.presence(user_id)
        self._bus.publish(
            PresenceChanged(
                call_id="",
                seq=0,
                at=self._now(),
                operator_id=user_id,
                state=presence.state,
                since=presence.since,
                until=presence.until,
                at_desk=at_desk,
            )
        )

    async def _follow(self) -> None:
        while True:
            try:
                async with self._bus.subscribe(partials=False) as events:
                    await self._read()
                    for presence in await self._store.floor.presences():
                        self._presences[presence.user_id] = presence
                    await self._changed()
                    async for event in events:
                        if await self._apply(event):
                            await self._changed()
            except StoreError as error:
                logger.warning("who is present cannot be read: %s", error)
            except Exception:  # it begins anew from what the database says
                logger.exception("who is present: an unexpected error")
            await asyncio.sleep(RETRY_S)

    async def _apply(self, event: Event) -> bool:
        """Whether people would see the change."""
        match event:
            case PresenceChanged():
                if event.operator_id not in self._answerers:
                    await self._read()
                return self._take(event)
            case FloorChanged():
                await self._read()
                return True
            case _:
                return False

    def _take(self, event: PresenceChanged) -> bool:
        user_id = event.operator_id
        before = (self._presences.get(user_id), self.is_at_desk(user_id))
        self._presences[user_id] = Presence(
            user_id=user_id, state=event.state, since=event.since, until=event.until
        )
        if event.at_desk:
            self._heard_s[user_id] = asyncio.get_running_loop().time()
        elif self._desks[user_id]:
            self._tell(user_id, at_desk=True)  # open elsewhere no more, but here
        else:
            self._heard_s.pop(user_id, None)
        return before != (self._presences[user_id], self.is_at_desk(user_id))

    async def _read(self) -> None:
        self.groups = {group.id: group for group in await self._store.floor.groups()}
        self._answerers = {one.user_id: one for one in await self._store.floor.answerers()}

    async def _tick(self) -> None:
        """Say which desks are open here, and which closed for good."""
        while True:
            await asyncio.sleep(TICK_S)
            now_s = asyncio.get_running_loop().time()
            for user_id, left_s in tuple(self._left_s.items()):
                if now_s - left_s >= GRACE_S:
                    del self._left_s[user_id]
                    self._tell(user_id, at_desk=False)
            if now_s - self._told_s >= TELL_S:
                self._told_s = now_s
                for user_id in tuple(self._desks):
                    self._tell(user_id, at_desk=True)
