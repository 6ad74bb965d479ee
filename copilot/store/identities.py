"""Which account an identity at a provider opens, in the database."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy import and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from copilot.store.audit import Act, append
from copilot.store.database import Database
from copilot.store.errors import ConflictError
from copilot.store.records.identities import Identity
from copilot.store.tables.accounts import (
    passkey_challenges,
    provider_identities,
    web_sessions,
)


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

    async def end_sessions(
        self,
        *,
        issuer: str,
        subject: str | None,
        provider_session: str | None,
        question: str,
        until: datetime,
        act: Act,
    ) -> int | None:
        """End what a provider's session, or all of a person's there, had opened; how many.

        `question` names what the provider asked, which it may ask once before `until`: null when
        it was asked before. All of it or nothing: what failed may be asked again.
        """
        ours = [web_sessions.c.issuer == issuer, web_sessions.c.revoked_at.is_(None)]
        if subject is not None:
            whose = select(provider_identities.c.user_id).where(
                provider_identities.c.issuer == issuer, provider_identities.c.subject == subject
            )
            ours.append(web_sessions.c.user_id.in_(whose))
        if provider_session is not None:
            ours.append(web_sessions.c.provider_session == provider_session)
        change = update(web_sessions).where(and_(*ours)).values(revoked_at=act.at)
        asked = {"challenge": question, "expires_at": until}
        try:
            async with self._database.writing() as connection:
                await connection.execute(insert(passkey_challenges).values(asked))
                ended = (await connection.execute(change)).rowcount
                detail = {**act.detail, "sessions": ended}
                await append(connection, self._database.audit_key, replace(act, detail=detail))
        except IntegrityError:
            return None
        return ended
