"""Keeps a call's events, and the call's own row in step with them.

The journal retries a batch as a whole, so that an answer or an end is never lost when the database
was away: the row follows the log.
"""

from __future__ import annotations

from collections.abc import Sequence

from copilot.events import CallAnswered, CallEnded, Event, UtteranceHeard
from copilot.store.store import Store


class CallRecord:
    """The journal's way into the store (`copilot.journal.EventLog`)."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def keep(self, client_id: str, call_id: str, events: Sequence[Event]) -> None:
        """Keep events and what they say of the call. Safe to repeat."""
        scope = self._store.for_client(client_id)
        await scope.append_events(call_id, events)
        for event in events:
            match event:
                case CallAnswered():
                    await scope.mark_answered(
                        call_id,
                        operator_id=event.operator_id,
                        operator_name=event.operator_name,
                        at=event.at,
                    )
                case CallEnded():
                    await scope.mark_ended(
                        call_id, ended_by=event.ended_by, reason=event.reason, at=event.at
                    )
                case _:
                    pass
        # Last: a batch that is tried again must find what it wrote as it wrote it.
        for event in events:
            if isinstance(event, UtteranceHeard) and event.redacted:
                await scope.mask_utterance(event)

    async def next_seq(self, client_id: str, call_id: str) -> int:
        """One more than the last number kept for the call."""
        return await self._store.for_client(client_id).next_seq(call_id)
