"""Users and their browser sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from copilot.store.database import Database
from copilot.store.errors import ConflictError, NotFoundError
from copilot.store.records import Language, Role, User, WebSession, new_id
from copilot.store.tables import users, web_sessions


@dataclass(frozen=True, slots=True, kw_only=True)
class UserWithHash:
    """A user with the hash of the password, for checking it."""

    user: User
    password_hash: str


def normal_email(email: str) -> str:
    return email.strip().lower()


class People:
    """Everybody who can sign in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create_user(
        self,
        *,
        email: str,
        name: str,
        role: Role,
        password_hash: str,
        at: datetime,
        client_id: str | None = None,
        language: Language = "fr",
    ) -> User:
        """Raises `ConflictError` when the address is taken or the role and client do not match."""
        row = {
            "id": new_id(),
            "email": normal_email(email),
            "name": name,
            "role": role,
            "client_id": client_id,
            "language": language,
            "password_hash": password_hash,
            "disabled": False,
            "created_at": at,
        }
        try:
            async with self._database.writing() as connection:
                await connection.execute(insert(users).values(row))
        except IntegrityError as error:
            raise ConflictError(
                f"the account {row['email']} cannot be created: {error.orig}"
            ) from error
        return await self.user(str(row["id"]))

    async def user(self, user_id: str) -> User:
        """Raises `NotFoundError`."""
        async with self._database.reading() as connection:
            found = await connection.execute(select(users).where(users.c.id == user_id))
            row = found.one_or_none()
        if row is None:
            raise NotFoundError(f"no user {user_id!r}")
        return _user_of(row)

    async def users(self) -> tuple[User, ...]:
        """By name."""
        async with self._database.reading() as connection:
            rows = await connection.execute(select(users).order_by(users.c.name, users.c.id))
        return tuple(_user_of(row) for row in rows)

    async def by_email(self, email: str) -> UserWithHash | None:
        query = select(users).where(users.c.email == normal_email(email))
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            return None
        return UserWithHash(user=_user_of(row), password_hash=row.password_hash)

    async def set_password_hash(self, user_id: str, password_hash: str) -> None:
        await self._update_user(user_id, password_hash=password_hash)

    async def set_disabled(self, user_id: str, disabled: bool) -> None:
        await self._update_user(user_id, disabled=disabled)

    async def add_session(
        self, *, user_id: str, token_hash: str, csrf: str, at: datetime, expires_at: datetime
    ) -> WebSession:
        session = WebSession(
            id=new_id(),
            user_id=user_id,
            csrf=csrf,
            created_at=at,
            expires_at=expires_at,
            revoked_at=None,
        )
        async with self._database.writing() as connection:
            await connection.execute(
                insert(web_sessions).values(
                    id=session.id,
                    user_id=user_id,
                    token_hash=token_hash,
                    csrf=csrf,
                    created_at=at,
                    expires_at=expires_at,
                )
            )
        return session

    async def session_of_token(self, token_hash: str) -> tuple[WebSession, User] | None:
        """The session and its user, whatever their state."""
        query = (
            select(
                users,
                web_sessions.c.id.label("session_id"),
                web_sessions.c.csrf,
                web_sessions.c.created_at.label("signed_in_at"),
                web_sessions.c.expires_at,
                web_sessions.c.revoked_at,
            )
            .join(users, users.c.id == web_sessions.c.user_id)
            .where(web_sessions.c.token_hash == token_hash)
        )
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            return None
        session = WebSession(
            id=row.session_id,
            user_id=row.id,
            csrf=row.csrf,
            created_at=row.signed_in_at,
            expires_at=row.expires_at,
            revoked_at=row.revoked_at,
        )
        return session, _user_of(row)

    async def sessions(self, user_id: str) -> tuple[WebSession, ...]:
        """A user's sessions, newest first."""
        query = (
            select(web_sessions)
            .where(web_sessions.c.user_id == user_id)
            .order_by(web_sessions.c.created_at.desc(), web_sessions.c.id)
        )
        async with self._database.reading() as connection:
            rows = await connection.execute(query)
        return tuple(
            WebSession(
                id=row.id,
                user_id=row.user_id,
                csrf=row.csrf,
                created_at=row.created_at,
                expires_at=row.expires_at,
                revoked_at=row.revoked_at,
            )
            for row in rows
        )

    async def revoke_session(self, session_id: str, *, at: datetime) -> None:
        """Idempotent: the first revocation stays."""
        await self._revoke(web_sessions.c.id == session_id, at)

    async def revoke_sessions_of(self, user_id: str, *, at: datetime) -> None:
        """Sign a user out everywhere."""
        await self._revoke(web_sessions.c.user_id == user_id, at)

    async def forget_sessions(self, *, expired_before: datetime) -> int:
        """Delete sessions that expired before that moment; how many there were."""
        old = delete(web_sessions).where(web_sessions.c.expires_at < expired_before)
        async with self._database.writing() as connection:
            return (await connection.execute(old)).rowcount

    async def _revoke(self, which: Any, at: datetime) -> None:
        open_ones = update(web_sessions).where(which, web_sessions.c.revoked_at.is_(None))
        async with self._database.writing() as connection:
            await connection.execute(open_ones.values(revoked_at=at))

    async def _update_user(self, user_id: str, **values: Any) -> None:
        async with self._database.writing() as connection:
            changed = await connection.execute(
                update(users).where(users.c.id == user_id).values(**values)
            )
        if changed.rowcount == 0:
            raise NotFoundError(f"no user {user_id!r}")


def _user_of(row: Any) -> User:
    return User(
        id=row.id,
        email=row.email,
        name=row.name,
        role=row.role,
        client_id=row.client_id,
        language=row.language,
        disabled=row.disabled,
        created_at=row.created_at,
    )
