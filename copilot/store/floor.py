"""Who answers what and who is present: the house's operators, as the floor sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from copilot.store.audit import Act
from copilot.store.database import Database
from copilot.store.errors import NotFoundError
from copilot.store.tables.accounts import users
from copilot.store.tables.calls import calls
from copilot.store.tables.floor import operator_skills, presences, ring_groups
from copilot.store.tables.messages import messages
from copilot.waiting.policy import RingGroup
from copilot.waiting.presence import Presence


@dataclass(frozen=True, slots=True, kw_only=True)
class Answerer:
    """An operator with what they can do."""

    user_id: str
    name: str
    skills: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    """ISO 639-1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What an operator did since a moment."""

    calls: int
    talk_s: float
    messages: int


class Floor:
    """Ring groups, skills, presence."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def groups(self) -> tuple[RingGroup, ...]:
        """In their order."""
        query = select(ring_groups).order_by(ring_groups.c.position)
        async with self._database.reading() as connection:
            return tuple(_group_of(row) for row in await connection.execute(query))

    async def save_groups(self, groups: Sequence[RingGroup], *, act: Act | None = None) -> None:
        """All the groups there are, from now on."""
        rows = [
            {
                "id": group.id,
                "name": group.name,
                "skills": list(group.skills),
                "languages": list(group.languages),
                "strategy": group.strategy,
                "step_s": group.step_s,
                "overflow_to": group.overflow_to,
                "overflow_after_s": group.overflow_after_s,
                "position": position,
            }
            for position, group in enumerate(groups)
        ]
        async with self._database.writing(act) as connection:
            await connection.execute(delete(ring_groups))
            if rows:
                await connection.execute(insert(ring_groups).values(rows))

    async def answerers(self) -> tuple[Answerer, ...]:
        """Every operator who can sign in, by name."""
        query = (
            select(users.c.id, users.c.name, operator_skills.c.skills, operator_skills.c.languages)
            .outerjoin(operator_skills, operator_skills.c.user_id == users.c.id)
            .where(users.c.role == "operator", users.c.disabled.is_(False))
            .order_by(users.c.name, users.c.id)
        )
        async with self._database.reading() as connection:
            rows = await connection.execute(query)
        return tuple(
            Answerer(
                user_id=row.id,
                name=row.name,
                skills=tuple(row.skills or ()),
                languages=tuple(row.languages or ()),
            )
            for row in rows
        )

    async def save_skills(
        self,
        user_id: str,
        *,
        skills: Sequence[str],
        languages: Sequence[str],
        act: Act | None = None,
    ) -> None:
        """Raises `NotFoundError` for whoever is no operator."""
        row = {"skills": list(skills), "languages": list(languages)}
        operators = select(users.c.id).where(users.c.id == user_id, users.c.role == "operator")
        async with self._database.writing(act) as connection:
            if (await connection.execute(operators)).one_or_none() is None:
                raise NotFoundError(f"no operator {user_id!r}")
            mine = update(operator_skills).where(operator_skills.c.user_id == user_id)
            if (await connection.execute(mine.values(row))).rowcount == 0:
                await connection.execute(
                    insert(operator_skills).values({**row, "user_id": user_id})
                )

    async def presences(self) -> tuple[Presence, ...]:
        """What everybody said last."""
        async with self._database.reading() as connection:
            rows = await connection.execute(select(presences))
        return tuple(
            Presence(user_id=row.user_id, state=row.state, since=row.since, until=row.until)
            for row in rows
        )

    async def save_presence(self, presence: Presence) -> None:
        row = {"state": presence.state, "since": presence.since, "until": presence.until}
        mine = update(presences).where(presences.c.user_id == presence.user_id)
        async with self._database.writing() as connection:
            if (await connection.execute(mine.values(row))).rowcount == 0:
                await connection.execute(
                    insert(presences).values({**row, "user_id": presence.user_id})
                )

    async def day(self, user_id: str, *, since: datetime) -> Day:
        """Calls answered since then, with the time talked, and messages approved."""
        answered = select(func.count(), func.coalesce(func.sum(calls.c.duration_s), 0.0)).where(
            calls.c.operator_id == user_id, calls.c.answered_at >= since
        )
        written = select(func.count()).where(
            messages.c.approved_by == user_id, messages.c.approved_at >= since
        )
        async with self._database.reading() as connection:
            count, talk_s = (await connection.execute(answered)).one()
            approved = (await connection.execute(written)).scalar_one()
        return Day(calls=count, talk_s=talk_s, messages=approved)


def _group_of(row: Any) -> RingGroup:
    return RingGroup(
        id=row.id,
        name=row.name,
        skills=tuple(row.skills),
        languages=tuple(row.languages),
        strategy=row.strategy,
        step_s=row.step_s,
        overflow_to=row.overflow_to,
        overflow_after_s=row.overflow_after_s,
    )
