"""Which account an identity at a provider opens, in the database."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from copilot.store.audit import Act
from copilot.store.database import Database
from copilot.store.errors import ConflictError
from copilot.store.records.identities import Identity
from copilot.store.tables.accounts import provider_identities


class IdentityRows:
    """Everybody's identities."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, *, issuer: str, subject: str) -> Identity | None:
        query = select(provider_identities).where(
            provider_identities.c.issuer == issuer, provider_identities.c.subject == subject
        )
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else Identity(**row._mapping)

    async def linked(self) -> frozenset[str]:
        """The users that some identity opens."""
        query = select(provider_identities.c.user_id).distinct()
        async with self._database.reading() as connection:
            return frozenset((await connection.execute(query)).scalars())

    async def add(self, identity: Identity, *, act: Act) -> None:
        """Raises `ConflictError` when it, or the account, is another's already."""
        try:
            async with self._database.writing(act) as connection:
                await connection.execute(insert(provider_identities).values(asdict(identity)))
        except IntegrityError as error:
            raise ConflictError("the account is linked to another identity") from error

    async def used(self, *, issuer: str, subject: str, at: datetime) -> None:
        """It signed somebody in."""
        change = update(provider_identities).where(
            provider_identities.c.issuer == issuer, provider_identities.c.subject == subject
        )
        async with self._database.writing() as connection:
            await connection.execute(change.values(last_used_at=at))

    async def remove(self, user_id: str, *, act: Act) -> None:
        """A person's, of every issuer. Idempotent."""
        gone = delete(provider_identities).where(provider_identities.c.user_id == user_id)
        async with self._database.writing(act) as connection:
            await connection.execute(gone)
