"""Calls, their log, the operator's edits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from copilot.codec import event_data, kind_of
from copilot.events import DraftChanged, Event, PartialHeard, UtteranceHeard
from copilot.store.errors import ConflictError, NotFoundError
from copilot.store.records.calls import Call, CallState, EndedBy, NewCall, StoredEvent
from copilot.store.scope import Scoped
from copilot.store.tables.calls import call_events, call_names, calls, drafts
from copilot.store.tables.clients import clients
from copilot.store.tables.messages import messages

PAGE = 50
UTTERANCE = kind_of(UtteranceHeard)

IN_STATE = {
    "ringing": and_(calls.c.answered_at.is_(None), calls.c.ended_at.is_(None)),
    "live": and_(calls.c.answered_at.is_not(None), calls.c.ended_at.is_(None)),
    "ended": calls.c.ended_at.is_not(None),
}


def call_query() -> Select[Any]:
    """Calls with what a list shows of their client and message. The caller must filter it."""
    return select(
        calls,
        clients.c.name.label("client_name"),
        clients.c.colour.label("client_colour"),
        messages.c.state.label("approved_state"),
    ).select_from(
        calls.join(clients, clients.c.id == calls.c.client_id).outerjoin(
            messages,
            and_(messages.c.call_id == calls.c.id, messages.c.client_id == calls.c.client_id),
        )
    )


def page(
    query: Select[Any], *, state: CallState | None, before: str | None, limit: int
) -> Select[Any]:
    """Newest first; `before` is the id of the last call of the page above."""
    if state is not None:
        query = query.where(IN_STATE[state])
    if before is not None:
        edge = select(calls.c.ringing_at).where(calls.c.id == before).scalar_subquery()
        query = query.where(
            or_(calls.c.ringing_at < edge, and_(calls.c.ringing_at == edge, calls.c.id < before))
        )
    return query.order_by(calls.c.ringing_at.desc(), calls.c.id.desc()).limit(limit)


def call_of(row: Any) -> Call:
    return Call(
        id=row.id,
        client_id=row.client_id,
        client_name=row.client_name,
        client_colour=row.client_colour,
        state=_state_of(row),
        source=row.source,
        dialled=row.dialled,
        caller_number=row.caller_number,
        caller_name=row.caller_name,
        forwarded_from=row.forwarded_from,
        ringing_at=row.ringing_at,
        answered_at=row.answered_at,
        ended_at=row.ended_at,
        duration_s=row.duration_s,
        operator_id=row.operator_id,
        operator_name=row.operator_name,
        ended_by=row.ended_by,
        end_reason=row.end_reason,
        message_state=row.approved_state or ("draft" if row.has_draft else "none"),
    )


def _state_of(row: Any) -> CallState:
    if row.ended_at is not None:
        return "ended"
    return "ringing" if row.answered_at is None else "live"


def stored(row: Any) -> StoredEvent:
    """A line of the log, opened."""
    return StoredEvent(call_id=row.call_id, seq=row.seq, kind=row.kind, at=row.at, data=row.payload)


def event_row(event: Event) -> dict[str, Any]:
    """A line of the log, but for its client and what it is found by."""
    return {
        "call_id": event.call_id,
        "seq": event.seq,
        "kind": kind_of(type(event)),
        "at": event.at,
        "payload": event_data(event),
    }


class CallQueries(Scoped):
    """The client's calls."""

    async def create_call(self, call: NewCall) -> Call:
        """Raises `ConflictError` when the id is taken."""
        row = {
            "id": call.id,
            "source": call.source,
            "dialled": call.dialled,
            "caller_number": call.caller_number,
            "caller_name": call.caller_name,
            "forwarded_from": call.forwarded_from,
            "ringing_at": call.ringing_at,
            "has_draft": False,
        }
        try:
            async with self._database.writing() as connection:
                await connection.execute(self._insert(calls, row))
                if names := [{"call_id": call.id, "name": name} for name in set(call.names)]:
                    await connection.execute(self._insert(call_names, *names))
                return await self._call(connection, call.id)
        except IntegrityError as error:
            raise ConflictError(f"call {call.id!r} cannot be created: {error.orig}") from error

    async def call(self, call_id: str) -> Call:
        """Raises `NotFoundError`."""
        async with self._database.reading() as connection:
            return await self._call(connection, call_id)

    async def calls(
        self, *, state: CallState | None = None, before: str | None = None, limit: int = PAGE
    ) -> tuple[Call, ...]:
        """Newest first. `before`: the id of the last call of the page above."""
        query = call_query().where(calls.c.client_id == self.client_id)
        async with self._database.reading() as connection:
            rows = await connection.execute(page(query, state=state, before=before, limit=limit))
        return tuple(call_of(row) for row in rows)

    async def mark_answered(
        self, call_id: str, *, operator_id: str, operator_name: str, at: datetime
    ) -> Call:
        """Idempotent for one operator. Raises `ConflictError` when another has it or it is over."""
        unanswered = self._update(calls).where(calls.c.id == call_id, IN_STATE["ringing"])
        async with self._database.writing() as connection:
            await connection.execute(
                unanswered.values(
                    answered_at=at, operator_id=operator_id, operator_name=operator_name
                )
            )
            call = await self._call(connection, call_id)
        if call.operator_id != operator_id or call.state != "live":
            taken = f"answered by {call.operator_name}" if call.operator_name else "over"
            raise ConflictError(f"the call is {taken}")
        return call

    async def mark_ended(
        self, call_id: str, *, ended_by: EndedBy, reason: str, at: datetime
    ) -> Call:
        """Idempotent: the first end stays. Raises `NotFoundError`."""
        async with self._database.writing() as connection:
            call = await self._call(connection, call_id)
            if call.state == "ended":
                return call
            lasted = (at - call.answered_at).total_seconds() if call.answered_at else 0.0
            await connection.execute(
                self._update(calls)
                .where(calls.c.id == call_id)
                .values(
                    ended_at=at, ended_by=ended_by, end_reason=reason, duration_s=max(lasted, 0.0)
                )
            )
            return await self._call(connection, call_id)

    async def append_events(self, call_id: str, events: Sequence[Event]) -> None:
        """Add to the call's log, in one transaction. Partials are left out.

        Appending the same event again does nothing, so a batch may be tried again after a
        failure. Raises `ConflictError` when another event has one of the seqs, `NotFoundError`
        when the call is not this client's.
        """
        kept = [event for event in events if not isinstance(event, PartialHeard)]
        if not kept:
            return
        if any(event.call_id != call_id for event in kept):
            raise ValueError(f"events of another call in a batch for {call_id!r}")
        rows = [event_row(event) for event in kept]
        async with self._database.writing() as connection:
            await self._call(connection, call_id)
            fresh = await self._not_yet_logged(connection, call_id, rows)
            if fresh:
                await self._write_events(connection, fresh)
            if any(isinstance(event, DraftChanged) for event in kept):
                await self._note_draft(connection, call_id)

    async def events_since(
        self, call_id: str, seq: int = 0, *, limit: int | None = None
    ) -> tuple[StoredEvent, ...]:
        """The log after that seq, in order. Raises `NotFoundError`."""
        query = (
            self._select(call_events)
            .where(call_events.c.call_id == call_id, call_events.c.seq > seq)
            .order_by(call_events.c.seq)
            .limit(limit)
        )
        async with self._database.reading() as connection:
            await self._call(connection, call_id)
            rows = await self._opened(connection, call_events, query)
        return tuple(stored(row) for row in rows)

    async def next_seq(self, call_id: str) -> int:
        """One more than the last seq logged; 1 for an empty log."""
        async with self._database.reading() as connection:
            return await self._next_seq(connection, call_id)

    async def save_draft_edits(
        self, call_id: str, fields: dict[str, str | None], *, edited_by: str, at: datetime
    ) -> dict[str, str | None]:
        """Keep what the operator typed, over what was typed before. All edits so far.

        Raises `NotFoundError`.
        """
        async with self._database.writing() as connection:
            await self._call(connection, call_id, lock=True)
            edits = {**await self._draft_edits(connection, call_id), **fields}
            row = {"call_id": call_id, "fields": edits, "edited_at": at, "edited_by": edited_by}
            (row,) = await self._seal(connection, drafts, row)
            mine = self._update(drafts).where(drafts.c.call_id == call_id)
            if (await connection.execute(mine.values(**row))).rowcount == 0:
                await connection.execute(self._insert(drafts, row))
            await self._note_draft(connection, call_id)
        return edits

    async def draft_edits(self, call_id: str) -> dict[str, str | None]:
        """Every field that the operator typed; null where it was emptied."""
        async with self._database.reading() as connection:
            return await self._draft_edits(connection, call_id)

    async def forget_draft(self, call_id: str) -> bool:
        """What was drafted is for nobody to send; false when nothing was. It stays with the call,
        and the next edit makes it a draft again. Raises `NotFoundError`."""
        drafted = self._update(calls).where(calls.c.id == call_id, calls.c.has_draft)
        async with self._database.writing() as connection:
            await self._call(connection, call_id)
            return (await connection.execute(drafted.values(has_draft=False))).rowcount > 0

    async def _call(self, connection: AsyncConnection, call_id: str, *, lock: bool = False) -> Call:
        query = call_query().where(calls.c.client_id == self.client_id, calls.c.id == call_id)
        if lock:
            query = query.with_for_update(of=calls)
        row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise NotFoundError(f"no call {call_id!r}")
        return call_of(row)

    async def _next_seq(self, connection: AsyncConnection, call_id: str) -> int:
        query = self._select(call_events, func.max(call_events.c.seq)).where(
            call_events.c.call_id == call_id
        )
        return ((await connection.execute(query)).scalar() or 0) + 1

    async def _not_yet_logged(
        self, connection: AsyncConnection, call_id: str, rows: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        query = self._select(call_events).where(
            call_events.c.call_id == call_id,
            call_events.c.seq >= min(row["seq"] for row in rows),
            call_events.c.seq <= max(row["seq"] for row in rows),
        )
        logged = {row.seq: row for row in await self._opened(connection, call_events, query)}
        fresh = []
        for row in rows:
            same = logged.get(row["seq"])
            if same is None:
                fresh.append(row)
            elif (same.kind, same.payload) != (row["kind"], row["payload"]):
                raise ConflictError(f"call {call_id!r}: seq {row['seq']} is another event's")
        return fresh

    async def _write_events(
        self, connection: AsyncConnection, rows: Sequence[dict[str, Any]]
    ) -> None:
        key = await self._database.vault.current(connection, self.client_id)
        sealed = await self._seal(connection, call_events, *rows)
        for row, written in zip(rows, sealed, strict=True):
            said = row["kind"] == UTTERANCE
            written["tokens"] = key.tokens(row["payload"]["text"]) if said else None
        await connection.execute(self._insert(call_events, *sealed))

    async def _log_events(self, connection: AsyncConnection, events: Sequence[Event]) -> None:
        """The first events of a call, in the transaction that creates it."""
        await self._write_events(connection, [event_row(event) for event in events])

    async def _note_draft(self, connection: AsyncConnection, call_id: str) -> None:
        await connection.execute(
            self._update(calls).where(calls.c.id == call_id).values(has_draft=True)
        )

    async def _draft_edits(
        self, connection: AsyncConnection, call_id: str
    ) -> dict[str, str | None]:
        query = self._select(drafts).where(drafts.c.call_id == call_id)
        rows = await self._opened(connection, drafts, query)
        return rows[0].fields if rows else {}
