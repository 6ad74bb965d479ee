"""Everything of a period at once, for files: the client's calls and messages."""

from __future__ import annotations

from collections.abc import Sequence

from copilot.reporting.period import Period
from copilot.store.calls import call_of, call_query
from copilot.store.messages import message_of
from copilot.store.past import asked_for, was_said
from copilot.store.records.calls import Call
from copilot.store.records.messages import Message
from copilot.store.scope import Scoped
from copilot.store.tables.calls import call_events, calls
from copilot.store.tables.messages import messages


class ListingQueries(Scoped):
    """The client's lists."""

    async def calls_of_period(
        self, period: Period, said: Sequence[str], *, limit: int
    ) -> tuple[Call, ...]:
        """Calls that are over, newest first; with `said`, those in which one utterance has all
        these words."""
        query = call_query().where(
            calls.c.client_id == self.client_id,
            calls.c.ended_at.is_not(None),
            calls.c.ringing_at >= period.begins,
            calls.c.ringing_at < period.ends,
        )
        asked = asked_for(said)
        if said and not asked:
            return ()
        async with self._database.reading() as connection:
            if asked:
                keys = await self._database.vault.keys(connection, self.client_id)
                spoken = self._select(call_events, call_events.c.call_id)
                query = query.where(calls.c.id.in_(spoken.where(was_said(keys.values(), asked))))
            rows = await connection.execute(
                query.order_by(calls.c.ringing_at.desc(), calls.c.id.desc()).limit(limit)
            )
            return tuple(call_of(row) for row in rows)

    async def messages_of_period(self, period: Period, *, limit: int) -> tuple[Message, ...]:
        """Newest first."""
        query = (
            self._select(messages)
            .where(messages.c.approved_at >= period.begins, messages.c.approved_at < period.ends)
            .order_by(messages.c.approved_at.desc(), messages.c.id.desc())
            .limit(limit)
        )
        async with self._database.reading() as connection:
            rows = await self._opened(connection, messages, query)
        return tuple(message_of(row) for row in rows)
