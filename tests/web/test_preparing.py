"""What a first start would compute, computed beforehand."""

from __future__ import annotations

import os
import signal
import time
from multiprocessing import active_children
from pathlib import Path

import pytest

from copilot.settings import Settings
from models.embeddings import EmbeddingError
from web.composition import preparing
from web.composition.preparing import PreparingError, prepare


def goes_on(settings: Settings) -> None:
    (settings.data_dir / "begun").touch()
    time.sleep(600)


def when_begun(settings: Settings) -> None:
    while not (settings.data_dir / "begun").exists():
        time.sleep(0.02)


def fails(settings: Settings) -> None:
    when_begun(settings)
    raise OSError("the disk is full")


def is_killed(settings: Settings) -> None:
    when_begun(settings)
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize(
    ("part", "error", "told"),
    [(fails, OSError, "disk is full"), (is_killed, PreparingError, "memory")],
)
def test_a_part_that_fails_ends_the_others(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    part: object,
    error: type[Exception],
    told: str,
) -> None:
    monkeypatch.setattr(preparing, "_sentence_model", lambda _: None)
    monkeypatch.setattr(preparing, "_houses", goes_on)
    monkeypatch.setattr(preparing, "_people", part)
    before = {*active_children()}
    with pytest.raises(error, match=told):
        prepare(Settings(data_dir=tmp_path))
    assert {*active_children()} <= before


@pytest.mark.timeout(400)  # every model is loaded, twice
def test_it_reads_what_was_learnt_and_says_which_model_fails(tmp_path: Path) -> None:
    kept = Path("var/models").resolve()
    (tmp_path / "models").symlink_to(kept, target_is_directory=True)
    before = {path.name for path in kept.rglob("*")}
    chosen = Settings(data_dir=tmp_path)
    told: list[str] = []
    prepare(chosen, told.append)
    assert [line.partition(" learnt")[0] for line in told] == [f"{n} of 4" for n in range(1, 5)]
    assert {path.name for path in kept.rglob("*")} == before

    with pytest.raises(EmbeddingError, match="no-such-model"):
        prepare(Settings(data_dir=tmp_path, embedding_model=str(tmp_path / "no-such-model")))
