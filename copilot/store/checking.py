"""Opening everything that is sealed, and counting everything, to know that it is there."""

from __future__ import annotations

from sqlalchemy import Connection, Table, func, select

from copilot.store.database import Database
from copilot.store.datakeys import SEALED_TABLES
from copilot.store.resealing import Cursor, next_batch, opened_with
from copilot.store.sealing import DataKey
from copilot.store.tables import metadata
from copilot.store.tables.clients import clients


async def open_everything(database: Database) -> int:
    """Open every sealed value of every client; how many rows. Raises KeyFileError at the first
    that does not open."""
    count = 0
    async with database.reading() as connection:
        ids = (await connection.execute(select(clients.c.id))).scalars().all()
        for client_id in ids:
            known = await database.vault.keys(connection, client_id)
            keys = {(client_id, name): key for name, key in known.items()}
            for table in SEALED_TABLES:
                count += await connection.run_sync(_open, table, client_id, keys)
    return count


async def count_rows(database: Database) -> dict[str, int]:
    """How many rows each table has."""
    async with database.reading() as connection:
        return {
            table.name: (
                await connection.execute(select(func.count()).select_from(table))
            ).scalar_one()
            for table in metadata.sorted_tables
        }


def _open(
    connection: Connection, table: Table, client_id: str, keys: dict[tuple[str, str], DataKey]
) -> int:
    clear, count = opened_with(keys), 0
    after: Cursor = None
    while True:
        rows, after = next_batch(connection, table, client_id, after)
        if after is None:
            return count
        for row in rows:
            clear(table, row)
        count += len(rows)
