"""Clients' mailboxes: kept, and claimed by whoever reads them next.

A reader keeps how far it came with every letter, under its claim: one that dies lets the claim run
out, and the next one goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from copilot.store.audit import Act
from copilot.store.database import Database
from copilot.store.errors import ConflictError, NotFoundError
from copilot.store.records.identifiers import new_id
from copilot.store.records.mailboxes import FOR_PEOPLE, AsideLetter, Mailbox, UnreadMailbox
from copilot.store.scope import Scoped
from copilot.store.tables.clients import clients
from copilot.store.tables.inquiries import mailboxes

MOST_MAILBOXES = 5
MOST_ASIDE = 20
PASSING = "mailbox_unreachable"


class MailboxQueries(Scoped):
    """The client's mailboxes."""

    async def mailboxes(self) -> tuple[Mailbox, ...]:
        """By address."""
        query = self._select(mailboxes).order_by(mailboxes.c.address)
        async with self._database.reading() as connection:
            rows = await self._opened(connection, mailboxes, query)
        return tuple(_mailbox(row) for row in rows)

    async def mailbox(self, mailbox_id: str) -> Mailbox:
        """Raises `NotFoundError`."""
        query = self._select(mailboxes).where(mailboxes.c.id == mailbox_id)
        async with self._database.reading() as connection:
            rows = await self._opened(connection, mailboxes, query)
        if not rows:
            raise NotFoundError("no such mailbox")
        return _mailbox(rows[0])

    async def add_mailbox(
        self, address: str, access: Mapping[str, str], *, at: datetime, act: Act
    ) -> str:
        """Its identifier; it is read from now on. Raises `ConflictError` when it is there already,
        or when there are too many; `NotFoundError` without the client."""
        mailbox_id = new_id()
        row = {
            "id": mailbox_id,
            "address": address,
            "access": dict(access),
            "last_uid": 0,
            "aside": [],
            "failures": 0,
            "created_at": at,
            "next_at": at,
        }
        count = select(func.count()).where(mailboxes.c.client_id == self.client_id)
        try:
            async with self._database.writing(act) as connection:
                await self._lock_client(connection)
                if (await connection.execute(count)).scalar_one() >= MOST_MAILBOXES:
                    raise ConflictError(f"at most {MOST_MAILBOXES} mailboxes")
                sealed = await self._seal(connection, mailboxes, row)
                await connection.execute(self._insert(mailboxes, *sealed))
        except IntegrityError as error:
            raise ConflictError(f"{address} is read already") from error
        return mailbox_id

    async def change_mailbox(
        self, mailbox_id: str, access: Mapping[str, str], *, afresh: bool, at: datetime, act: Act
    ) -> None:
        """Another access, read at once; `afresh`: it is another folder, read from now on.

        Raises `NotFoundError`.
        """
        values: dict[str, Any] = {"fault": None, "failures": 0, "next_at": at, "claim": None}
        if afresh:
            values |= {"validity": None, "last_uid": 0}
        async with self._database.writing(act) as connection:
            row = {"id": mailbox_id, "access": dict(access)}
            (sealed,) = await self._seal(connection, mailboxes, row)
            mine = self._update(mailboxes).where(mailboxes.c.id == mailbox_id)
            changed = await connection.execute(mine.values(access=sealed["access"], **values))
            if changed.rowcount == 0:
                raise NotFoundError("no such mailbox")

    async def renew_mailbox_token(self, mailbox_id: str, refresh_token: str) -> None:
        """Another refresh token in the place of the one it has; nothing where it is gone."""
        async with self._database.writing() as connection:
            query = self._select(mailboxes).where(mailboxes.c.id == mailbox_id).with_for_update()
            for kept in map(_mailbox, await self._opened(connection, mailboxes, query)):
                if "refresh_token" not in kept.access:  # a password since
                    continue
                row = {"id": kept.id, "access": {**kept.access, "refresh_token": refresh_token}}
                (sealed,) = await self._seal(connection, mailboxes, row)
                mine = self._update(mailboxes).where(mailboxes.c.id == mailbox_id)
                await connection.execute(mine.values(access=sealed["access"]))

    async def drop_mailbox(self, mailbox_id: str, *, act: Act) -> None:
        """It is read no more; what came in stays. Raises `NotFoundError`."""
        gone = self._delete(mailboxes).where(mailboxes.c.id == mailbox_id)
        async with self._database.writing(act) as connection:
            if (await connection.execute(gone)).rowcount == 0:
                raise NotFoundError("no such mailbox")

    async def keep_mailbox_place(self, mailbox: Mailbox, *, until: datetime) -> bool:
        """How far it was read and what was left aside, under the mailbox's claim, which lasts
        `until`; false when another reader has it."""
        return await self._keep(mailbox, next_at=until)

    async def settle_mailbox(self, mailbox: Mailbox, *, next_at: datetime) -> bool:
        """The end of a reading, good or bad: free for the next. False as above."""
        return await self._keep(
            mailbox,
            next_at=next_at,
            claim=None,
            fault=mailbox.fault,
            failures=mailbox.failures,
            read_at=mailbox.read_at,
        )

    async def hasten_mailbox(self, mailbox_id: str, *, at: datetime) -> None:
        """Read it at that moment at the latest; nothing where somebody reads it now, or where it
        is there no more."""
        free = self._update(mailboxes).where(
            mailboxes.c.id == mailbox_id, mailboxes.c.claim.is_(None), mailboxes.c.next_at > at
        )
        async with self._database.writing() as connection:
            await connection.execute(free.values(next_at=at))

    async def _forget_asides(
        self,
        connection: AsyncConnection,
        unwanted: Callable[[AsideLetter], bool],
        *,
        at: datetime,
    ) -> int:
        """Take letters off the lists of those left aside; how many there were.

        A reading that goes on loses its claim, so that it cannot put them back; it is done again.
        """
        count = 0
        rows = await self._opened(connection, mailboxes, self._select(mailboxes).with_for_update())
        for mailbox in map(_mailbox, rows):
            left = [one for one in mailbox.aside if not unwanted(one)]
            if len(left) == len(mailbox.aside):
                continue
            count += len(mailbox.aside) - len(left)
            row = {"id": mailbox.id, "aside": [asdict(one) for one in left]}
            (sealed,) = await self._seal(connection, mailboxes, row)
            mine = self._update(mailboxes).where(mailboxes.c.id == mailbox.id)
            again = {"claim": None, "next_at": at} if mailbox.claim else {}
            await connection.execute(mine.values(aside=sealed["aside"], **again))
        return count

    async def _keep(self, mailbox: Mailbox, **values: Any) -> bool:
        row = {"id": mailbox.id, "aside": [asdict(one) for one in mailbox.aside[:MOST_ASIDE]]}
        mine = self._update(mailboxes).where(
            mailboxes.c.id == mailbox.id, mailboxes.c.claim == mailbox.claim
        )
        async with self._database.writing() as connection:
            (sealed,) = await self._seal(connection, mailboxes, row)
            kept = await connection.execute(
                mine.values(
                    aside=sealed["aside"],
                    validity=mailbox.validity,
                    last_uid=mailbox.last_uid,
                    **values,
                )
            )
        return kept.rowcount > 0


class MailboxQueue:
    """Every client's mailboxes, for the reader."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, *, at: datetime, lease_s: float) -> Mailbox | None:
        """A mailbox that is due, for `lease_s`; of no client that is disabled."""
        due = (
            select(mailboxes.c.client_id, mailboxes.c.id)
            .join(clients, clients.c.id == mailboxes.c.client_id)
            .where(mailboxes.c.next_at <= at, clients.c.disabled.is_(False))
            .order_by(mailboxes.c.next_at)
            .limit(1)
            .with_for_update(skip_locked=True, of=mailboxes)
        )
        async with self._database.writing() as connection:
            found = (await connection.execute(due)).one_or_none()
            if found is None:
                return None
            mine = (mailboxes.c.client_id == found.client_id, mailboxes.c.id == found.id)
            claimed = {"claim": new_id(), "next_at": at + timedelta(seconds=lease_s)}
            await connection.execute(update(mailboxes).where(*mine).values(**claimed))
            rows = (await connection.execute(select(mailboxes).where(*mine))).all()
            (row,) = await self._database.vault.open(connection, mailboxes, rows)
        return _mailbox(row)

    async def unread(self) -> tuple[UnreadMailbox, ...]:
        """Those that cannot be read until somebody mends them, the longest first; of no client
        that is disabled. A server that does not answer is given a few tries."""
        query = (
            select(
                mailboxes.c.client_id,
                clients.c.name.label("client_name"),
                clients.c.colour.label("client_colour"),
                mailboxes.c.address,
                mailboxes.c.fault,
                mailboxes.c.read_at,
            )
            .join(clients, clients.c.id == mailboxes.c.client_id)
            .where(
                clients.c.disabled.is_(False),
                mailboxes.c.fault.is_not(None),
                (mailboxes.c.fault != PASSING) | (mailboxes.c.failures >= FOR_PEOPLE),
            )
            .order_by(mailboxes.c.read_at.nulls_first(), mailboxes.c.address)
        )
        async with self._database.reading() as connection:
            return tuple(UnreadMailbox(**row._mapping) for row in await connection.execute(query))

    async def next_due(self) -> datetime | None:
        """When there is something to read next; null without a mailbox."""
        query = (
            select(func.min(mailboxes.c.next_at))
            .join(clients, clients.c.id == mailboxes.c.client_id)
            .where(clients.c.disabled.is_(False))
        )
        async with self._database.reading() as connection:
            due: datetime | None = (await connection.execute(query)).scalar()
        return due


def _mailbox(row: Any) -> Mailbox:
    values = {name: getattr(row, name) for name in Mailbox.__dataclass_fields__}
    return Mailbox(**{**values, "aside": tuple(AsideLetter(**one) for one in row.aside)})
