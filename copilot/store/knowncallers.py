"""People a client knows: found by number, changed one version at a time, erased with every trace.

A version keeps whoever it touched as they were and became, so that it can be undone. Only the last
`KEPT` versions are kept: what they hold of people is no archive.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from copilot.store.audit import Act, Actor, append
from copilot.store.errors import ConflictError, NotFoundError
from copilot.store.knownversions import KnownVersionQueries
from copilot.store.records.knowncallers import (
    KnownAction,
    KnownCaller,
    KnownChange,
)
from copilot.store.records.versions import Author
from copilot.store.tables.knowncallers import (
    known_caller_changes,
    known_caller_versions,
    known_callers,
    known_numbers,
)
from knowledge.wording import plain

KEPT = 20
PAGE = 50
BATCH_ROWS = 500
MOST_CALLERS = 20_000


class KnownCallerQueries(KnownVersionQueries):
    """The client's known callers."""

    async def recognised(self, number: str) -> tuple[KnownCaller, ...]:
        """Everybody with that number (E.164), blocked and VIP first."""
        theirs = select(known_numbers.c.caller_id).where(
            known_numbers.c.client_id == self.client_id, known_numbers.c.number == number
        )
        query = self._select(known_callers).where(known_callers.c.id.in_(theirs)).limit(PAGE)
        async with self._database.reading() as connection:
            found = await self._known_of(connection, query)
        order = {"blocked": 0, "vip": 1, "usual": 2}
        return tuple(sorted(found, key=lambda one: (order[one.standing], one.name)))

    async def known_callers(
        self, *, sought: str = "", after: str | None = None, limit: int = PAGE
    ) -> tuple[KnownCaller, ...]:
        """By name. `sought`: every word of it is in the name, company, address or number.

        `after`: the id of the last one of the page above.
        """
        query = self._select(known_callers)
        for word in plain(sought).split():
            query = query.where(known_callers.c.folded.contains(word, autoescape=True))
        query = query.order_by(known_callers.c.folded, known_callers.c.id).limit(limit)
        async with self._database.reading() as connection:
            if after is not None:
                edge = (await connection.execute(self._row_of_known(after))).one_or_none()
                if edge is None:
                    raise NotFoundError(f"no known caller {after!r}")
                here, at = known_callers.c, (edge.folded, edge.id)
                query = query.where(
                    (here.folded > at[0]) | ((here.folded == at[0]) & (here.id > at[1]))
                )
            return tuple(await self._known_of(connection, query))

    async def all_known_callers(self) -> tuple[tuple[KnownCaller, ...], int]:
        """Everybody, by name, and the version that they stand at."""
        async with self._database.reading() as connection:
            return await self._all_known(connection), await self._known_version(connection)

    async def known_caller(self, caller_id: str) -> KnownCaller:
        """Raises `NotFoundError`."""
        async with self._database.reading() as connection:
            return await self._known_caller(connection, caller_id)

    async def change_known_callers(
        self,
        plan: Callable[[Sequence[KnownCaller]], Sequence[KnownChange]],
        *,
        action: KnownAction,
        label: str,
        author: Author,
        at: datetime,
        base_version: int | None = None,
    ) -> int | None:
        """Make what `plan` makes of everybody, all or nothing; the version, null for no change.

        Raises `ConflictError` when they are no longer at `base_version`, or would be too many;
        what `plan` raises.
        """
        async with self._database.writing() as connection:
            await self._lock_client(connection)
            version = await self._known_version(connection)
            if base_version is not None and base_version != version:
                raise ConflictError(f"known callers are at version {version}, not {base_version}")
            everybody = await self._all_known(connection)
            changes = plan(everybody)
            if not changes:
                return None
            grown = sum((c.after is not None) - (c.before is not None) for c in changes)
            if len(everybody) + grown > MOST_CALLERS:
                raise ConflictError(f"a client knows {MOST_CALLERS} callers at most")
            await self._write_known(connection, changes)
            await self._record_known(connection, version + 1, changes, action, label, author, at)
            return version + 1

    async def undo_known_callers(self, version: int, *, author: Author, at: datetime) -> int | None:
        """Put back what was before a version. Raises `NotFoundError`; `ConflictError` when
        somebody it touched was changed since."""
        query = self._select(known_caller_changes).where(known_caller_changes.c.version == version)
        kept = self._select(known_caller_versions).where(known_caller_versions.c.number == version)
        async with self._database.reading() as connection:
            found = (await connection.execute(kept)).one_or_none()
            rows = await self._opened(connection, known_caller_changes, query)
        if found is None:
            raise NotFoundError(f"no version {version}")
        changes = [KnownChange(before=_kept(r.before), after=_kept(r.after)) for r in rows]

        def back(everybody: Sequence[KnownCaller]) -> Sequence[KnownChange]:
            now = {one.id: one for one in everybody}
            if any(now.get(change.caller_id) != change.after for change in changes):
                raise ConflictError("somebody of this version was changed since")
            return [KnownChange(before=change.after, after=change.before) for change in changes]

        return await self.change_known_callers(
            back, action="undo", label=found.label, author=author, at=at
        )

    async def erase_known_callers(
        self, caller_ids: Sequence[str], *, actor: Actor, reason: str, at: datetime
    ) -> int:
        """Remove people and what versions hold of them; how many. Their calls are another right
        (`erase_calls`). Raises `NotFoundError` when one is not this client's."""
        wanted = sorted(set(caller_ids))
        async with self._database.writing() as connection:
            await self._lock_client(connection)
            present = await self._known_among(connection, wanted)
            if present != set(wanted):
                raise NotFoundError("no such known caller")
            for table, column in (
                (known_caller_changes, known_caller_changes.c.caller_id),
                (known_numbers, known_numbers.c.caller_id),
                (known_callers, known_callers.c.id),
            ):
                await connection.execute(self._delete(table).where(column.in_(wanted)))
            act = Act(
                actor=actor,
                action="person.erased",
                at=at,
                client_id=self.client_id,
                reason=reason,
                # Identifiers alone, so that a restored backup forgets them again.
                detail={"known_callers": wanted},
            )
            await append(connection, self._database.audit_key, act)
        return len(wanted)

    async def known_among(self, caller_ids: Iterable[str]) -> tuple[str, ...]:
        """Those of whom anything is kept: as known, or in a version."""
        async with self._database.reading() as connection:
            return tuple(sorted(await self._known_among(connection, list(caller_ids))))

    # Rows

    async def _known_among(self, connection: AsyncConnection, wanted: Sequence[str]) -> set[str]:
        known = self._select(known_callers, known_callers.c.id).where(
            known_callers.c.id.in_(wanted)
        )
        traces = self._select(known_caller_changes, known_caller_changes.c.caller_id).where(
            known_caller_changes.c.caller_id.in_(wanted)
        )
        present = set((await connection.execute(known)).scalars())
        return present | set((await connection.execute(traces)).scalars())

    def _row_of_known(self, caller_id: str) -> Select[Any]:
        return self._select(known_callers).where(known_callers.c.id == caller_id)

    async def _known_caller(self, connection: AsyncConnection, caller_id: str) -> KnownCaller:
        found = await self._known_of(connection, self._row_of_known(caller_id))
        if not found:
            raise NotFoundError(f"no known caller {caller_id!r}")
        return found[0]

    async def _all_known(self, connection: AsyncConnection) -> tuple[KnownCaller, ...]:
        query = self._select(known_callers).order_by(known_callers.c.folded, known_callers.c.id)
        return tuple(await self._known_of(connection, query, everybody=True))

    async def _known_of(
        self, connection: AsyncConnection, query: Select[Any], *, everybody: bool = False
    ) -> list[KnownCaller]:
        rows = await self._opened(connection, known_callers, query)
        theirs = self._select(known_numbers).order_by(known_numbers.c.position)
        if not everybody:
            theirs = theirs.where(known_numbers.c.caller_id.in_([row.id for row in rows]))
        numbers: defaultdict[str, list[str]] = defaultdict(list)
        for row in await connection.execute(theirs):
            numbers[row.caller_id].append(row.number)
        return [_caller_of(row, tuple(numbers[row.id])) for row in rows]

    async def _known_version(self, connection: AsyncConnection) -> int:
        newest = self._select(known_caller_versions, func.max(known_caller_versions.c.number))
        return (await connection.execute(newest)).scalar() or 0

    async def _write_known(
        self, connection: AsyncConnection, changes: Iterable[KnownChange]
    ) -> None:
        changed = list(changes)
        gone = [change.caller_id for change in changed]
        for some in _batches(gone):
            for table, column in (
                (known_numbers, known_numbers.c.caller_id),
                (known_callers, known_callers.c.id),
            ):
                await connection.execute(self._delete(table).where(column.in_(some)))
        after = [change.after for change in changed if change.after is not None]
        for people in _batches(after):
            rows = await self._seal(connection, known_callers, *(_row_of(one) for one in people))
            await self._insert_many(connection, known_callers, rows)
        numbers = [
            {"caller_id": one.id, "number": number, "position": position}
            for one in after
            for position, number in enumerate(one.numbers)
        ]
        for some_numbers in _batches(numbers):
            await self._insert_many(connection, known_numbers, some_numbers)

    async def _record_known(
        self,
        connection: AsyncConnection,
        number: int,
        changes: Sequence[KnownChange],
        action: KnownAction,
        label: str,
        author: Author,
        at: datetime,
    ) -> None:
        version = {
            "number": number,
            "at": at,
            "made_by": author.user_id,
            "made_by_name": author.name,
            "action": action,
            "label": label[:300],
        }
        await connection.execute(self._insert(known_caller_versions, version))
        rows = [
            {
                "version": number,
                "caller_id": change.caller_id,
                "before": _values(change.before),
                "after": _values(change.after),
            }
            for change in changes
        ]
        for some in _batches(rows):
            sealed = await self._seal(connection, known_caller_changes, *some)
            await self._insert_many(connection, known_caller_changes, sealed)
        old = known_caller_versions.c.number <= number - KEPT
        changes_of_old = known_caller_changes.c.version <= number - KEPT
        await connection.execute(self._delete(known_caller_changes).where(changes_of_old))
        await connection.execute(self._delete(known_caller_versions).where(old))


def _batches(rows: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (rows[at : at + BATCH_ROWS] for at in range(0, len(rows), BATCH_ROWS))


def _row_of(caller: KnownCaller) -> dict[str, Any]:
    searched = (caller.name, caller.company, *caller.emails, *caller.numbers)
    # French people look for a number as they dial it.
    national = [f"0{n[3:]}" for n in caller.numbers if n.startswith("+33")]
    return {
        "id": caller.id,
        "name": caller.name,
        "company": caller.company,
        "folded": plain(" ".join((*searched, *national))),
        "emails": list(caller.emails),
        "note": caller.note,
        "standing": caller.standing,
        "expected_from": caller.expected_from,
        "expected_until": caller.expected_until,
        "consigne": caller.consigne,
    }


def _caller_of(row: Any, numbers: tuple[str, ...]) -> KnownCaller:
    return KnownCaller(
        id=row.id,
        name=row.name,
        company=row.company,
        numbers=numbers,
        emails=tuple(row.emails),
        note=row.note,
        standing=row.standing,
        expected_from=row.expected_from,
        expected_until=row.expected_until,
        consigne=row.consigne,
    )


def _values(caller: KnownCaller | None) -> dict[str, Any] | None:
    if caller is None:
        return None
    values = dataclasses.asdict(caller)
    for name in ("expected_from", "expected_until"):
        values[name] = values[name].isoformat() if values[name] else None
    return values


def _kept(values: dict[str, Any] | None) -> KnownCaller | None:
    if values is None:
        return None
    moments = {
        name: datetime.fromisoformat(values[name]) if values[name] else None
        for name in ("expected_from", "expected_until")
    }
    lists = {name: tuple(values[name]) for name in ("numbers", "emails")}
    return KnownCaller(**{**values, **lists, **moments})
