"""Remarks on moments of calls."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import and_, select

from copilot.store.audit import Act, Actor
from copilot.store.database import Database
from copilot.store.errors import NotFoundError
from copilot.store.records.identifiers import new_id
from copilot.store.records.quality import Moment, Remark, RemarkKind
from copilot.store.scope import Scoped
from copilot.store.tables.calls import calls
from copilot.store.tables.quality import remarks

MOST = 200


class RemarkQueries(Scoped):
    """What supervisors noted about the client's calls."""

    async def add_remark(
        self,
        call_id: str,
        kind: RemarkKind,
        text: str,
        *,
        moment: Moment | None = None,
        actor: Actor,
        at: datetime,
    ) -> Remark:
        """Audited, without its text. Raises NotFoundError."""
        remark_id = new_id()
        span = moment.span if moment else None
        row = {
            "id": remark_id,
            "call_id": call_id,
            "kind": kind,
            "utterance_id": moment.utterance_id if moment else None,
            "span_from": span[0] if span else None,
            "span_until": span[1] if span else None,
            "text": text,
            "author_id": actor.id,
            "author_name": actor.name,
            "at": at,
        }
        async with self._database.writing(self._act("remark.added", call_id, actor, at)) as door:
            known = self._select(calls, calls.c.id).where(calls.c.id == call_id)
            if (await door.execute(known)).one_or_none() is None:
                raise NotFoundError(f"no call {call_id!r}")
            await door.execute(self._insert(remarks, *await self._seal(door, remarks, row)))
            return await self._remark(door, remark_id)

    async def remarks(self, call_id: str) -> tuple[Remark, ...]:
        """Of a call, in order."""
        query = (
            self._select(remarks)
            .where(remarks.c.call_id == call_id)
            .order_by(remarks.c.at, remarks.c.id)
        )
        async with self._database.reading() as connection:
            rows = await self._opened(connection, remarks, query)
        return tuple(remark_of(row) for row in rows)

    async def settle_remark(
        self, remark_id: str, *, resolved: bool, actor: Actor, at: datetime
    ) -> Remark:
        """Done with, or open again; audited. Raises NotFoundError."""
        action = "remark.resolved" if resolved else "remark.reopened"
        values = {
            "resolved_at": at if resolved else None,
            "resolved_by_name": actor.name if resolved else None,
        }
        async with self._database.writing(self._act(action, remark_id, actor, at)) as connection:
            mine = self._update(remarks).where(remarks.c.id == remark_id)
            await connection.execute(mine.values(**values))
            return await self._remark(connection, remark_id)

    async def _remark(self, connection: Any, remark_id: str) -> Remark:
        query = self._select(remarks).where(remarks.c.id == remark_id)
        rows = await self._opened(connection, remarks, query)
        if not rows:
            raise NotFoundError(f"no remark {remark_id!r}")
        return remark_of(rows[0])

    def _act(self, action: str, subject: str, actor: Actor, at: datetime) -> Act:
        return Act(actor=actor, action=action, at=at, client_id=self.client_id, subject=subject)


async def open_remarks(database: Database) -> tuple[Remark, ...]:
    """Of every client, those that nobody is done with, newest first."""
    query = select(remarks).where(remarks.c.resolved_at.is_(None))
    async with database.reading() as connection:
        rows = await connection.execute(query.order_by(remarks.c.at.desc()).limit(MOST))
        opened = await database.vault.open(connection, remarks, rows)
    return tuple(remark_of(row) for row in opened)


async def coaching_of(database: Database, operator_id: str) -> tuple[Remark, ...]:
    """What was noted for an operator about their own calls, newest first."""
    query = (
        select(remarks)
        .join(
            calls, and_(calls.c.id == remarks.c.call_id, calls.c.client_id == remarks.c.client_id)
        )
        .where(calls.c.operator_id == operator_id, remarks.c.kind == "coaching")
        .order_by(remarks.c.at.desc())
        .limit(MOST)
    )
    async with database.reading() as connection:
        opened = await database.vault.open(connection, remarks, await connection.execute(query))
    return tuple(remark_of(row) for row in opened)


def remark_of(row: Any) -> Remark:
    """A row as the vault opens it."""
    span = None if row.span_from is None else (row.span_from, row.span_until)
    return Remark(
        id=row.id,
        client_id=row.client_id,
        call_id=row.call_id,
        kind=row.kind,
        moment=Moment(utterance_id=row.utterance_id, span=span) if row.utterance_id else None,
        text=row.text,
        author_id=row.author_id,
        author_name=row.author_name,
        at=row.at,
        resolved_at=row.resolved_at,
        resolved_by_name=row.resolved_by_name,
    )
