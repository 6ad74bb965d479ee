"""Forgotten passwords: letters are written in the background, so that an answer tells nothing."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta

from copilot.attempts import AttemptLimiter
from copilot.delivery.accountletter import AccountLetters
from copilot.delivery.channel import DeliveryError
from copilot.invitations import Invitations
from copilot.store.audit import SYSTEM
from copilot.store.errors import StoreError
from copilot.store.people import People

logger = logging.getLogger(__name__)

AT_ONCE = 20
"""Letters being written; more asked for meanwhile are not: somebody is playing."""


class Resets:
    """Owns the letters that are being written."""

    def __init__(
        self,
        *,
        people: People,
        invitations: Invitations,
        letters: AccountLetters | None,
        public_url: str,
    ) -> None:
        self._people = people
        self._invitations = invitations
        self._letters = letters
        self._public_url = public_url
        self._by_address = AttemptLimiter(free=10, longest_wait=timedelta(hours=1))
        self._by_account = AttemptLimiter(free=3, longest_wait=timedelta(hours=1))
        self._tasks: set[asyncio.Task[None]] = set()

    def wait_s(self, address: str) -> float:
        """Seconds before this network address may ask again."""
        return self._by_address.wait_s(address, at=datetime.now(UTC))

    def ask(self, email: str, *, address: str) -> None:
        """Write to somebody, if there is such a person. Never waits, never says."""
        self._by_address.failed(address, at=datetime.now(UTC))
        if self._letters is None or len(self._tasks) >= AT_ONCE:
            return
        task = asyncio.create_task(self._write(email, self._letters), name="password-reset")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def written(self) -> None:
        """Wait for the letters in hand."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def close(self) -> None:
        """Leave the letters in hand unwritten."""
        for task in self._tasks:
            task.cancel()
        await self.written()

    async def _write(self, email: str, letters: AccountLetters) -> None:
        known = await self._people.by_email(email)
        now = datetime.now(UTC)
        if known is None or known.user.disabled:
            return
        if self._by_account.wait_s(known.user.id, at=now) > 0:
            return
        self._by_account.failed(known.user.id, at=now)
        try:
            issued = await self._invitations.link_for(known.user.id, actor=SYSTEM)
            link = f"{self._public_url}/welcome#{issued.token}"
            await letters.send(known.user, issued.kind, link, until=issued.expires_at, at=now)
        except (DeliveryError, StoreError) as error:
            logger.error("a password letter could not be handed over: %s", error)
