"""What PostgreSQL does to a statement that has done nothing wrong is told as `UnavailableError`."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from copilot.store.database import Database
from copilot.store.errors import UnavailableError
from tests.keys import KEYS
from tests.servers import PostgresServer


@pytest.mark.peer
@pytest.mark.parametrize(
    "state", ["57014", "57P01", "40P01", "40001", "55P03"], ids=lambda state: str(state)
)
async def test_a_statement_that_another_try_may_spare(postgres: PostgresServer, state: str) -> None:
    """A statement cancelled, a restart, a deadlock, a serialization failure, a lock."""
    database = Database(postgres.url(), keyring=KEYS)
    raising = f"DO $$ BEGIN RAISE EXCEPTION 'away' USING ERRCODE = '{state}'; END $$"
    try:
        with pytest.raises(UnavailableError):
            async with database.writing() as connection:
                await connection.execute(text(raising))
    finally:
        await database.close()
