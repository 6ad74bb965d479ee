"""A client's vectors kept on disk, by the hash of each text: a rebuild embeds what changed.

One file a client and a model, holding what the last index needed and nothing else. It is never
the truth: without it, or when it is damaged, the texts are embedded again.
"""

from __future__ import annotations

import hashlib
import logging
import re
import shutil
import zipfile
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import numpy as np

from models.embeddings import FloatMatrix

logger = logging.getLogger(__name__)

_HASH_BYTES = 16
_FOLDER = re.compile(r"[0-9a-f]{24}")


class KeptVectors:
    """The vectors of one client's texts."""

    def __init__(self, folder: Path) -> None:
        """`folder` is this client's alone."""
        self._folder = folder

    def of(
        self,
        model: str,
        texts: Sequence[str],
        embed: Callable[[Sequence[str]], FloatMatrix],
        *,
        part: str,
    ) -> FloatMatrix:
        """Vectors of `texts` by `model`, those not kept yet by `embed`; `part` names their file."""
        path = self._folder / f"{_safe(model)}-{part}.npz"
        known = _read(path)
        keys = [_key(model, text) for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if missing:
            found = embed(list(missing.values()))
            known |= dict(zip(missing, found, strict=True))
        vectors = np.stack([known[key] for key in keys]) if keys else embed([])
        if missing or len(known) > len(set(keys)):
            _write(path, {key: known[key] for key in keys})
        return np.ascontiguousarray(vectors, dtype=np.float32)

    def forget(self) -> None:
        """Nothing is left to be asked: nor are the vectors of what was."""
        for path in self._folder.glob("*.npz"):
            path.unlink(missing_ok=True)


def forget_others(root: Path, client_ids: Collection[str]) -> None:
    """Remove the folders in `root` of all clients but these."""
    kept = {folder_of(client_id) for client_id in client_ids}
    for folder in root.iterdir() if root.is_dir() else ():
        if folder.is_dir() and _FOLDER.fullmatch(folder.name) and folder.name not in kept:
            shutil.rmtree(folder, ignore_errors=True)


def folder_of(client_id: str) -> str:
    """The name of a client's folder: no identifier reaches the disk as it is."""
    return hashlib.blake2b(client_id.encode(), digest_size=12).hexdigest()


def _key(model: str, text: str) -> bytes:
    return hashlib.blake2b(f"{model}\n{text}".encode(), digest_size=_HASH_BYTES).digest()


def _safe(name: str) -> str:
    return hashlib.blake2b(name.encode(), digest_size=6).hexdigest()


def _read(path: Path) -> dict[bytes, FloatMatrix]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as held:
            keys, vectors = held["keys"], held["vectors"]
        if keys.shape != (len(vectors), _HASH_BYTES) or vectors.ndim != 2:
            raise ValueError("another layout")  # handled as any damage
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile):
        logger.warning("%s is damaged: its texts are embedded again", path)
        return {}
    return {key.tobytes(): vector for key, vector in zip(keys, vectors, strict=True)}


def _write(path: Path, held: dict[bytes, FloatMatrix]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.stem}-{id(held)}.tmp.npz")
    try:
        np.savez(
            draft,
            keys=np.frombuffer(b"".join(held), np.uint8).reshape(-1, _HASH_BYTES),
            vectors=np.stack(list(held.values())) if held else np.empty((0, 0), np.float32),
        )
        draft.replace(path)
    except OSError:  # a full disk costs time at the next start, nothing else
        logger.warning("the vectors of %s cannot be kept", path.parent.name, exc_info=True)
        draft.unlink(missing_ok=True)
