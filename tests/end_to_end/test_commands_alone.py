"""Commands as a user types them that need no service: what works, and what bad input says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.refusals import one_line
from tests.end_to_end.service import ROOT
from tests.sounds import french_prompts

pytestmark = [pytest.mark.models, pytest.mark.timeout(300)]


def souffleur(*arguments: str, data: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "copilot.cli", *arguments],
        cwd=ROOT,
        env={**os.environ, "SOUFFLEUR_DATA_DIR": str(data), **environment},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_a_missing_model_folder(tmp_path: Path) -> None:
    missing = tmp_path / "no-model"
    manifest = tmp_path / "manifest.jsonl"
    prompt = french_prompts(min_words=5)[0]
    manifest.write_text(json.dumps({"audio": str(prompt.path), "text": prompt.text}) + "\n")
    one_line(
        souffleur("eval", "asr", str(manifest), "--model", str(missing), data=tmp_path),
        str(missing),
    )
    one_line(souffleur("models", "fetch", str(missing), data=tmp_path), str(missing))


def test_a_setting_out_of_range(tmp_path: Path) -> None:
    refused = souffleur("models", "list", data=tmp_path, SOUFFLEUR_SIP_PORT="many")
    one_line(refused, "SOUFFLEUR_SIP_PORT")


@pytest.mark.parametrize(
    ("command", "content", "words"),
    [
        ("asr", '{"audio": "absent.wav", "text": "bonjour"}\n', ("line 1", "absent.wav")),
        ("asr", "not json\n", ("line 1",)),
        ("asr", '{"audio": "input.jsonl", "text": "bonjour"}\n', ("line 1", "input.jsonl")),
        ("drafts", '{"id": "1"}\n', ("input.jsonl", "1")),
        ("drafts", "", ("input.jsonl",)),
    ],
)
def test_evaluations_name_the_file_and_the_line(
    tmp_path: Path, command: str, content: str, words: tuple[str, ...]
) -> None:
    path = tmp_path / "input.jsonl"
    path.write_text(content)
    one_line(souffleur("eval", command, str(path), "--json", data=tmp_path), *words)


@pytest.mark.parametrize(
    ("faq", "queries", "words"),
    [
        ("nom,valeur\nA,B\n", "{}\n", ("faq.csv",)),
        ("id,question,answer,tags\na,Q ?,R,\n", "{}\n", ("queries.jsonl", "1")),
        ("id,question,answer,tags\na,Q ?,R,\n", None, ("queries.jsonl",)),
    ],
)
def test_a_bad_knowledge_folder(
    tmp_path: Path, faq: str, queries: str | None, words: tuple[str, ...]
) -> None:
    folder = tmp_path / "sets" / "client"
    folder.mkdir(parents=True)
    (folder / "faq.csv").write_text(faq)
    if queries is not None:
        (folder / "queries.jsonl").write_text(queries)
    one_line(souffleur("eval", "knowledge", str(folder.parent), data=tmp_path), *words)


def test_models_are_listed_and_verified(tmp_path: Path) -> None:
    fetched = souffleur("models", "fetch", "base", data=tmp_path)
    assert fetched.returncode == 0, fetched.stderr
    assert Path(fetched.stdout.strip()).is_dir()
    listed = souffleur("models", "list", "--json", data=tmp_path)
    states = {model["name"]: model["state"] for model in json.loads(listed.stdout)}
    assert states["base"] == "ready"
    assert souffleur("models", "verify", data=tmp_path).returncode == 0
    model = Path(fetched.stdout.strip()) / "model.bin"
    content = bytearray(model.read_bytes())
    content[1000] ^= 0xFF
    model.write_bytes(content)
    damaged = souffleur("models", "verify", data=tmp_path)
    assert (damaged.returncode, "damaged" in damaged.stdout) == (1, True)
