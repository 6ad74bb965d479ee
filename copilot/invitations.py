"""How people get in for the first time, and again: one-time links.

A link opens the choice of a password, once and for a while; its token is kept as a digest. A
`setup` link exists only while no administrator can sign in, and makes the first one.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from copilot import passwords
from copilot.accounts import AccountError, actor_of, token_hash
from copilot.passwords import check_password
from copilot.store.audit import SYSTEM, Act, Actor
from copilot.store.errors import NotFoundError
from copilot.store.records.accounts import Language, LinkKind, OneTimeLink, Role, User
from copilot.store.records.identifiers import new_id

if TYPE_CHECKING:
    from copilot.store.store import Store

LIVES: dict[LinkKind, timedelta] = {
    "setup": timedelta(hours=24),
    "invitation": timedelta(days=7),
    "reset": timedelta(hours=1),
}


class LinkOverError(AccountError):
    """The link was used, is too old, was replaced by a newer one, or never was."""

    code = "link_over"


class AlreadySetUpError(AccountError):
    """There is an administrator: they invite the others."""

    code = "already_set_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A fresh link. `token` is in it and nowhere else."""

    token: str
    kind: LinkKind
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What somebody who holds a link may know of it."""

    link: OneTimeLink
    user: User | None
    """Null for the first administrator, who is nobody yet."""


class Invitations:
    """Issues one-time links and redeems them."""

    def __init__(
        self, store: Store, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._people = store.people
        self._links = store.links
        self._now = now

    async def needs_set_up(self) -> bool:
        """Nobody can administer yet."""
        return await self._people.open_administrators() == 0

    async def set_up(self) -> Issued:
        """A link to make the first administrator; earlier ones no longer work.

        Raises AlreadySetUpError.
        """
        if not await self.needs_set_up():
            raise AlreadySetUpError("there is an administrator already: they invite the others")
        return await self._issue("setup", None, actor=SYSTEM)

    async def invite(
        self,
        *,
        email: str,
        name: str,
        role: Role,
        client_id: str | None,
        language: Language,
        actor: Actor,
    ) -> tuple[User, Issued]:
        """Create an account without a password, and the link to choose one.

        Raises the store's `ConflictError`.
        """
        user_id = new_id()
        act = Act(
            actor=actor,
            action="user.invited",
            at=self._now(),
            client_id=client_id,
            subject=user_id,
            detail={"role": role},
        )
        user = await self._people.create_user(
            user_id=user_id,
            email=email,
            name=name,
            role=role,
            password_hash="",
            at=self._now(),
            client_id=client_id,
            language=language,
            act=act,
        )
        return user, await self._issue("invitation", user, actor=actor)

    async def link_for(self, user_id: str, *, actor: Actor) -> Issued:
        """Another link for somebody: an invitation until they have a password, then a reset.

        Raises `NotFoundError`.
        """
        user = await self._people.user(user_id)
        if user.disabled:
            raise NotFoundError("the account is disabled")
        return await self._issue("invitation" if user.invited else "reset", user, actor=actor)

    async def look(self, token: str) -> Opened:
        """What a link is for. Raises LinkOverError."""
        link = await self._links.by_token(token_hash(token))
        if link is None or link.used_at is not None or link.expires_at <= self._now():
            raise LinkOverError("the link was used, replaced or is too old: ask for another")
        if link.kind == "setup" and not await self.needs_set_up():
            raise LinkOverError("there is an administrator already")
        user = await self._people.user(link.user_id) if link.user_id else None
        if user is not None and user.disabled:
            raise LinkOverError("the account is disabled")
        return Opened(link=link, user=user)

    async def redeem(self, token: str, password: str) -> User:
        """Choose the password of an invitation or a reset; other sessions end.

        Raises LinkOverError, WeakPasswordError (the link stays good then).
        """
        opened = await self.look(token)
        if opened.user is None:
            raise LinkOverError("this link makes the first administrator")
        user = opened.user
        check_password(password, email=user.email, about=[user.name])
        hashed = await asyncio.to_thread(passwords.hash_password, password)
        await self._take(opened.link)
        act = Act(
            actor=actor_of(user),
            action="user.password",
            at=self._now(),
            client_id=user.client_id,
            subject=user.id,
            detail={"by": opened.link.kind},
        )
        await self._people.set_password_hash(user.id, hashed, act=act)
        await self._people.revoke_sessions_of(user.id, at=self._now())
        return await self._people.user(user.id)

    async def make_administrator(
        self, token: str, *, email: str, name: str, password: str, language: Language
    ) -> User:
        """Redeem a `setup` link. Raises LinkOverError, WeakPasswordError, `ConflictError`."""
        opened = await self.look(token)
        if opened.link.kind != "setup":
            raise LinkOverError("this link is somebody's own")
        check_password(password, email=email, about=[name])
        hashed = await asyncio.to_thread(passwords.hash_password, password)
        user_id = new_id()
        act = Act(
            actor=Actor(id=user_id, name=name, role="administrator"),
            action="user.first_administrator",
            at=self._now(),
            subject=user_id,
        )
        await self._take(opened.link)
        return await self._people.create_user(
            user_id=user_id,
            email=email,
            name=name,
            role="administrator",
            password_hash=hashed,
            at=self._now(),
            language=language,
            act=act,
        )

    async def forget_old_links(self) -> int:
        """Delete links that ended a month ago."""
        return await self._links.forget(expired_before=self._now() - timedelta(days=30))

    async def _issue(self, kind: LinkKind, user: User | None, *, actor: Actor) -> Issued:
        token = secrets.token_urlsafe(32)
        now = self._now()
        link = await self._links.add(
            kind=kind,
            token_hash=token_hash(token),
            user_id=user.id if user else None,
            at=now,
            expires_at=now + LIVES[kind],
            act=Act(
                actor=actor,
                action=f"link.{kind}",
                at=now,
                client_id=user.client_id if user else None,
                subject=user.id if user else "",
            ),
        )
        return Issued(token=token, kind=kind, expires_at=link.expires_at)

    async def _take(self, link: OneTimeLink) -> None:
        if not await self._links.take(link.id, at=self._now()):
            raise LinkOverError("the link was used just now")
