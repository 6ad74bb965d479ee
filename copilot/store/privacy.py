"""A client's data seen as somebody's: found by person, exported, erased, past its time, wiped."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, delete, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from copilot.store.audit import SYSTEM, Act, Actor, append
from copilot.store.errors import ConflictError, NotFoundError
from copilot.store.mailboxes import MailboxQueries
from copilot.store.tables import OF_A_CLIENT
from copilot.store.tables.accounts import users
from copilot.store.tables.agenda import appointment_cells, appointment_notices, appointments
from copilot.store.tables.calls import call_events, call_names, calls, drafts
from copilot.store.tables.clients import clients
from copilot.store.tables.inquiries import inquiries, inquiry_files, message_replies
from copilot.store.tables.keys import client_keys
from copilot.store.tables.knowncallers import (
    known_caller_changes,
    known_callers,
    known_numbers,
)
from copilot.store.tables.learning import entry_wordings, gap_questions, suggestion_feedback
from copilot.store.tables.messages import escalations, messages, outbox
from copilot.store.tables.quality import alerts, evaluations, remarks
from copilot.store.tables.recordings import recordings
from copilot.store.tables.training import training_exercises, training_runs

SAID_IN_A_CALL = (
    call_events, drafts, suggestion_feedback, gap_questions, entry_wordings, remarks, alerts,
    inquiries, inquiry_files,
)  # fmt: skip
"""What retention calls a transcript: said, written, typed, offered, asked and remarked."""

OF_A_CALL = (
    *SAID_IN_A_CALL,
    message_replies,
    evaluations,
    recordings,
    outbox,
    escalations,
    messages,
    appointment_cells,
    appointment_notices,
    appointments,
    call_names,
    calls,
)
"""Every table with rows about a call, those that refer to another before it. A test compares it
with the tables' own references."""

ASIDES = "mailboxes.aside"
"""How certificates name what is told of letters left aside: no rows of their own."""

AT_ONCE = 1000
"""Calls that one transaction of retention removes: it holds up the others no longer than that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    """What retention removed."""

    transcripts: int
    """Calls that lost what was said in them."""
    calls: int
    """Calls that were removed whole, with their message."""
    recordings: int
    """Calls that lost their recording alone; the folder follows (`copilot.recording.folder`)."""


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


class PrivacyQueries(MailboxQueries):
    """People's rights over the client's data."""

    async def export_calls(self, call_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
        """Every row about these calls, by table."""
        async with self._database.reading() as connection:
            exported = {}
            for table in OF_A_CALL:
                query = self._select(table).where(self._about(table, call_ids))
                exported[table.name] = await self._readable(connection, table, query)
        return exported

    async def _readable(
        self, connection: AsyncConnection, table: Table, query: Select[Any]
    ) -> list[dict[str, Any]]:
        """Rows to be given out: decrypted, without what only our own searches use."""
        rows = [vars(row) for row in await self._opened(connection, table, query)]
        return [{name: row[name] for name in row if name != "tokens"} for row in rows]

    async def export_client(self) -> dict[str, list[dict[str, Any]]]:
        """Every row of the client, by table. Raises `NotFoundError`."""
        async with self._database.reading() as connection:
            own = await connection.execute(select(clients).where(clients.c.id == self.client_id))
            row = own.mappings().one_or_none()
            if row is None:
                raise NotFoundError(f"no client {self.client_id!r}")
            exported = {"clients": [dict(row)]}
            for table in OF_A_CLIENT:
                if table is not client_keys:
                    query = self._select(table)
                    exported[table.name] = await self._readable(connection, table, query)
        return exported

    async def erase_calls(
        self,
        call_ids: Sequence[str],
        *,
        known_callers: Sequence[str] = (),
        exercises: Sequence[str] = (),
        asides: Sequence[str] = (),
        actor: Actor,
        reason: str,
        at: datetime,
    ) -> Erased:
        """Remove calls with everything in them: transcript, drafts, message, intentions to send;
        with them people whom the client knows by their number, exercises, and what is told of
        letters left aside in mailboxes. All or nothing.

        Raises `NotFoundError` when one is not this client's, `ConflictError` when a call is still
        in progress.
        """
        wanted = sorted(set(call_ids))
        people, lessons = sorted(set(known_callers)), sorted(set(exercises))
        letters = sorted(set(asides))
        async with self._database.writing() as connection:
            mine = self._select(calls, calls.c.id, calls.c.ended_at).where(calls.c.id.in_(wanted))
            rows = (await connection.execute(mine)).all()
            if len(rows) != len(wanted):
                raise NotFoundError("no such call")
            if any(row.ended_at is None for row in rows):
                raise ConflictError("a call is still in progress")
            counts = await self._remove(connection, OF_A_CALL, wanted)
            counts |= await self._remove_people(connection, people)
            counts |= await self._remove_exercises(connection, lessons)
            counts |= await self._remove_asides(connection, letters, at)
            digest = digest_of([*wanted, *people, *lessons, *letters])
            # The identifiers say nothing by themselves, and let a restored backup be cleaned.
            named = {"known_callers": people, "exercises": lessons, "asides": letters}
            act = Act(
                actor=actor,
                action="person.erased",
                at=at,
                client_id=self.client_id,
                reason=reason,
                detail={
                    "rows": counts,
                    "digest": digest,
                    "calls": wanted,
                    **{name: ids for name, ids in named.items() if ids},
                },
            )
            entry = await append(connection, self._database.audit_key, act)
        return Erased(rows=counts, digest=digest, audit_seq=entry.seq, audit_digest=entry.digest)

    async def _remove_people(
        self, connection: AsyncConnection, caller_ids: Sequence[str]
    ) -> dict[str, int]:
        """How many rows went, by table. Raises `NotFoundError`."""
        if not caller_ids:
            return {}
        counts = {}
        traces: set[str] = set()
        for table, column in (
            (known_caller_changes, known_caller_changes.c.caller_id),
            (known_numbers, known_numbers.c.caller_id),
            (known_callers, known_callers.c.id),
        ):
            theirs = self._select(table, column).where(column.in_(caller_ids))
            traces |= set((await connection.execute(theirs)).scalars())
            gone = self._delete(table).where(column.in_(caller_ids))
            counts[table.name] = (await connection.execute(gone)).rowcount
        if traces != set(caller_ids):
            raise NotFoundError("no such known caller")
        return counts

    async def _remove_exercises(
        self, connection: AsyncConnection, exercise_ids: Sequence[str]
    ) -> dict[str, int]:
        """How many rows went, by table. Raises `NotFoundError`."""
        if not exercise_ids:
            return {}
        runs = self._delete(training_runs).where(training_runs.c.exercise_id.in_(exercise_ids))
        gone = self._delete(training_exercises).where(training_exercises.c.id.in_(exercise_ids))
        counts = {
            training_runs.name: (await connection.execute(runs)).rowcount,
            training_exercises.name: (await connection.execute(gone)).rowcount,
        }
        if counts[training_exercises.name] != len(exercise_ids):
            raise NotFoundError("no such exercise")
        return counts

    async def _remove_asides(
        self, connection: AsyncConnection, letter_ids: Sequence[str], at: datetime
    ) -> dict[str, int]:
        """How many letters are told of no more. Raises `NotFoundError`."""
        if not letter_ids:
            return {}
        gone = await self._forget_asides(connection, lambda one: one.id in letter_ids, at=at)
        if gone < len(letter_ids):
            raise NotFoundError("no such letter")
        return {ASIDES: gone}

    async def purge(
        self,
        *,
        transcripts_before: datetime,
        calls_before: datetime,
        recordings_before: datetime,
        at: datetime,
    ) -> Purged:
        """Remove what is past its time, with its proof, in one transaction: of `AT_ONCE` calls
        at most, and of as many transcripts and recordings. Again until nothing was removed."""
        heard = exists().where(
            recordings.c.client_id == self.client_id, recordings.c.call_id == calls.c.id
        )
        said = or_(
            *(
                exists().where(table.c.client_id == self.client_id, table.c.call_id == calls.c.id)
                for table in SAID_IN_A_CALL
            )
        )
        async with self._database.writing() as connection:
            # A call stays until the appointment that was taken in it is over.
            to_come = exists().where(
                appointments.c.client_id == self.client_id,
                appointments.c.call_id == calls.c.id,
                appointments.c.state == "booked",
                appointments.c.ends_at >= at,
            )
            old = await self._ended(connection, calls.c.ended_at < calls_before, ~to_come)
            silent = await self._ended(connection, calls.c.ended_at < transcripts_before, said)
            silent = [call_id for call_id in silent if call_id not in set(old)]
            mute = await self._ended(connection, calls.c.ended_at < recordings_before, heard)
            mute = [call_id for call_id in mute if call_id not in set(old)]
            asides = await self._forget_asides(
                connection,
                lambda one: datetime.fromisoformat(one.at) < transcripts_before,
                at=at,
            )
            if not (old or silent or mute or asides):
                return Purged(transcripts=0, calls=0, recordings=0)
            counts = Counter({ASIDES: asides} if asides else {})
            counts.update(await self._remove(connection, SAID_IN_A_CALL, silent))
            counts.update(await self._remove(connection, (recordings,), mute))
            counts.update(await self._remove(connection, OF_A_CALL, old))
            act = Act(
                actor=SYSTEM,
                action="retention.purged",
                at=at,
                client_id=self.client_id,
                detail={
                    "rows": dict(counts),
                    "digest": digest_of([*old, *silent, *mute]),
                    "recordings_before": recordings_before.isoformat(),
                    "transcripts_before": transcripts_before.isoformat(),
                    "calls_before": calls_before.isoformat(),
                },
            )
            await append(connection, self._database.audit_key, act)
        return Purged(transcripts=len(silent), calls=len(old), recordings=len(mute))

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
        self._database.vault.forget(self.client_id)
        return Erased(
            rows=counts, digest=digest_of(ids), audit_seq=entry.seq, audit_digest=entry.digest
        )

    async def _ended(self, connection: AsyncConnection, *which: ColumnElement[bool]) -> list[str]:
        query = self._select(calls, calls.c.id).where(calls.c.ended_at.is_not(None), *which)
        query = query.order_by(calls.c.ended_at, calls.c.id).limit(AT_ONCE)
        return list((await connection.execute(query)).scalars().all())

    async def _remove(
        self, connection: AsyncConnection, tables: Sequence[Table], call_ids: Sequence[str]
    ) -> dict[str, int]:
        """How many rows went, by table."""
        counts = {}
        for table in tables:
            gone = self._delete(table).where(self._about(table, call_ids))
            counts[table.name] = (await connection.execute(gone)).rowcount
        return counts

    def _about(self, table: Table, call_ids: Sequence[str]) -> ColumnElement[bool]:
        """The rows of a table that are about these calls."""
        if table is calls:
            return calls.c.id.in_(call_ids)
        if table in (outbox, escalations):
            own = self._select(messages, messages.c.id).where(messages.c.call_id.in_(call_ids))
            return table.c.message_id.in_(own)
        if table in (appointment_cells, appointment_notices):
            booked = self._select(appointments, appointments.c.id)
            return table.c.appointment_id.in_(booked.where(appointments.c.call_id.in_(call_ids)))
        return table.c.call_id.in_(call_ids)
