"""PostgreSQL's second wall: a statement without its filter still sees one client only."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError

from copilot.store import Store, migrate
from copilot.store.tables import OF_A_CLIENT
from copilot.store.tables.calls import calls
from tests.keys import KEYS
from tests.servers import PostgresServer
from tests.store.examples import MAIN, NOON, OTHER, client, ringing

pytestmark = pytest.mark.peer


@pytest.fixture
async def owned(postgres: PostgresServer) -> AsyncIterator[Store]:
    """A database of an owner who is no superuser, with two clients and a call each."""
    create = "CREATE ROLE souffleur LOGIN; EXCEPTION WHEN duplicate_object THEN NULL;"
    await execute_alone(postgres, f"DO $$ BEGIN {create} END $$")
    raw = postgres.url().replace("postgres@", "souffleur@")
    await execute_alone(postgres, "DROP DATABASE IF EXISTS owned")
    await execute_alone(postgres, "CREATE DATABASE owned OWNER souffleur")
    url = raw.rpartition("/")[0] + "/owned"
    await migrate(url, keyring=KEYS)
    async with Store(url, keyring=KEYS) as store:
        for client_id in (MAIN, OTHER):
            await store.provider.save_client(client(client_id, client_id), at=NOON)
            await store.for_client(client_id).create_call(ringing(f"call-{client_id}"))
        yield store


async def execute_alone(server: PostgresServer, statement: str) -> None:
    """Outside a transaction."""
    import asyncpg  # type: ignore[import-untyped]

    connection = await asyncpg.connect(server.url())
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def test_every_table_of_a_client_has_the_wall_forced(owned: Store) -> None:
    query = text(
        "SELECT c.relname FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid "
        "WHERE c.relrowsecurity AND c.relforcerowsecurity"
    )
    async with owned.database.reading() as connection:
        walled = set((await connection.execute(query)).scalars())
    assert walled == {table.name for table in OF_A_CLIENT}
    assert not await owned.database.goes_past_row_security()


async def test_a_forgotten_filter_shows_one_client_only(owned: Store) -> None:
    everything = select(calls.c.client_id)
    async with owned.for_client(MAIN)._database.reading() as connection:
        assert set((await connection.execute(everything)).scalars()) == {MAIN}
    async with owned.for_client(OTHER)._database.writing() as connection:
        changed = await connection.execute(update(calls).values(caller_name="volé"))
    assert changed.rowcount == 1
    async with owned.database.reading() as connection:
        assert set((await connection.execute(everything)).scalars()) == {MAIN, OTHER}


async def test_rows_of_another_client_cannot_be_written(owned: Store) -> None:
    with pytest.raises(DBAPIError, match="row-level security"):
        async with owned.for_client(MAIN)._database.writing() as connection:
            await connection.execute(update(calls).values(client_id=OTHER))


async def test_a_connection_that_says_nothing_sees_nothing(owned: Store) -> None:
    async with owned.database.engine.begin() as connection:
        count = select(func.count()).select_from(calls)
        assert (await connection.execute(count)).scalar_one() == 0
    # What one transaction said does not stay with the pooled connection.
    async with owned.database.reading() as connection:
        assert (await connection.execute(count)).scalar_one() == 2
    async with owned.database.engine.begin() as connection:
        assert (await connection.execute(count)).scalar_one() == 0
