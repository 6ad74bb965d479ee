"""What operators did with answers during calls, and what they took back of it."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import ColumnElement

from copilot.store.calls import CallQueries
from copilot.store.records.identifiers import new_id
from copilot.store.records.learning import ONCE, SuggestionFeedback
from copilot.store.tables.learning import suggestion_feedback

STANDING = suggestion_feedback.c.withdrawn_at.is_(None)


class FeedbackQueries(CallQueries):
    """What stands of it: what was taken back is kept, and only counted no more."""

    async def record_feedback(self, given: SuggestionFeedback) -> bool:
        """Whether it is new: what may be said once and stands already is not said twice.

        Raises `NotFoundError`.
        """
        row = asdict(given)
        async with self._database.writing() as connection:
            await self._call(connection, given.call_id, lock=True)
            if given.action in ONCE:
                stands = self._select(suggestion_feedback, suggestion_feedback.c.id)
                stands = stands.where(*_same(given), STANDING).limit(1)
                if (await connection.execute(stands)).first() is not None:
                    return False
            await connection.execute(self._insert(suggestion_feedback, {"id": new_id(), **row}))
        return True

    async def withdraw_feedback(self, given: SuggestionFeedback) -> bool:
        """It is taken back, at `given.at`; whether it stood. Raises `NotFoundError`."""
        async with self._database.writing() as connection:
            await self._call(connection, given.call_id)
            mine = self._update(suggestion_feedback).where(*_same(given), STANDING)
            taken_back = await connection.execute(mine.values(withdrawn_at=given.at))
        return taken_back.rowcount > 0

    async def feedback(self, call_id: str) -> tuple[SuggestionFeedback, ...]:
        """What stands, in order."""
        query = (
            self._select(suggestion_feedback)
            .where(suggestion_feedback.c.call_id == call_id, STANDING)
            .order_by(suggestion_feedback.c.at, suggestion_feedback.c.id)
        )
        async with self._database.reading() as connection:
            rows = await connection.execute(query)
        return tuple(
            SuggestionFeedback(
                call_id=row.call_id,
                suggestion_id=row.suggestion_id,
                entry_id=row.entry_id,
                action=row.action,
                user_id=row.user_id,
                at=row.at,
            )
            for row in rows
        )


def _same(given: SuggestionFeedback) -> list[ColumnElement[bool]]:
    """By the same person, of the same answer, in the same place: whenever."""
    return [
        suggestion_feedback.c[name] == value
        for name, value in asdict(given).items()
        if name != "at"
    ]
