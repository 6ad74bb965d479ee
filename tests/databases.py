"""SQLite databases that have their tables already: making them anew takes a quarter of a second."""

from __future__ import annotations

import asyncio
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from copilot.store import migrate
from tests.keys import KEYS


def migrated(folder: Path) -> str:
    """The address of an empty database of this version in `folder`, where there was none."""
    path = folder / "souffleur.db"
    folder.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_empty())
    return f"sqlite:///{path}"


@cache
def _empty() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "souffleur.db"
        with ThreadPoolExecutor(1) as thread:  # ours may have a loop already
            thread.submit(asyncio.run, migrate(f"sqlite:///{path}", keyring=KEYS)).result()
        return path.read_bytes()
