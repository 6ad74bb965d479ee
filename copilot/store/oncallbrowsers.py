"""Browsers of people on call, added from the link of a message: kept with their entry on the list.

An entry that changes (another address, another number) may be another person: its browsers go in
the same transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from copilot.oncall import OnCall, entry_digest
from copilot.store.audit import Act
from copilot.store.errors import ConflictError, NotFoundError
from copilot.store.pushsubscriptions import digest_of_address
from copilot.store.records.push import OnCallBrowser
from copilot.store.scope import Scoped
from copilot.store.tables.push import on_call_browsers

MOST_OF_A_CONTACT = 5


class OnCallBrowserQueries(Scoped):
    """The browsers of whoever is on call for the client."""

    async def on_call_browsers(self, contact: str | None = None) -> tuple[OnCallBrowser, ...]:
        """Everybody's, or one person's by their name on the list; oldest first."""
        query = self._select(on_call_browsers).order_by(
            on_call_browsers.c.created_at, on_call_browsers.c.id
        )
        if contact is not None:
            query = query.where(on_call_browsers.c.contact == contact)
        async with self._database.reading() as connection:
            rows = await self._opened(connection, on_call_browsers, query)
        return tuple(_browser(row) for row in rows)

    async def keep_on_call_browser(self, phone: OnCallBrowser, *, act: Act) -> OnCallBrowser:
        """The browser, once: whoever added it last is who it is of.

        Raises `ConflictError` when that person has too many.
        """
        digest = digest_of_address(phone.address)
        row = {
            "id": phone.id,
            "contact": phone.contact,
            "entry": phone.entry,
            "digest": digest,
            "browser": phone.browser,
            "address": phone.address,
            "keys": phone.keys,
            "created_at": phone.created_at,
        }
        async with self._database.writing(act) as connection:
            await self._lock_client(connection)
            await connection.execute(
                self._delete(on_call_browsers).where(on_call_browsers.c.digest == digest)
            )
            count = select(func.count()).where(
                on_call_browsers.c.client_id == self.client_id,
                on_call_browsers.c.contact == phone.contact,
            )
            if (await connection.execute(count)).scalar_one() >= MOST_OF_A_CONTACT:
                raise ConflictError(f"at most {MOST_OF_A_CONTACT} browsers of one person on call")
            sealed = await self._seal(connection, on_call_browsers, row)
            await connection.execute(self._insert(on_call_browsers, *sealed))
        return phone

    async def drop_on_call_browser(
        self, browser_id: str, *, act: Act, contact: str | None = None
    ) -> None:
        """It is notified no more. `contact`: only if it is theirs. Raises `NotFoundError`."""
        gone = self._delete(on_call_browsers).where(on_call_browsers.c.id == browser_id)
        if contact is not None:
            gone = gone.where(on_call_browsers.c.contact == contact)
        async with self._database.writing(act) as connection:
            if (await connection.execute(gone)).rowcount == 0:
                raise NotFoundError("no such browser")

    async def note_on_call_pushed(
        self, *, reached: Sequence[str], gone: Sequence[str], at: datetime
    ) -> None:
        """What push services said: who was reached, and which browsers no longer exist."""
        async with self._database.writing() as connection:
            await connection.execute(
                self._update(on_call_browsers)
                .where(on_call_browsers.c.id.in_(reached))
                .values(reached_at=at)
            )
            await connection.execute(
                self._delete(on_call_browsers).where(on_call_browsers.c.id.in_(gone))
            )


async def has_browsers(connection: AsyncConnection, client_id: str, contact: str) -> bool:
    """Whether somebody on call added one."""
    query = select(on_call_browsers.c.id).where(
        on_call_browsers.c.client_id == client_id, on_call_browsers.c.contact == contact
    )
    return (await connection.execute(query.limit(1))).first() is not None


async def drop_strays(connection: AsyncConnection, client_id: str, listed: OnCall) -> None:
    """Forget the browsers whose entry is no longer on the list as it was."""
    kept = [(contact.name, entry_digest(contact)) for contact in listed.contacts]
    entry = tuple_(on_call_browsers.c.contact, on_call_browsers.c.entry)
    await connection.execute(
        delete(on_call_browsers).where(
            on_call_browsers.c.client_id == client_id, entry.not_in(kept)
        )
    )


def _browser(row: Any) -> OnCallBrowser:
    return OnCallBrowser(
        **{name: getattr(row, name) for name in OnCallBrowser.__dataclass_fields__}
    )
