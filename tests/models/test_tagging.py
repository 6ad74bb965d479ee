"""A model's file that is damaged is learnt again, and one that cannot be written is not kept."""

from __future__ import annotations

from pathlib import Path

import pycrfsuite  # type: ignore[import-untyped]
import pytest

from models.tagging import learnt_once, whole


def learn(path: Path) -> None:
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    for number in range(50):
        trainer.append([[f"a{number}", "b"], ["c"]], ["B", "O"])
    trainer.train(str(path))


def never(path: Path) -> None:
    raise AssertionError(path)


def test_what_is_kept_is_not_learnt_again(tmp_path: Path) -> None:
    path = learnt_once(tmp_path / "new" / "names.crfsuite", learn)
    assert learnt_once(path, never) == path
    assert [each.name for each in path.parent.iterdir()] == ["names.crfsuite"]


def test_a_file_cut_short_anywhere_is_learnt_again(tmp_path: Path) -> None:
    path = learnt_once(tmp_path / "names.crfsuite", learn)
    data = path.read_bytes()
    for size in range(0, len(data), 13):
        path.write_bytes(data[:size])
        assert not whole(path), size
    assert learnt_once(path, learn).read_bytes() == data


def test_it_is_told_once_what_is_learnt_and_why(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="models.tagging")
    path = learnt_once(tmp_path / "names.crfsuite", learn)
    path.write_bytes(path.read_bytes()[:40])
    learnt_once(path, learn)
    assert [record.levelname for record in caplog.records] == ["INFO", "WARNING"]


def test_a_file_cut_short_that_says_so_is_not_whole(tmp_path: Path) -> None:
    """On a full disk CRFsuite writes the size that was left into the header."""
    path = learnt_once(tmp_path / "names.crfsuite", learn)
    data = path.read_bytes()
    for size in range(64, len(data), 7):
        path.write_bytes(data[:4] + size.to_bytes(4, "little") + data[8:size])
        assert not whole(path), size


def test_what_cannot_be_written_whole_is_told_and_not_kept(tmp_path: Path) -> None:
    def short(path: Path) -> None:
        learn(path)
        path.write_bytes(path.read_bytes()[:-1])

    with pytest.raises(OSError, match="disk full"):
        learnt_once(tmp_path / "names.crfsuite", short)
    assert list(tmp_path.iterdir()) == []


def test_a_trainer_that_writes_nothing_is_told(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="disk full"):
        learnt_once(tmp_path / "names.crfsuite", lambda _: None)
