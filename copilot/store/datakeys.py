"""A new data key for a client, with everything of its rows sealed again.

In steps that may be stopped and run again: the new key is there and used from the first; rows
follow in batches, each its own transaction. The older key stays, retired, for files that it
sealed; a wipe destroys all of them.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Table, update

from copilot.store.audit import SYSTEM, Act
from copilot.store.database import Database
from copilot.store.resealing import Cursor, next_batch, opened_with, sealed_with, write_sealed
from copilot.store.sealing import DataKey, sealed_columns
from copilot.store.tables import OF_A_CLIENT
from copilot.store.tables.keys import client_keys

SEALED_TABLES = tuple(table for table in OF_A_CLIENT if sealed_columns(table))


async def rotate_data_key(database: Database, client_id: str, *, at: datetime) -> int:
    """Seal a client's rows with a new key; how many there were. Raises KeyFileError."""
    view = database.of_client(client_id)
    act = Act(actor=SYSTEM, action="keys.data_rotated", at=at, client_id=client_id)
    async with view.writing(act) as connection:
        # Waits for who is writing with it; nobody takes it after.
        await connection.execute(
            update(client_keys)
            .where(client_keys.c.client_id == client_id, client_keys.c.retired_at.is_(None))
            .values(retired_at=at)
        )
        key = await database.vault.create(connection, client_id)
    async with view.reading() as connection:
        keys = {
            (client_id, one): k
            for one, k in (await database.vault.keys(connection, client_id)).items()
        }
    count = 0
    for table in SEALED_TABLES:
        after: Cursor = None
        while True:
            async with view.writing() as connection:
                done, after = await connection.run_sync(_again, table, keys, key, after)
            if after is None:
                break
            count += done
    return count


def _again(
    connection: Connection,
    table: Table,
    keys: dict[tuple[str, str], DataKey],
    key: DataKey,
    after: Cursor,
) -> tuple[int, Cursor]:
    rows, end = next_batch(connection, table, key.client_id, after)
    fresh = sealed_with(key)
    old = [row for row in rows if not fresh(row, table)]
    write_sealed(connection, table, old, key, opened_with(keys))
    return len(old), end
