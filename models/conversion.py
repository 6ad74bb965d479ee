"""A model made into a folder of its own, once, from what its package carries."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path


def converted(home: Path, last: str, make: Callable[[Path], None]) -> Path:
    """`home`, filled by `make` when its file `last`, written after all others, is not there yet.

    `make` is given a folder to fill, in a scratch folder that goes whatever comes of it.
    """
    if (home / last).is_file():
        return home
    home.parent.mkdir(parents=True, exist_ok=True)
    # Two processes may start at once: each makes its own, the first one's name stands.
    with tempfile.TemporaryDirectory(dir=home.parent) as scratch:
        made = Path(scratch) / home.name
        made.mkdir()
        make(made)
        try:
            made.rename(home)
        except OSError:
            if not (home / last).is_file():
                shutil.rmtree(home, ignore_errors=True)
                made.rename(home)
    return home
