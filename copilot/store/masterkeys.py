"""The master keys and the database: that they belong together, and changing them.

The database keeps, for each master key that ever sealed something in it, its name and a probe: a
known word sealed with it. A start without that key, or with another of its name, ends before
anything is made or lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import delete, insert, inspect, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from copilot.keyfile import (
    KeyFileError,
    Keyring,
    about_second_factor,
    master_of,
    new_keyring,
    open_keyring,
    with_current_key_only,
    with_new_key,
    write_keyring,
)
from copilot.store.audit import SYSTEM, Act
from copilot.store.database import Database
from copilot.store.migration import migrate, turn
from copilot.store.sealing import unwrapped, wrapped
from copilot.store.tables.accounts import users
from copilot.store.tables.keys import client_keys, master_keys

PROBE = "souffleur"


@dataclass(frozen=True, kw_only=True)
class MasterKeyUse:
    """A master key, and what in the database only it opens."""

    name: str
    current: bool
    in_file: bool
    first_used_at: datetime | None
    client_keys: int
    second_factors: int

    @property
    def used(self) -> bool:
        return bool(self.client_keys or self.second_factors)


async def open_keys(url: str, path: Path) -> Keyring:
    """Find the keys of a database and bring it up to date; a new database gets a new key file.

    Raises KeyFileError when the file is missing, unreadable or another database's, with the mend;
    `UnavailableError`, `NewerDatabaseError`.
    """
    probes = await _probes(url)
    if probes and not path.exists():  # noqa: ASYNC240 - once, before anything is served
        raise KeyFileError(
            f"{path} does not exist, and this database was sealed with the master key "
            f"{', '.join(probes)}: restore the file from its backup, or say where it is with "
            "SOUFFLEUR_KEY_FILE. Nothing was changed."
        )
    keyring = open_keyring(path)
    for name, probe in probes.items():
        _check(keyring, path, name, probe)
    await migrate(url, keyring=keyring)
    async with _database(url, keyring) as database, database.writing() as connection:
        await _record(connection, keyring)
    return keyring


async def key_uses(url: str, keyring: Keyring) -> tuple[MasterKeyUse, ...]:
    """Every master key of the file or of the database, the current one last."""
    async with _database(url, keyring) as database, database.reading() as connection:
        known = {row.id: row.first_used_at for row in await connection.execute(select(master_keys))}
        sealed = (await connection.execute(select(client_keys.c.wrapped))).scalars()
        clients = Counter(map(master_of, sealed))
        secrets = select(users.c.totp_secret).where(users.c.totp_secret.is_not(None))
        factors = Counter(map(master_of, (await connection.execute(secrets)).scalars()))
    names = sorted({*known, *clients, *factors} - {*keyring.keys}) + list(keyring.keys)
    return tuple(
        MasterKeyUse(
            name=name,
            current=name == keyring.current,
            in_file=name in keyring.keys,
            first_used_at=known.get(name),
            client_keys=clients[name],
            second_factors=factors[name],
        )
        for name in names
    )


async def rotate_master(url: str, path: Path, *, at: datetime) -> Keyring:
    """Make a new master key and seal every data key and second factor with it.

    The file has the new key before the database needs it, and keeps the older ones, for backups
    and for a service that runs meanwhile, until `forget_masters`. Stopped half-way, it is run
    again. Raises KeyFileError.
    """
    keyring = with_new_key(await open_keys(url, path))
    write_keyring(path, keyring)
    act = Act(actor=SYSTEM, action="keys.rotated", at=at, subject=keyring.current)
    async with _database(url, keyring) as database, database.writing(act) as connection:
        await _record(connection, keyring)
        for row in (await connection.execute(select(client_keys).with_for_update())).all():
            key = unwrapped(row.wrapped, keyring, client_id=row.client_id, name=row.id)
            mine = (client_keys.c.client_id == row.client_id, client_keys.c.id == row.id)
            again = update(client_keys).where(*mine).values(wrapped=wrapped(key, keyring))
            await connection.execute(again)
        secrets = select(users.c.id, users.c.totp_secret).where(users.c.totp_secret.is_not(None))
        for row in (await connection.execute(secrets.with_for_update())).all():
            about = about_second_factor(row.id)
            sealed = keyring.seal(keyring.unseal(row.totp_secret, about=about), about=about)
            mine_too = update(users).where(users.c.id == row.id)
            await connection.execute(mine_too.values(totp_secret=sealed))
    return keyring


async def forget_masters(url: str, path: Path, *, at: datetime) -> tuple[str, ...]:
    """Take older master keys out of the file; their names. Backups sealed with them stay shut.

    Raises KeyFileError when one still opens something.
    """
    keyring = await open_keys(url, path)
    older = tuple(name for name in keyring.keys if name != keyring.current)
    uses = await key_uses(url, keyring)
    if used := [use.name for use in uses if use.used and not use.current]:
        raise KeyFileError(
            f"the master key {', '.join(used)} still seals data: `souffleur keys rotate` first"
        )
    if older:
        act = Act(actor=SYSTEM, action="keys.forgotten", at=at, detail={"keys": list(older)})
        async with _database(url, keyring) as database, database.writing(act) as connection:
            await connection.execute(delete(master_keys).where(master_keys.c.id.in_(older)))
        write_keyring(path, with_current_key_only(keyring))
    return older


async def _probes(url: str) -> dict[str, str]:
    """The master keys that a database knows by name; none for one that is not there yet."""
    async with (
        _database(url, new_keyring()) as database,  # no key is needed for a look
        turn(database),
        database.reading() as connection,
    ):
        tables = await connection.run_sync(lambda plain: inspect(plain).get_table_names())
        if master_keys.name not in tables:
            return {}
        found = await connection.execute(select(master_keys))
        return {row.id: row.probe for row in found}


def _check(keyring: Keyring, path: Path, name: str, probe: str) -> None:
    if name not in keyring.keys:
        raise KeyFileError(
            f"{path} does not have the master key {name}, which sealed this database: it is "
            "another installation's file, or older than a rotation. Restore it from its backup; "
            "nothing was changed."
        )
    try:
        keyring.unseal(probe, about=_about(name))
    except KeyFileError as error:
        raise KeyFileError(
            f"the master key {name} in {path} is not the one that sealed this database: restore "
            "the file from its backup; nothing was changed."
        ) from error


async def _record(connection: AsyncConnection, keyring: Keyring) -> None:
    name = keyring.current
    known = select(master_keys.c.id).where(master_keys.c.id == name)
    if (await connection.execute(known)).first() is None:
        probe = keyring.seal(PROBE.encode(), about=_about(name))
        row = {"id": name, "probe": probe, "first_used_at": datetime.now(UTC)}
        await connection.execute(insert(master_keys).values(row))


def _about(name: str) -> str:
    return f"probe {name}"


@asynccontextmanager
async def _database(url: str, keyring: Keyring) -> AsyncIterator[Database]:
    database = Database(url, keyring=keyring)
    try:
        yield database
    finally:
        await database.close()
