"""The worker that sends what was approved, until it is taken or given up.

    approve ── one transaction ──> message + intentions ──> claim ──> channel ──> mark

A process may die anywhere on that line: an intention not marked is claimed again when its lease
runs out, and sent with the same Message-ID and idempotency key. At least once, never lost.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from copilot.delivery.backoff import Backoff
from copilot.delivery.channel import (
    Channel,
    DeliveryError,
    Dispatch,
    PermanentFailureError,
    TemporaryFailureError,
)
from copilot.store.errors import StoreError

if TYPE_CHECKING:
    from copilot.store import Store
    from copilot.store.records import OutboxItem

logger = logging.getLogger(__name__)

LEASE_S = 120.0
"""Longer than the slowest conversation with a server: nobody else sends meanwhile."""

AT_ONCE = 10
"""Letters sent at the same time."""

LONGEST_SLEEP_S = 15.0
"""How late another process's approval may be seen; our own wakes the worker at once."""

STOP_S = 10.0
"""How long a stop waits for letters that are being handed over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryOutcome:
    """What became of one try to send a message to one recipient."""

    client_id: str
    call_id: str
    message_id: str
    channel: str
    recipient: str
    delivered: bool
    detail: str
    """Why not, in French; empty when delivered."""
    final: bool
    """It will not be tried again by itself."""


OnOutcome = Callable[[DeliveryOutcome], Awaitable[None]]


class DeliveryWorker:
    """Sends due messages of every client. Use as `async with DeliveryWorker(...)`."""

    def __init__(
        self,
        store: Store,
        channels: Mapping[str, Channel],
        *,
        on_outcome: OnOutcome,
        backoff: Backoff | None = None,
        lease_s: float = LEASE_S,
        longest_sleep_s: float = LONGEST_SLEEP_S,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`channels` by the name that intentions carry ("email").

        `on_outcome` is awaited after each try whose outcome is kept; what it raises is logged.
        """
        self._store = store
        self._channels = channels
        self._on_outcome = on_outcome
        self._backoff = backoff or Backoff()
        self._lease_s = lease_s
        self._longest_sleep_s = longest_sleep_s
        self._now = now
        self._work = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Something was approved or is to be sent again: look now."""
        self._work.set()

    async def __aenter__(self) -> DeliveryWorker:
        self._task = asyncio.create_task(self._run(), name="delivery")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Finish what is being handed over, for `STOP_S` at most; the rest keeps its lease."""
        self._stopping = True
        self._work.set()
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=STOP_S)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while not self._stopping:
            self._work.clear()
            try:
                sent = await self.send_due()
                sleep_s = 0.0 if sent else await self._until_due_s()
            except StoreError:
                logger.exception("delivery waits: the database does not answer")
                sleep_s = self._longest_sleep_s
            if sleep_s > 0 and not self._stopping:
                await self._sleep(sleep_s)

    async def send_due(self) -> int:
        """Send what is due now, once; how many were tried. Raises `StoreError`."""
        items = await self._store.outbox.claim(at=self._now(), lease_s=self._lease_s, limit=AT_ONCE)
        async with asyncio.TaskGroup() as sending:
            for item in items:
                sending.create_task(self._attempt(item))
        return len(items)

    async def _attempt(self, item: OutboxItem) -> None:
        try:
            await self._send_and_mark(item)
        except StoreError:  # unmarked, it comes back when its lease runs out
            logger.exception("what became of %s could not be kept: it will be sent again", item.id)

    async def _send_and_mark(self, item: OutboxItem) -> None:
        try:
            await self._send(item)
        except TemporaryFailureError as error:
            await self._fail(item, error, self._next_try(item))
        except PermanentFailureError as error:
            await self._fail(item, error, None)
        except StoreError:
            raise
        except Exception as error:  # a fault of ours must not stop the other letters
            logger.exception("sending %s failed in an unexpected way", item.id)
            unexpected = TemporaryFailureError(f"erreur interne ({type(error).__name__})")
            await self._fail(item, unexpected, self._next_try(item))
        else:
            if await self._store.outbox.complete(item, at=self._now()):
                await self._tell(item, delivered=True, detail="", final=True)

    async def _send(self, item: OutboxItem) -> None:
        channel = self._channels.get(item.channel)
        if channel is None:
            raise PermanentFailureError(f"aucun envoi n'est configuré pour « {item.channel} »")
        scope = self._store.for_client(item.client_id)
        dispatch = Dispatch(
            item=item,
            message=await scope.message(item.message_id),
            client=await scope.client(),
            call=await scope.call(item.call_id),
        )
        # A send that outlived its lease would be sent by another worker at the same time.
        try:
            async with asyncio.timeout(self._lease_s * 0.8):
                await channel.send(dispatch)
        except TimeoutError as error:
            raise TemporaryFailureError("le serveur d'envoi ne répond pas") from error

    def _next_try(self, item: OutboxItem) -> datetime | None:
        return self._backoff.next_try(
            attempts=item.attempts, key=item.idempotency_key, at=self._now()
        )

    async def _fail(self, item: OutboxItem, error: DeliveryError, until: datetime | None) -> None:
        detail = str(error)
        if until is None:
            held = await self._store.outbox.give_up(item, detail=detail)
        else:
            held = await self._store.outbox.postpone(item, detail=detail, until=until)
        if held:
            await self._tell(item, delivered=False, detail=detail, final=until is None)

    async def _tell(self, item: OutboxItem, *, delivered: bool, detail: str, final: bool) -> None:
        outcome = DeliveryOutcome(
            client_id=item.client_id,
            call_id=item.call_id,
            message_id=item.message_id,
            channel=item.channel,
            recipient=item.recipient,
            delivered=delivered,
            detail=detail,
            final=final,
        )
        try:
            await self._on_outcome(outcome)
        except Exception:  # the letter's state is kept; whoever watches must not undo that
            logger.exception("nobody could be told what became of %s", item.id)

    async def _until_due_s(self) -> float:
        due = await self._store.outbox.next_due()
        if due is None:
            return self._longest_sleep_s
        wait_s = (due - self._now()).total_seconds()
        return min(max(wait_s, 0.05), self._longest_sleep_s)

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._work.wait()
        except TimeoutError:
            return
