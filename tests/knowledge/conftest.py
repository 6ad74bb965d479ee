"""The models, loaded once for all the tests that search."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.semantics import Semantics, load_semantics

SETS = Path(__file__).parent / "sets"
CACHE = Path(__file__).parents[2] / "var" / "models" / "embeddings"
"""The service's own: what is learnt once serves both."""


@pytest.fixture(scope="session")
def semantics() -> Semantics:
    # Kept from one run to the next, under a name made from the texts: never stale.
    return load_semantics(cache=CACHE)
