"""Events on their way to whoever watches: never waited for, never piled up.

    publish ──> every Subscription's own bounded pending list ──> its reader

A publisher is never slowed: a subscription whose reader falls too far behind is closed as
`slow`, and its reader comes back from the call's log. Partials replace each other while pending.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Literal, Protocol

from copilot.events import Event, PartialHeard, UtteranceHeard

CloseReason = Literal["closed", "slow", "lost"]
"""`closed`: by its owner or with the bus. `slow`: its reader fell behind. `lost`: events may
have gone missing on their way between processes. After the last two, read the log again."""

CAPACITY = 1024
"""Pending events of one subscription, partials aside: minutes of a busy board."""


class Bus(Protocol):
    """Where events are published and followed. Call it from the event loop only."""

    def publish(self, event: Event) -> None:
        """Hand an event to every subscription that wants it. Never waits, never raises."""
        ...

    def subscribe(
        self, call_id: str | None = None, *, partials: bool = True, capacity: int = CAPACITY
    ) -> AbstractAsyncContextManager[Subscription]:
        """Follow one call, or all of them. Nothing published after entering is missed."""
        ...


class Subscription:
    """One reader's view of the bus: an async iterator of events that ends when closed."""

    def __init__(
        self, *, call_id: str | None = None, partials: bool = True, capacity: int = CAPACITY
    ) -> None:
        self._call_id = call_id
        self._partials = partials
        self._capacity = capacity
        self._pending: dict[int, Event] = {}
        self._next_key = 0
        # At most one pending partial a leg, so these need no bound of their own.
        self._pending_partials: dict[tuple[str, str], int] = {}
        self._arrived = asyncio.Event()
        self._reason: CloseReason | None = None

    @property
    def close_reason(self) -> CloseReason | None:
        """Why it ended; null while open."""
        return self._reason

    @property
    def pending(self) -> int:
        """How many events wait for the reader."""
        return len(self._pending)

    def offer(self, event: Event) -> None:
        """Queue an event if it is wanted. Closes the subscription when its reader is slow."""
        if self._reason is not None or not self._wants(event):
            return
        if isinstance(event, PartialHeard | UtteranceHeard):
            self._drop_partial(event.call_id, event.leg)
        if isinstance(event, PartialHeard):
            self._pending_partials[event.call_id, event.leg] = self._next_key
        elif len(self._pending) - len(self._pending_partials) >= self._capacity:
            self._pending.clear()  # the log has them all: the reader should learn at once
            self._pending_partials.clear()
            self.close("slow")
            return
        self._pending[self._next_key] = event
        self._next_key += 1
        self._arrived.set()

    def close(self, reason: CloseReason = "closed") -> None:
        """End the iteration, after what is pending. Idempotent: the first reason stays."""
        if self._reason is None:
            self._reason = reason
        self._arrived.set()

    def __aiter__(self) -> AsyncIterator[Event]:
        return self

    async def __anext__(self) -> Event:
        while not self._pending:
            if self._reason is not None:
                raise StopAsyncIteration
            self._arrived.clear()
            await self._arrived.wait()
        key = next(iter(self._pending))
        event = self._pending.pop(key)
        if isinstance(event, PartialHeard):
            self._pending_partials.pop((event.call_id, event.leg), None)
        return event

    def _wants(self, event: Event) -> bool:
        if self._call_id is not None and event.call_id != self._call_id:
            return False
        return self._partials or not isinstance(event, PartialHeard)

    def _drop_partial(self, call_id: str, leg: str) -> None:
        key = self._pending_partials.pop((call_id, leg), None)
        if key is not None:
            del self._pending[key]


class InProcessBus:
    """The bus of a single process."""

    def __init__(self) -> None:
        self._subscriptions: set[Subscription] = set()
        self._closed = False

    def publish(self, event: Event) -> None:
        for subscription in tuple(self._subscriptions):
            subscription.offer(event)

    @asynccontextmanager
    async def subscribe(
        self, call_id: str | None = None, *, partials: bool = True, capacity: int = CAPACITY
    ) -> AsyncIterator[Subscription]:
        subscription = Subscription(call_id=call_id, partials=partials, capacity=capacity)
        if self._closed:
            subscription.close()
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)
            subscription.close()

    def close_subscriptions(self, reason: CloseReason) -> None:
        """End every subscription there is; new ones may follow."""
        for subscription in tuple(self._subscriptions):
            subscription.close(reason)

    async def __aenter__(self) -> InProcessBus:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closed = True
        self.close_subscriptions("closed")
