"""Whether the client was well served, message by message: its own answer."""

from __future__ import annotations

from datetime import datetime

from copilot.store.audit import Act, Actor
from copilot.store.errors import NotFoundError
from copilot.store.scope import Scoped
from copilot.store.tables.messages import messages

MOST = 500


class ServedQueries(Scoped):
    """The client's answers."""

    async def mark_served(
        self, message_id: str, well_served: bool | None, *, actor: Actor, at: datetime
    ) -> None:
        """Keep it over the former one; audited. Raises NotFoundError."""
        act = Act(
            actor=actor,
            action="message.served",
            at=at,
            client_id=self.client_id,
            subject=message_id,
            detail={"well_served": well_served},
        )
        mine = self._update(messages).where(messages.c.id == message_id)
        async with self._database.writing(act) as connection:
            changed = await connection.execute(mine.values(well_served=well_served))
            if changed.rowcount == 0:
                raise NotFoundError(f"no message {message_id!r}")

    async def served(self) -> dict[str, bool]:
        """By message, the newest."""
        query = (
            self._select(messages, messages.c.id, messages.c.well_served)
            .where(messages.c.well_served.is_not(None))
            .order_by(messages.c.approved_at.desc())
            .limit(MOST)
        )
        async with self._database.reading() as connection:
            rows = await connection.execute(query)
        return {row.id: row.well_served for row in rows}
