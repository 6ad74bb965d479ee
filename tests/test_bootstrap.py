"""Set-up does again only what has changed, and goes on where Python left its own files."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NAMED = (
    *("pyproject.toml", "requirements.lock", "models/embeddings.py", "knowledge/lessons.py"),
    *("knowledge/training/one.fr.txt", "web/ui/app.ts", "web/static/index.html"),
    *("copilot/drafting/houses/calls.fr.txt", "copilot/drafting/people/learning.py"),
    "copilot/drafting/speech.py",
)


def digest(*paths: Path) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:16]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """All but the models is done."""
    for name in NAMED:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    shutil.copy(ROOT / "bootstrap.sh", tmp_path)
    (tmp_path / "var/sounds/usr/share/asterisk/sounds/fr_CA_f_June").mkdir(parents=True)
    stamps = tmp_path / "var/stamps"
    stamps.mkdir()
    packages = digest(tmp_path / "pyproject.toml", tmp_path / "requirements.lock")
    (stamps / "python").write_text(packages)
    (stamps / "ui").write_text(digest(tmp_path / "web/ui/app.ts"))
    command = tmp_path / ".venv/bin/souffleur"
    command.parent.mkdir(parents=True)
    command.write_text('#!/bin/sh\necho "$@" >> asked\n')
    command.chmod(0o755)
    return tmp_path


def prepared(tree: Path) -> int:
    """How often models were prepared, after one more set-up."""
    run = subprocess.run(["bash", "bootstrap.sh", "run"], cwd=tree, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return (tree / "asked").read_text().splitlines().count("models fetch")


def test_models_are_prepared_once_whatever_python_leaves_beside_them(tree: Path) -> None:
    assert prepared(tree) == 1
    for folder in ("people", "houses", "situations"):
        kept = tree / "copilot/drafting" / folder / "__pycache__"
        kept.mkdir(parents=True)
        (kept / "corpus.cpython-311.pyc").write_bytes(b"\0")
    assert prepared(tree) == 1


@pytest.mark.parametrize(
    "name",
    [
        *(f"copilot/drafting/{name}" for name in ("houses/calls.fr.txt", "people/learning.py")),
        *("copilot/drafting/speech.py", "knowledge/training/one.fr.txt", "knowledge/lessons.py"),
        "models/embeddings.py",
    ],
)
def test_models_are_prepared_again_when_what_they_learn_from_changes(tree: Path, name: str) -> None:
    assert prepared(tree) == 1
    (tree / name).write_text("changed")
    assert prepared(tree) == 2
