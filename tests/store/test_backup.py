"""Back up, destroy, restore, verify: on either database, and from one to the other."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from copilot.keyfile import KeyFileError, new_keyring
from copilot.store import Store, migrate
from copilot.store.audit import Act, Actor
from copilot.store.backup import BackupError, Contents, Manifest, read_backup, write_backup
from copilot.store.checking import open_everything
from copilot.store.database import Database
from copilot.store.tombstones import TombstoneFile, erase_again
from tests.keys import KEYS
from tests.servers import PostgresServer
from tests.store.examples import MAIN, NOON, OTHER, after, client
from tests.store.test_row_security import execute_alone
from tests.store.test_separation import dump, fill
from tests.store.test_vault import busy, reads_back

LEA = Actor(id="u1", name="Léa", role="administrator")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.peer)])
async def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database to restore into."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'restored.db'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    await execute_alone(server, "DROP DATABASE IF EXISTS restored")
    await execute_alone(server, "CREATE DATABASE restored")
    return server.url().rpartition("/")[0] + "/restored"


async def backed_up(store: Store, files: Path | None = None) -> tuple[bytes, Manifest, Contents]:
    out = io.BytesIO()
    manifest, contents = await write_backup(store.database, KEYS, out, files=files, at=NOON)
    return out.getvalue(), manifest, contents


@asynccontextmanager
async def restored(url: str, kept: bytes, files: Path | None = None) -> AsyncIterator[Store]:
    database = Database(url, keyring=KEYS)
    try:
        await read_backup(database, KEYS, io.BytesIO(kept), files=files)
    finally:
        await database.close()
    await migrate(url, keyring=KEYS)
    async with Store(url, keyring=KEYS) as store:
        yield store


async def test_everything_comes_back(store: Store, elsewhere: str, tmp_path: Path) -> None:
    await fill(store, MAIN, "call-1")
    await busy(store, OTHER)
    await store.people.create_user(
        email="a@example.fr", name="A", role="reader", password_hash="h", at=NOON, client_id=MAIN
    )
    (tmp_path / "from" / "delorme").mkdir(parents=True)
    (tmp_path / "from" / "delorme" / "call-1.sealed").write_bytes(bytes(range(256)) * 500)
    kept, manifest, contents = await backed_up(store, tmp_path / "from")
    assert "chaudière".encode() not in kept and contents.files == 1
    before = {client_id: await dump(store, client_id) for client_id in (MAIN, OTHER)}
    people = await store.people.users()
    assert "a@example.fr" in [user.email for user in people]
    async with restored(elsewhere, kept, tmp_path / "to") as again:
        assert {client_id: await dump(again, client_id) for client_id in before} == before
        assert await again.people.users() == people
        await reads_back(again, OTHER)
        found = await again.audit.verify(expect=(manifest.audit_seq, manifest.audit_digest))
        assert found.broken_at is None and found.entries == manifest.audit_seq > 0
        assert await open_everything(again.database) == await open_everything(store.database) > 5
        # The trail goes on from where it was.
        await again.audit.record(Act(actor=LEA, action="x", at=NOON))
        assert (await again.audit.verify()).broken_at is None
    copied = tmp_path / "to" / "delorme" / "call-1.sealed"
    assert copied.read_bytes() == bytes(range(256)) * 500
    assert copied.stat().st_mode & 0o777 == 0o600


async def test_what_was_erased_since_is_forgotten_again(
    store: Store, elsewhere: str, tmp_path: Path
) -> None:
    for client_id in (MAIN, OTHER):
        call_id = await busy(store, client_id)
        await store.for_client(client_id).mark_ended(
            call_id, ended_by="caller", reason="r", at=NOON
        )
    kept, _, _ = await backed_up(store)
    file = TombstoneFile(tmp_path / "erasures.jsonl")
    assert file.read() == ()
    at = after(3600)
    await store.for_client(MAIN).erase_calls([f"call-{MAIN}"], actor=LEA, reason="demande", at=at)
    assert await file.sync(store) == 1
    await store.for_client(OTHER).wipe(actor=LEA, reason="fin", at=at)
    assert (await file.sync(store), await file.sync(store)) == (1, 0)
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert "chaudi" not in file.path.read_text()
    with file.path.open("a") as torn:
        torn.write('{"digest": "half of a li')
    async with restored(elsewhere, kept) as again:
        assert len(await again.provider.calls()) == 2
        assert await erase_again(again, file.read(), at=at) == 2
        assert await again.provider.calls() == ()
        assert [one.id for one in await again.provider.clients()] == [MAIN]
        reasons = {entry.act.reason for entry in await again.audit.entries(limit=2)}
        assert all("a backup was restored" in reason for reason in reasons)
        assert await erase_again(again, file.read(), at=at) == 0
        # Opened since, under the identifier of one that was wiped: somebody else's.
        await again.provider.save_client(client(OTHER, "Vasseur"), at=at + timedelta(days=1))
        assert await erase_again(again, file.read(), at=at) == 0


async def test_a_backup_needs_an_empty_database(store: Store) -> None:
    kept, _, _ = await backed_up(store)
    with pytest.raises(BackupError, match="not empty"):
        await read_backup(store.database, KEYS, io.BytesIO(kept), files=None)
    assert len(await store.provider.clients()) == 2


async def test_a_backup_that_is_not_whole_changes_nothing(store: Store, tmp_path: Path) -> None:
    await busy(store)
    kept, _, _ = await backed_up(store)
    changed = bytearray(kept)
    changed[len(kept) // 2] ^= 1
    for number, broken in enumerate((kept[:-1], kept[: len(kept) // 2], bytes(changed), b"x", b"")):
        database = Database(f"sqlite:///{tmp_path / f'{number}.db'}", keyring=KEYS)
        with pytest.raises((BackupError, KeyFileError)):
            await read_backup(database, KEYS, io.BytesIO(broken), files=None)
        await database.close()


async def test_a_backup_opens_with_its_key_file_only(store: Store, tmp_path: Path) -> None:
    kept, _, _ = await backed_up(store)
    database = Database(f"sqlite:///{tmp_path / 'x.db'}", keyring=KEYS)
    with pytest.raises(KeyFileError):
        await read_backup(database, new_keyring(), io.BytesIO(kept), files=None)
    await database.close()
