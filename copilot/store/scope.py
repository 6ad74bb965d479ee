"""The base of every query about one client: the filter is put here and nowhere else."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Delete, Insert, Select, Table, Update, delete, insert, select, update

from copilot.store.database import Database


class Scoped:
    """Statements that can only see, change or add rows of one client."""

    def __init__(self, database: Database, client_id: str) -> None:
        self._database = database
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
