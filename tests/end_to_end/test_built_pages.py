"""Pages built from other sources are refused in words, whatever the files' times."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.end_to_end.builtpages import StalePagesError, check_built
from tests.end_to_end.service import ROOT


def test_pages_of_other_sources_are_refused(tmp_path: Path) -> None:
    ui, static = tmp_path / "ui", tmp_path / "static"
    for part in ("src", "public"):
        shutil.copytree(ROOT / "web/ui" / part, ui / part)
    shutil.copy(ROOT / "web/ui/index.html", ui)
    static.mkdir()
    with pytest.raises(StalePagesError, match="no built pages"):
        check_built(ui, static)
    shutil.copy(ROOT / "web/static/built-from", static)
    check_built(ui, static)
    (ui / "src/App.svelte").write_text("<p>Une autre page</p>")
    with pytest.raises(StalePagesError, match="run build"):
        check_built(ui, static)
