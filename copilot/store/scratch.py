"""An empty database for a while, beside the one in use: where a restore is rehearsed."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from copilot.store.database import database_url
from copilot.store.errors import StoreError, UnavailableError

PREFIX = "souffleur_drill_"


class NoScratchError(StoreError):
    """The server makes no database for this account."""

    code = "no_scratch"


@asynccontextmanager
async def scratch_database(url: str) -> AsyncIterator[str]:
    """The address of an empty database on PostgreSQL's own server, which goes when the block is
    left.

    Raises NoScratchError when the account may not create one, UnavailableError when the server
    cannot be reached.
    """
    name = f"{PREFIX}{secrets.token_hex(6)}"
    # CREATE and DROP DATABASE run outside a transaction.
    engine = create_async_engine(
        database_url(url), isolation_level="AUTOCOMMIT", hide_parameters=True
    )

    async def run(statement: str) -> None:
        async with engine.connect() as connection:
            await connection.execute(text(statement))

    try:
        try:
            await run(f"CREATE DATABASE {name}")
        except DBAPIError as error:
            raise NoScratchError(
                f"the database account may not create the database to rehearse in ({error.orig}): "
                "ALTER ROLE … CREATEDB, or say an empty one with --into"
            ) from error
        except OSError as error:
            raise UnavailableError(f"the database does not answer: {error}") from error
        try:
            parts = database_url(url).set(drivername="postgresql", database=name)
            yield parts.render_as_string(hide_password=False)
        finally:
            await run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    finally:
        await engine.dispose()
