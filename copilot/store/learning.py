"""What is learnt from calls about a client's knowledge: use of entries, and gaps."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncConnection

from copilot.store.errors import ConflictError, NotFoundError
from copilot.store.feedback import STANDING
from copilot.store.records.identifiers import new_id
from copilot.store.records.learning import Gap, GapQuestion, GapState
from copilot.store.scope import Scoped
from copilot.store.tables.calls import call_events
from copilot.store.tables.learning import gap_questions, gaps, suggestion_feedback
from knowledge.usage import Use

OFFERED = "suggestion_offered"
AT_ONCE = 50
"""Offers opened without letting anything else go on: some ten milliseconds."""


class LearningQueries(Scoped):
    """A client's gaps, and what operators did with its entries."""

    async def acts(self, since: datetime) -> dict[str, Use]:
        """By entry id, what operators did since then, all that an entry's weight comes from."""
        return {key: Use(**times) for key, times in (await self._acts(since)).items()}

    async def uses(self, since: datetime) -> dict[str, Use]:
        """As `acts`, with what they were shown: that is read out of every offer of the time."""
        offered = self._select(call_events).where(
            call_events.c.kind == OFFERED, call_events.c.at >= since
        )
        shown: Counter[str] = Counter()
        async with self._database.reading() as connection:
            rows = [row async for row in await connection.stream(offered)]
            for start in range(0, len(rows), AT_ONCE):
                some = rows[start : start + AT_ONCE]
                for row in await self._database.vault.open(connection, call_events, some):
                    shown.update(card["entry_id"] for card in row.payload["cards"])
                await asyncio.sleep(0)  # calls go on meanwhile
        done = await self._acts(since)
        for entry_id, times in shown.items():
            # Found by asking, it was shown as well: that is told by the page.
            done[entry_id]["shown"] = done[entry_id].get("shown", 0) + times
        return {entry_id: Use(**times) for entry_id, times in done.items()}

    async def _acts(self, since: datetime) -> defaultdict[str, dict[str, int]]:
        given = self._select(
            suggestion_feedback,
            suggestion_feedback.c.entry_id,
            suggestion_feedback.c.action,
            func.count().label("times"),
        ).where(suggestion_feedback.c.at >= since, STANDING)
        given = given.group_by(suggestion_feedback.c.entry_id, suggestion_feedback.c.action)
        done: defaultdict[str, dict[str, int]] = defaultdict(dict)
        async with self._database.reading() as connection:
            for row in await connection.execute(given):
                done[row.entry_id][row.action] = row.times
        return done

    async def record_gap_question(
        self, *, gap_id: str | None, call_id: str, utterance_id: str, text: str, at: datetime
    ) -> str:
        """Add a question to a gap, or to a new one (null); the gap's id.

        Heard twice, the same utterance is kept once. Raises `NotFoundError`.
        """
        async with self._database.writing() as connection:
            await self._lock_client(connection)
            seen = self._select(gap_questions, gap_questions.c.gap_id).where(
                gap_questions.c.call_id == call_id, gap_questions.c.utterance_id == utterance_id
            )
            known = (await connection.execute(seen)).scalar_one_or_none()
            if known is not None:
                return str(known)
            if gap_id is None:
                gap_id = new_id()
                await connection.execute(
                    self._insert(
                        gaps, {"id": gap_id, "state": "open", "entry_id": None, "created_at": at}
                    )
                )
            else:
                await self._gap_row(connection, gap_id)
            row = {"id": new_id(), "gap_id": gap_id, "call_id": call_id,
                   "utterance_id": utterance_id, "text": text, "at": at}  # fmt: skip
            sealed = await self._seal(connection, gap_questions, row)
            await connection.execute(self._insert(gap_questions, *sealed))
        return gap_id

    async def gaps(self, state: GapState | None = None) -> tuple[Gap, ...]:
        """The most asked first. A gap whose calls are all forgotten is gone."""
        query = self._select(gaps)
        if state is not None:
            query = query.where(gaps.c.state == state)
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).all()
            asked = await self._questions(connection)
        found = [_gap_of(row, asked[row.id]) for row in rows if asked[row.id]]
        return tuple(sorted(found, key=lambda gap: (-len(gap.questions), gap.id)))

    async def gap(self, gap_id: str) -> Gap:
        """Raises `NotFoundError`."""
        async with self._database.reading() as connection:
            row = await self._gap_row(connection, gap_id)
            asked = await self._questions(connection, gap_id)
        return _gap_of(row, asked[gap_id])

    async def settle_gap(self, gap_id: str, state: GapState, *, entry_id: str | None = None) -> Gap:
        """Answer (with its entry), dismiss or open again. Raises `NotFoundError`;
        `ConflictError` when it is answered already."""
        async with self._database.writing() as connection:
            await self._lock_client(connection)
            row = await self._gap_row(connection, gap_id)
            if row.state == "answered" and state != "open":
                raise ConflictError(f"the gap {gap_id!r} is answered already")
            await connection.execute(
                self._update(gaps).where(gaps.c.id == gap_id).values(state=state, entry_id=entry_id)
            )
        return await self.gap(gap_id)

    async def _gap_row(self, connection: AsyncConnection, gap_id: str) -> Any:
        query = self._select(gaps).where(gaps.c.id == gap_id)
        row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise NotFoundError(f"no gap {gap_id!r}")
        return row

    async def _questions(
        self, connection: AsyncConnection, gap_id: str | None = None
    ) -> defaultdict[str, list[GapQuestion]]:
        query = self._select(gap_questions).order_by(
            gap_questions.c.at, gap_questions.c.call_id, gap_questions.c.utterance_id
        )
        if gap_id is not None:
            query = query.where(gap_questions.c.gap_id == gap_id)
        asked: defaultdict[str, list[GapQuestion]] = defaultdict(list)
        for row in await self._opened(connection, gap_questions, query):
            asked[row.gap_id].append(
                GapQuestion(gap_id=row.gap_id, call_id=row.call_id, text=row.text, at=row.at)
            )
        return asked


def _gap_of(row: Any, questions: Sequence[GapQuestion]) -> Gap:
    return Gap(id=row.id, state=row.state, entry_id=row.entry_id, questions=tuple(questions))
