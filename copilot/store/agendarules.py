"""A client's agenda and its calendar accounts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select

from copilot.agenda.rules import AgendaRules, KeptRules, read_rules, rules_values
from copilot.store.audit import Act
from copilot.store.errors import ConflictError, NotFoundError
from copilot.store.records.agenda import Provider, StoredAccount
from copilot.store.scope import Scoped
from copilot.store.tables.agenda import agendas, appointments, calendar_accounts

MOST_ACCOUNTS = 20


def account_of(row: Any) -> StoredAccount:
    """A row as `Vault.open` gives it."""
    return StoredAccount(
        id=row.id,
        client_id=row.client_id,
        provider=row.provider,
        name=row.name,
        access=row.access,
        fault=row.fault,
        tried_at=row.tried_at,
    )


class AgendaQueries(Scoped):
    """The client's agenda."""

    async def agenda(self) -> KeptRules:
        """The rules in force; empty ones before the first were kept."""
        async with self._database.reading() as connection:
            row = (await connection.execute(self._select(agendas))).one_or_none()
        if row is None:
            return KeptRules()
        return KeptRules(rules=read_rules(row.rules), version=row.version)

    async def save_agenda(
        self, rules: AgendaRules, *, latest: int, at: datetime, act: Act | None = None
    ) -> KeptRules:
        """Keep checked rules. `latest`: the version they were made from.

        Raises `NotFoundError`, `ConflictError` when somebody else kept others since.
        """
        async with self._database.writing(act) as connection:
            await self._lock_client(connection)
            version = (
                await connection.execute(self._select(agendas, agendas.c.version))
            ).scalar_one_or_none() or 0
            if version != latest:
                raise ConflictError("the agenda was changed meanwhile")
            row = {"rules": rules_values(rules), "version": version + 1, "changed_at": at}
            if version:
                await connection.execute(self._update(agendas).values(row))
            else:
                await connection.execute(self._insert(agendas, row))
        return KeptRules(rules=rules, version=version + 1)

    async def calendar_accounts(self) -> tuple[StoredAccount, ...]:
        """By name."""
        query = self._select(calendar_accounts).order_by(
            calendar_accounts.c.name, calendar_accounts.c.id
        )
        async with self._database.reading() as connection:
            rows = await self._opened(connection, calendar_accounts, query)
        return tuple(account_of(row) for row in rows)

    async def calendar_account(self, account_id: str) -> StoredAccount:
        """Raises `NotFoundError`."""
        query = self._select(calendar_accounts).where(calendar_accounts.c.id == account_id)
        async with self._database.reading() as connection:
            rows = await self._opened(connection, calendar_accounts, query)
        if not rows:
            raise NotFoundError(f"no calendar account {account_id!r}")
        return account_of(rows[0])

    async def save_calendar_account(
        self,
        account_id: str,
        *,
        provider: Provider,
        name: str,
        access: Mapping[str, str],
        at: datetime,
        act: Act | None = None,
    ) -> None:
        """Keep a new account, or another access for the same: what it could not write is tried
        again. Raises `NotFoundError` without the
        client, `ConflictError` when it has too many or the account is another provider's."""
        row = {"id": account_id, "provider": provider, "name": name, "access": dict(access)}
        async with self._database.writing(act) as connection:
            await self._lock_client(connection)
            mine = calendar_accounts.c.id == account_id
            known = (
                await connection.execute(
                    self._select(calendar_accounts, calendar_accounts.c.provider).where(mine)
                )
            ).scalar_one_or_none()
            if known not in (None, provider):
                raise ConflictError("the account is another provider's")
            (sealed,) = await self._seal(connection, calendar_accounts, row)
            if known is not None:
                fresh = {"name": name, "access": sealed["access"], "fault": None, "tried_at": None}
                await connection.execute(
                    self._update(calendar_accounts).where(mine).values(**fresh)
                )
                await connection.execute(
                    self._update(appointments)
                    .where(
                        appointments.c.account_id == account_id,
                        appointments.c.sync.in_(("failed", "pending")),
                    )
                    .values(sync="pending", attempts=0, next_attempt_at=at)
                )
                return
            count = select(func.count()).where(calendar_accounts.c.client_id == self.client_id)
            if (await connection.execute(count)).scalar_one() >= MOST_ACCOUNTS:
                raise ConflictError(f"at most {MOST_ACCOUNTS} calendar accounts")
            await connection.execute(insert(calendar_accounts).values(sealed))

    async def renew_access(self, account_id: str, access: Mapping[str, str]) -> None:
        """Keep a token that the provider replaced. Nothing happens when the account is gone."""
        row = {"id": account_id, "access": dict(access)}
        async with self._database.writing() as connection:
            (sealed,) = await self._seal(connection, calendar_accounts, row)
            await connection.execute(
                self._update(calendar_accounts)
                .where(calendar_accounts.c.id == account_id)
                .values(access=sealed["access"])
            )

    async def note_account(self, account_id: str, *, fault: str | None, at: datetime) -> None:
        """How the last try to use it went."""
        async with self._database.writing() as connection:
            await connection.execute(
                self._update(calendar_accounts)
                .where(calendar_accounts.c.id == account_id)
                .values(fault=fault, tried_at=at)
            )

    async def drop_calendar_account(self, account_id: str, *, act: Act | None = None) -> None:
        """Forget an account. Raises `NotFoundError`, `ConflictError` while a practitioner or an
        appointment that is still to be written needs it."""
        async with self._database.writing(act) as connection:
            await self._lock_client(connection)
            row = (await connection.execute(self._select(agendas, agendas.c.rules))).one_or_none()
            used = {one["account"] for one in row.rules["practitioners"]} if row else set()
            waiting = self._select(appointments, appointments.c.id).where(
                appointments.c.account_id == account_id, appointments.c.sync == "pending"
            )
            if account_id in used or (await connection.execute(waiting.limit(1))).first():
                raise ConflictError("a practitioner's calendar is in this account")
            gone = self._delete(calendar_accounts).where(calendar_accounts.c.id == account_id)
            if (await connection.execute(gone)).rowcount == 0:
                raise NotFoundError(f"no calendar account {account_id!r}")
