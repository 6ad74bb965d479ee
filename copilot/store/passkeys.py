"""Passkeys and the challenges they have answered, in the database."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from copilot.store.audit import Act
from copilot.store.database import Database
from copilot.store.errors import ConflictError, NotFoundError
from copilot.store.records.accounts import Passkey
from copilot.store.tables.accounts import passkey_challenges, passkeys


class PasskeyRows:
    """Everybody's passkeys."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, challenge: str, *, at: datetime, until: datetime) -> bool:
        """Use a challenge up, which nobody takes after `until`; false when it was used before."""
        over = delete(passkey_challenges).where(passkey_challenges.c.expires_at < at)
        row = {"challenge": challenge, "expires_at": until}
        try:
            async with self._database.writing() as connection:
                await connection.execute(over)
                await connection.execute(insert(passkey_challenges).values(row))
        except IntegrityError:
            return False
        return True

    async def add(self, passkey: Passkey, *, act: Act) -> None:
        """Raises `ConflictError` when it is known already."""
        row = asdict(passkey)
        try:
            async with self._database.writing(act) as connection:
                await connection.execute(insert(passkeys).values(row))
        except IntegrityError as error:
            raise ConflictError("this passkey is known already") from error

    async def of_user(self, user_id: str) -> tuple[Passkey, ...]:
        """The newest first."""
        query = (
            select(passkeys)
            .where(passkeys.c.user_id == user_id)
            .order_by(passkeys.c.created_at.desc(), passkeys.c.id)
        )
        async with self._database.reading() as connection:
            return tuple(_passkey(row) for row in await connection.execute(query))

    async def by_credential(self, credential_id: str) -> Passkey | None:
        query = select(passkeys).where(passkeys.c.credential_id == credential_id)
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else _passkey(row)

    async def used(self, passkey_id: str, *, sign_count: int, at: datetime) -> None:
        """It signed somebody in."""
        change = update(passkeys).where(passkeys.c.id == passkey_id)
        async with self._database.writing() as connection:
            await connection.execute(change.values(sign_count=sign_count, last_used_at=at))

    async def remove(self, passkey_id: str, *, user_id: str, act: Act) -> None:
        """Raises `NotFoundError` when this person has no such passkey."""
        gone = delete(passkeys).where(passkeys.c.id == passkey_id, passkeys.c.user_id == user_id)
        async with self._database.writing(act) as connection:
            if (await connection.execute(gone)).rowcount == 0:
                raise NotFoundError(f"no passkey {passkey_id!r}")


def _passkey(row: Any) -> Passkey:
    return Passkey(**row._mapping)
