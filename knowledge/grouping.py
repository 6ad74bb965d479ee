"""Questions of one meaning: which of those known says the same as a new one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from knowledge.utterance import read
from knowledge.wording import stems

if TYPE_CHECKING:
    from knowledge.semantics import Semantics

SAME = 0.45
"""Likeness from which two questions are one."""
_SHARED_WORDS = 0.25


def likeness(said: str, known: Sequence[str], semantics: Semantics) -> list[float]:
    """How far each known question says the same, about 0 to 1."""
    if not known:
        return []
    texts = [read(text).text or text for text in (said, *known)]
    vectors = semantics.second.embedder.queries(texts)
    near = vectors[1:] @ vectors[0]
    words = [set(stems(text)) for text in texts]
    shared = np.array(
        [len(words[0] & other) / max(len(words[0] | other), 1) for other in words[1:]]
    )
    return [float(value) for value in (1 - _SHARED_WORDS) * near + _SHARED_WORDS * shared]
