"""Operators in panels inside other software, each for a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from copilot.store.audit import Act
from copilot.store.database import Database
from copilot.store.tables.accounts import panel_sessions


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelSession:
    """One, without its secret."""

    id: str
    user_id: str
    api_token_id: str
    """Of the program that opened it: revoked, it takes the session with it."""
    origin: str
    """Of the page that the panel is in: `https://crm.example.com`."""
    created_at: datetime
    expires_at: datetime


class PanelSessionRows:
    """Panel sessions by the hash of their secret."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, session: PanelSession, *, token_hash: str, act: Act) -> None:
        """Keep one; those that are over go."""
        row = {name: getattr(session, name) for name in PanelSession.__slots__}
        over = delete(panel_sessions).where(panel_sessions.c.expires_at < session.created_at)
        async with self._database.writing(act) as connection:
            await connection.execute(over)
            added = insert(panel_sessions).values({**row, "token_hash": token_hash})
            await connection.execute(added)

    async def by_hash(self, token_hash: str) -> PanelSession | None:
        """Over or not."""
        query = select(panel_sessions).where(panel_sessions.c.token_hash == token_hash)
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            return None
        return PanelSession(**{name: getattr(row, name) for name in PanelSession.__slots__})

    async def end(self, session_id: str, *, act: Act) -> None:
        """Idempotent."""
        async with self._database.writing(act) as connection:
            gone = delete(panel_sessions).where(panel_sessions.c.id == session_id)
            await connection.execute(gone)
