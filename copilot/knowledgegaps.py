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
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from copilot.drafting.draft import Turn
from copilot.store.errors import StoreError
from copilot.store.records.learning import Gap
from copilot.store.store import Store

logger = logging.getLogger(__name__)

BOX = 500
"""Questions waiting: more than an hour's of a full house. The newest is refused beyond."""
COMPARED = 300
"""Open questions a new one is compared with, of the most asked gaps first."""


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
        known = [(gap, text) for gap in await scope.gaps() for text in wordings(gap)][:COMPARED]
        loop = asyncio.get_running_loop()
        near = await loop.run_in_executor(
            self._executor, self._likeness, missed.text, [text for _, text in known]
        )
        best = max(range(len(known)), key=lambda at: near[at], default=None)
        alike = best is not None and near[best] >= self._same
        await scope.record_gap_question(
            gap_id=known[best][0].id if alike and best is not None else None,
            call_id=missed.call_id,
            utterance_id=missed.utterance_id,
            text=missed.text,
            at=missed.at,
        )


def wordings(gap: Gap) -> list[str]:
    """Its questions, each wording once."""
    return list(dict.fromkeys(question.text for question in gap.questions))
