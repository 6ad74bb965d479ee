"""Every test of the data layer runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from copilot.store import Store, migrate
from copilot.store.database import database_url
from tests.databases import migrated
from tests.keys import KEYS
from tests.servers import PostgresServer, postgres_server
from tests.store.examples import MAIN, NOON, OTHER, client


def run(work: Coroutine[None, None, None]) -> None:
    """Run a coroutine to its end from a fixture, whose thread may have a loop already."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


async def execute(url: str, *statements: str) -> None:
    engine = create_async_engine(database_url(url))
    try:
        async with engine.begin() as connection:
            for statement in statements:
                await connection.execute(text(statement))
    finally:
        await engine.dispose()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A migrated PostgreSQL."""
    with postgres_server() as server:
        run(migrate(server.url(), keyring=KEYS))
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.peer)])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a migrated, empty database that no other test uses meanwhile."""
    if request.param == "sqlite":
        return migrated(tmp_path)
    server: PostgresServer = request.getfixturevalue("postgres")
    await execute(
        server.url(),
        "DELETE FROM users",
        "DELETE FROM clients",
        "TRUNCATE audit_entries",
        "UPDATE audit_base SET seq = 0, digest = repeat('0', 64)",
    )
    return server.url()


@pytest.fixture
async def empty(url: str) -> AsyncIterator[Store]:
    """A store without a client."""
    async with Store(url, keyring=KEYS) as store:
        yield store


@pytest.fixture
async def store(empty: Store) -> Store:
    """A store with two clients."""
    await empty.provider.save_client(client(MAIN, "Plomberie Delorme"), at=NOON)
    await empty.provider.save_client(client(OTHER, "Cabinet Vasseur"), at=NOON)
    return empty
