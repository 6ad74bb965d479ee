"""The files of recordings. The database says which there are; the folder follows it.

Whatever removes a row (retention, erasure, a wipe, a backup restored) need not know of files:
`sweep` takes away those that no row names. A row is there before its file is.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from copilot.keyfile import KeyFileError
from copilot.recording.soundfile import SoundFile
from copilot.store.audit import SYSTEM, Act
from copilot.store.privacy import digest_of
from copilot.store.sealedfiles import SealedReader
from copilot.store.sealing import DataKey

if TYPE_CHECKING:
    from copilot.store.records.recordings import Recording
    from copilot.store.store import Store

logger = logging.getLogger(__name__)

SUFFIX = ".ogg.sealed"


@dataclass(frozen=True, kw_only=True)
class Swept:
    """What `sweep` took away."""

    files: int
    left: int
    """Files that could not be: tried again at the next sweep."""


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What `check` found, of those that had been closed."""

    whole: int
    lost: int


class RecordingFolder:
    """One folder a client, made when first needed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def new_name(self) -> str:
        """Of a file that is not there yet."""
        return secrets.token_hex(16) + SUFFIX

    def create(self, recording: Recording, key: DataKey) -> SoundFile:
        """Raises OSError."""
        return SoundFile(self._of(recording), key, name=_name(recording))

    @contextmanager
    def opened(self, recording: Recording, keys: Mapping[str, DataKey]) -> Iterator[SealedReader]:
        """A recording to be read. Raises OSError, KeyFileError."""
        with self._of(recording).open("rb") as file:
            yield SealedReader(file, keys, name=_name(recording))

    async def sweep(self, store: Store, *, at: datetime) -> Swept:
        """Take away what no row names, of the clients that this database has or wiped."""
        files = left = 0
        wiped = await store.audit.entries(action="client.wiped", limit=1_000_000)
        known = {client.id for client in await store.provider.clients()}
        for client_id in known | {entry.act.client_id or "" for entry in wiped}:
            folder = self.path / quote(client_id, safe="")
            if not client_id or not await asyncio.to_thread(folder.is_dir):
                continue
            named = {one.file for one in await store.for_client(client_id).recordings()}
            gone, kept = await asyncio.to_thread(_take_away, folder, named)
            left += kept
            if gone:
                files += len(gone)
                await store.audit.record(_removed(client_id, gone, at))
            if client_id not in known and not kept:
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        return Swept(files=files, left=left)

    async def check(self, store: Store) -> Checked:
        """Open every recording to its last byte, as a restore's rehearsal does."""
        whole = lost = 0
        for client in await store.provider.clients():
            scope = store.for_client(client.id)
            keys = await scope.opening_keys()
            for recording in await scope.recordings():
                if not recording.playable:
                    continue
                if await asyncio.to_thread(self._opens, recording, keys):
                    whole += 1
                else:
                    lost += 1
        return Checked(whole=whole, lost=lost)

    def _opens(self, recording: Recording, keys: Mapping[str, DataKey]) -> bool:
        try:
            with self.opened(recording, keys) as reader:
                if recording.state == "whole" and not reader.complete:
                    raise KeyFileError("its end is missing, or was changed")
                return sum(map(len, reader.read())) == reader.size > 0
        except (OSError, KeyFileError) as error:
            logger.warning("the recording of call %s does not open: %s", recording.call_id, error)
            return False

    def _of(self, recording: Recording) -> Path:
        return self.path / quote(recording.client_id, safe="") / Path(recording.file).name


def _name(recording: Recording) -> str:
    """What the file is, authenticated with it: it cannot be passed off as another call's."""
    return f"recordings/{recording.call_id}"


def _take_away(folder: Path, named: set[str]) -> tuple[list[str], int]:
    gone, left = [], 0
    for path in folder.iterdir():
        if path.name in named or not path.name.endswith(SUFFIX):
            continue
        try:
            path.unlink()
            gone.append(path.name)
        except OSError:
            logger.exception("a recording that must go is still there: %s", path)
            left += 1
    return gone, left


def _removed(client_id: str, names: list[str], at: datetime) -> Act:
    return Act(
        actor=SYSTEM,
        action="recordings.removed",
        at=at,
        client_id=client_id,
        detail={"files": len(names), "digest": digest_of(names)},
    )
