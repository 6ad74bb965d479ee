"""Of which of a client's rules what a caller says is a case, and at which level.

Networks learnt from written trades and whole calls (`caselearning.py`), averaged. What was learnt
is kept in a folder under a hash of all it was learnt from (docs/adr/0226).
"""

from __future__ import annotations

import hashlib
import logging
import os
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from copilot.drafting.rules import Level
from copilot.drafting.situations.casenet import CaseNet
from copilot.drafting.situations.lessons import Lesson, read_lessons, rule_pieces
from copilot.drafting.situations.senses import Senses, Whitening
from models.embeddings import Embedder

logger = logging.getLogger(__name__)

RECIPE = "1"
"""Changes with the way of learning, so that what is kept on disk is learnt anew."""
SEEDS = (0, 1, 2, 3)
"""One network each."""

Scores = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRule:
    """A sentence of a rule, as the networks see it."""

    level: Level | None
    places: tuple[npt.NDArray[np.float32], ...]
    """Of its pieces, one array a network."""


class CaseReader:
    """Read-only: one a process, used by every call and thread."""

    def __init__(
        self, senses: Senses, whitenings: Sequence[Whitening], nets: Sequence[CaseNet]
    ) -> None:
        self._senses, self._whitenings, self._nets = senses, tuple(whitenings), tuple(nets)
        self._rule = lru_cache(maxsize=4096)(self._read_rule)

    def rule(self, text: str, level: Level | None) -> CaseRule:
        """A rule's sentence, given without its level."""
        return self._rule(text, level)

    def odds(self, said: Sequence[str], rules: Sequence[CaseRule]) -> Scores:
        """Odds, against none, of each text being a case of each rule, urgent and critical.

        Shape (networks, texts, rules, 2); both are 0 for a rule whose level is normal. `said` is
        as `spoken` gives it.
        """
        rows = self._rows(said)
        spellings = self._senses.spellings(said)
        found = np.zeros((len(self._nets), len(said), len(rules), 2))
        for at, net in enumerate(self._nets):
            told = net.told(rows, spellings)
            danger = 1 / (1 + np.exp(-told.danger.astype(np.float64)))
            shares = {
                None: np.stack([1 - danger, danger], axis=1),
                "urgent": np.array([1.0, 0.0]),
                "critique": np.array([0.0, 1.0]),
                "normal": np.zeros(2),
            }
            for place, rule in enumerate(rules):
                odds = np.exp(net.odds(told, rule.places[at]).astype(np.float64))
                found[at, :, place] = odds[:, None] * shares[rule.level]
        return found

    def _rows(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        return self._senses.rows(texts, self._senses.embedded(texts), self._whitenings)

    def _read_rule(self, text: str, level: Level | None) -> CaseRule:
        rows = self._rows(rule_pieces(text))
        return CaseRule(level=level, places=tuple(net.rule(rows) for net in self._nets))


def learn_cases(embedders: Sequence[Embedder], cache: Path | None = None) -> CaseReader:
    """The reader of the packaged lessons; minutes the first time, a second afterwards.

    `cache` is a folder where what was learnt is kept from one start to the next.
    """
    lessons = read_lessons()
    senses = Senses(embedders, [text for lesson in lessons for text in lesson.said])
    path = cache / f"cases-{_digest(lessons, embedders)}.npz" if cache else None
    found = _kept(path, len(embedders)) if path else None
    if found is None:
        found = learn(lessons, senses, SEEDS)
        if path:
            _keep(path, *found)
    return CaseReader(senses, *found)


def learn(
    lessons: Sequence[Lesson], senses: Senses, seeds: Sequence[int]
) -> tuple[list[Whitening], list[CaseNet]]:
    """The whitening of each embedding, and the networks."""
    from copilot.drafting.situations.caselearning import Texts
    from copilot.drafting.situations.caselearning import learn as learn_net

    texts = list(
        dict.fromkeys(
            text
            for lesson in lessons
            for text in (*lesson.said, *(piece for rule in lesson.rules for piece in rule.pieces))
        )
    )
    embedded = senses.embedded(texts)
    whitenings = [Whitening.learn(vectors) for vectors in embedded]
    told = Texts(
        places={text: at for at, text in enumerate(texts)},
        rows=senses.rows(texts, embedded, whitenings),
        spellings=senses.spellings(texts),
    )
    return whitenings, [learn_net(lessons, told, seed=seed) for seed in seeds]


def _digest(lessons: Sequence[Lesson], embedders: Sequence[Embedder]) -> str:
    """Of everything that is learnt from, and with."""
    learnt_from = [RECIPE, *(embedder.name for embedder in embedders), *map(_line, lessons)]
    return hashlib.sha256("\n".join(learnt_from).encode()).hexdigest()[:16]


def _line(lesson: Lesson) -> str:
    return repr((lesson.rules, lesson.said, sorted(lesson.right)))


def _kept(path: Path, embeddings: int) -> tuple[list[Whitening], list[CaseNet]] | None:
    """What was learnt before; None when it was not, or is damaged."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            arrays = {name: kept[name] for name in kept.files}
        return _read(arrays, embeddings)
    except FileNotFoundError:
        logger.info("what urgency rules mean is learnt for the first time")
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
        logger.warning("%s is damaged: it is learnt again", path)
    return None


def _read(
    arrays: Mapping[str, npt.NDArray[Any]], embeddings: int
) -> tuple[list[Whitening], list[CaseNet]]:
    whitenings = [
        Whitening(mean=arrays[f"mean_{at}"], turn=arrays[f"turn_{at}"]) for at in range(embeddings)
    ]
    return whitenings, [CaseNet.read(f"net_{seed}", arrays) for seed in SEEDS]


def _keep(path: Path, whitenings: Sequence[Whitening], nets: Sequence[CaseNet]) -> None:
    """Whole or not at all: two processes may learn at once."""
    arrays: dict[str, npt.NDArray[Any]] = {}
    for at, white in enumerate(whitenings):
        arrays |= {f"mean_{at}": white.mean, f"turn_{at}": white.turn}
    for seed, net in zip(SEEDS, nets, strict=True):
        arrays |= net.arrays(f"net_{seed}")
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    with fresh.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]  # its stub takes no mapping of arrays
    fresh.replace(path)
