"""What was said and asked before: a caller's earlier calls, and words found in transcripts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, and_, select

from copilot.store.calls import call_of, call_query
from copilot.store.errors import NotFoundError
from copilot.store.messages import message_of
from copilot.store.records import PastCall, SaidLine
from copilot.store.scope import Scoped
from copilot.store.tables import call_events, calls, clients, messages

RECENT = 5
LINES = 100


def said_query(words: Sequence[str], *, limit: int) -> Select[Any]:
    """Utterances that have all these words, newest first. The caller must filter it.

    Args:
        words: folded (`knowledge.wording.plain`); parts of words are found too.
    """
    return (
        select(
            call_events.c.call_id,
            call_events.c.seq,
            call_events.c.payload,
            calls.c.client_id,
            calls.c.ringing_at,
            calls.c.caller_number,
            calls.c.caller_name,
            calls.c.operator_name,
            clients.c.name.label("client_name"),
            clients.c.colour.label("client_colour"),
        )
        .select_from(
            call_events.join(
                calls,
                and_(
                    calls.c.id == call_events.c.call_id,
                    calls.c.client_id == call_events.c.client_id,
                ),
            ).join(clients, clients.c.id == calls.c.client_id)
        )
        .where(
            call_events.c.folded.is_not(None),
            *(call_events.c.folded.contains(word, autoescape=True) for word in words),
        )
        .order_by(calls.c.ringing_at.desc(), calls.c.id, call_events.c.seq)
        .limit(limit)
    )


def said_of(row: Any) -> SaidLine:
    return SaidLine(
        call_id=row.call_id,
        seq=row.seq,
        client_id=row.client_id,
        client_name=row.client_name,
        client_colour=row.client_colour,
        caller_number=row.caller_number,
        caller_name=row.caller_name,
        operator_name=row.operator_name,
        ringing_at=row.ringing_at,
        leg=row.payload["leg"],
        utterance_id=row.payload["utterance_id"],
        text=row.payload["text"],
        start_s=row.payload["start_s"],
    )


class PastQueries(Scoped):
    """The client's past."""

    async def earlier_calls(self, call_id: str, *, limit: int = RECENT) -> tuple[PastCall, ...]:
        """The same number's earlier calls to this client, newest first; none when it is hidden.

        Raises `NotFoundError`.
        """
        this = self._select(calls, calls.c.caller_number, calls.c.ringing_at).where(
            calls.c.id == call_id
        )
        async with self._database.reading() as connection:
            row = (await connection.execute(this)).one_or_none()
            if row is None:
                raise NotFoundError(f"no call {call_id!r}")
            if not row.caller_number:
                return ()
            found = (
                call_query()
                .where(
                    calls.c.client_id == self.client_id,
                    calls.c.caller_number == row.caller_number,
                    calls.c.ringing_at <= row.ringing_at,
                    calls.c.id != call_id,
                )
                .order_by(calls.c.ringing_at.desc(), calls.c.id.desc())
                .limit(limit)
            )
            earlier = [call_of(one) for one in await connection.execute(found)]
            sent = self._select(messages).where(messages.c.call_id.in_([one.id for one in earlier]))
            by_call = {one.call_id: message_of(one) for one in await connection.execute(sent)}
        return tuple(PastCall(call=one, message=by_call.get(one.id)) for one in earlier)

    async def said(self, words: Sequence[str], *, limit: int = LINES) -> tuple[SaidLine, ...]:
        """Utterances of this client's calls that have all these (folded) words, newest first."""
        query = said_query(words, limit=limit).where(call_events.c.client_id == self.client_id)
        async with self._database.reading() as connection:
            return tuple(said_of(row) for row in await connection.execute(query))
