"""The pages a browser is given are built: from the sources as they are, or tests would fail in
ways that say nothing."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from tests.end_to_end.service import ROOT


class StalePagesError(AssertionError):
    """web/static is of other sources."""


def digest(ui: Path) -> str:
    """What `web/ui/built-from.js` leaves beside the pages."""
    found = [
        ui / "index.html",
        *(one for part in ("src", "public") for one in (ui / part).rglob("*")),
    ]
    sources = {one.relative_to(ui).as_posix(): one for one in found if one.is_file()}
    hashed = hashlib.sha256()
    for name in sorted(sources):
        hashed.update(f"{name}\n".encode() + sources[name].read_bytes())
    return hashed.hexdigest()


def check_built(ui: Path, static: Path) -> None:
    """Raises StalePagesError, with what to do."""
    built = static / "built-from"
    if not built.is_file():
        raise StalePagesError(f"{static} has no built pages: ./bootstrap.sh test")
    if built.read_text() != digest(ui):
        raise StalePagesError(
            f"{static} was built from other sources than {ui / 'src'}: "
            "npm --prefix web/ui run build (or ./bootstrap.sh test)"
        )


@cache
def require_built_pages() -> None:
    """Once a run."""
    check_built(ROOT / "web/ui", ROOT / "web/static")
