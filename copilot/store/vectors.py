"""What was said, by meaning: one sealed row of vectors a call, gone with its transcript."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from copilot.store.calls import UTTERANCE
from copilot.store.errors import NotFoundError
from copilot.store.past import said_of, said_query
from copilot.store.records.calls import SaidLine
from copilot.store.scope import Scoped
from copilot.store.tables.calls import call_events, calls
from copilot.store.tables.quality import said_vectors

NEWEST = 2000
"""Calls of one client that are compared; older ones are found by their words."""


class VectorQueries(Scoped):
    """Vectors of the client's utterances."""

    async def keep_vectors(self, call_id: str, model: str, packed: str, *, at: datetime) -> None:
        """Over those of before. `packed` as `copilot.meaning` writes it. Raises NotFoundError."""
        async with self._database.writing() as connection:
            known = self._select(calls, calls.c.id).where(calls.c.id == call_id)
            if (await connection.execute(known.with_for_update())).one_or_none() is None:
                raise NotFoundError(f"no call {call_id!r}")
            row = {"call_id": call_id, "model": model, "vectors": packed, "at": at}
            (sealed,) = await self._seal(connection, said_vectors, row)
            mine = self._update(said_vectors).where(said_vectors.c.call_id == call_id)
            if (await connection.execute(mine.values(**sealed))).rowcount == 0:
                await connection.execute(self._insert(said_vectors, sealed))

    async def vectors(self, model: str) -> tuple[tuple[str, str], ...]:
        """(call, packed) of the newest calls, as this model sees them."""
        query = (
            self._select(said_vectors)
            .where(said_vectors.c.model == model)
            .order_by(said_vectors.c.at.desc())
            .limit(NEWEST)
        )
        async with self._database.reading() as connection:
            rows = await self._opened(connection, said_vectors, query)
        return tuple((row.call_id, row.vectors) for row in rows)

    async def calls_without_vectors(self, model: str, *, limit: int) -> tuple[str, ...]:
        """Calls that are over, have words, and none of this model's vectors; newest first."""
        has = (
            self._select(said_vectors, said_vectors.c.call_id)
            .where(said_vectors.c.model == model)
            .subquery()
        )
        spoken = self._select(call_events, call_events.c.call_id).where(
            call_events.c.kind == UTTERANCE
        )
        query = (
            self._select(calls, calls.c.id)
            .where(
                calls.c.ended_at.is_not(None),
                calls.c.id.not_in(has.select()),
                calls.c.id.in_(spoken),
            )
            .order_by(calls.c.ringing_at.desc())
            .limit(limit)
        )
        async with self._database.reading() as connection:
            return tuple((await connection.execute(query)).scalars())

    async def said_at(self, places: Sequence[tuple[str, int]]) -> tuple[SaidLine, ...]:
        """These utterances, by call and seq, in the order asked for; those still kept."""
        if not places:
            return ()
        chosen = call_events.c.call_id.in_({call_id for call_id, _ in places})
        some = call_events.c.seq.in_({seq for _, seq in places})
        query = said_query(self.client_id, chosen & some, limit=len(places) ** 2)
        async with self._database.reading() as connection:
            rows = await self._opened(connection, call_events, query)
        lines = {(row.call_id, row.seq): said_of(row) for row in rows}
        return tuple(lines[key] for key in places if key in lines)
