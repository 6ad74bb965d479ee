"""The connection to SQLite or PostgreSQL, with the same promises on both.

A write transaction on SQLite takes the write lock when it begins, so that it waits for its turn
(busy timeout) instead of failing half-way when another writer was faster.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import copy
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DataError,
    DBAPIError,
    InterfaceError,
    OperationalError,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from copilot.keyfile import Keyring
from copilot.store.audit import Act, append
from copilot.store.errors import DiskFullError, UnavailableError, UnkeepableError
from copilot.store.rowsecurity import goes_past, say_whose
from copilot.store.vault import Vault

BUSY_TIMEOUT_MS = 10_000

PRAGMAS = (
    f"busy_timeout = {BUSY_TIMEOUT_MS}",
    "journal_mode = WAL",
    "synchronous = FULL",  # an approved message survives a power cut, not only a crash
    "foreign_keys = ON",
    "secure_delete = ON",  # what is erased is overwritten, not only let go
)

FULL = ("disk is full", "no space left on device", "disk full")
"""What SQLite and PostgreSQL say when there is no room."""

AWAY = ("08", "40", "53", "55", "57", "58")
"""Classes of SQLSTATE that another try may be spared: connection, rollback (a deadlock), resources,
objects in use, an operator's intervention (a restart, a statement cancelled), the system. asyncpg's
errors of most of them reach us as a bare DBAPIError (PostgreSQL's manual, appendix A)."""

DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}


def database_url(url: str) -> URL:
    """Check an address and name the asynchronous driver. Raises `UnavailableError`.

    `sqlite:///souffleur.db`, `postgresql://user:password@host/name`.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise UnavailableError(f"not a database address: {error}") from error
    backend = parsed.get_backend_name()
    if backend not in DRIVERS:
        raise UnavailableError(f"unknown kind of database {backend!r}: use sqlite or postgresql")
    if backend == "sqlite" and not parsed.database:
        raise UnavailableError("the SQLite database needs a file: sqlite:///souffleur.db")
    if backend == "sqlite" and not Path(str(parsed.database)).absolute().parent.is_dir():
        raise UnavailableError(f"the SQLite database's folder does not exist: {parsed.database}")
    return parsed.set(drivername=DRIVERS[backend])


class Database:
    """A pool of connections; transactions for reading and for writing."""

    def __init__(self, url: str, *, keyring: Keyring) -> None:
        """`keyring`: what data is sealed and the audit trail is chained with; it is kept outside
        the database."""
        parsed = database_url(url)
        self.vault = Vault(keyring)
        self.audit_key = keyring.audit
        self._client_id: str | None = None
        self.dialect = parsed.get_backend_name()
        # An error names the statement, not what somebody said in it.
        options: dict[str, Any] = {"hide_parameters": True}
        if self.dialect == "postgresql":
            options |= {"pool_size": 10, "max_overflow": 10, "pool_pre_ping": True}
        self.engine: AsyncEngine = create_async_engine(parsed, **options)
        if self.dialect == "sqlite":
            event.listen(self.engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(self.engine.sync_engine, "begin", _begin_sqlite)
        self._writer = self.engine.execution_options(souffleur_writes=True)

    def of_client(self, client_id: str) -> Database:
        """The same connections, for transactions about one client alone (see rowsecurity)."""
        view = copy(self)
        view._client_id = client_id
        return view

    async def goes_past_row_security(self) -> bool:
        """Whether PostgreSQL's second wall does not hold this connection back."""
        if self.dialect != "postgresql":
            return False
        async with self.reading() as connection:
            return await goes_past(connection)

    async def _say_whose(self, connection: AsyncConnection) -> None:
        if self.dialect == "postgresql":
            await say_whose(connection, self._client_id)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """One consistent look. Raises `UnavailableError` when the database cannot be reached."""
        with _unavailable():
            async with self.engine.begin() as connection:
                await self._say_whose(connection)
                yield connection

    @asynccontextmanager
    async def writing(self, *acts: Act | None) -> AsyncIterator[AsyncConnection]:
        """One transaction: everything or nothing, durable when the block is left.

        `acts` enter the audit trail in the same transaction: last, so that others wait least.
        """
        with _unavailable():
            async with self._writer.begin() as connection:
                await self._say_whose(connection)
                yield connection
                for act in acts:
                    if act is not None:
                        await append(connection, self.audit_key, act)

    async def close(self) -> None:
        await self.engine.dispose()


class _unavailable:  # noqa: N801 - reads as a statement
    """Translates a database that cannot be reached or is locked into `UnavailableError`."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        state = _sqlstate(error)
        if isinstance(error, DataError | OverflowError) or state.startswith("22"):
            raise UnkeepableError("a value that the database cannot keep") from error
        # DatabaseError itself, not its kinds: a file that is no database.
        away = isinstance(error, OperationalError | InterfaceError | OSError)
        if away or type(error) is DatabaseError or state.startswith(AWAY):
            full = any(words in str(error).lower() for words in FULL)
            kind = DiskFullError if full else UnavailableError
            raise kind(f"the database does not answer: {error}") from error


def _sqlstate(error: BaseException | None) -> str:
    """What PostgreSQL says is wrong, five characters; empty where it is another error."""
    if not isinstance(error, DBAPIError):
        return ""
    return str(getattr(error.orig, "sqlstate", None) or "")


def _prepare_sqlite(dbapi_connection: Any, _: object) -> None:
    # The driver would begin transactions by itself, and too late; `_begin_sqlite` does it.
    dbapi_connection.isolation_level = None
    try:
        for pragma in PRAGMAS:
            dbapi_connection.execute(f"PRAGMA {pragma}").close()
    except Exception:
        dbapi_connection.close()  # or its thread would wait for work for ever
        raise


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("souffleur_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
