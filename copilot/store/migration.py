"""Bringing a database to the tables of this version."""

from __future__ import annotations

import asyncio
import fcntl
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text

from copilot.keyfile import Keyring
from copilot.store.database import Database
from copilot.store.errors import StoreError, UnavailableError
from copilot.store.rowsecurity import secure_rows

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent / "migrations"
SEALED_SINCE = "0006"
"""The revision since which messages and transcripts are sealed."""

LOCK = 0x50FF1E  # any number of ours, the same in every process


class NewerDatabaseError(StoreError):
    """The database was migrated by a version of Souffleur that this one does not know."""

    code = "newer_database"


async def migrate(url: str, *, keyring: Keyring) -> None:
    """Create the tables or bring them up to date. Idempotent; processes take turns.

    `keyring`: what was kept in clear by an earlier version is sealed with it.

    Raises `UnavailableError` when the database cannot be reached, `NewerDatabaseError` when it
    was migrated by a later version.
    """
    database = Database(url, keyring=keyring)
    async with turn(database):
        try:
            async with database.writing() as connection:
                sealed = await connection.run_sync(_upgrade, keyring)
        finally:
            await database.close()
        if sealed and database.dialect == "sqlite":
            await asyncio.to_thread(_leave_no_trace, str(database.engine.url.database))


def _leave_no_trace(path: str) -> None:
    """Write SQLite's file anew, without what its free pages and log kept of rows in clear.

    PostgreSQL's own cleaning overwrites them in time; `VACUUM FULL` at once (docs/security).
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("VACUUM").close()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()


@asynccontextmanager
async def turn(database: Database) -> AsyncIterator[None]:
    """One start at a time on a SQLite file: its first change to WAL heeds no busy timeout."""
    if database.dialect != "sqlite":
        yield
        return
    try:
        lock = open(f"{database.engine.url.database}.lock", "a")  # noqa: SIM115, ASYNC230
    except OSError as error:
        raise UnavailableError(f"the database does not answer: {error}") from error
    with lock:  # closing it lets the next one in, a crash too
        await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)
        yield


def configuration(connection: Connection) -> Config:
    """Alembic's configuration, on our connection."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection, keyring: Keyring) -> bool:
    """Whether rows that were in clear were sealed."""
    if connection.dialect.name == "postgresql":
        # SQLite's write transaction is a lock already.
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    before = _bring_up(connection, keyring)
    if connection.dialect.name == "postgresql":
        secure_rows(connection)
    return bool(before) and before < SEALED_SINCE


def _bring_up(connection: Connection, keyring: Keyring) -> str:
    """The revision of before; empty for a database without tables."""
    from alembic import command
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    config = configuration(connection)
    config.attributes["keyring"] = keyring
    have = MigrationContext.configure(connection).get_current_heads()
    if have == tuple(ScriptDirectory.from_config(config).get_heads()):
        return have[0]
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise NewerDatabaseError(
            f"the database is at version {', '.join(have)}, which this Souffleur does not know: "
            "run the version that migrated it"
        ) from error
    return have[0] if have else ""
