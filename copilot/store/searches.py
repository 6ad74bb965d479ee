"""Searches that somebody keeps, to be asked again: their own, and nobody else's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from copilot.store.database import Database
from copilot.store.records.identifiers import new_id
from copilot.store.tables.quality import saved_searches


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedSearch:
    """One of them."""

    name: str
    question: str
    similar: bool


async def saved_searches_of(database: Database, user_id: str) -> tuple[SavedSearch, ...]:
    """Somebody's, by name."""
    query = select(saved_searches).where(saved_searches.c.user_id == user_id)
    async with database.reading() as connection:
        rows = await connection.execute(query.order_by(saved_searches.c.name))
    return tuple(
        SavedSearch(name=row.name, question=row.query["q"], similar=row.query["similar"])
        for row in rows
    )


async def save_searches(
    database: Database, user_id: str, wanted: Sequence[SavedSearch], *, at: datetime
) -> None:
    """These become all that somebody keeps; of two with one name the last."""
    by_name = {one.name: one for one in wanted}
    rows = [
        {
            "id": new_id(),
            "user_id": user_id,
            "name": one.name,
            "query": {"q": one.question, "similar": one.similar},
            "created_at": at,
        }
        for one in by_name.values()
    ]
    async with database.writing() as connection:
        mine = delete(saved_searches).where(saved_searches.c.user_id == user_id)
        await connection.execute(mine)
        if rows:
            await connection.execute(insert(saved_searches).values(rows))
