"""The restore drill, as an administrator runs it: back up, destroy, restore, verify."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from copilot.store import Store
from copilot.store.masterkeys import open_keys
from tests.store.examples import MAIN, NOON, client
from tests.store.test_vault import LEA, busy, reads_back


def command(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "copilot.cli", *arguments],
        env={**os.environ, "SOUFFLEUR_DATA_DIR": str(data)},
        capture_output=True,
        text=True,
        timeout=120,
    )


def told(data: Path, *arguments: str) -> dict[str, Any]:
    done = command(data, *arguments, "--json")
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_back_up_destroy_restore_verify(tmp_path: Path) -> None:
    data, kept = tmp_path / "data", tmp_path / "kept"
    data.mkdir()
    kept.mkdir()
    url = f"sqlite:///{data / 'souffleur.db'}"

    async def work() -> None:
        async with Store(url, keyring=await open_keys(url, data / "master.key")) as store:
            await store.provider.save_client(client(MAIN, "Delorme"), at=NOON)
            await busy(store)

    async def erase() -> None:
        async with Store(url, keyring=await open_keys(url, data / "master.key")) as store:
            scope = store.for_client(MAIN)
            await scope.mark_ended(f"call-{MAIN}", ended_by="caller", reason="r", at=NOON)
            await scope.erase_calls([f"call-{MAIN}"], actor=LEA, reason="demande", at=NOON)

    async def read() -> int:
        async with Store(url, keyring=await open_keys(url, data / "master.key")) as store:
            calls = await store.provider.calls()
            if calls:
                await reads_back(store)
            return len(calls)

    asyncio.run(work())
    made = told(data, "backup", str(kept / "monday"))
    assert made["rows"] > 5 and (kept / "monday").stat().st_mode & 0o777 == 0o600
    again = command(data, "backup", str(kept / "monday"))
    assert again.returncode == 2 and "exists" in again.stderr
    shutil.copy(data / "master.key", kept)
    rehearsed = told(data, "drill")
    assert rehearsed["audit_holds"] and rehearsed["sealed_rows"] == 5
    assert not list(data.glob("drill-*"))
    shutil.rmtree(data)
    data.mkdir()
    lost = command(data, "restore", str(kept / "monday"))
    assert lost.returncode == 2 and "restore the key file first" in lost.stderr
    shutil.copy(kept / "master.key", data)
    (data / "master.key").chmod(0o600)
    back = told(data, "restore", str(kept / "monday"))
    assert (back["rows"], back["audit_holds"], back["sealed_rows"]) == (made["rows"], True, 5)
    assert asyncio.run(read()) == 1
    # Erased after the backup: forgotten again by the next restore.
    asyncio.run(erase())
    told(data, "backup", str(kept / "tuesday"))
    (data / "souffleur.db").unlink()
    for left in data.glob("souffleur.db-*"):
        left.unlink()
    assert told(data, "restore", str(kept / "monday"))["erased_again"] == 1
    assert asyncio.run(read()) == 0
