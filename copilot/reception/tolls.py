"""What calls that go out may cost: so many an hour for an operator, a day for a client.

A stolen account that dials all night is how reception providers lose money. What is counted is in
the audit trail: each number dialled, each one refused, and what each call cost.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from copilot.reception.errors import TollLimitError
from copilot.reception.placing import Dial, Placement
from copilot.store.audit import Act
from copilot.store.errors import StoreError
from copilot.store.store import Store
from telephony.call import CodecName, OutgoingCall, Presented
from telephony.errors import CallFailed, CallOver, NumberBarred

logger = logging.getLogger(__name__)

DIALLED, REFUSED, CHARGED = "call.dialled", "call.dial_refused", "call.charged"
ENDING_S = 3.0
"""How long the costs of the last calls may take to be written when the service stops."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TollLimits:
    """0 is no limit."""

    operator_hour: int = 60
    """Calls of one operator in an hour."""
    client_day: int = 300
    """Calls for one client in 24 hours."""
    client_day_cents: int = 2000
    """What these may cost, calls in progress included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """Cents a minute by beginnings of numbers; the longest that fits counts."""

    rates: tuple[tuple[str, float], ...] = ()

    def cents(self, number: str, seconds: float) -> float:
        """What a call costs, by the second, to a hundredth of a cent."""
        fits = [(len(begin), rate) for begin, rate in self.rates if number.startswith(begin)]
        return round(max(fits, default=(0, 0.0))[1] * seconds / 60, 2)


@dataclass(slots=True, kw_only=True)
class _Running:
    placement: Placement
    number: str
    answered_at: datetime | None = field(default=None)


class Tolls:
    """Places calls within the limits, and writes down what they cost."""

    def __init__(
        self,
        *,
        dial: Dial,
        store: Store,
        limits: TollLimits,
        tariff: Tariff,
        now: Callable[[], datetime],
    ) -> None:
        self._dial = dial
        self._store = store
        self._limits = limits
        self._tariff = tariff
        self._now = now
        self._running: dict[asyncio.Task[None], _Running] = {}
        """One a call that goes out, until its cost is written: as many as go out at once."""
        self._one_at_a_time = asyncio.Lock()
        """Counting and writing belong together."""

    async def dial(
        self,
        number: str,
        *,
        presented: Presented,
        prefer: CodecName | None = None,
        placement: Placement,
    ) -> OutgoingCall:
        """As `SipServer.dial`; TollLimitError too. Every number is in the audit trail first."""
        async with self._one_at_a_time:
            try:
                await self._check(placement)
                await self._write(placement, DIALLED, number)
                call = await self._dial(number, presented=presented, prefer=prefer)
            except (TollLimitError, NumberBarred) as error:
                reason = error.limit if isinstance(error, TollLimitError) else error.code
                await self._write(placement, REFUSED, number, reason=reason)
                raise
        running = _Running(placement=placement, number=number)
        task = asyncio.create_task(self._charge(call, running), name=f"toll of {call.call_id}")
        self._running[task] = running
        task.add_done_callback(self._charged)
        return call

    async def close(self) -> None:
        """Let the calls that ended be written down."""
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=ENDING_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _check(self, placement: Placement) -> None:
        now, limits, client_id = self._now(), self._limits, placement.client_id
        hour, day = now - timedelta(hours=1), now - timedelta(days=1)
        by_operator = await self._store.tolls.acts(
            DIALLED, since=hour, actor_id=placement.operator.id
        )
        if limits.operator_hour and by_operator >= limits.operator_hour:
            raise TollLimitError("calls_hour")
        for_client = await self._store.tolls.acts(DIALLED, since=day, client_id=client_id)
        if limits.client_day and for_client >= limits.client_day:
            raise TollLimitError("calls_day")
        if limits.client_day_cents:
            spent = await self._store.tolls.cents(CHARGED, since=day, client_id=client_id)
            if spent + self._being_spent(client_id, now) >= limits.client_day_cents:
                raise TollLimitError("cost_day")

    def _being_spent(self, client_id: str, now: datetime) -> float:
        return math.fsum(
            self._tariff.cents(one.number, (now - one.answered_at).total_seconds())
            for one in self._running.values()
            if one.answered_at is not None and one.placement.client_id == client_id
        )

    async def _charge(self, call: OutgoingCall, running: _Running) -> None:
        try:
            await call.answered()
        except (CallFailed, CallOver):
            return
        running.answered_at = self._now()
        await call.ended.wait()
        seconds = (self._now() - running.answered_at).total_seconds()
        cents = self._tariff.cents(running.number, seconds)
        try:
            await self._write(
                running.placement, CHARGED, running.number, seconds=round(seconds), cents=cents
            )
        except StoreError as error:
            logger.error("the cost of a call to %s is not kept: %s", running.number, error)

    async def _write(
        self, placement: Placement, action: str, number: str, *, reason: str = "", **detail: float
    ) -> None:
        act = Act(
            actor=placement.actor,
            action=action,
            at=self._now(),
            client_id=placement.client_id,
            subject=number,
            reason=reason,
            detail=detail,
        )
        await self._store.audit.record(act)

    def _charged(self, task: asyncio.Task[None]) -> None:
        self._running.pop(task, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("a call's cost was not worked out", exc_info=error)
