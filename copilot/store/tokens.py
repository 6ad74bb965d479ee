"""Programs' tokens: the right of another system to some routes, for a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from copilot.store.audit import Act
from copilot.store.database import Database
from copilot.store.errors import NotFoundError
from copilot.store.tables.accounts import api_tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiToken:
    """A token, without its secret."""

    id: str
    name: str
    """What it is for, as its maker says."""
    client_id: str | None
    """Whose data it reaches; null: the provider's, of every client."""
    scopes: tuple[str, ...]
    created_at: datetime
    created_by: str
    created_by_name: str
    expires_at: datetime
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None


class Tokens:
    """Tokens by the hash of their secret."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, token: ApiToken, *, token_hash: str, act: Act) -> None:
        row = {name: getattr(token, name) for name in ApiToken.__slots__}
        row |= {"scopes": list(token.scopes), "token_hash": token_hash}
        async with self._database.writing(act) as connection:
            await connection.execute(insert(api_tokens).values(row))

    async def all(self) -> tuple[ApiToken, ...]:
        """The newest first, those that are over too."""
        query = select(api_tokens).order_by(api_tokens.c.created_at.desc(), api_tokens.c.id)
        async with self._database.reading() as connection:
            return tuple(_token_of(row) for row in await connection.execute(query))

    async def by_hash(self, token_hash: str) -> ApiToken | None:
        """Whatever its state."""
        query = select(api_tokens).where(api_tokens.c.token_hash == token_hash)
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else _token_of(row)

    async def by_id(self, token_id: str) -> ApiToken | None:
        """Whatever its state."""
        query = select(api_tokens).where(api_tokens.c.id == token_id)
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else _token_of(row)

    async def used(self, token_id: str, *, at: datetime) -> None:
        change = update(api_tokens).where(api_tokens.c.id == token_id).values(last_used_at=at)
        async with self._database.writing() as connection:
            await connection.execute(change)

    async def revoke(self, token_id: str, *, at: datetime, act: Act) -> None:
        """Idempotent: the first end stays. Raises `NotFoundError`."""
        known = select(api_tokens.c.revoked_at).where(api_tokens.c.id == token_id)
        change = update(api_tokens).where(api_tokens.c.id == token_id).values(revoked_at=at)
        async with self._database.reading() as connection:
            row = (await connection.execute(known)).one_or_none()
        if row is None:
            raise NotFoundError(f"no token {token_id!r}")
        if row.revoked_at is None:
            async with self._database.writing(act) as connection:
                await connection.execute(change)


def _token_of(row: Any) -> ApiToken:
    values = {name: getattr(row, name) for name in ApiToken.__slots__}
    return ApiToken(**{**values, "scopes": tuple(row.scopes)})
