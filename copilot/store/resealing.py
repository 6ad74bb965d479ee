"""Writing a client's sealed rows again: sealed for the first time, or with a newer key."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Table, and_, select, tuple_, update

from copilot.store.sealing import DataKey, key_name, open_value, seal_row, sealed_columns

BATCH = 500

Cursor = Sequence[Any] | None
"""The primary key of the last row that was seen; null before the first."""

Clear = Callable[[Table, Mapping[str, Any]], dict[str, Any]]
"""A row as the database has it, with what is to be sealed as it was said."""


def sealed_with(key: DataKey) -> Callable[[Mapping[str, Any], Table], bool]:
    """Whether every sealed value of a row is sealed with that key."""
    return lambda row, table: all(
        row[column] is None or key_name(row[column]) == key.name for column in sealed_columns(table)
    )


def opened_with(keys: Mapping[tuple[str, str], DataKey]) -> Clear:
    """Rows as they were, from sealed ones."""

    def clear(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
        return {
            column: open_value(keys, table, column, row)
            for column in sealed_columns(table)
            if row[column] is not None
        }

    return clear


def next_batch(
    connection: Connection, table: Table, client_id: str, after: Cursor
) -> tuple[list[dict[str, Any]], Cursor]:
    """The client's next rows in the order of their key, and where they end: null after the last.

    A row has its primary key, its client and what is sealed; nobody changes it meanwhile.
    """
    key = _key(table)
    wanted = [table.c.client_id, *key, *(table.c[name] for name in sealed_columns(table))]
    if "kind" in table.c:
        wanted.append(table.c.kind)
    query = select(*wanted).where(table.c.client_id == client_id).order_by(*key).limit(BATCH)
    if after is not None:
        query = query.where(tuple_(*key) > tuple_(*after))
    rows = [dict(row) for row in connection.execute(query.with_for_update()).mappings()]
    return rows, [rows[-1][column.name] for column in key] if rows else None


def _key(table: Table) -> list[Column[Any]]:
    return [column for column in table.primary_key if column.name != "client_id"]


def write_sealed(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    key: DataKey,
    clear: Clear,
) -> None:
    """Seal these rows with that key; the tokens that they are found by are made anew."""
    key_columns = _key(table)
    for row in rows:
        values = clear(table, row)
        sealed = seal_row(key, table, {**row, **values})
        written = {column: sealed[column] for column in values}
        if row.get("kind") == "utterance_heard":
            written["tokens"] = key.tokens(values["payload"]["text"])
        same = and_(
            table.c.client_id == row["client_id"],
            *(column == row[column.name] for column in key_columns),
        )
        connection.execute(update(table).where(same).values(written))
