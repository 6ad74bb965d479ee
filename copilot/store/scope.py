"""The base of every query about one client: the filter is put here and nowhere else."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Delete, Insert, Select, Table, Update, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from copilot.store.database import Database
from copilot.store.errors import NotFoundError
from copilot.store.tables import clients


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

    async def _lock_client(self, connection: AsyncConnection) -> None:
        """Let whoever else replaces this client's data wait until this transaction is over.

        Raises `NotFoundError`. SQLite's write transactions take turns already.
        """
        query = select(clients.c.id).where(clients.c.id == self.client_id).with_for_update()
        if (await connection.execute(query)).one_or_none() is None:
            raise NotFoundError(f"no client {self.client_id!r}")
