"""The graphs of the real model: made once, checked, and never of a folder that has no model."""

from __future__ import annotations

import json
import shutil
import struct
from pathlib import Path

import numpy as np
import pytest

from models.ctweights import read_weights
from models.engines import fits_graphs
from models.errors import ModelDamagedError
from models.graphs import NoGraphsError, damaged_graphs, folder_of_graphs, latin, prepared
from models.store import find_model
from models.whispertokens import WhisperTokens
from tests.sounds import ROOT


@pytest.fixture(scope="module")
def model() -> Path:
    return find_model("base", cache=ROOT.parent / "models")


def written_as(*variables: tuple[str, np.ndarray[tuple[int, ...], np.dtype[np.float16]]]) -> bytes:
    def name(text: str) -> bytes:
        return struct.pack("<H", len(text) + 1) + text.encode() + b"\0"

    data = struct.pack("<I", 6) + name("WhisperSpec") + struct.pack("<II", 3, len(variables))
    for key, values in variables:
        shape = struct.pack(f"<B{values.ndim}I", values.ndim, *values.shape)
        data += name(key) + shape + struct.pack("<BI", 4, values.nbytes) + values.tobytes()
    return data + struct.pack("<I", 1) + name("alias") + name(variables[0][0])


def test_weights_are_read_with_their_other_names(tmp_path: Path) -> None:
    values = np.arange(6, dtype=np.float16).reshape(2, 3)
    path = tmp_path / "model.bin"
    path.write_bytes(written_as(("a/weight", values)))
    weights = read_weights(path)
    assert weights.floats("a/weight").tolist() == values.tolist()
    assert weights.floats("alias").dtype == np.float32
    with pytest.raises(ModelDamagedError, match="no b"):
        weights.floats("b")


@pytest.mark.parametrize("size", [0, 3, 20, 50, -3])
def test_a_file_cut_short_is_damaged(tmp_path: Path, size: int) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(written_as(("a/weight", np.zeros((4, 4), np.float16)))[:size])
    with pytest.raises(ModelDamagedError, match="cannot read"):
        read_weights(path)


@pytest.mark.models
def test_latin_letters_can_be_written_and_others_cannot(model: Path) -> None:
    tokens = WhisperTokens(model, multilingual=True)
    written = set(latin(tokens))
    for text in (" Où êtes-vous, Zoë Łukasz ? 1 250 € « déjà » naïf cœur", " Straße, señor, ação…"):
        assert written.issuperset(tokens.ids(text)), text
    for text in ("谢谢", "спасибо", "ありがとう", "شكرا"):
        assert not written.issuperset(tokens.ids(text)), text
    assert tokens.end in written


@pytest.mark.models
def test_graphs_are_made_once_and_checked(model: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    shutil.copytree(model, mine)
    graphs = prepared(mine)
    assert graphs.folder == folder_of_graphs(mine) == tmp_path / "onnx-mine"
    made = graphs.encoder.stat().st_mtime_ns
    assert prepared(mine) == graphs
    assert graphs.encoder.stat().st_mtime_ns == made
    assert damaged_graphs(mine) is None
    with graphs.decoder.open("r+b") as file:
        file.seek(1000)
        file.write(b"\xff\xff")
    assert "has changed" in str(damaged_graphs(mine))


@pytest.mark.models
def test_a_model_without_alignment_heads_is_refused_with_the_reason(
    model: Path, tmp_path: Path
) -> None:
    for name in ("model.bin", "tokenizer.json"):
        (tmp_path / "bare").mkdir(exist_ok=True)
        shutil.copyfile(model / name, tmp_path / "bare" / name)
    (tmp_path / "bare" / "config.json").write_text(json.dumps({"lang_ids": []}))
    with pytest.raises(NoGraphsError, match="alignment heads"):
        prepared(tmp_path / "bare")
    with pytest.raises(NoGraphsError, match="holds no model"):
        prepared(tmp_path)
    assert not folder_of_graphs(tmp_path / "bare").exists()


def test_graphs_are_for_processors_that_multiply_bytes() -> None:
    fast = frozenset({"avx512f", "avx512_vnni"})
    assert fits_graphs("cpu", "int8", fast)
    assert not fits_graphs("cuda", "float16", fast)
    assert not fits_graphs("cpu", "float32", fast)
    assert not fits_graphs("cpu", "int8", frozenset({"avx2"}))
