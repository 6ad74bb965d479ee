"""Uploads on disk: there while they are read, and no longer."""

from __future__ import annotations

import os
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import pytest
from starlette.datastructures import UploadFile

from web.uploads import FETCHED, LEFT_AFTER_S, UPLOADED, Upload, forget_left


def test_what_a_killed_process_left_is_removed_and_what_is_being_read_stays(
    tmp_path: Path,
) -> None:
    now_s = 1_800_000_000.0
    ages = {f"{UPLOADED}old": 2.0, f"{FETCHED}old": 2.0, f"{UPLOADED}new": 0.5, "another": 2.0}
    for name, days in ages.items():
        path = tmp_path / name
        path.write_bytes(b"question;reponse\n")
        os.utime(path, (now_s, now_s - days * LEFT_AFTER_S))
    forget_left(now_s, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {f"{UPLOADED}new", "another"}


async def test_a_full_disk_keeps_no_half_of_an_upload(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    file = UploadFile(BytesIO(b"x" * 10), filename="faq.csv")

    async def full(_: int) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(file, "read", full)
    with pytest.raises(OSError, match="No space"):
        await Upload(cast(Any, None)).kept(file)
    assert os.listdir(tmp_path) == []
