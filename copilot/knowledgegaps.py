"""Questions that no entry answers, kept and grouped by meaning while calls go on.

A call only puts its question in a bounded box; one task takes them out, finds the open gap that
says the same, and keeps the question there. A question lost (the box is full, the database is
away) costs a count in a list, never a call.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Executor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from copilot.drafting.draft import Turn
from copilot.store.errors import NotFoundError, StoreError
from copilot.store.records.learning import Gap
from copilot.store.store import ClientScope, Store

logger = logging.getLogger(__name__)

BOX = 500
"""Questions waiting: more than an hour's of a full house. The newest is refused beyond."""
COMPARED = 300
"""Questions a new one is compared with: of open gaps, the most asked first, then of settled ones.

What is like a dismissed one stays dismissed; like an answered one whose answer is gone, it opens
that gap again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """A question that found nothing."""

    client_id: str
    call_id: str
    utterance_id: str
    text: str
    at: datetime


class GapKeeper:
    """Owns the task that keeps questions."""

    def __init__(
        self,
        *,
        store: Store,
        likeness: Callable[[str, Sequence[str]], Sequence[float]],
        same: float,
        executor: Executor,
        now: Callable[[], datetime],
    ) -> None:
        """`likeness` compares a question with others (in `executor`), `same` says from when two
        are one."""
        self._store = store
        self._likeness = likeness
        self._same = same
        self._executor = executor
        self._now = now
        self._box: asyncio.Queue[Missed] = asyncio.Queue(BOX)

    def missed(self, client_id: str, call_id: str, turn: Turn) -> None:
        """Note a question; returns at once."""
        try:
            self._box.put_nowait(
                Missed(
                    client_id=client_id,
                    call_id=call_id,
                    utterance_id=turn.utterance_id,
                    text=turn.text,
                    at=self._now(),
                )
            )
        except asyncio.QueueFull:
            logger.warning("a question that found nothing is not kept: too many wait")

    async def kept(self) -> None:
        """Wait until every question noted is kept."""
        await self._box.join()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[GapKeeper]:
        """Keep questions until the end; those waiting then are kept first."""
        task = asyncio.create_task(self._keep_all(), name="gaps")
        try:
            yield self
            await self.kept()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _keep_all(self) -> None:
        while True:
            missed = await self._box.get()
            try:
                await self._keep(missed)
            except StoreError:
                logger.warning("a question that found nothing is not kept", exc_info=True)
            except Exception:
                logger.exception("a question that found nothing is not kept")
            finally:
                self._box.task_done()

    async def _keep(self, missed: Missed) -> None:
        scope = self._store.for_client(missed.client_id)
        found = sorted(await scope.gaps(), key=lambda gap: gap.state != "open")
        known = [(gap, text) for gap in found for text in wordings(gap)][:COMPARED]
        loop = asyncio.get_running_loop()
        near = await loop.run_in_executor(
            self._executor, self._likeness, missed.text, [text for _, text in known]
        )
        best = max(range(len(known)), key=lambda at: near[at], default=None)
        like = known[best][0] if best is not None and near[best] >= self._same else None
        if like is not None:
            with suppress(NotFoundError):  # its calls were forgotten meanwhile
                await self._record(scope, missed, like.id)
                if like.state == "answered" and not await self._answers(scope, like):
                    await scope.settle_gap(like.id, "open")
                return
        await self._record(scope, missed, None)

    async def _record(self, scope: ClientScope, missed: Missed, gap_id: str | None) -> None:
        await scope.record_gap_question(
            gap_id=gap_id,
            call_id=missed.call_id,
            utterance_id=missed.utterance_id,
            text=missed.text,
            at=missed.at,
        )

    async def _answers(self, scope: ClientScope, gap: Gap) -> bool:
        """Whether the entry that a gap became is offered still: one may be removed, or over."""
        zone = ZoneInfo((await scope.client()).settings.time_zone)
        in_force = await scope.entries_in_force(self._now().astimezone(zone).date())
        return any(entry.entry_id == gap.entry_id for entry in in_force)


def wordings(gap: Gap) -> list[str]:
    """Its questions, each wording once."""
    return list(dict.fromkeys(question.text for question in gap.questions))
