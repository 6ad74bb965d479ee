"""Whose account an identity opens: one that exists, and nobody else's.

At first by an address that the provider vouches for; from then on by who the provider says it is
(issuer and subject), which never changes hands as an address does.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn

from copilot.accounts import actor_of
from copilot.singlesignon.errors import (
    AccountClosedError,
    EmailChangedError,
    NoAccountError,
    OtherIdentityError,
    SingleSignOnError,
    UnverifiedEmailError,
)
from copilot.store.audit import SYSTEM, Act, Actor
from copilot.store.errors import ConflictError
from copilot.store.people import normal_email
from copilot.store.records.accounts import User
from copilot.store.records.identities import Identity

if TYPE_CHECKING:
    from copilot.store.store import Store


class Links:
    """Identities at providers, and the accounts they open."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def bearer(
        self, claims: Mapping[str, Any], *, issuer: str, at: datetime, address: str
    ) -> User:
        """Who these claims are of, linked now when they were not. Raises SingleSignOnError."""
        subject = str(claims["sub"])
        known = await self._store.identities.find(issuer=issuer, subject=subject)
        if known is None:
            return await self._link(claims, issuer=issuer, at=at, address=address)
        user = await self._store.people.user(known.user_id)
        said = claims.get("email")
        if isinstance(said, str) and normal_email(said) != user.email:
            await self.refuse(EmailChangedError("another address"), user, at=at, address=address)
        await self._open_only(user, at=at, address=address)
        await self._store.identities.used(issuer=issuer, subject=subject, at=at)
        return user

    async def refuse(
        self, error: SingleSignOnError, user: User | None, *, at: datetime, address: str
    ) -> NoReturn:
        """Say in the audit trail why nothing opened, then raise it."""
        nobody = Actor(id=SYSTEM.id, name=SYSTEM.name, role=SYSTEM.role, address=address)
        act = Act(
            actor=actor_of(user, address=address) if user else nobody,
            action="session.refused",
            at=at,
            client_id=user.client_id if user else None,
            subject=user.id if user else "",
            detail={"by": "sign_on", "code": error.code},
        )
        await self._store.people.record(act)
        raise error

    async def remove(self, user: User, *, actor: Actor, at: datetime) -> None:
        """The account is nobody's at any provider, until the next sign-on by its address."""
        act = Act(
            actor=actor,
            action="identity.unlinked",
            at=at,
            client_id=user.client_id,
            subject=user.id,
        )
        await self._store.identities.remove(user.id, act=act)

    async def _link(
        self, claims: Mapping[str, Any], *, issuer: str, at: datetime, address: str
    ) -> User:
        email = claims.get("email")
        if not isinstance(email, str) or claims.get("email_verified") is not True:
            await self.refuse(
                UnverifiedEmailError("no verified address"), None, at=at, address=address
            )
        account = await self._store.people.by_email(email)
        if account is None:
            await self.refuse(
                NoAccountError("nobody has this address"), None, at=at, address=address
            )
        user = account.user
        await self._open_only(user, at=at, address=address)
        act = Act(
            actor=actor_of(user, address=address),
            action="identity.linked",
            at=at,
            client_id=user.client_id,
            subject=user.id,
            detail={"issuer": issuer},
        )
        identity = Identity(
            issuer=issuer,
            subject=str(claims["sub"]),
            user_id=user.id,
            linked_at=at,
            last_used_at=at,
        )
        try:
            await self._store.identities.add(identity, act=act)
        except ConflictError:
            await self.refuse(
                OtherIdentityError("linked to another subject"), user, at=at, address=address
            )
        return user

    async def _open_only(self, user: User, *, at: datetime, address: str) -> None:
        closed = user.disabled
        if user.client_id is not None:
            closed = closed or (await self._store.for_client(user.client_id).client()).disabled
        if closed:
            await self.refuse(
                AccountClosedError("the account is closed"), user, at=at, address=address
            )
