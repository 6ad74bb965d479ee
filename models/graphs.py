"""The ONNX graphs of a speech model: made once beside its folder, kept, checked.

`var/models/whisper-base` gets `var/models/onnx-whisper-base`. They are made again when the model's
file or the recipe changes.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.ctweights import read_weights
from models.errors import ModelDamagedError, ModelError
from models.whispertokens import WhisperTokens

log = logging.getLogger(__name__)

RECIPE = 4
"""Raised whenever graphs made before are no longer right."""
_ABOUT = "graphs.json"
_FILES = ("encoder.onnx", "decoder.onnx")
_MOST_BYTES = 1 << 30
"""A graph with its weights must stay under the 2 GB of a protocol buffer, at a byte a weight."""
_TYPOGRAPHY = frozenset("‐‑‒–—―‘’‚“”„†•…‰‹›€™−")
_LATIN_BEFORE = 0x250
"""Unicode: Basic Latin to Latin Extended-B."""
_LATIN_BYTES = frozenset((*range(0x80, 0xCA), 0xE2))
"""In UTF-8: what follows, the first of two bytes of a Latin letter, the first of typography."""


class NoGraphsError(ModelError):
    """A model cannot be turned into graphs, or this machine would not profit; says why."""

    code = "no_graphs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Graphs:
    """Where the graphs of a model are and which tokens they know."""

    folder: Path
    written: tuple[int, ...]
    """Tokens that may be written: Latin letters, digits, punctuation, and the end."""
    aside: tuple[int, ...]
    """Tokens that count in the whole but are never written."""
    languages: tuple[int, ...]

    @property
    def encoder(self) -> Path:
        """The encoder's graph."""
        return self.folder / _FILES[0]

    @property
    def decoder(self) -> Path:
        """The decoder's graph."""
        return self.folder / _FILES[1]


def folder_of_graphs(model: Path) -> Path:
    """Where the graphs of a model are kept."""
    return model.resolve().parent / f"onnx-{model.resolve().name}"


def prepared(model: Path) -> Graphs:
    """The graphs of a model's folder, made if need be (some seconds, once).

    Raises `NoGraphsError` with the reason when there can be none.
    """
    folder = folder_of_graphs(model)
    found = _kept(folder, model)
    if found is not None:
        return found
    try:
        size = (model / "model.bin").stat().st_size
    except OSError as error:
        raise NoGraphsError(f"{model} holds no model: {error}") from error
    if size > _MOST_BYTES:
        raise NoGraphsError(f"{model.name} is too large for a graph in one file")
    log.info("preparing %s for this processor in %s", model.name, folder)
    try:
        _make(model, folder)
    except (OSError, ModelDamagedError, ImportError) as error:
        raise NoGraphsError(f"{model.name} cannot be prepared: {error}") from error
    found = _kept(folder, model)
    if found is None:
        raise NoGraphsError(f"{folder} was made but cannot be read")
    return found


def damaged_graphs(model: Path) -> str | None:
    """What is wrong with the graphs of a model, all their bytes read; `None` when nothing is."""
    folder = folder_of_graphs(model)
    if not folder.is_dir():
        return None
    try:
        about = json.loads((folder / _ABOUT).read_text())
        wrong = [name for name in _FILES if _sha256(folder / name) != about["sha256"][name]]
    except (OSError, ValueError, KeyError) as error:
        return f"{folder} cannot be read ({error}): delete it, it is made again"
    return f"{folder / wrong[0]} has changed: delete {folder}, it is made again" if wrong else None


def _kept(folder: Path, model: Path) -> Graphs | None:
    try:
        about = json.loads((folder / _ABOUT).read_text())
        if about["source"] != _source(model) or not all((folder / n).is_file() for n in _FILES):
            return None
        return Graphs(
            folder=folder,
            written=tuple(about["written"]),
            aside=tuple(about["aside"]),
            languages=tuple(about["languages"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _source(model: Path) -> dict[str, Any]:
    known = (model / "model.bin").stat()
    return {"recipe": RECIPE, "bytes": known.st_size, "changed_ns": known.st_mtime_ns}


def _make(model: Path, folder: Path) -> None:
    """Make the graphs aside, then put them in place at once: another process may do the same."""
    from models.whispergraph import Vocabulary, write_decoder, write_encoder

    config = json.loads((model / "config.json").read_text())
    heads = [(int(layer), int(head)) for layer, head in config.get("alignment_heads", ())]
    languages = [int(token) for token in config.get("lang_ids", ())]
    if not heads:
        raise ModelDamagedError("its config.json names no alignment heads")
    tokens = WhisperTokens(model, multilingual=bool(languages))
    forbidden = {int(token) for token in config.get("suppress_ids", ())}
    written = [token for token in latin(tokens) if token not in forbidden]
    signs = range(tokens.end + 1, tokens.id("<|notimestamps|>") + 1)
    aside = sorted(forbidden.union(signs))
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        weights = read_weights(model / "model.bin")
        write_encoder(weights, scratch / _FILES[0])
        vocabulary = Vocabulary(written=np.array(written), aside=np.array(aside))
        write_decoder(weights, vocabulary, heads, scratch / _FILES[1])
        about = {
            "source": _source(model),
            "sha256": {name: _sha256(scratch / name) for name in _FILES},
            "written": written,
            "aside": aside,
            "languages": languages,
        }
        (scratch / _ABOUT).write_text(json.dumps(about))
        scratch.chmod(0o755)
        shutil.rmtree(folder, ignore_errors=True)
        try:
            os.replace(scratch, folder)
        except OSError:
            if _kept(folder, model) is None:
                raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def latin(tokens: WhisperTokens) -> list[int]:
    """The tokens that write text in the Latin alphabet, ascending, and the end.

    Pieces of letters (bytes) stay where they may belong to a Latin one.
    """
    return [token for token in range(tokens.end) if _is_latin(tokens.spelled(token))] + [tokens.end]


def _is_latin(spelled: bytes) -> bool:
    try:
        text = spelled.decode()
    except UnicodeDecodeError:
        return all(byte < 0x80 or byte in _LATIN_BYTES for byte in spelled)
    return all(ord(char) < _LATIN_BEFORE or char in _TYPOGRAPHY for char in text)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
