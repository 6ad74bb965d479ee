"""A client's consignes, changed one version at a time. Every version keeps the whole list."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from datetime import datetime, time
from typing import Any

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncConnection

from copilot.store.errors import ConflictError, NotFoundError
from copilot.store.records.consignes import Consigne, ConsigneChange
from copilot.store.records.versions import Author, ImportOutcome, Version, VersionAction
from copilot.store.scope import Scoped
from copilot.store.tables.clients import consigne_versions, consignes, consignes_seen

NOBODY = Author()


def consigne_of(row: Any) -> Consigne:
    return Consigne(
        id=row.id,
        title=row.title,
        body=row.body,
        kind=row.kind,
        topic=row.topic,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        weekdays=tuple(row.weekdays),
        from_time=time.fromisoformat(row.from_time) if row.from_time else None,
        until_time=time.fromisoformat(row.until_time) if row.until_time else None,
        holidays=row.holidays,
        version=row.version,
    )


def consigne_row(consigne: Consigne, position: int) -> dict[str, Any]:
    return {
        **dataclasses.asdict(consigne),
        "weekdays": list(consigne.weekdays),
        "from_time": _clock(consigne.from_time),
        "until_time": _clock(consigne.until_time),
        "position": position,
    }


class ConsigneQueries(Scoped):
    """The client's consignes."""

    async def consignes(self) -> tuple[Consigne, ...]:
        """All of them, in the client's order, in force or not."""
        async with self._database.reading() as connection:
            return await self._consignes(connection)

    async def consignes_version(self) -> int:
        """Grows by one whenever the consignes change."""
        async with self._database.reading() as connection:
            return await self._consignes_version(connection)

    async def replace_consignes(
        self, wanted: Sequence[Consigne], *, author: Author = NOBODY, at: datetime | None = None
    ) -> None:
        """Make them exactly these. The same again leaves no trace."""
        moment = at or datetime.now().astimezone()

        def all_of_them(_: tuple[Consigne, ...], __: int) -> tuple[Consigne, ...]:
            return tuple(wanted)

        await self._change(all_of_them, "import", "", author, moment)

    async def create_consigne(
        self, consigne: Consigne, *, author: Author, at: datetime
    ) -> Consigne:
        """Add one at the end. Raises `ConflictError` when its id is taken."""

        def with_it(now: tuple[Consigne, ...], version: int) -> tuple[Consigne, ...]:
            if any(item.id == consigne.id for item in now):
                raise ConflictError(f"there is a consigne {consigne.id!r} already")
            return (*now, dataclasses.replace(consigne, version=version))

        after = await self._change(with_it, "create", consigne.title, author, at)
        return after[-1]

    async def edit_consigne(
        self,
        consigne_id: str,
        edits: dict[str, Any],
        *,
        version: int,
        author: Author,
        at: datetime,
    ) -> Consigne:
        """Change some fields. Raises `NotFoundError`; `ConflictError` when the consigne is no
        longer the one of `version`."""
        label = ""

        def edited(now: tuple[Consigne, ...], number: int) -> tuple[Consigne, ...]:
            nonlocal label
            before = _expected(now, consigne_id, version)
            after = dataclasses.replace(before, **edits)
            label = after.title
            if after != before:
                after = dataclasses.replace(after, version=number)
            return tuple(after if item.id == consigne_id else item for item in now)

        after = await self._change(edited, "edit", lambda: label, author, at)
        return next(item for item in after if item.id == consigne_id)

    async def delete_consigne(
        self, consigne_id: str, *, version: int, author: Author, at: datetime
    ) -> None:
        """Raises as `edit_consigne`."""
        label = ""

        def without(now: tuple[Consigne, ...], _: int) -> tuple[Consigne, ...]:
            nonlocal label
            label = _expected(now, consigne_id, version).title
            return tuple(item for item in now if item.id != consigne_id)

        await self._change(without, "delete", lambda: label, author, at)

    async def undo_consignes(
        self, number: int, *, latest: int, author: Author, at: datetime
    ) -> Version:
        """Put back what was there before version `number`, as a new version.

        Raises `NotFoundError`; `ConflictError` when there is a version newer than `latest`.
        """
        async with self._database.writing() as connection:
            await self._lock_client(connection)
            if await self._consignes_version(connection) != latest:
                raise ConflictError(f"the consignes changed after version {latest}")
            query = self._select(consigne_versions).where(consigne_versions.c.number == number)
            row = (await connection.execute(query)).one_or_none()
            if row is None:
                raise NotFoundError(f"no version {number} of the consignes")
            before = await self._consignes(connection)
            after = _list_from(row.before)
            return await self._write(connection, before, after, "undo", row.label, author, at)

    async def consigne_versions(self, *, limit: int = 100) -> tuple[Version, ...]:
        """Newest first."""
        query = self._select(consigne_versions).order_by(consigne_versions.c.number.desc())
        async with self._database.reading() as connection:
            rows = (await connection.execute(query.limit(limit))).all()
            now = await self._consignes(connection)
        return tuple(_version_of(row, now) for row in rows)

    async def consignes_changed_for(self, user_id: str) -> tuple[ConsigneChange, ...]:
        """What changed since that person last saw the consignes, newest first.

        Nothing for somebody who never did: the whole sheet is new to them.
        """
        mine = self._select(consignes_seen).where(consignes_seen.c.user_id == user_id)
        async with self._database.reading() as connection:
            seen = (await connection.execute(mine)).one_or_none()
            if seen is None:
                return ()
            since = (
                self._select(consigne_versions)
                .where(consigne_versions.c.number > seen.number)
                .order_by(consigne_versions.c.number)
            )
            rows = (await connection.execute(since)).all()
        return _changes_of([(row.at, row.before, row.after) for row in rows])

    async def consignes_seen_by(self, user_id: str, version: int, *, at: datetime) -> None:
        """That person saw that version. A later one seen before stays."""
        async with self._database.writing() as connection:
            await self._lock_client(connection)
            number = min(version, await self._consignes_version(connection))
            mine = self._select(consignes_seen).where(consignes_seen.c.user_id == user_id)
            seen = (await connection.execute(mine)).one_or_none()
            if seen is None:
                row = {"user_id": user_id, "number": number, "at": at}
                await connection.execute(self._insert(consignes_seen, row))
            elif seen.number < number:
                newer = self._update(consignes_seen).where(consignes_seen.c.user_id == user_id)
                await connection.execute(newer.values(number=number, at=at))

    async def _change(
        self,
        change: Callable[[tuple[Consigne, ...], int], tuple[Consigne, ...]],
        action: VersionAction,
        label: str | Callable[[], str],
        author: Author,
        at: datetime,
    ) -> tuple[Consigne, ...]:
        async with self._database.writing() as connection:
            await self._lock_client(connection)
            before = await self._consignes(connection)
            after = change(before, await self._consignes_version(connection) + 1)
            if after != before:
                name = label if isinstance(label, str) else label()
                await self._write(connection, before, after, action, name, author, at)
        return after

    async def _write(
        self,
        connection: AsyncConnection,
        before: tuple[Consigne, ...],
        after: tuple[Consigne, ...],
        action: VersionAction,
        label: str,
        author: Author,
        at: datetime,
    ) -> Version:
        row = {
            "number": await self._consignes_version(connection) + 1,
            "at": at,
            "made_by": author.user_id,
            "made_by_name": author.name,
            "action": action,
            "label": label,
            "before": _list_values(before),
            "after": _list_values(after),
        }
        await connection.execute(self._insert(consigne_versions, row))
        await connection.execute(self._delete(consignes))
        if after:
            rows = [consigne_row(item, position) for position, item in enumerate(after)]
            await connection.execute(self._insert(consignes, *rows))
        number = consigne_versions.c.number == row["number"]
        made = await connection.execute(self._select(consigne_versions).where(number))
        return _version_of(made.one())

    async def _consignes(self, connection: AsyncConnection) -> tuple[Consigne, ...]:
        query = self._select(consignes).order_by(consignes.c.position)
        return tuple(consigne_of(row) for row in await connection.execute(query))

    async def _consignes_version(self, connection: AsyncConnection) -> int:
        query = self._select(consigne_versions, func.max(consigne_versions.c.number))
        return (await connection.execute(query)).scalar() or 0


def _expected(now: Sequence[Consigne], consigne_id: str, version: int) -> Consigne:
    found = next((item for item in now if item.id == consigne_id), None)
    if found is None:
        raise NotFoundError(f"no consigne {consigne_id!r}")
    if found.version != version:
        raise ConflictError(f"consigne {consigne_id!r} changed in version {found.version}")
    return found


def _clock(moment: time | None) -> str | None:
    return moment.strftime("%H:%M") if moment else None


def _list_values(items: Sequence[Consigne]) -> list[dict[str, Any]]:
    return [
        {
            **consigne_row(item, position),
            "valid_from": item.valid_from.isoformat() if item.valid_from else None,
            "valid_until": item.valid_until.isoformat() if item.valid_until else None,
        }
        for position, item in enumerate(items)
    ]


def _list_from(values: Sequence[dict[str, Any]]) -> tuple[Consigne, ...]:
    return tuple(_consigne_from(item) for item in values)


def _consigne_from(values: dict[str, Any]) -> Consigne:
    known = {name: value for name, value in values.items() if name != "position"}
    for name in ("valid_from", "valid_until"):
        known[name] = datetime.fromisoformat(known[name]) if known[name] else None
    for name in ("from_time", "until_time"):
        known[name] = time.fromisoformat(known[name]) if known[name] else None
    known["weekdays"] = tuple(known["weekdays"])
    return Consigne(**known)


def _difference(
    before: Sequence[Consigne], after: Sequence[Consigne]
) -> dict[str, tuple[Consigne | None, Consigne | None]]:
    have = {item.id: item for item in before}
    want = {item.id: item for item in after}
    return {
        key: (have.get(key), want.get(key))
        for key in {**have, **want}
        if have.get(key) != want.get(key)
    }


def _version_of(row: Any, now: tuple[Consigne, ...] | None = None) -> Version:
    before, after = _list_from(row.before), _list_from(row.after)
    changes = _difference(before, after).values()
    added = sum(old is None for old, _ in changes)
    removed = sum(new is None for _, new in changes)
    changed = len(changes) - added - removed
    return Version(
        number=row.number,
        at=row.at,
        made_by=row.made_by,
        made_by_name=row.made_by_name,
        action=row.action,
        label=row.label,
        outcome=ImportOutcome(
            added=added, changed=changed, removed=removed, unchanged=len(after) - added - changed
        ),
        reversible=before != now,
    )


def _changes_of(versions: Sequence[tuple[datetime, Any, Any]]) -> tuple[ConsigneChange, ...]:
    """The first `before` and the last `after` of each consigne that versions touched."""
    first: dict[str, Consigne | None] = {}
    last: dict[str, tuple[datetime, Consigne | None]] = {}
    for at, before, after in versions:
        for key, (old, new) in _difference(_list_from(before), _list_from(after)).items():
            first.setdefault(key, old)
            last[key] = (at, new)
    changes = [
        ConsigneChange(at=at, before=first[key], after=new)
        for key, (at, new) in last.items()
        if first[key] != new
    ]
    return tuple(sorted(changes, key=lambda change: change.at, reverse=True))
