"""The worker that sends what was approved, until it is taken or given up.

    approve ── one transaction ──> message + intentions ──> claim ──> channel ──> mark
                                └> escalation ──> move ──> more intentions

A process may die anywhere on that line: an intention not marked is claimed again when its lease
runs out, and sent with the same Message-ID and idempotency key. At least once, never lost.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from copilot.delivery.backoff import Backoff
from copilot.delivery.channel import (
    Channel,
    DeliveryError,
    Dispatch,
    PermanentFailureError,
    TemporaryFailureError,
)
from copilot.duework import LONGEST_SLEEP_S, DueWork
from copilot.store.errors import StoreError

if TYPE_CHECKING:
    from copilot.delivery.links import MessageLinks
    from copilot.escalation import Escalation
    from copilot.store import Store
    from copilot.store.records.messages import OutboxItem

logger = logging.getLogger(__name__)

LEASE_S = 120.0
"""Longer than the slowest conversation with a server: nobody else sends meanwhile."""

AT_ONCE = 20
"""Conversations at the same time: a receiver that hangs holds up one of them, not the others."""


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
    step: int = 0
    """The rung of an escalation; 0: one of the client's own recipients."""


OnOutcome = Callable[[DeliveryOutcome], Awaitable[None]]
OnMove = Callable[["Escalation"], Awaitable[None]]


async def _nobody(_: Escalation) -> None:
    return


class DeliveryWorker:
    """Sends due messages of every client and moves escalations on.

    Use as `async with DeliveryWorker(...)`. Any number of processes may run one.
    """

    def __init__(
        self,
        store: Store,
        channels: Mapping[str, Channel],
        *,
        on_outcome: OnOutcome,
        on_move: OnMove = _nobody,
        links: MessageLinks | None = None,
        backoff: Backoff | None = None,
        lease_s: float = LEASE_S,
        longest_sleep_s: float = LONGEST_SLEEP_S,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`channels` by the name that intentions carry ("email"); `links`: what letters open.

        `on_outcome` is awaited after each try whose outcome is kept, `on_move` after each move of
        an escalation; what they raise is logged.
        """
        self._store = store
        self._channels = channels
        self._on_outcome = on_outcome
        self._on_move = on_move
        self._links = links
        self._backoff = backoff or Backoff()
        self._lease_s = lease_s
        self._now = now
        self._work = DueWork(
            "delivery",
            begin_due=self._begin_due,
            next_due=self._next_due,
            now=now,
            at_once=AT_ONCE,
            longest_sleep_s=longest_sleep_s,
        )

    def wake(self) -> None:
        """Something was approved or is to be sent again: look now."""
        self._work.wake()

    async def __aenter__(self) -> DeliveryWorker:
        await self._work.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._work.__aexit__()

    async def send_due(self) -> int:
        """Move on and send what is due now, once; how many were tried. Raises `StoreError`."""
        await self._move_on()
        started = await self._start_due()
        await self._work.settled()
        return started

    async def _begin_due(self) -> int:
        return await self._move_on() + await self._start_due()

    async def _move_on(self) -> int:
        """Make the moves of escalations that are due; how many. Raises `StoreError`."""
        moved = await self._store.ladders.advance(at=self._now())
        for escalation in moved:
            try:
                await self._on_move(escalation)
            except Exception:  # the move is kept; whoever watches must not undo that
                logger.exception("nobody could be told of a move of %s", escalation.id)
        return len(moved)

    async def _start_due(self) -> int:
        """Begin to send what is due, as far as there is room. Raises `StoreError`."""
        if (room := self._work.room) <= 0:
            return 0
        items = await self._store.outbox.claim(at=self._now(), lease_s=self._lease_s, limit=room)
        for group in _together(items):
            self._work.begin(self._attempt(group))
        return len(items)

    async def _attempt(self, items: Sequence[OutboxItem]) -> None:
        try:
            await self._send_and_mark(items)
        except StoreError:  # unmarked, they come back when their lease runs out
            logger.exception(
                "what became of %s could not be kept: it will be sent again", items[0].id
            )

    async def _send_and_mark(self, items: Sequence[OutboxItem]) -> None:
        try:
            wanted = await self._send(items)
        except TemporaryFailureError as error:
            until = self._next_try(items[0])
            if until is not None:
                until = max(until, self._now() + timedelta(seconds=error.retry_after_s))
            await self._fail(items, error, until)
        except PermanentFailureError as error:
            await self._fail(items, error, None)
        except StoreError:
            raise
        except Exception as error:  # a fault of ours must not stop the other letters
            logger.exception("sending %s failed in an unexpected way", items[0].id)
            unexpected = TemporaryFailureError(f"erreur interne ({type(error).__name__})")
            await self._fail(items, unexpected, self._next_try(items[0]))
        else:
            if wanted and await self._store.outbox.complete(*items, at=self._now()):
                await self._tell(items, delivered=True, detail="", final=True)

    async def _send(self, items: Sequence[OutboxItem]) -> bool:
        """False when what a rung was to be told was called off meanwhile."""
        channel = self._channels.get(items[0].channel)
        if channel is None:
            raise PermanentFailureError(f"aucun envoi n'est configuré pour « {items[0].channel} »")
        first, *others = [await self._dispatch(item) for item in items]
        if first.item.step and await self._called_off(first.item):
            await self._store.outbox.cancel(first.item)
            return False
        # A send that outlived its lease would be sent by another worker at the same time.
        try:
            async with asyncio.timeout(self._lease_s * 0.8):
                await channel.send(replace(first, also=tuple(others)))
        except TimeoutError as error:
            raise TemporaryFailureError("le serveur d'envoi ne répond pas") from error
        return True

    async def _called_off(self, item: OutboxItem) -> bool:
        scope = self._store.for_client(item.client_id)
        escalation = await scope.escalation_of_message(item.message_id)
        return escalation is None or escalation.called_off

    async def _dispatch(self, item: OutboxItem) -> Dispatch:
        scope = self._store.for_client(item.client_id)
        return Dispatch(
            item=item,
            message=await scope.message(item.message_id),
            client=await scope.client(),
            call=await scope.call(item.call_id),
            link=self._links.address(item.id) if self._links else "",
            answer_to=self._links.answer_address(item.id) if self._links else "",
        )

    def _next_try(self, item: OutboxItem) -> datetime | None:
        return self._backoff.next_try(
            attempts=item.attempts, key=item.idempotency_key, at=self._now()
        )

    async def _fail(
        self, items: Sequence[OutboxItem], error: DeliveryError, until: datetime | None
    ) -> None:
        detail = str(error)
        if until is None:
            held = await self._store.outbox.give_up(*items, detail=detail, at=self._now())
        else:
            held = await self._store.outbox.postpone(
                *items, detail=detail, until=until, at=self._now()
            )
        if held:
            await self._tell(items, delivered=False, detail=detail, final=until is None)

    async def _tell(
        self, items: Sequence[OutboxItem], *, delivered: bool, detail: str, final: bool
    ) -> None:
        for item in items:
            outcome = DeliveryOutcome(
                client_id=item.client_id,
                call_id=item.call_id,
                message_id=item.message_id,
                channel=item.channel,
                recipient=item.recipient,
                delivered=delivered,
                detail=detail,
                final=final,
                step=item.step,
            )
            try:
                await self._on_outcome(outcome)
            except Exception:  # the letter's state is kept; whoever watches must not undo that
                logger.exception("nobody could be told what became of %s", item.id)

    async def _next_due(self) -> datetime | None:
        moments = (await self._store.outbox.next_due(), await self._store.ladders.next_due())
        return min((moment for moment in moments if moment is not None), default=None)


def _together(items: Sequence[OutboxItem]) -> list[tuple[OutboxItem, ...]]:
    """What leaves at once: a digest whole, anything else alone."""
    groups: dict[str, list[OutboxItem]] = {}
    for item in items:
        groups.setdefault(item.bundle or item.id, []).append(item)
    return [tuple(group) for group in groups.values()]
