"""How long each kind of data is kept, and the job that removes what is past its time.

    transcripts   what was said, offered and typed in a call   30 days, or as set up to 1 year
    calls         the call itself and its message              1 year, or as set up to 3 years
    recordings    its sound, where the client has it kept      30 days, or as set up to 6 months
    trainings     trainees' turns at exercises                 as calls
    audit         who did what                                 a setting of the house

A client's settings choose within the caps; a larger value counts as the cap. Each removal is an
entry of the audit trail in the same transaction: how much, up to when, and a digest over what.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from copilot.recording.policy import DAYS_CAP
from copilot.store.errors import StoreError

if TYPE_CHECKING:
    from copilot.store.records.clients import ClientSettings
    from copilot.store.store import Store

logger = logging.getLogger(__name__)

TRANSCRIPT_DAYS_CAP = 365
CALL_DAYS_CAP = 3 * 365
EVERY_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Edges:
    """What ended before these moments is past its time."""

    transcripts: datetime
    calls: datetime
    recordings: datetime


def edges(settings: ClientSettings, *, at: datetime) -> Edges:
    """A client's edges at a moment. Neither transcript nor recording outlives its call."""
    call_days = min(max(settings.call_days, 1), CALL_DAYS_CAP)
    transcript_days = min(max(settings.transcript_days, 1), TRANSCRIPT_DAYS_CAP, call_days)
    recording_days = min(max(settings.recording.days, 1), DAYS_CAP, call_days)
    return Edges(
        transcripts=at - timedelta(days=transcript_days),
        calls=at - timedelta(days=call_days),
        recordings=at - timedelta(days=recording_days),
    )


class RetentionJob:
    """Removes what is past its time, every hour. Use as `async with RetentionJob(...)`."""

    def __init__(
        self,
        store: Store,
        *,
        audit_days: int,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        every_s: float = EVERY_S,
        purged: Callable[[], Awaitable[object]] | None = None,
    ) -> None:
        """`purged` is awaited after each look: files follow the rows."""
        self._store = store
        self._purged = purged
        self._audit_days = audit_days
        self._now = now
        self._every_s = every_s
        self._task: asyncio.Task[None] | None = None

    async def purge(self) -> int:
        """Look at every client once; how many calls lost something. Raises `StoreError`."""
        touched = 0
        now = self._now()
        for client in await self._store.provider.clients():
            edge = edges(client.settings, at=now)
            scope = self._store.for_client(client.id)
            await scope.forget_training(before=edge.calls)
            while True:
                purged = await scope.purge(
                    transcripts_before=edge.transcripts,
                    calls_before=edge.calls,
                    recordings_before=edge.recordings,
                    at=now,
                )
                if not (removed := purged.calls + purged.transcripts + purged.recordings):
                    break
                touched += removed
        if self._purged is not None:
            await self._purged()
        await self._store.audit.shorten(older_than=now - timedelta(days=self._audit_days), at=now)
        return touched

    async def __aenter__(self) -> RetentionJob:
        self._task = asyncio.create_task(self._run(), name="retention")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            try:
                await self.purge()
            except StoreError:
                logger.exception("retention waits: the database does not answer")
            except Exception:  # personal data must not be kept for ever because of one fault
                logger.exception("retention waits after an unexpected error")
            await asyncio.sleep(self._every_s)
