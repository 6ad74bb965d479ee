"""Recordings given out: a ZIP of plain Ogg Opus files and what is known of each, as it is read."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from copilot.keyfile import KeyFileError
from copilot.recording.folder import RecordingFolder
from copilot.store.records.recordings import Recording
from copilot.store.sealing import DataKey

logger = logging.getLogger(__name__)

LIST = "recordings.json"


class _Pipe:
    """Where the ZIP is written, to be taken away piece by piece; it cannot go back."""

    def __init__(self) -> None:
        self._content = bytearray()

    def write(self, content: bytes) -> int:
        self._content += content
        return len(content)

    def flush(self) -> None:
        """Nothing waits here."""

    def taken(self) -> bytes:
        content = bytes(self._content)
        self._content.clear()
        return content


def archive(
    folder: RecordingFolder, recordings: Iterable[Recording], keys: Mapping[str, DataKey]
) -> Iterator[bytes]:
    """The ZIP in pieces: `<call>.opus`, the caller left and the operator right, and a list that
    says which could not be opened. Not for the event loop."""
    pipe = _Pipe()
    told = []
    with ZipFile(pipe, "w", ZIP_STORED) as file:  # type: ignore[call-overload]  # only written to
        for recording in recordings:
            name = f"{recording.call_id}.opus"
            try:
                with folder.opened(recording, keys) as reader:
                    stamp = recording.began_at.timetuple()[:6]
                    with file.open(ZipInfo(name, stamp), "w", force_zip64=True) as entry:
                        for piece in reader.read():
                            entry.write(piece)
                            yield pipe.taken()
            except (OSError, KeyFileError) as error:
                logger.warning("recording of call %s not given out: %s", recording.call_id, error)
                name = ""
            told.append({**asdict(recording), "file": name})
        file.writestr(LIST, json.dumps(told, indent=1, default=_plain))
    yield pipe.taken()


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
