"""What a first start would compute, computed beforehand."""

from __future__ import annotations

from pathlib import Path

import pytest

from copilot.settings import Settings
from models.embeddings import EmbeddingError
from web.composition.preparing import prepare


def test_it_reads_what_was_learnt_and_says_which_model_fails(tmp_path: Path) -> None:
    kept = Path("var/models").resolve()
    (tmp_path / "models").symlink_to(kept, target_is_directory=True)
    before = {path.name for path in kept.rglob("*")}
    chosen = Settings(data_dir=tmp_path)
    told: list[str] = []
    prepare(chosen, told.append)
    assert [line.partition(" learnt")[0] for line in told] == [f"{n} of 4" for n in range(1, 5)]
    assert {path.name for path in kept.rglob("*")} == before

    with pytest.raises(EmbeddingError, match="no-such-model"):
        prepare(Settings(data_dir=tmp_path, embedding_model=str(tmp_path / "no-such-model")))
