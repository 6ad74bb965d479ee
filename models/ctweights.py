"""The weights of a CTranslate2 model, read from its `model.bin`.

Format: CTranslate2's `ModelSpec.save` (binary version 6): a header, the variables (name, shape,
type, bytes), then names that stand for another variable. Integers are little-endian.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.errors import ModelDamagedError

VERSION = 6
_DTYPES: tuple[Any, ...] = (np.float32, np.int8, np.int16, np.int32, np.float16)
"""By the number a variable's type is saved under; bfloat16 comes after them."""
_BFLOAT16 = 5

Floats = npt.NDArray[np.float32]


class Weights:
    """The variables of a model, as 32-bit floats however they were saved."""

    def __init__(self, variables: Mapping[str, npt.NDArray[Any]]) -> None:
        self._variables = variables

    def __contains__(self, name: str) -> bool:
        return name in self._variables

    def floats(self, name: str) -> Floats:
        """A variable; rows saved in 8 bits are multiplied out by their scales."""
        values = self._variable(name)
        scale = self._variables.get(f"{name}_scale")
        floats: Floats = values.astype(np.float32)
        if scale is not None:
            divisor = scale.astype(np.float32)
            floats = floats / (divisor[:, None] if divisor.ndim else divisor)
        return floats

    def number(self, name: str) -> int:
        """A variable that holds one integer."""
        return int(self._variable(name).reshape(-1)[0])

    def layers(self, part: str) -> int:
        """How many layers a part has."""
        count = 0
        while f"{part}/layer_{count}/ffn/linear_0/weight" in self:
            count += 1
        return count

    def _variable(self, name: str) -> npt.NDArray[Any]:
        found = self._variables.get(name)
        if found is None:
            raise ModelDamagedError(f"the speech model has no {name}")
        return found


def read_weights(path: Path) -> Weights:
    """Read a `model.bin`. Raises `ModelDamagedError` when it is no such file or another version."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return Weights(_Reader(data).variables())
    except (OSError, ValueError, struct.error, LookupError) as error:
        raise ModelDamagedError(f"cannot read {path}: {error}") from error


class _Reader:
    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self._at = 0

    def variables(self) -> dict[str, npt.NDArray[Any]]:
        version = self._number("I")
        if version != VERSION:
            raise ValueError(f"binary version {version}, not {VERSION}")
        self._name(), self._number("I")
        found = dict(self._variable() for _ in range(self._number("I")))
        for _ in range(self._number("I")):
            alias, name = self._name(), self._name()
            found[alias] = found[name]
        return found

    def _number(self, kind: str) -> int:
        (value,) = struct.unpack_from(f"<{kind}", self._data, self._at)
        self._at += struct.calcsize(kind)
        return int(value)

    def _name(self) -> str:
        length = self._number("H")
        raw = self._data[self._at : self._at + length]
        self._at += length
        if len(raw) != length or not raw.endswith(b"\0"):
            raise ValueError("a name is cut short")
        return raw[:-1].decode()

    def _variable(self) -> tuple[str, npt.NDArray[Any]]:
        name = self._name()
        shape = tuple(self._number("I") for _ in range(self._number("B")))
        kind, size = self._number("B"), self._number("I")
        raw = self._data[self._at : self._at + size]
        self._at += size
        if len(raw) != size:
            raise ValueError("it ends in mid-variable")
        if kind == _BFLOAT16:
            wide = np.frombuffer(raw, "<u2").astype("<u4") << 16
            return name, wide.view(np.float32).reshape(shape)
        return name, np.frombuffer(raw, _DTYPES[kind]).reshape(shape)
