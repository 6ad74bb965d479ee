"""Models fetched from a hub that works, fails, lies and is away."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import constants

from models import store
from models.errors import ModelDamagedError, ModelError, ModelMissingError, ModelUnreachableError
from models.store import find_model, list_models, verify_model
from tests.hub import REPOSITORY, Hub, hub_running

FILES = {
    "model.bin": b"weights of a model" * 1000,
    "config.json": b"{}",
    "tokenizer.json": b"{}",
    "README.md": b"not needed",
}


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with hub_running(Hub(files=dict(FILES))) as running:
        monkeypatch.setattr(constants, "ENDPOINT", running.url)
        monkeypatch.setattr(
            constants,
            "HUGGINGFACE_CO_URL_TEMPLATE",
            running.url + "/{repo_id}/resolve/{revision}/{filename}",
        )
        monkeypatch.setattr(store, "HUB_WAIT_S", 2.0)
        yield running


def test_a_model_is_fetched_once_and_verified_without_the_hub(hub: Hub, tmp_path: Path) -> None:
    folder = find_model(REPOSITORY, cache=tmp_path)
    assert (folder / "model.bin").read_bytes() == FILES["model.bin"]
    assert not (folder / "README.md").exists()
    hub.refuses = 503
    assert find_model(REPOSITORY, cache=tmp_path) == folder
    verified = verify_model(REPOSITORY, cache=tmp_path)
    assert (verified.state, verified.detail) == ("ready", "checksum right")
    (folder / "model.bin").write_bytes(FILES["model.bin"].replace(b"weights", b"weighty"))
    assert verify_model(REPOSITORY, cache=tmp_path).state == "damaged"


def test_a_wrong_checksum_is_refused_and_nothing_is_left(hub: Hub, tmp_path: Path) -> None:
    hub.announced["model.bin"] = "0" * 64
    with pytest.raises(ModelDamagedError, match="souffleur models fetch") as refused:
        find_model(REPOSITORY, cache=tmp_path)
    assert "0" * 64 in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_a_fetch_cut_off_leaves_no_model_and_can_be_done_again(hub: Hub, tmp_path: Path) -> None:
    hub.cut.add("model.bin")
    with pytest.raises(ModelUnreachableError, match="try again"):
        find_model(REPOSITORY, cache=tmp_path)
    chosen = {each.name: each for each in list_models(tmp_path, chosen=REPOSITORY)}
    assert chosen[REPOSITORY].state == "missing"
    assert f"souffleur models fetch {REPOSITORY}" in chosen[REPOSITORY].detail
    hub.cut.clear()
    folder = find_model(REPOSITORY, cache=tmp_path)
    assert (folder / "model.bin").read_bytes() == FILES["model.bin"]


def test_a_repository_that_is_no_model_says_what_it_lacks(hub: Hub, tmp_path: Path) -> None:
    del hub.files["tokenizer.json"]
    with pytest.raises(ModelMissingError, match=r"lacks tokenizer\.json"):
        find_model(REPOSITORY, cache=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_repository_is_named(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match="no model 'example/nothing'"):
        find_model("example/nothing", cache=tmp_path)


@pytest.mark.parametrize("status", [404, 500, 503])
def test_every_refusal_is_one_line(hub: Hub, tmp_path: Path, status: int) -> None:
    hub.refuses = status
    with pytest.raises(ModelError) as refused:
        find_model(REPOSITORY, cache=tmp_path)
    assert "\n" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def souffleur(*words: str, data: Path, hub_url: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "HF_ENDPOINT": hub_url,
        "SOUFFLEUR_DATA_DIR": str(data),
        "SOUFFLEUR_ASR_MODEL": REPOSITORY,
    }
    return subprocess.run(
        [sys.executable, "-m", "copilot.cli", *words],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_command_says_in_one_line_that_the_hub_is_away(tmp_path: Path) -> None:
    done = souffleur("models", "fetch", REPOSITORY, data=tmp_path, hub_url="http://127.0.0.1:9")
    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith(f"souffleur: {REPOSITORY} could not be fetched from its hub")
    assert f"copy the model into {tmp_path}" in line


def test_the_command_says_what_is_missing_and_how_to_mend_it(tmp_path: Path) -> None:
    listed = souffleur("models", "list", data=tmp_path, hub_url="http://127.0.0.1:9")
    assert listed.returncode == 1
    (line,) = [line for line in listed.stdout.splitlines() if line.startswith("*")]
    assert "missing" in line
    assert f"souffleur models fetch {REPOSITORY}" in line
    with hub_running(Hub(files=dict(FILES))) as hub:
        fetched = souffleur("models", "fetch", REPOSITORY, data=tmp_path, hub_url=hub.url)
    assert fetched.returncode == 0, fetched.stderr
    (tmp_path / "models" / "whisper-example--whisper-essai" / "config.json").unlink()
    damaged = souffleur("models", "verify", data=tmp_path, hub_url="http://127.0.0.1:9")
    assert damaged.returncode == 1
    assert "lacks config.json" in damaged.stdout
