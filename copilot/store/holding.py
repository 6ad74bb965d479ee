"""Who writes the message of a call, when it is not the operator who answered it."""

from __future__ import annotations

from copilot.codec import kind_of
from copilot.messageevents import MessageHeld
from copilot.store.records.calls import Holder
from copilot.store.scope import Scoped
from copilot.store.tables.calls import call_events

HELD = kind_of(MessageHeld)


class HoldQueries(Scoped):
    """The client's messages in hand."""

    async def held_by(self, call_id: str) -> Holder | None:
        """Who last took the message; null when nobody did."""
        query = (
            self._select(call_events)
            .where(call_events.c.call_id == call_id, call_events.c.kind == HELD)
            .order_by(call_events.c.seq.desc())
            .limit(1)
        )
        async with self._database.reading() as connection:
            rows = await self._opened(connection, call_events, query)
        return Holder(**rows[0].payload) if rows else None
