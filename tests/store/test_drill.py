"""The restore drill on PostgreSQL, by the commands that an administrator runs."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from copilot.store import Store
from copilot.store.masterkeys import open_keys
from copilot.store.scratch import PREFIX, NoScratchError, scratch_database
from copilot.store.tables.audit import audit_entries
from tests.servers import PostgresServer
from tests.store.examples import MAIN, NOON, client
from tests.store.test_row_security import execute_alone
from tests.store.test_vault import busy, reads_back

pytestmark = pytest.mark.peer


@pytest.fixture
def address(postgres: PostgresServer) -> Iterator[str]:
    """The database of an installation."""

    async def afresh() -> None:
        await execute_alone(postgres, "DROP DATABASE IF EXISTS house WITH (FORCE)")
        await execute_alone(postgres, "CREATE DATABASE house")

    asyncio.run(afresh())
    yield postgres.url("house")
    asyncio.run(execute_alone(postgres, "DROP DATABASE IF EXISTS house WITH (FORCE)"))


def command(data: Path, address: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "copilot.cli", *arguments],
        env={**os.environ, "SOUFFLEUR_DATA_DIR": str(data), "SOUFFLEUR_DATABASE_URL": address},
        capture_output=True,
        text=True,
        timeout=120,
    )


def told(data: Path, address: str, *arguments: str) -> dict[str, Any]:
    done = command(data, address, *arguments, "--json")
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


async def databases(server: PostgresServer) -> set[str]:
    import asyncpg  # type: ignore[import-untyped]

    connection = await asyncpg.connect(server.url())
    try:
        rows = await connection.fetch("SELECT datname FROM pg_database")
    finally:
        await connection.close()
    return {row["datname"] for row in rows}


def test_back_up_destroy_restore_verify(
    postgres: PostgresServer, address: str, tmp_path: Path
) -> None:
    key = tmp_path / "master.key"

    async def work() -> None:
        async with Store(address, keyring=await open_keys(address, key)) as store:
            await store.provider.save_client(client(MAIN, "Delorme"), at=NOON)
            await busy(store)

    async def read() -> None:
        async with Store(address, keyring=await open_keys(address, key)) as store:
            await reads_back(store)
            async with store.database.reading() as connection:
                kept = (await connection.execute(select(audit_entries.c.seq))).scalars().all()
            assert kept and (await store.audit.verify()).broken_at is None

    async def break_the_trail() -> None:
        """As whoever owns the tables could."""
        async with (
            Store(address, keyring=await open_keys(address, key)) as store,
            store.database.engine.begin() as connection,
        ):
            await connection.exec_driver_sql("ALTER TABLE audit_entries DISABLE TRIGGER ALL")
            await connection.execute(update(audit_entries).values(action="nothing.happened"))

    asyncio.run(work())
    # In one command: nothing to prepare, nothing left behind.
    rehearsed = told(tmp_path, address, "drill")
    assert (rehearsed["audit_holds"], rehearsed["miscounted"]) == (True, [])
    assert rehearsed["sealed_rows"] == 5
    assert not [name for name in asyncio.run(databases(postgres)) if name.startswith(PREFIX)]
    made = told(tmp_path, address, "backup", str(tmp_path / "kept"))
    asyncio.run(execute_alone(postgres, "DROP DATABASE house WITH (FORCE)"))
    asyncio.run(execute_alone(postgres, "CREATE DATABASE house"))
    back = told(tmp_path, address, "restore", str(tmp_path / "kept"))
    assert (back["rows"], back["sealed_rows"], back["miscounted"]) == (made["rows"], 5, [])
    asyncio.run(read())
    # It is no drill that always succeeds.
    asyncio.run(break_the_trail())
    failed = command(tmp_path, address, "drill")
    assert failed.returncode == 1 and "IS BROKEN" in failed.stdout, failed.stderr


async def test_an_account_that_may_create_nothing_is_told_so(postgres: PostgresServer) -> None:
    create = "CREATE ROLE meek LOGIN; EXCEPTION WHEN duplicate_object THEN NULL;"
    await execute_alone(postgres, f"DO $$ BEGIN {create} END $$")
    with pytest.raises(NoScratchError, match="CREATEDB"):
        async with scratch_database(postgres.url().replace("postgres@", "meek@")):
            raise AssertionError
