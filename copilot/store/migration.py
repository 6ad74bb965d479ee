"""Bringing a database to the tables of this version."""

from __future__ import annotations

import asyncio
import fcntl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text

from copilot.store.database import Database
from copilot.store.errors import StoreError, UnavailableError
from copilot.store.rowsecurity import secure_rows

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent / "migrations"
LOCK = 0x50FF1E  # any number of ours, the same in every process


class NewerDatabaseError(StoreError):
    """The database was migrated by a version of Souffleur that this one does not know."""

    code = "newer_database"


async def migrate(url: str) -> None:
    """Create the tables or bring them up to date. Idempotent; processes take turns.

    Raises `UnavailableError` when the database cannot be reached, `NewerDatabaseError` when it
    was migrated by a later version.
    """
    database = Database(url)
    async with _turn(database):
        try:
            async with database.writing() as connection:
                await connection.run_sync(_upgrade)
        finally:
            await database.close()


@asynccontextmanager
async def _turn(database: Database) -> AsyncIterator[None]:
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


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        # SQLite's write transaction is a lock already.
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    _bring_up(connection)
    if connection.dialect.name == "postgresql":
        secure_rows(connection)


def _bring_up(connection: Connection) -> None:
    from alembic import command
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    config = configuration(connection)
    have = MigrationContext.configure(connection).get_current_heads()
    if have == tuple(ScriptDirectory.from_config(config).get_heads()):
        return
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise NewerDatabaseError(
            f"the database is at version {', '.join(have)}, which this Souffleur does not know: "
            "run the version that migrated it"
        ) from error
