"""One-time links: each opens the choice of a password, once, for a while."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from copilot.store.audit import Act
from copilot.store.database import Database
from copilot.store.records.accounts import LinkKind, OneTimeLink
from copilot.store.records.identifiers import new_id
from copilot.store.tables.accounts import one_time_links


class Links:
    """Links by the hash of their token: the token itself is only in the link."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self,
        *,
        kind: LinkKind,
        token_hash: str,
        user_id: str | None,
        at: datetime,
        expires_at: datetime,
        act: Act,
    ) -> OneTimeLink:
        """A new link; the person's earlier ones of any kind no longer work."""
        link = OneTimeLink(
            id=new_id(),
            kind=kind,
            user_id=user_id,
            created_at=at,
            expires_at=expires_at,
            used_at=None,
        )
        earlier = delete(one_time_links).where(
            one_time_links.c.user_id.is_(None)
            if user_id is None
            else one_time_links.c.user_id == user_id
        )
        async with self._database.writing(act) as connection:
            await connection.execute(earlier)
            await connection.execute(
                insert(one_time_links).values(
                    id=link.id,
                    kind=kind,
                    token_hash=token_hash,
                    user_id=user_id,
                    created_at=at,
                    expires_at=expires_at,
                )
            )
        return link

    async def by_token(self, token_hash: str) -> OneTimeLink | None:
        """Whatever its state."""
        query = select(one_time_links).where(one_time_links.c.token_hash == token_hash)
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else _link_of(row)

    async def take(self, link_id: str, *, at: datetime) -> bool:
        """Use it up; false when somebody else just did, or it is over."""
        usable = update(one_time_links).where(
            one_time_links.c.id == link_id,
            one_time_links.c.used_at.is_(None),
            one_time_links.c.expires_at > at,
        )
        async with self._database.writing() as connection:
            return (await connection.execute(usable.values(used_at=at))).rowcount == 1

    async def forget(self, *, expired_before: datetime) -> int:
        """Delete links that ended before that moment; how many there were."""
        old = delete(one_time_links).where(one_time_links.c.expires_at < expired_before)
        async with self._database.writing() as connection:
            return (await connection.execute(old)).rowcount


def _link_of(row: Any) -> OneTimeLink:
    return OneTimeLink(
        id=row.id,
        kind=row.kind,
        user_id=row.user_id,
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
    )
