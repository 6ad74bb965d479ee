"""The base of every query about one client: the filter is put here and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Delete, Insert, Select, Table, Update, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from copilot.store.database import Database
from copilot.store.errors import NotFoundError
from copilot.store.sealing import DataKey
from copilot.store.tables.clients import clients


class Scoped:
    """Statements that can only see, change or add rows of one client."""

    def __init__(self, database: Database, client_id: str) -> None:
        self._database = database.of_client(client_id)
        self.client_id = client_id

    def _select(self, table: Table, *columns: Any) -> Select[Any]:
        chosen = select(*columns) if columns else select(table)
        return chosen.where(table.c.client_id == self.client_id)

    def _update(self, table: Table) -> Update:
        return update(table).where(table.c.client_id == self.client_id)

    def _delete(self, table: Table) -> Delete:
        return delete(table).where(table.c.client_id == self.client_id)

    def _insert(self, table: Table, *rows: dict[str, Any]) -> Insert:
        return insert(table).values([{**row, "client_id": self.client_id} for row in rows])

    async def _insert_many(
        self, connection: AsyncConnection, table: Table, rows: Sequence[dict[str, Any]]
    ) -> None:
        """Insert thousands of rows: compiled once, where `_insert` is for every set of values."""
        if rows:
            own = [{**row, "client_id": self.client_id} for row in rows]
            await connection.execute(insert(table), own)

    async def _seal(
        self, connection: AsyncConnection, table: Table, *rows: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Rows to be written, with what must be encrypted encrypted (see `vault`)."""
        return await self._database.vault.seal(connection, table, self.client_id, *rows)

    async def _opened(
        self, connection: AsyncConnection, table: Table, query: Select[Any]
    ) -> list[Any]:
        """The rows of a query, with what is encrypted of that table as it was."""
        rows = (await connection.execute(query)).all()
        return await self._database.vault.open(connection, table, rows)

    async def sealing_key(self) -> DataKey:
        """What to write this client's files with (`sealedfiles.SealedWriter`).

        Raises KeyFileError.
        """
        async with self._database.reading() as connection:
            return await self._database.vault.current(connection, self.client_id)

    async def opening_keys(self) -> dict[str, DataKey]:
        """What to read them with (`sealedfiles.SealedReader`). Raises KeyFileError."""
        async with self._database.reading() as connection:
            return await self._database.vault.keys(connection, self.client_id)

    async def _lock_client(self, connection: AsyncConnection) -> None:
        """Let whoever else replaces this client's data wait until this transaction is over.

        Raises `NotFoundError`. SQLite's write transactions take turns already.
        """
        query = select(clients.c.id).where(clients.c.id == self.client_id).with_for_update()
        if (await connection.execute(query)).one_or_none() is None:
            raise NotFoundError(f"no client {self.client_id!r}")
