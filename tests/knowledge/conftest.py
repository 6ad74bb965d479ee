"""The models, loaded once for all the tests that search."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.semantics import Semantics, load_semantics

SETS = Path(__file__).parent / "sets"


@pytest.fixture(scope="session")
def semantics(tmp_path_factory: pytest.TempPathFactory) -> Semantics:
    return load_semantics(cache=tmp_path_factory.mktemp("intents"))
