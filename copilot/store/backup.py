"""A whole installation in one file, and back, on either database.

The file is sealed with a key derived from the master key (`sealedfiles`): whoever finds it reads
nothing, and one that was cut off or changed is refused. Inside: JSON lines, compressed. First what
it is (`Manifest`), then each table's name and its rows, each kept file's name and its pieces, and
last how many there were of each.

The key file is never in it: it is kept apart, and needed to read it back.
"""

from __future__ import annotations

import gzip
import hmac
import io
import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import (
    Connection,
    Date,
    DateTime,
    LargeBinary,
    MetaData,
    Table,
    delete,
    insert,
    select,
    text,
)

from copilot.keyfile import KeyFileError, Keyring
from copilot.store.database import Database
from copilot.store.errors import StoreError
from copilot.store.migration import configuration
from copilot.store.rowsecurity import say_whose
from copilot.store.sealedfiles import SealedReader, SealedWriter
from copilot.store.sealing import DataKey
from copilot.store.tables.audit import audit_base, audit_entries
from copilot.store.tables.keys import master_keys

FORMAT = 1
NAME = "souffleur backup"
BATCH = 500
PIECE_BYTES = 48 * 1024
VERSION_TABLE = "alembic_version"


class BackupError(StoreError):
    """The backup cannot be made, or is not one that can be restored here."""

    code = "backup"


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a backup is of."""

    format: int
    revision: str
    made_at: str
    master_keys: tuple[str, ...]
    """Those that must be in the key file."""
    audit_seq: int
    audit_digest: str
    """The end of the audit trail."""


@dataclass(frozen=True, kw_only=True)
class Contents:
    """How much there was."""

    rows: dict[str, int]
    files: int


class _Out(io.RawIOBase):
    """A sealed writer, as gzip wants one."""

    def __init__(self, writer: SealedWriter) -> None:
        self._writer = writer

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        self._writer.write(bytes(content))
        return len(content)


class _In(io.RawIOBase):
    """A sealed reader, as gzip wants one."""

    def __init__(self, reader: SealedReader) -> None:
        self._pieces = reader.read()
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = piece
        taken = self._left[: len(buffer)]
        buffer[: len(taken)] = taken
        self._left = self._left[len(taken) :]
        return len(taken)


async def write_backup(
    database: Database, keyring: Keyring, out: BinaryIO, *, files: Path | None, at: datetime
) -> tuple[Manifest, Contents]:
    """Write everything as it stands at one moment; the service goes on meanwhile.

    `files`: a folder whose files (sealed recordings) are kept too, when there is one.
    """
    isolation = {} if database.dialect == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    async with database.engine.connect() as plain:
        connection = await plain.execution_options(**isolation)
        async with connection.begin():
            if database.dialect == "postgresql":
                await say_whose(connection, None)
            return await connection.run_sync(_write, keyring, out, files, at)


def _write(
    connection: Connection, keyring: Keyring, out: BinaryIO, files: Path | None, at: datetime
) -> tuple[Manifest, Contents]:
    tables = _tables(connection)
    newest = select(audit_entries.c.seq, audit_entries.c.digest).order_by(
        audit_entries.c.seq.desc()
    )
    begins = select(audit_base.c.seq, audit_base.c.digest)
    seq, digest = (connection.execute(newest.limit(1)).first()
                   or connection.execute(begins).one())  # fmt: skip
    manifest = Manifest(
        format=FORMAT,
        revision=connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one(),
        made_at=at.isoformat(),
        master_keys=tuple(connection.execute(select(master_keys.c.id)).scalars()),
        audit_seq=seq,
        audit_digest=digest,
    )
    counts: dict[str, int] = {}
    with (
        SealedWriter(out, _backup_key(keyring, keyring.current), name=NAME) as writer,
        gzip.GzipFile(fileobj=_Out(writer), mode="wb", compresslevel=6, mtime=0) as lines,
    ):
        _line(lines, manifest=asdict(manifest))
        for table in tables:
            _line(lines, table=table.name)
            counts[table.name] = 0
            query = select(table).execution_options(yield_per=BATCH)
            for row in connection.execute(query).mappings():
                _line(lines, row={name: _written(value) for name, value in row.items()})
                counts[table.name] += 1
        kept = _write_files(lines, files)
        contents = Contents(rows=counts, files=kept)
        _line(lines, end=asdict(contents))
    return manifest, contents


def _write_files(lines: gzip.GzipFile, folder: Path | None) -> int:
    if folder is None:
        return 0
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    for path in found:
        _line(lines, file=str(path.relative_to(folder)))
        with path.open("rb") as file:
            while piece := file.read(PIECE_BYTES):
                _line(lines, piece=b64encode(piece).decode())
    return len(found)


def read_manifest(source: BinaryIO, keyring: Keyring) -> Manifest:
    """What a backup is of. Raises BackupError, KeyFileError."""
    for kind, value in _lines(source, keyring):
        if kind == "manifest":
            return _manifest_of(value)
    raise BackupError("this is no backup of Souffleur")


async def read_backup(
    database: Database, keyring: Keyring, source: BinaryIO, *, files: Path | None
) -> tuple[Manifest, Contents]:
    """Bring a backup into an empty database, in one transaction: all of it or nothing.

    Raises BackupError when the database has tables already, or the backup is not whole;
    KeyFileError when the key file lacks its keys.
    """
    async with database.writing() as connection:
        return await connection.run_sync(_read, keyring, source, files)


def _read(
    connection: Connection, keyring: Keyring, source: BinaryIO, files: Path | None
) -> tuple[Manifest, Contents]:
    if _tables(connection):
        raise BackupError("the database is not empty: restore into a new one; nothing was changed")
    load: _Loading | None = None
    for kind, value in _lines(source, keyring):
        if kind == "manifest":
            load = _Loading(connection, keyring, _manifest_of(value), files)
        elif load is None:
            break
        elif kind == "end":
            return load.manifest, load.finish(Contents(**value))
        else:
            load.take(kind, value)
    raise BackupError("the backup is not whole; nothing was changed")


class _Loading:
    """A restore under way."""

    def __init__(
        self, connection: Connection, keyring: Keyring, manifest: Manifest, files: Path | None
    ) -> None:
        missing = [name for name in manifest.master_keys if name not in keyring.keys]
        if missing:
            raise KeyFileError(
                f"the backup needs the master key {', '.join(missing)}: restore the key file of "
                "that time"
            )
        self.manifest = manifest
        self._connection = connection
        self._files = files
        self._counts = Contents(rows={}, files=0)
        self._kept = 0
        self._table: Table | None = None
        self._waiting: list[dict[str, Any]] = []
        self._file: BinaryIO | None = None
        _upgrade(connection, keyring, manifest.revision)
        connection.execute(delete(audit_base))  # the migration made one
        self._tables = {table.name: table for table in _tables(connection)}

    def take(self, kind: str, value: Any) -> None:
        if kind == "table":
            self._flush()
            self._table = self._tables[value]
            self._counts.rows[value] = 0
        elif kind == "row" and self._table is not None:
            self._waiting.append(_read_row(self._table, value, self._connection.dialect.name))
            if len(self._waiting) >= BATCH:
                self._flush()
        elif kind == "file":
            self._close()
            self._kept += 1
            if self._files is not None:
                self._file = _file_under(self._files, value)
        elif kind == "piece" and self._file is not None:
            self._file.write(b64decode(value))

    def finish(self, expected: Contents) -> Contents:
        self._flush()
        self._close()
        if (self._counts.rows, self._kept) != (expected.rows, expected.files):
            raise BackupError("the backup does not have what it says; nothing was changed")
        return expected

    def _flush(self) -> None:
        if self._table is not None and self._waiting:
            self._connection.execute(insert(self._table), self._waiting)
            self._counts.rows[self._table.name] += len(self._waiting)
        self._waiting = []

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _file_under(folder: Path, name: str) -> BinaryIO:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise BackupError(f"a file of the backup would lie outside its folder: {name!r}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    return path.open("wb")


def _upgrade(connection: Connection, keyring: Keyring, revision: str) -> None:
    from alembic import command
    from alembic.util import CommandError

    config = configuration(connection)
    config.attributes["keyring"] = keyring
    try:
        command.upgrade(config, revision)
    except CommandError as error:
        raise BackupError(
            f"the backup is of version {revision}, which this Souffleur does not know: "
            "restore it with the version that made it"
        ) from error


def _backup_key(keyring: Keyring, master: str) -> DataKey:
    secret = hmac.digest(keyring.keys[master], NAME.encode(), "sha256")
    return DataKey(name=master, client_id="", secret=secret)


def _lines(source: BinaryIO, keyring: Keyring) -> Iterator[tuple[str, Any]]:
    """Raises BackupError on what is no whole backup, KeyFileError without its key."""
    keys = {name: _backup_key(keyring, name) for name in keyring.keys}
    reader = SealedReader(source, keys, name=NAME)
    if not reader.complete:
        raise BackupError("the backup is not whole, or is another's; nothing was changed")
    with gzip.GzipFile(fileobj=io.BufferedReader(_In(reader)), mode="rb") as lines:
        for line in lines:
            ((kind, value),) = json.loads(line).items()
            yield kind, value


def _manifest_of(value: dict[str, Any]) -> Manifest:
    if value.get("format") != FORMAT:
        raise BackupError(f"the backup has format {value.get('format')}: a later version made it")
    return Manifest(**{**value, "master_keys": tuple(value["master_keys"])})


def _line(lines: gzip.GzipFile, **content: Any) -> None:
    lines.write(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")


def _tables(connection: Connection) -> list[Table]:
    """As they are in this database, each after those it refers to."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != VERSION_TABLE]


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return b64encode(value).decode() if isinstance(value, bytes) else value


def _read_row(table: Table, row: dict[str, Any], dialect: str) -> dict[str, Any]:
    return {
        name: None if value is None else _reader_of(table, name, dialect)(value)
        for name, value in row.items()
    }


def _reader_of(table: Table, column: str, dialect: str) -> Callable[[Any], Any]:
    kind = table.c[column].type
    if isinstance(kind, DateTime):
        naive = dialect == "sqlite"

        def moment(value: str) -> datetime:
            aware = datetime.fromisoformat(value).astimezone(UTC)
            return aware.replace(tzinfo=None) if naive else aware

        return moment
    if isinstance(kind, Date):
        return date.fromisoformat
    if isinstance(kind, LargeBinary):
        return b64decode
    return lambda value: value
