"""Users, their browser sessions and their second factors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from copilot.store.audit import Act, append
from copilot.store.database import Database
from copilot.store.errors import ConflictError, NotFoundError
from copilot.store.records.accounts import Language, Role, User, WebSession
from copilot.store.records.identifiers import new_id
from copilot.store.records.identities import ProviderSession
from copilot.store.tables.accounts import recovery_codes, users, web_sessions
from copilot.store.tables.clients import clients


class AccountTakenError(ConflictError):
    """The address is another account's, or the role and the client do not go together."""

    code = "account_taken"


class LastAdministratorError(ConflictError):
    """Nobody could administer any more."""

    code = "last_administrator"


@dataclass(frozen=True, slots=True, kw_only=True)
class UserWithHash:
    """A user with the hash of the password, for checking it."""

    user: User
    password_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TotpState:
    """A user's authenticator: its sealed secret, whether it was confirmed, the last code used."""

    secret: str | None
    since: datetime | None
    last_step: int | None


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
        user_id: str | None = None,
        act: Act | None = None,
    ) -> User:
        """An empty `password_hash` is somebody invited, whom no password lets in.

        Raises `ConflictError` when the address is taken or the role and client do not match.
        """
        row = {
            "id": user_id or new_id(),
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
            async with self._database.writing(act) as connection:
                await connection.execute(insert(users).values(row))
        except IntegrityError as error:
            raise AccountTakenError(
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

    async def record(self, act: Act | None) -> None:
        """Keep an act that changes nothing else."""
        async with self._database.writing(act):
            pass

    async def open_administrators(self) -> int:
        """How many administrators can sign in."""
        async with self._database.reading() as connection:
            return len((await connection.execute(_open_administrators())).all())

    async def set_password_hash(
        self, user_id: str, password_hash: str, *, act: Act | None = None
    ) -> None:
        await self.change_user(user_id, act=act, password_hash=password_hash)

    async def set_disabled(self, user_id: str, disabled: bool, *, act: Act | None = None) -> None:
        await self.change_user(user_id, act=act, disabled=disabled)

    async def change_user(
        self, user_id: str, *, act: Act | None = None, spare_last: bool = False, **values: Any
    ) -> None:
        """Columns of `users`. Raises `NotFoundError`, `ConflictError` as for `create_user`, and
        with `spare_last` `LastAdministratorError` when nobody would be left to open accounts."""
        change = update(users).where(users.c.id == user_id).values(**values)
        try:
            async with self._database.writing(act) as connection:
                # Locked: two administrators who disable each other are told one after the other.
                locked = await connection.execute(_open_administrators().with_for_update())
                before = set(locked.scalars())
                if (await connection.execute(change)).rowcount == 0:
                    raise NotFoundError(f"no user {user_id!r}")
                after = set((await connection.execute(_open_administrators())).scalars())
                if spare_last and before and not after:
                    raise LastAdministratorError("the last administrator stays")
        except IntegrityError as error:
            raise AccountTakenError(f"the account cannot be changed so: {error.orig}") from error

    async def add_session(
        self,
        *,
        user_id: str,
        token_hash: str,
        csrf: str,
        at: datetime,
        expires_at: datetime,
        address: str = "",
        agent: str = "",
        two_factors: bool = False,
        opened_by: ProviderSession | None = None,
        replaces: str | None = None,
        act: Act | None = None,
    ) -> WebSession:
        """`opened_by`: by single sign-on; `replaces`: the digest of the token that the browser had
        before, whose session ends now."""
        session = WebSession(
            id=new_id(),
            user_id=user_id,
            csrf=csrf,
            created_at=at,
            expires_at=expires_at,
            revoked_at=None,
            last_seen_at=at,
            address=address[:64],
            agent=agent[:300],
            two_factors=two_factors,
        )
        before = update(web_sessions).where(
            web_sessions.c.token_hash == replaces, web_sessions.c.revoked_at.is_(None)
        )
        async with self._database.writing(act) as connection:
            if replaces is not None:
                await connection.execute(before.values(revoked_at=at))
            await connection.execute(
                insert(web_sessions).values(
                    id=session.id,
                    user_id=user_id,
                    token_hash=token_hash,
                    csrf=csrf,
                    created_at=at,
                    expires_at=expires_at,
                    last_seen_at=at,
                    address=session.address,
                    agent=session.agent,
                    two_factors=two_factors,
                    issuer=opened_by.issuer if opened_by else None,
                    provider_session=opened_by.id if opened_by else None,
                )
            )
        return session

    async def session_of_token(self, token_hash: str) -> tuple[WebSession, User] | None:
        """The session and its user, whatever their state; a disabled client's user is disabled."""
        query = (
            select(
                users,
                clients.c.disabled.label("client_disabled"),
                *(column.label(f"session_{column.name}") for column in web_sessions.c),
            )
            .join(web_sessions, users.c.id == web_sessions.c.user_id)
            .outerjoin(clients, clients.c.id == users.c.client_id)
            .where(web_sessions.c.token_hash == token_hash)
        )
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            return None
        user = _user_of(row)
        if row.client_disabled:
            user = replace(user, disabled=True)
        return _session_of(row, prefix="session_"), user

    async def seen(self, session_id: str, *, at: datetime) -> None:
        """The session was used."""
        used = update(web_sessions).where(web_sessions.c.id == session_id)
        async with self._database.writing() as connection:
            await connection.execute(used.values(last_seen_at=at))

    async def sessions(self, user_id: str) -> tuple[WebSession, ...]:
        """A user's sessions, newest first."""
        query = (
            select(web_sessions)
            .where(web_sessions.c.user_id == user_id)
            .order_by(web_sessions.c.created_at.desc(), web_sessions.c.id)
        )
        async with self._database.reading() as connection:
            rows = await connection.execute(query)
        return tuple(_session_of(row) for row in rows)

    async def revoke_session(
        self, session_id: str, *, at: datetime, act: Act | None = None
    ) -> None:
        """Idempotent: the first revocation stays."""
        await self._revoke(web_sessions.c.id == session_id, at, act)

    async def revoke_sessions_of(
        self, user_id: str, *, at: datetime, act: Act | None = None
    ) -> None:
        """Sign a user out everywhere."""
        await self._revoke(web_sessions.c.user_id == user_id, at, act)

    async def forget_sessions(self, *, expired_before: datetime) -> int:
        """Delete sessions that expired before that moment; how many there were."""
        old = delete(web_sessions).where(web_sessions.c.expires_at < expired_before)
        async with self._database.writing() as connection:
            return (await connection.execute(old)).rowcount

    async def totp(self, user_id: str) -> TotpState:
        """Raises `NotFoundError`."""
        query = select(users.c.totp_secret, users.c.totp_since, users.c.totp_last_step).where(
            users.c.id == user_id
        )
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise NotFoundError(f"no user {user_id!r}")
        return TotpState(secret=row.totp_secret, since=row.totp_since, last_step=row.totp_last_step)

    async def take_totp_step(self, user_id: str, step: int) -> bool:
        """Use up a code's time step; false when it, or a later one, was used already."""
        fresh = update(users).where(
            users.c.id == user_id,
            func.coalesce(users.c.totp_last_step, -1) < step,
        )
        async with self._database.writing() as connection:
            return (await connection.execute(fresh.values(totp_last_step=step))).rowcount == 1

    async def replace_recovery_codes(
        self, user_id: str, hashes: Sequence[str], *, act: Act | None = None, **values: Any
    ) -> None:
        """The codes that still count, with other columns of the user, in one transaction."""
        async with self._database.writing(act) as connection:
            if values:
                change = update(users).where(users.c.id == user_id)
                await connection.execute(change.values(**values))
            await connection.execute(
                delete(recovery_codes).where(recovery_codes.c.user_id == user_id)
            )
            if hashes:
                rows = [{"user_id": user_id, "code_hash": one} for one in hashes]
                await connection.execute(insert(recovery_codes).values(rows))

    async def take_recovery_code(
        self, user_id: str, code_hash: str, *, at: datetime, act: Act
    ) -> bool:
        """Use up a recovery code; false when there is no such unused one."""
        unused = update(recovery_codes).where(
            recovery_codes.c.user_id == user_id,
            recovery_codes.c.code_hash == code_hash,
            recovery_codes.c.used_at.is_(None),
        )
        async with self._database.writing() as connection:
            if (await connection.execute(unused.values(used_at=at))).rowcount == 0:
                return False
            await append(connection, self._database.audit_key, act)
            return True

    async def _revoke(self, which: Any, at: datetime, act: Act | None) -> None:
        open_ones = update(web_sessions).where(which, web_sessions.c.revoked_at.is_(None))
        async with self._database.writing(act) as connection:
            await connection.execute(open_ones.values(revoked_at=at))


def _session_of(row: Any, *, prefix: str = "") -> WebSession:
    values = row._mapping
    names = [item.name for item in fields(WebSession)]
    return WebSession(**{name: values[prefix + name] for name in names})


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
        second_factor=row.totp_since is not None,
        invited=row.password_hash == "",
    )


def _open_administrators() -> Select[tuple[str]]:
    """Who can open accounts."""
    return select(users.c.id).where(
        users.c.role == "administrator", users.c.disabled.is_(False), users.c.password_hash != ""
    )
