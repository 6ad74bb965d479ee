from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from copilot.store import NewerDatabaseError, Store, UnavailableError, migrate
from copilot.store.database import Database
from copilot.store.migration import configuration
from copilot.store.records.learning import SuggestionFeedback
from copilot.store.tables import metadata
from tests.databases import migrated
from tests.keys import KEYS
from tests.servers import free_port
from tests.store.examples import MAIN, NOON, client, ringing


async def test_the_migrations_make_exactly_the_tables_we_use(empty: Store) -> None:
    async with empty.database.reading() as connection:
        difference = await connection.run_sync(
            lambda plain: compare_metadata(MigrationContext.configure(plain), metadata)
        )
    assert difference == []


async def test_migrating_again_is_quick_and_keeps_everything(url: str, empty: Store) -> None:
    await empty.provider.save_client(client(MAIN, "Delorme"), at=NOON)
    began = time.process_time()
    await migrate(url, keyring=KEYS)
    assert time.process_time() - began < 1.0
    assert (await empty.for_client(MAIN).client()).name == "Delorme"


async def test_processes_that_start_together_take_turns(tmp_path: Path) -> None:
    # Several times: the first change to WAL used to fail one start in some hundreds.
    for number in range(5):
        url = f"sqlite:///{tmp_path / f'new-{number}.db'}"
        await asyncio.gather(*(migrate(url, keyring=KEYS) for _ in range(6)))
        async with Store(url, keyring=KEYS) as store:
            assert await store.provider.clients() == ()


async def test_a_database_of_a_later_version_is_left_alone(url: str, empty: Store) -> None:
    async with empty.database.reading() as connection:
        head = (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar()
    assert head is not None
    await set_version(empty, head, "9999")
    try:
        with pytest.raises(NewerDatabaseError, match="9999"):
            await migrate(url, keyring=KEYS)
    finally:
        await set_version(empty, "9999", head)


async def test_what_was_taken_back_counts_in_no_earlier_version(tmp_path: Path) -> None:
    address = migrated(tmp_path)
    given = SuggestionFeedback(
        call_id="c1", suggestion_id="s", entry_id="e", action="used", user_id="o", at=NOON
    )
    async with Store(address, keyring=KEYS) as store:
        await store.provider.save_client(client(MAIN, "Delorme"), at=NOON)
        scope = store.for_client(MAIN)
        await scope.create_call(ringing("c1"))
        for one in (given, replace(given, user_id="other")):
            await scope.record_feedback(one)
        await scope.withdraw_feedback(given)
        async with store.database.writing() as connection:
            await connection.run_sync(lambda it: command.downgrade(configuration(it), "0025"))
            left = await connection.execute(text("SELECT user_id FROM suggestion_feedback"))
        assert left.scalars().all() == ["other"]
    await migrate(address, keyring=KEYS)
    async with Store(address, keyring=KEYS) as store:
        assert [one.user_id for one in await store.for_client(MAIN).feedback("c1")] == ["other"]


async def set_version(store: Store, old: str, new: str) -> None:
    async with store.database.writing() as connection:
        changed = await connection.execute(
            text("UPDATE alembic_version SET version_num = :new WHERE version_num = :old"),
            {"old": old, "new": new},
        )
    assert changed.rowcount == 1


@pytest.mark.parametrize(
    "address", ["", "nonsense", "mysql://here/x", "sqlite://", "sqlite:////no/such/folder/x.db"]
)
async def test_an_address_that_cannot_work_is_one_clear_error(address: str) -> None:
    with pytest.raises(UnavailableError):
        await migrate(address, keyring=KEYS)


async def test_a_database_that_is_away_is_one_clear_error() -> None:
    store = Store(f"postgresql://postgres@127.0.0.1:{free_port()}/x", keyring=KEYS)
    with pytest.raises(UnavailableError):
        await store.provider.clients()
    await store.close()


async def test_a_file_that_is_no_database_is_one_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "letter.db"
    path.write_text("Madame, Monsieur, " * 100)
    with pytest.raises(UnavailableError):
        await migrate(f"sqlite:///{path}", keyring=KEYS)


async def test_a_transaction_that_fails_leaves_nothing(empty: Store) -> None:
    await empty.provider.save_client(client(MAIN, "Delorme"), at=NOON)
    with pytest.raises(ZeroDivisionError):
        await delete_and_fail(empty)
    assert len(await empty.provider.clients()) == 1


async def delete_and_fail(store: Store) -> None:
    async with store.database.writing() as connection:
        await connection.execute(text("DELETE FROM clients"))
        raise ZeroDivisionError


PROMISES = {
    "journal_mode": "wal", "foreign_keys": 1, "synchronous": 2, "busy_timeout": 10_000,
    "secure_delete": 1,
}  # fmt: skip


async def test_sqlite_keeps_its_promises(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.db'}", keyring=KEYS)
    async with database.reading() as connection:
        pragmas = {
            name: (await connection.execute(text(f"PRAGMA {name}"))).scalar() for name in PROMISES
        }
    await database.close()
    assert pragmas == PROMISES
