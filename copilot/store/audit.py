"""The audit trail: who did what to whose data, and why. Append-only, each chained to the last.

An entry's digest is an HMAC over the digest before it and its own content, with a key that is not
in the database: whoever can write the tables can neither change, remove nor insert an entry
without `verify` saying where. What a trail cannot tell by itself is that its end was cut off:
`verify` therefore gives the last digest, to be noted elsewhere and asked for next time.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from copilot.store.tables.audit import audit_base, audit_entries

if TYPE_CHECKING:
    from copilot.store.database import Database

BEGINNING = "0" * 64
"""What the first entry is chained to."""

LOCK = 0xA0D17
"""PostgreSQL's advisory lock: entries are chained one at a time. SQLite's writers take turns."""

CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who did it: somebody signed in, a program's token, or Souffleur itself."""

    id: str
    name: str
    role: str
    address: str = ""
    """The browser's network address."""


SYSTEM = Actor(id="system", name="Souffleur", role="system")


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing done, to be kept with it in one transaction."""

    actor: Actor
    action: str
    """Stable, dotted: `call.read`, `user.disabled`."""
    at: datetime
    client_id: str | None = None
    subject: str = ""
    """The identifier of what it was done to."""
    reason: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
    """Plain JSON values without anything confidential."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """An act as the trail keeps it."""

    seq: int
    act: Act
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What following the chain found."""

    entries: int
    first_seq: int
    last_seq: int
    last_digest: str
    broken_at: int | None
    """The first entry that does not follow from the one before; null when all do."""


def chained(key: bytes, previous: str, seq: int, act: Act) -> str:
    """The digest of an entry, 64 hexadecimal digits."""
    content = [
        previous,
        seq,
        act.at.astimezone(UTC).isoformat(timespec="microseconds"),
        act.actor.id,
        act.actor.name,
        act.actor.role,
        act.actor.address,
        act.action,
        act.client_id,
        act.subject,
        act.reason,
        dict(act.detail),
    ]
    plain = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hmac.new(key, plain.encode(), hashlib.sha256).hexdigest()


async def append(connection: AsyncConnection, key: bytes, act: Act) -> AuditEntry:
    """Add an entry, in the caller's transaction."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    seq, previous = await _end(connection)
    digest = chained(key, previous, seq + 1, act)
    await connection.execute(insert(audit_entries).values(_row(seq + 1, act, digest)))
    return AuditEntry(seq=seq + 1, act=act, digest=digest)


async def _end(connection: AsyncConnection) -> tuple[int, str]:
    newest = (
        select(audit_entries.c.seq, audit_entries.c.digest)
        .order_by(audit_entries.c.seq.desc())
        .limit(1)
    )
    row = (await connection.execute(newest)).one_or_none()
    return (row.seq, row.digest) if row is not None else await _base(connection)


async def _base(connection: AsyncConnection) -> tuple[int, str]:
    row = (await connection.execute(select(audit_base.c.seq, audit_base.c.digest))).one_or_none()
    return (row.seq, row.digest) if row is not None else (0, BEGINNING)


class AuditTrail:
    """Reading, following and shortening the trail. Writing is `Database.writing(act)`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, act: Act) -> None:
        """Keep an act that changes nothing else: something was seen, or refused."""
        async with self._database.writing(act):
            pass

    async def entries(
        self,
        *,
        before: int | None = None,
        client_id: str | None = None,
        action: str | None = None,
        limit: int = 100,
    ) -> tuple[AuditEntry, ...]:
        """Newest first. `before`: the seq of the last entry of the page above."""
        query = select(audit_entries).order_by(audit_entries.c.seq.desc()).limit(limit)
        if before is not None:
            query = query.where(audit_entries.c.seq < before)
        if client_id is not None:
            query = query.where(audit_entries.c.client_id == client_id)
        if action is not None:
            query = query.where(audit_entries.c.action == action)
        async with self._database.reading() as connection:
            rows = await connection.execute(query)
        return tuple(_entry_of(row) for row in rows)

    async def has(self, action: str, *, actor_id: str, subject: str, since: datetime) -> bool:
        """Whether this person did this to it since then."""
        query = (
            select(audit_entries.c.seq)
            .where(
                audit_entries.c.at >= since,
                audit_entries.c.action == action,
                audit_entries.c.actor_id == actor_id,
                audit_entries.c.subject == subject,
            )
            .limit(1)
        )
        async with self._database.reading() as connection:
            return (await connection.execute(query)).first() is not None

    async def verify(self, *, expect: tuple[int, str] | None = None) -> Verification:
        """Follow the whole chain. `expect`: the seq and digest noted at an earlier time; a trail
        that no longer has them was cut off or made anew, and is broken there."""
        async with self._database.reading() as connection:
            base_seq, previous = await _base(connection)
            count, seq = 0, base_seq
            async for entry in _in_order(connection, base_seq):
                expected = chained(self._database.audit_key, previous, seq + 1, entry.act)
                if entry.seq != seq + 1 or not hmac.compare_digest(entry.digest, expected):
                    return Verification(
                        entries=count, first_seq=base_seq + 1, last_seq=seq,
                        last_digest=previous, broken_at=entry.seq,
                    )  # fmt: skip
                count, seq, previous = count + 1, entry.seq, entry.digest
                if expect is not None and expect[0] == seq and expect[1] != previous:
                    return Verification(
                        entries=count, first_seq=base_seq + 1, last_seq=seq,
                        last_digest=previous, broken_at=seq,
                    )  # fmt: skip
        if expect is not None and expect[0] > seq:
            return Verification(
                entries=count, first_seq=base_seq + 1, last_seq=seq, last_digest=previous,
                broken_at=seq + 1,
            )  # fmt: skip
        return Verification(
            entries=count, first_seq=base_seq + 1, last_seq=seq, last_digest=previous,
            broken_at=None,
        )  # fmt: skip

    async def shorten(self, *, older_than: datetime, at: datetime) -> int:
        """Remove the oldest entries, up to a moment; how many. Said in the trail itself."""
        oldest_kept = (
            select(audit_entries.c.seq)
            .where(audit_entries.c.at >= older_than)
            .order_by(audit_entries.c.seq)
            .limit(1)
        )
        async with self._database.writing() as connection:
            kept_from = (await connection.execute(oldest_kept)).scalar()
            last_seq, _ = await _end(connection)
            edge = last_seq if kept_from is None else kept_from - 1
            base_seq, _ = await _base(connection)
            if edge <= base_seq:
                return 0
            row = select(audit_entries.c.digest).where(audit_entries.c.seq == edge)
            digest = (await connection.execute(row)).scalar_one()
            await connection.execute(update(audit_base).values(seq=edge, digest=digest))
            await connection.execute(delete(audit_entries).where(audit_entries.c.seq <= edge))
            act = Act(
                actor=SYSTEM, action="audit.shortened", at=at, detail={"entries": edge - base_seq}
            )
            await append(connection, self._database.audit_key, act)
        return edge - base_seq


async def _in_order(connection: AsyncConnection, after_seq: int) -> AsyncIterator[AuditEntry]:
    while True:
        query = (
            select(audit_entries)
            .where(audit_entries.c.seq > after_seq)
            .order_by(audit_entries.c.seq)
            .limit(CHUNK)
        )
        rows = (await connection.execute(query)).all()
        for row in rows:
            yield _entry_of(row)
        if len(rows) < CHUNK:
            return
        after_seq = rows[-1].seq


def _row(seq: int, act: Act, digest: str) -> dict[str, Any]:
    return {
        "seq": seq,
        "at": act.at,
        "actor_id": act.actor.id,
        "actor_name": act.actor.name,
        "actor_role": act.actor.role,
        "address": act.actor.address,
        "action": act.action,
        "client_id": act.client_id,
        "subject": act.subject,
        "reason": act.reason,
        "detail": dict(act.detail),
        "digest": digest,
    }


def _entry_of(row: Any) -> AuditEntry:
    act = Act(
        actor=Actor(id=row.actor_id, name=row.actor_name, role=row.actor_role, address=row.address),
        action=row.action,
        at=row.at,
        client_id=row.client_id,
        subject=row.subject,
        reason=row.reason,
        detail=row.detail,
    )
    return AuditEntry(seq=row.seq, act=act, digest=row.digest)
