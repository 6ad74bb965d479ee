"""`souffleur backup`, `restore` and `drill`: everything in one sealed file, and back."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from web.commands.settings import fail, settings

if TYPE_CHECKING:
    from copilot.keyfile import Keyring
    from copilot.settings import Settings

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
KEPT_FILES = "recordings"
"""Folder of the data folder whose files go with the database."""


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What a restore brought back, checked."""

    rows: int
    files: int
    sealed_rows: int
    """Rows whose every sealed value was opened."""
    recordings: int
    """Calls' recordings that open to their last byte."""
    recordings_lost: int
    miscounted: tuple[str, ...]
    """Tables that have another number of rows than the backup."""
    audit_entries: int
    audit_holds: bool
    erased_again: int
    """Calls and clients that had been erased after the backup was made."""
    seconds: float


def backup(
    file: Annotated[Path, typer.Argument(help="File to write; it must not exist.")],
    as_json: AsJson = False,
) -> None:
    """Keep everything in one sealed file; the service may run meanwhile.

    Keep the key file elsewhere: whoever has both reads everything, whoever lost it nothing.
    """
    chosen = settings()
    if file.exists():
        fail(f"{file} exists: choose another name")
    made = asyncio.run(_back_up(chosen, file))
    made["bytes"] = file.stat().st_size
    if as_json:
        print(json.dumps(made))
        return
    print(f"{file}: {made['rows']} rows, {made['files']} files, {made['bytes']} bytes")
    print(f"note the end of the audit trail: {made['audit']}")
    print(f"it opens with the master keys {', '.join(made['master_keys'])} only: keep the key file "
          "elsewhere")  # fmt: skip


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `souffleur backup` wrote.")],
    erasures: Annotated[
        Path | None,
        typer.Option(help="What was erased since; the data folder's erasures.jsonl if not said."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Bring a backup into the (new, empty) database of the settings, check it, and forget again
    what was erased since. Exit status 1 when a check fails."""
    from web.composition.places import database_url, erasures_file, key_file

    chosen = settings()
    stones = erasures or erasures_file(chosen)
    if erasures is not None and not erasures.exists():
        fail(f"{erasures}: no such file")
    keyring = _keys_of(key_file(chosen))
    folder = chosen.data_dir / KEPT_FILES
    done = asyncio.run(_restore(file, database_url(chosen), keyring, stones, folder))
    _tell(done, as_json=as_json)


def drill(
    into: Annotated[
        str,
        typer.Option(help="An empty database to restore into; if not said, one is made for it."),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Rehearse a disaster: back up, restore elsewhere, check everything, throw the copy away.

    Nothing of the installation is changed; on PostgreSQL the account needs CREATEDB, or --into.
    Exit status 1 when a check fails.
    """
    from tempfile import TemporaryDirectory

    from web.composition.places import database_url, erasures_file, key_file

    chosen = settings()
    with TemporaryDirectory(dir=chosen.data_dir, prefix="drill-") as made:
        scratch = Path(made)
        kept = scratch / "backup"
        asyncio.run(_back_up(chosen, kept))
        keyring = _keys_of(key_file(chosen))

        async def rehearse() -> Restored:
            async with _somewhere(into, database_url(chosen), scratch) as url:
                return await _restore(
                    kept, url, keyring, erasures_file(chosen), scratch / KEPT_FILES
                )

        done = asyncio.run(rehearse())
    _tell(done, as_json=as_json)


def add_to(app: typer.Typer) -> None:
    """Give the command its parts."""
    for command in (backup, restore, drill):
        app.command()(command)


def _tell(done: Restored, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(asdict(done)))
    else:
        print(f"{done.rows} rows and {done.files} files are back, in {done.seconds:.1f} s")
        for table in done.miscounted:
            print(f"{table}: NOT AS MANY ROWS AS BEFORE")
        print(f"{done.sealed_rows} sealed rows open")
        print(f"{done.recordings} recordings open, {done.recordings_lost} do not")
        state = "holds" if done.audit_holds else "IS BROKEN"
        print(f"the audit trail of {done.audit_entries} entries {state}")
        print(f"{done.erased_again} erasures were done again")
    if not done.audit_holds or done.recordings_lost or done.miscounted:
        raise SystemExit(1)


@asynccontextmanager
async def _somewhere(into: str, url: str, folder: Path) -> AsyncIterator[str]:
    """Where to rehearse: what was said, else a database of the same kind that goes afterwards."""
    from copilot.store.scratch import scratch_database

    if into:
        yield into
    elif url.startswith("postgresql"):
        async with scratch_database(url) as made:
            yield made
    else:
        yield f"sqlite:///{folder / 'restored.db'}"


def _keys_of(path: Path) -> Keyring:
    from copilot.keyfile import open_keyring

    if not path.exists():
        fail(f"{path} does not exist: restore the key file first, from where it is kept")
    return open_keyring(path)


async def _back_up(chosen: Settings, file: Path) -> dict[str, Any]:
    from copilot.store.backup import write_backup
    from copilot.store.masterkeys import open_keys
    from copilot.store.store import Store
    from copilot.store.tombstones import TombstoneFile
    from web.composition.places import database_url, erasures_file, key_file

    url = database_url(chosen)
    keyring = await open_keys(url, key_file(chosen))
    draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    async with Store(url, keyring=keyring) as store:
        await TombstoneFile(erasures_file(chosen)).sync(store)
        try:
            descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as out:
                manifest, contents = await write_backup(
                    store.database,
                    keyring,
                    out,
                    files=_existing(chosen.data_dir / KEPT_FILES),
                    at=datetime.now(UTC),
                )
                out.flush()
                os.fsync(out.fileno())
            draft.rename(file)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
    return {
        "rows": sum(contents.rows.values()),
        "files": contents.files,
        "audit": f"{manifest.audit_seq}:{manifest.audit_digest}",
        "master_keys": list(manifest.master_keys),
    }


async def _restore(
    file: Path, url: str, keyring: Keyring, erasures: Path, folder: Path
) -> Restored:
    import time

    from copilot.recording.folder import RecordingFolder
    from copilot.store.backup import read_backup
    from copilot.store.checking import count_rows, open_everything
    from copilot.store.database import Database
    from copilot.store.migration import migrate
    from copilot.store.store import Store
    from copilot.store.tombstones import TombstoneFile, erase_again

    began = time.monotonic()
    recordings = RecordingFolder(folder)
    database = Database(url, keyring=keyring)
    try:
        with file.open("rb") as source:
            manifest, contents = await read_backup(database, keyring, source, files=folder)
    finally:
        await database.close()
    await migrate(url, keyring=keyring)
    async with Store(url, keyring=keyring) as store:
        sealed = await open_everything(store.database)
        there = await count_rows(store.database)
        expected = (manifest.audit_seq, manifest.audit_digest) if manifest.audit_seq else None
        found = await store.audit.verify(expect=expected)
        again = 0
        if found.broken_at is None:
            stones = TombstoneFile(erasures).read()
            again = await erase_again(store, stones, at=datetime.now(UTC))
            await recordings.sweep(store, at=datetime.now(UTC))
        heard = await recordings.check(store)
    return Restored(
        rows=sum(contents.rows.values()),
        files=contents.files,
        sealed_rows=sealed,
        recordings=heard.whole,
        recordings_lost=heard.lost,
        miscounted=tuple(
            name for name, count in sorted(contents.rows.items()) if there.get(name, count) != count
        ),
        audit_entries=found.entries,
        audit_holds=found.broken_at is None,
        erased_again=again,
        seconds=time.monotonic() - began,
    )


def _existing(folder: Path) -> Path | None:
    return folder if folder.is_dir() else None
