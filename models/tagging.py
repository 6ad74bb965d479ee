"""Files of linear-chain conditional random fields, as CRFsuite writes them.

CRFsuite says nothing when a disk is full, and a file that is cut short takes the whole process down
when it is read: files are looked at before they are kept and before they are read.
"""

from __future__ import annotations

import hashlib
import logging
import os
import struct
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path

logger = logging.getLogger(__name__)

_HEADER = struct.Struct("<4s I 36x I")
"""What it is, the size of the file, and where its last section begins (crf1d_model.c)."""
_SECTION = struct.Struct("<4s I")
"""What it is, and its size."""


def whole(path: Path) -> bool:
    """Whether a model's file is there to its last byte."""
    try:
        data = path.read_bytes()
        kind, size, last = _HEADER.unpack_from(data)
        section, length = _SECTION.unpack_from(data, last)
    except (FileNotFoundError, struct.error):
        return False
    return (kind, section) == (b"lCRF", b"AFRF") and size == last + length == len(data)


def learnt_once(path: Path, learn: Callable[[Path], None]) -> Path:
    """The model at `path`; where it is not there or damaged, `learn` writes it first.

    Raises OSError when it cannot be written whole; nothing is kept then.
    """
    if whole(path):
        return path
    if path.exists():
        logger.warning("%s is damaged: it is learnt again", path)
    else:
        logger.info("%s is learnt for the first time", path.stem)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")  # two may learn at once
    try:
        learn(fresh)
        if not whole(fresh):
            raise OSError(f"{path} could not be written whole: is the disk full?")
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    return path


def digest_of(learnt_from: Mapping[str, Sequence[str]], without: str = "") -> str:
    """Of files, by their package: of all a model is learnt from, the code that does it included."""
    digest = hashlib.sha256(without.encode())
    for package, names in learnt_from.items():
        for name in names:
            digest.update(files(package).joinpath(name).read_bytes())
    return digest.hexdigest()[:16]
