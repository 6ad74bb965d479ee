"""The client's recordings: what is known of each. Their sound is in the folder of recordings."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from copilot.recording.policy import RecordingPolicy, checked_policy
from copilot.store.audit import Act
from copilot.store.database import Database
from copilot.store.errors import ConflictError, NotFoundError
from copilot.store.profile import settings_of, settings_values
from copilot.store.records.recordings import Recording
from copilot.store.scope import Scoped
from copilot.store.tables.calls import calls
from copilot.store.tables.clients import clients
from copilot.store.tables.recordings import recordings


def recording_of(row: Any) -> Recording:
    return Recording(
        client_id=row.client_id,
        call_id=row.call_id,
        file=row.file,
        state=row.state,
        began_at=row.began_at,
        begins_s=row.begins_s,
        ended_at=row.ended_at,
        duration_s=row.duration_s,
        size_bytes=row.size_bytes,
        gaps_s=row.gaps_s,
        silenced=tuple((begin, end) for begin, end in row.silenced),
    )


def _values(recording: Recording) -> dict[str, Any]:
    return {
        "file": recording.file,
        "state": recording.state,
        "began_at": recording.began_at,
        "ended_at": recording.ended_at,
        "begins_s": recording.begins_s,
        "duration_s": recording.duration_s,
        "size_bytes": recording.size_bytes,
        "gaps_s": recording.gaps_s,
        "silenced": [list(span) for span in recording.silenced],
    }


class RecordingQueries(Scoped):
    """Of one client."""

    async def open_recording(self, recording: Recording) -> None:
        """Say that a file is about to be made: none is ever there without its row.

        Raises `ConflictError`: the call is not this client's, or has one already.
        """
        row = {"call_id": recording.call_id, **_values(recording)}
        try:
            async with self._database.writing() as connection:
                await connection.execute(self._insert(recordings, row))
        except IntegrityError as error:
            raise ConflictError(f"no recording of {recording.call_id!r} can be made") from error

    async def close_recording(self, recording: Recording) -> bool:
        """Say what became of it; False when it was erased meanwhile."""
        mine = self._update(recordings).where(recordings.c.call_id == recording.call_id)
        async with self._database.writing() as connection:
            return (await connection.execute(mine.values(**_values(recording)))).rowcount > 0

    async def recording(self, call_id: str) -> Recording:
        """Raises `NotFoundError`."""
        query = self._select(recordings).where(recordings.c.call_id == call_id)
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise NotFoundError(f"no recording of {call_id!r}")
        return recording_of(row)

    async def recordings(self) -> tuple[Recording, ...]:
        """All of them, oldest first."""
        query = self._select(recordings).order_by(recordings.c.began_at, recordings.c.call_id)
        async with self._database.reading() as connection:
            return tuple(recording_of(row) for row in await connection.execute(query))

    async def save_recording_policy(self, policy: RecordingPolicy, *, act: Act) -> None:
        """With its entry in the audit trail. Raises `BadRecordingError`, `NotFoundError`;
        nothing is changed then."""
        async with self._database.writing(act) as connection:
            await self._lock_client(connection)
            query = select(clients.c.settings).where(clients.c.id == self.client_id)
            settings = settings_of((await connection.execute(query)).scalar_one())
            kept = checked_policy(policy, announces=settings.welcome.announce)
            await connection.execute(
                update(clients)
                .where(clients.c.id == self.client_id)
                .values(settings=settings_values(replace(settings, recording=kept)))
            )


class OpenRecordings:
    """Those that no process closed, of every client."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def interrupted(self, *, ended_before: datetime | None = None) -> tuple[Recording, ...]:
        """For a process that knows that it is the only one, before it takes calls; any other asks
        for those of calls that were over at a moment that leaves a process time to close them."""
        query = select(recordings).where(recordings.c.state == "open")
        if ended_before is not None:
            over = select(calls.c.id).where(calls.c.ended_at < ended_before)
            query = query.where(recordings.c.call_id.in_(over))
        async with self._database.reading() as connection:
            return tuple(recording_of(row) for row in await connection.execute(query))
