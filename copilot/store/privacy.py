"""A client's data seen as somebody's: found by person, exported, erased, past its time, wiped."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from copilot.store.audit import SYSTEM, Act, Actor, append
from copilot.store.calls import call_of, call_query
from copilot.store.errors import ConflictError, NotFoundError
from copilot.store.records import Call
from copilot.store.scope import Scoped
from copilot.store.tables import (
    OF_A_CLIENT,
    call_events,
    calls,
    clients,
    drafts,
    messages,
    outbox,
    suggestion_feedback,
    users,
)

SAID_IN_A_CALL = (call_events, drafts, suggestion_feedback)
OF_A_CALL = (calls, call_events, drafts, messages, suggestion_feedback)


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    """What retention removed."""

    transcripts: int
    """Calls that lost what was said in them."""
    calls: int
    """Calls that were removed whole, with their message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What was removed, with the entry of the audit trail that proves it."""

    rows: dict[str, int]
    """By table."""
    digest: str
    """SHA-256 over the identifiers removed."""
    audit_seq: int
    audit_digest: str


def digest_of(identifiers: Sequence[str]) -> str:
    """The same for the same identifiers in any order."""
    return hashlib.sha256("\n".join(sorted(identifiers)).encode()).hexdigest()


class PrivacyQueries(Scoped):
    """People's rights over the client's data."""

    async def calls_of_person(
        self, *, phone: str | None, folded_name: Sequence[str]
    ) -> tuple[Call, ...]:
        """Calls that name somebody, newest first: by the number (E.164) they called from or left,
        or by every word of their name, folded, in the message, the draft or what was said."""
        found: list[ColumnElement[bool]] = []
        if phone is not None:
            found += [
                calls.c.caller_number == phone,
                messages.c.fields["phone"].as_string() == phone,
            ]
        if folded_name:
            found += [self._was_said(folded_name), self._in_caller_name(folded_name)]
        if not found:
            return ()
        query = (
            call_query()
            .where(calls.c.client_id == self.client_id, or_(*found))
            .order_by(calls.c.ringing_at.desc(), calls.c.id)
        )
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(call_of(row) for row in rows)

    def _was_said(self, words: Sequence[str]) -> ColumnElement[bool]:
        return exists().where(
            call_events.c.client_id == self.client_id,
            call_events.c.call_id == calls.c.id,
            *(call_events.c.folded.contains(word, autoescape=True) for word in words),
        )

    def _in_caller_name(self, words: Sequence[str]) -> ColumnElement[bool]:
        # `call_query` joins each call's own message.
        named = messages.c.fields["caller_name"].as_string()
        return or_(
            and_(*(func.lower(calls.c.caller_name).contains(w, autoescape=True) for w in words)),
            and_(*(func.lower(named).contains(word, autoescape=True) for word in words)),
        )

    async def export_calls(self, call_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
        """Every row about these calls, by table."""
        async with self._database.reading() as connection:
            exported = {}
            for table in OF_A_CALL:
                column = table.c.id if table is calls else table.c.call_id
                query = self._select(table).where(column.in_(call_ids))
                rows = (await connection.execute(query)).mappings().all()
                exported[table.name] = [dict(row) for row in rows]
        return exported

    async def export_client(self) -> dict[str, list[dict[str, Any]]]:
        """Every row of the client, by table. Raises `NotFoundError`."""
        async with self._database.reading() as connection:
            own = await connection.execute(select(clients).where(clients.c.id == self.client_id))
            row = own.mappings().one_or_none()
            if row is None:
                raise NotFoundError(f"no client {self.client_id!r}")
            exported = {"clients": [dict(row)]}
            for table in OF_A_CLIENT:
                rows = (await connection.execute(self._select(table))).mappings().all()
                exported[table.name] = [dict(one) for one in rows]
        return exported

    async def erase_calls(
        self, call_ids: Sequence[str], *, actor: Actor, reason: str, at: datetime
    ) -> Erased:
        """Remove calls with everything in them: transcript, drafts, message, intentions to send.

        Raises `NotFoundError` when one is not this client's, `ConflictError` when one is still
        in progress: nothing is removed then.
        """
        wanted = sorted(set(call_ids))
        async with self._database.writing() as connection:
            mine = self._select(calls, calls.c.id, calls.c.ended_at).where(calls.c.id.in_(wanted))
            rows = (await connection.execute(mine)).all()
            if len(rows) != len(wanted):
                raise NotFoundError("no such call")
            if any(row.ended_at is None for row in rows):
                raise ConflictError("a call is still in progress")
            counts = await self._remove_calls(connection, wanted)
            digest = digest_of(wanted)
            act = Act(
                actor=actor,
                action="person.erased",
                at=at,
                client_id=self.client_id,
                reason=reason,
                # The identifiers say nothing by themselves, and let a restored backup be cleaned.
                detail={"rows": counts, "digest": digest, "calls": wanted},
            )
            entry = await append(connection, self._database.audit_key, act)
        return Erased(rows=counts, digest=digest, audit_seq=entry.seq, audit_digest=entry.digest)

    async def purge(
        self, *, transcripts_before: datetime, calls_before: datetime, at: datetime
    ) -> Purged:
        """Remove what is past its time, with its proof, in one transaction."""
        said = exists().where(
            call_events.c.client_id == self.client_id, call_events.c.call_id == calls.c.id
        )
        async with self._database.writing() as connection:
            old = await self._ended(connection, calls.c.ended_at < calls_before)
            silent = await self._ended(connection, calls.c.ended_at < transcripts_before, said)
            silent = [call_id for call_id in silent if call_id not in set(old)]
            if not old and not silent:
                return Purged(transcripts=0, calls=0)
            counts = await self._remove_said(connection, silent)
            for name, count in (await self._remove_calls(connection, old)).items():
                counts[name] = counts.get(name, 0) + count
            act = Act(
                actor=SYSTEM,
                action="retention.purged",
                at=at,
                client_id=self.client_id,
                detail={
                    "rows": counts,
                    "digest": digest_of([*old, *silent]),
                    "transcripts_before": transcripts_before.isoformat(),
                    "calls_before": calls_before.isoformat(),
                },
            )
            await append(connection, self._database.audit_key, act)
        return Purged(transcripts=len(silent), calls=len(old))

    async def wipe(self, *, actor: Actor, reason: str, at: datetime) -> Erased:
        """Remove the client and everything of it, its people too. Raises `NotFoundError`,
        `ConflictError` while it has a call in progress."""
        async with self._database.writing() as connection:
            await self._lock_client(connection)
            running = self._select(calls, calls.c.id).where(calls.c.ended_at.is_(None)).limit(1)
            if (await connection.execute(running)).first() is not None:
                raise ConflictError("a call is still in progress")
            ids = (await connection.execute(self._select(calls, calls.c.id))).scalars().all()
            counts = {}
            for table in OF_A_CLIENT:
                query = self._select(table, func.count())
                counts[table.name] = (await connection.execute(query)).scalar_one()
            people = select(func.count()).where(users.c.client_id == self.client_id)
            counts["users"] = (await connection.execute(people)).scalar_one()
            await connection.execute(delete(clients).where(clients.c.id == self.client_id))
            act = Act(
                actor=actor,
                action="client.wiped",
                at=at,
                client_id=self.client_id,
                reason=reason,
                detail={"rows": counts, "digest": digest_of(ids)},
            )
            entry = await append(connection, self._database.audit_key, act)
        return Erased(
            rows=counts, digest=digest_of(ids), audit_seq=entry.seq, audit_digest=entry.digest
        )

    async def _ended(self, connection: AsyncConnection, *which: ColumnElement[bool]) -> list[str]:
        query = self._select(calls, calls.c.id).where(calls.c.ended_at.is_not(None), *which)
        return list((await connection.execute(query)).scalars().all())

    async def _remove_said(
        self, connection: AsyncConnection, call_ids: Sequence[str]
    ) -> dict[str, int]:
        counts = {}
        for table in SAID_IN_A_CALL:
            old = self._delete(table).where(table.c.call_id.in_(call_ids))
            counts[table.name] = (await connection.execute(old)).rowcount
        return counts

    async def _remove_calls(
        self, connection: AsyncConnection, call_ids: Sequence[str]
    ) -> dict[str, int]:
        counts = await self._remove_said(connection, call_ids)
        own = self._select(messages, messages.c.id).where(messages.c.call_id.in_(call_ids))
        sent = self._delete(outbox).where(outbox.c.message_id.in_(own))
        counts["outbox"] = (await connection.execute(sent)).rowcount
        letters = self._delete(messages).where(messages.c.call_id.in_(call_ids))
        counts["messages"] = (await connection.execute(letters)).rowcount
        gone = self._delete(calls).where(calls.c.id.in_(call_ids))
        counts["calls"] = (await connection.execute(gone)).rowcount
        return counts
