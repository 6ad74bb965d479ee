"""Wordings of entries that the client did not write, from proposal to approval."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func

from copilot.store.entries import EntryQueries
from copilot.store.errors import NotFoundError
from copilot.store.records.identifiers import new_id
from copilot.store.records.learning import EntryWording, WordingOrigin, WordingState
from copilot.store.tables.learning import entry_wordings
from knowledge.passages import Entry


class WordingQueries(EntryQueries):
    """The client's entries with what else they may be asked as."""

    async def propose_wordings(
        self,
        entry_id: str,
        texts: Sequence[str],
        *,
        origin: WordingOrigin,
        at: datetime,
        writer: str = "",
        call_id: str | None = None,
    ) -> int:
        """Offer wordings to the client; how many are new. What was offered before, and perhaps
        refused, is not offered again. Raises `NotFoundError` when the entry is gone."""
        async with self._database.writing() as connection:
            await self._lock_client(connection)
            await self._stored_entry(connection, entry_id)
            offered = self._select(entry_wordings).where(entry_wordings.c.entry_id == entry_id)
            opened = await self._opened(connection, entry_wordings, offered)
            known = {row.text.casefold() for row in opened}
            rows = [
                {
                    "id": new_id(),
                    "entry_id": entry_id,
                    "text": text,
                    "origin": origin,
                    "writer": writer,
                    "state": "proposed",
                    "call_id": call_id,
                    "at": at,
                }
                for text in dict.fromkeys(texts)
                if text.casefold() not in known
            ]
            if rows:
                sealed = await self._seal(connection, entry_wordings, *rows)
                await connection.execute(self._insert(entry_wordings, *sealed))
        return len(rows)

    async def withdraw_wordings(self, entry_id: str, call_id: str) -> None:
        """What that call proposed for an entry and nobody has decided: it is offered no more, and
        may be again."""
        undecided = self._delete(entry_wordings).where(
            entry_wordings.c.entry_id == entry_id,
            entry_wordings.c.call_id == call_id,
            entry_wordings.c.decided_at.is_(None),
        )
        async with self._database.writing() as connection:
            await connection.execute(undecided)

    async def wordings(self, state: WordingState | None = None) -> tuple[EntryWording, ...]:
        """Of entries that are there still, by entry, oldest first."""
        query = self._select(entry_wordings).order_by(
            entry_wordings.c.entry_id, entry_wordings.c.at, entry_wordings.c.id
        )
        if state is not None:
            query = query.where(entry_wordings.c.state == state)
        async with self._database.reading() as connection:
            there = {one.entry.entry_id for one in await self._stored_entries(connection)}
            rows = await self._opened(connection, entry_wordings, query)
        return tuple(_wording_of(row) for row in rows if row.entry_id in there)

    async def decide_wordings(
        self, ids: Sequence[str], state: WordingState, *, by: str, at: datetime
    ) -> None:
        """Approve, refuse or propose again, all of them or none. Raises `NotFoundError`."""
        wanted = sorted(set(ids))
        values: dict[str, Any] = {"state": state, "decided_at": at, "decided_by_name": by}
        if state == "approved":
            values["call_id"] = None
        async with self._database.writing() as connection:
            mine = self._update(entry_wordings).where(entry_wordings.c.id.in_(wanted))
            changed = await connection.execute(mine.values(**values))
            if changed.rowcount != len(wanted):
                raise NotFoundError("no such wording")

    async def wordings_decided_at(self) -> datetime | None:
        """When a wording was last approved or refused: what is indexed changes with it."""
        query = self._select(entry_wordings, func.max(entry_wordings.c.decided_at))
        async with self._database.reading() as connection:
            decided: datetime | None = (await connection.execute(query)).scalar()
        return decided

    async def entries_to_index(self, day: date) -> tuple[Entry, ...]:
        """What operators may be offered on that local day, approved wordings among each entry's
        alternatives; answers are the client's alone."""
        approved: dict[str, list[str]] = defaultdict(list)
        for wording in await self.wordings("approved"):
            approved[wording.entry_id].append(wording.text)
        return tuple(
            dataclasses.replace(
                entry,
                alternatives=tuple(dict.fromkeys((*entry.alternatives, *approved[entry.entry_id]))),
            )
            for entry in await self.entries_in_force(day)
        )


def _wording_of(row: Any) -> EntryWording:
    return EntryWording(
        id=row.id,
        entry_id=row.entry_id,
        text=row.text,
        origin=row.origin,
        writer=row.writer,
        state=row.state,
        at=row.at,
        decided_by_name=row.decided_by_name,
    )
