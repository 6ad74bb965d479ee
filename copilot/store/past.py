"""What was said and asked before: a caller's earlier calls, and words found in transcripts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from copilot.store.calls import call_of, call_query
from copilot.store.errors import NotFoundError
from copilot.store.messages import message_of
from copilot.store.records.calls import Call, PastCall, SaidLine
from copilot.store.scope import Scoped
from copilot.store.sealing import LONGEST, DataKey, sought
from copilot.store.tables.calls import call_events, calls
from copilot.store.tables.clients import clients
from copilot.store.tables.messages import messages
from copilot.store.vault import Vault
from knowledge.nearwords import near

RECENT = 5
LINES = 100


Alternatives = Sequence[str]
"""Words, or beginnings of words, any of which will do."""


def was_said(keys: Iterable[DataKey], words: Sequence[Alternatives]) -> ColumnElement[bool]:
    """Utterances of the keys' client that have one of each, or a word that begins so.

    Args:
        keys: every key of one client.
        words: as `asked_for` gives them.
    """
    return or_(
        false(),
        *(
            and_(
                *(
                    or_(*(call_events.c.tokens.contains(key.token(one)) for one in alternatives))
                    for alternatives in words
                )
            )
            for key in keys
        ),
    )


def asked_for(words: Sequence[str], *, similar: bool = False) -> list[Alternatives]:
    """What to look for; empty when there is nothing to. `similar`: any form of the words that
    carry meaning, and their synonyms (`knowledge.nearwords`)."""
    if similar and (found := near(" ".join(words))):
        return [tuple(one[:LONGEST] for one in alternatives) for alternatives in found]
    return [(word,) for word in sought(words)]


async def said_lines(
    vault: Vault,
    connection: AsyncConnection,
    client_id: str,
    asked: Sequence[Alternatives],
    *,
    limit: int,
) -> list[SaidLine]:
    """What was said to one client with one of each alternative, newest first."""
    if not asked:
        return []
    keys = await vault.keys(connection, client_id)
    query = said_query(client_id, was_said(keys.values(), asked), limit=limit)
    rows = (await connection.execute(query)).all()
    return [said_of(row) for row in await vault.open(connection, call_events, rows)]


def said_query(client_id: str, which: ColumnElement[bool], *, limit: int) -> Select[Any]:
    """Those utterances of a client, newest first."""
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
        .where(call_events.c.client_id == client_id, call_events.c.tokens.is_not(None), which)
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
        async with self._database.reading() as connection:
            others = await self._others(connection, call_id)
            if others is None:
                return ()
            query, rang_at = others
            found = (
                query.where(calls.c.ringing_at <= rang_at)
                .order_by(calls.c.ringing_at.desc(), calls.c.id.desc())
                .limit(limit)
            )
            earlier = [call_of(one) for one in await connection.execute(found)]
            sent = self._select(messages).where(messages.c.call_id.in_([one.id for one in earlier]))
            opened = await self._opened(connection, messages, sent)
        by_call = {one.call_id: message_of(one) for one in opened}
        return tuple(PastCall(call=one, message=by_call.get(one.id)) for one in earlier)

    async def calls_back(self, call_id: str, *, limit: int = RECENT) -> tuple[Call, ...]:
        """Answered calls placed since to the number of this one, oldest first; none when it is
        hidden. Raises `NotFoundError`.
        """
        async with self._database.reading() as connection:
            others = await self._others(connection, call_id)
            if others is None:
                return ()
            query, rang_at = others
            found = (
                query.where(
                    calls.c.source == "outgoing",
                    calls.c.answered_at.is_not(None),
                    calls.c.ringing_at > rang_at,
                )
                .order_by(calls.c.ringing_at, calls.c.id)
                .limit(limit)
            )
            return tuple(call_of(one) for one in await connection.execute(found))

    async def _others(
        self, connection: AsyncConnection, call_id: str
    ) -> tuple[Select[Any], datetime] | None:
        """Every other call of the same number, and when this one rang; nothing when it is hidden.

        Raises `NotFoundError`.
        """
        this = self._select(calls, calls.c.caller_number, calls.c.ringing_at)
        row = (await connection.execute(this.where(calls.c.id == call_id))).one_or_none()
        if row is None:
            raise NotFoundError(f"no call {call_id!r}")
        if not row.caller_number:
            return None
        query = call_query().where(
            calls.c.client_id == self.client_id,
            calls.c.caller_number == row.caller_number,
            calls.c.id != call_id,
        )
        return query, row.ringing_at

    async def said(
        self, words: Sequence[str], *, similar: bool = False, limit: int = LINES
    ) -> tuple[SaidLine, ...]:
        """Utterances of this client's calls that have all these words, newest first.

        Case, accents and words without meaning do not count; a word is found by its beginning
        too, from three letters. `similar`: synonyms and other forms of the words too.
        """
        asked = asked_for(words, similar=similar)
        async with self._database.reading() as connection:
            found = await said_lines(
                self._database.vault, connection, self.client_id, asked, limit=limit
            )
        return tuple(found)
