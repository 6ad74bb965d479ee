"""A long call's log in pieces: its end first, what was said before page by page."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, func, or_
from sqlalchemy.ext.asyncio import AsyncConnection

from copilot.codec import kind_of
from copilot.events import DraftChanged, GuidanceChanged, SuggestionOffered
from copilot.store.calls import UTTERANCE, CallQueries, stored
from copilot.store.records.calls import LogPiece, StoredEvent
from copilot.store.tables.calls import call_events

SAID = (UTTERANCE, kind_of(SuggestionOffered))
"""What a transcript is made of: the bulk of a long log."""
REPLACED = (kind_of(DraftChanged), kind_of(GuidanceChanged))
"""Each of these says all there is to say: the last one is enough."""


class TranscriptQueries(CallQueries):
    """The client's calls, read from their end."""

    async def end_of_log(self, call_id: str, *, utterances: int) -> LogPiece:
        """The log from the last so many utterances on, and what still holds of what came before:
        enough to show the call as it stands. Raises `NotFoundError`."""
        async with self._database.reading() as connection:
            await self._call(connection, call_id)
            edge = await self._utterance_back(connection, call_id, utterances)
            if edge is None:
                return LogPiece(events=await self._log(connection, call_id), earlier=None)
            standing = (
                self._select(call_events, func.max(call_events.c.seq))
                .where(call_events.c.call_id == call_id, call_events.c.kind.in_(REPLACED))
                .group_by(call_events.c.kind)
            )
            holds = or_(
                call_events.c.seq >= edge,
                call_events.c.kind.not_in((*SAID, *REPLACED)),
                call_events.c.seq.in_(standing),
            )
            return LogPiece(events=await self._log(connection, call_id, holds), earlier=edge)

    async def said_before(self, call_id: str, seq: int, *, utterances: int) -> LogPiece:
        """The last so many utterances before that seq, with what was offered for them.

        Raises `NotFoundError`.
        """
        async with self._database.reading() as connection:
            await self._call(connection, call_id)
            edge = await self._utterance_back(connection, call_id, utterances, before=seq)
            wanted = and_(call_events.c.kind.in_(SAID), call_events.c.seq < seq)
            if edge is not None:
                wanted = and_(wanted, call_events.c.seq >= edge)
            return LogPiece(events=await self._log(connection, call_id, wanted), earlier=edge)

    async def _utterance_back(
        self, connection: AsyncConnection, call_id: str, count: int, *, before: int | None = None
    ) -> int | None:
        """The seq of the utterance so many back; null when none came before that one."""
        query = (
            self._select(call_events, call_events.c.seq)
            .where(call_events.c.call_id == call_id, call_events.c.kind == UTTERANCE)
            .order_by(call_events.c.seq.desc())
            .offset(count - 1)
            .limit(2)
        )
        if before is not None:
            query = query.where(call_events.c.seq < before)
        seqs = (await connection.execute(query)).scalars().all()
        return int(seqs[0]) if len(seqs) > 1 else None

    async def _log(
        self, connection: AsyncConnection, call_id: str, *wanted: ColumnElement[bool]
    ) -> tuple[StoredEvent, ...]:
        query = (
            self._select(call_events)
            .where(call_events.c.call_id == call_id, *wanted)
            .order_by(call_events.c.seq)
        )
        rows = await self._opened(connection, call_events, query)
        return tuple(stored(row) for row in rows)
