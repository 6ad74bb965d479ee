"""Where the clients' data keys are: in the database, each sealed with the master key.

Keys are created with their client, in the same transaction, and go with it: what was sealed for a
wiped client opens no more, wherever a copy of it is. A key is read from the database for every
writing, so that one which was just retired is never used again; reading remembers them.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Select, Table, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from copilot.keyfile import KeyFileError, Keyring
from copilot.store.sealing import (
    DataKey,
    key_name,
    new_data_key,
    open_value,
    seal_row,
    sealed_columns,
    unwrapped,
    wrapped,
)
from copilot.store.tables.keys import client_keys

REMEMBERED = 4096
"""Keys kept opened in memory, about a kilobyte each; the least used is dropped."""


class Vault:
    """Seals and opens clients' data. One a process; the keys are read when needed."""

    def __init__(self, keyring: Keyring) -> None:
        self.keyring = keyring
        self._remembered: OrderedDict[tuple[str, str], DataKey] = OrderedDict()

    async def create(self, connection: AsyncConnection, client_id: str) -> DataKey:
        """A new key, with which the client's data is sealed from now on."""
        key = new_data_key(client_id)
        row = {
            "client_id": client_id,
            "id": key.name,
            "wrapped": wrapped(key, self.keyring),
            "created_at": datetime.now(UTC),
        }
        await connection.execute(insert(client_keys).values(row))
        return key

    async def current(self, connection: AsyncConnection, client_id: str) -> DataKey:
        """The key to seal with, in the transaction that writes. Raises KeyFileError."""
        query = (
            self._of(client_id)
            .where(client_keys.c.retired_at.is_(None))
            .order_by(client_keys.c.created_at.desc(), client_keys.c.id)
            .limit(1)
            .with_for_update(read=True)  # it is not retired before what it sealed is there
        )
        row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise KeyFileError(f"client {client_id!r} has no key: it was wiped, or never created")
        return self._opened(row)

    async def keys(self, connection: AsyncConnection, client_id: str) -> dict[str, DataKey]:
        """Every key of a client by name, retired ones too. Raises KeyFileError."""
        rows = await connection.execute(self._of(client_id))
        return {row.id: self._opened(row) for row in rows}

    async def seal(
        self, connection: AsyncConnection, table: Table, client_id: str, *rows: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Rows to be written, sealed; they need their primary key. Raises KeyFileError."""
        key = await self.current(connection, client_id)
        return [seal_row(key, table, {**row, "client_id": client_id}) for row in rows]

    async def open(
        self, connection: AsyncConnection, table: Table, rows: Iterable[Any]
    ) -> list[Any]:
        """Rows of a query, with what is sealed of that table opened; the columns are attributes.

        They need their `client_id` and primary key; of any number of clients, when the
        transaction may see them. Raises KeyFileError.
        """
        read = [dict(row._mapping) for row in rows]
        columns = [name for name in sealed_columns(table) if read and name in read[0]]
        keys = await self._needed(connection, read, columns)
        for row in read:
            for column in columns:
                if row[column] is not None:
                    row[column] = open_value(keys, table, column, row)
        return [SimpleNamespace(**row) for row in read]

    def forget(self, client_id: str) -> None:
        """Drop a client's keys from memory."""
        for known in [place for place in self._remembered if place[0] == client_id]:
            del self._remembered[known]

    async def _needed(
        self, connection: AsyncConnection, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]
    ) -> dict[tuple[str, str], DataKey]:
        needed = {
            (row["client_id"], name)
            for row in rows
            for column in columns
            if (name := key_name(row[column])) is not None
        }
        known = {place: self._remembered[place] for place in needed & self._remembered.keys()}
        for client_id in {client_id for client_id, _ in needed - known.keys()}:
            for name, key in (await self.keys(connection, client_id)).items():
                known[client_id, name] = key
        return known

    def _of(self, client_id: str) -> Select[Any]:
        return select(client_keys).where(client_keys.c.client_id == client_id)

    def _opened(self, row: Any) -> DataKey:
        place = (row.client_id, row.id)
        key = self._remembered.get(place)
        if key is None:
            key = unwrapped(row.wrapped, self.keyring, client_id=row.client_id, name=row.id)
            self._remembered[place] = key
            if len(self._remembered) > REMEMBERED:
                self._remembered.popitem(last=False)
        self._remembered.move_to_end(place)
        return key
