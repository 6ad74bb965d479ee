"""Browsers that a client's people let us notify: kept, listed, forgotten."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from copilot.store.audit import Act
from copilot.store.errors import ConflictError, NotFoundError
from copilot.store.records.push import PushSubscription
from copilot.store.scope import Scoped
from copilot.store.tables.accounts import users
from copilot.store.tables.push import push_subscriptions

MOST_BROWSERS = 100
"""Of one client: each is one conversation for every message."""


def digest_of_address(address: str) -> str:
    """The same for the same browser."""
    return hashlib.sha256(address.encode()).hexdigest()


class PushQueries(Scoped):
    """The client's browsers."""

    async def push_subscriptions(self, *, user_id: str) -> tuple[PushSubscription, ...]:
        """One person's, newest first."""
        query = (
            self._select(push_subscriptions)
            .where(push_subscriptions.c.user_id == user_id)
            .order_by(push_subscriptions.c.created_at.desc(), push_subscriptions.c.id)
        )
        async with self._database.reading() as connection:
            rows = await self._opened(connection, push_subscriptions, query)
        return tuple(_subscription(row) for row in rows)

    async def push_targets(self, *, email: str | None = None) -> tuple[PushSubscription, ...]:
        """The browsers of everybody who may still sign in for this client, or of one person, by
        their address; oldest first."""
        query = (
            self._select(push_subscriptions)
            .join(users, users.c.id == push_subscriptions.c.user_id)
            .where(users.c.client_id == self.client_id, users.c.disabled.is_(False))
            .order_by(push_subscriptions.c.created_at, push_subscriptions.c.id)
        )
        if email is not None:
            query = query.where(users.c.email == email.strip().lower())
        async with self._database.reading() as connection:
            rows = await self._opened(connection, push_subscriptions, query)
        return tuple(_subscription(row) for row in rows)

    async def notified_emails(self) -> tuple[str, ...]:
        """Whom `push_targets` reaches by their address, in order."""
        query = (
            self._select(push_subscriptions, users.c.email)
            .join(users, users.c.id == push_subscriptions.c.user_id)
            .where(users.c.client_id == self.client_id, users.c.disabled.is_(False))
            .distinct()
            .order_by(users.c.email)
        )
        async with self._database.reading() as connection:
            return tuple((await connection.execute(query)).scalars())

    async def keep_push_subscription(self, kept: PushSubscription, *, act: Act) -> PushSubscription:
        """The browser, once: whoever signed in there last is whose it is.

        Raises `ConflictError` when the client has too many or the person is gone, `NotFoundError`
        without the client.
        """
        digest = digest_of_address(kept.address)
        same = push_subscriptions.c.digest == digest
        row = {
            "id": kept.id,
            "user_id": kept.user_id,
            "digest": digest,
            "browser": kept.browser,
            "address": kept.address,
            "keys": kept.keys,
            "created_at": kept.created_at,
        }
        try:
            async with self._database.writing(act) as connection:
                await self._lock_client(connection)
                await connection.execute(self._delete(push_subscriptions).where(same))
                count = select(func.count()).where(push_subscriptions.c.client_id == self.client_id)
                if (await connection.execute(count)).scalar_one() >= MOST_BROWSERS:
                    raise ConflictError(f"at most {MOST_BROWSERS} browsers are notified")
                sealed = await self._seal(connection, push_subscriptions, row)
                await connection.execute(self._insert(push_subscriptions, *sealed))
        except IntegrityError as error:  # their account went meanwhile
            raise ConflictError("the browser cannot be kept") from error
        return kept

    async def drop_push_subscription(self, subscription_id: str, *, user_id: str, act: Act) -> None:
        """Their browser is notified no more. Raises `NotFoundError` on another's."""
        gone = self._delete(push_subscriptions).where(
            push_subscriptions.c.id == subscription_id, push_subscriptions.c.user_id == user_id
        )
        async with self._database.writing(act) as connection:
            if (await connection.execute(gone)).rowcount == 0:
                raise NotFoundError("no such browser")

    async def note_pushed(
        self, *, reached: Sequence[str], gone: Sequence[str], at: datetime
    ) -> None:
        """What push services said: who was reached, and which browsers no longer exist."""
        async with self._database.writing() as connection:
            await connection.execute(
                self._update(push_subscriptions)
                .where(push_subscriptions.c.id.in_(reached))
                .values(reached_at=at)
            )
            await connection.execute(
                self._delete(push_subscriptions).where(push_subscriptions.c.id.in_(gone))
            )


def _subscription(row: Any) -> PushSubscription:
    return PushSubscription(
        **{name: getattr(row, name) for name in PushSubscription.__dataclass_fields__}
    )
