"""Of which of a client's rules what a caller says is a case, and at which level.

Networks learnt from written trades and whole calls (`caselearning.py`), averaged. What was learnt
is kept in a folder under a hash of all it was learnt from (docs/adr/0226).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from copilot.drafting.rules import Level
from copilot.drafting.situations.calls import Call, taught_calls
from copilot.drafting.situations.casenet import CaseNet, Told
from copilot.drafting.situations.caseskept import Learnt, keep, place, read
from copilot.drafting.situations.lessons import (
    Lesson,
    beside_others,
    call_lesson,
    in_another_tone,
    packaged_trade_lessons,
    rule_pieces,
)
from copilot.drafting.situations.senses import Senses, Whitening
from copilot.drafting.situations.wholecalls import PARTS, learn_call_reader, part
from models.embeddings import Embedder

if TYPE_CHECKING:
    from copilot.drafting.situations.caselearning import Texts

logger = logging.getLogger(__name__)

RECIPE = "6"
"""Changes with the way of learning, so that what is kept on disk is learnt anew."""
SEEDS = tuple(range(PARTS))
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

    def __init__(self, senses: Senses, learnt: Learnt) -> None:
        self._senses, self._nets = senses, tuple(learnt.nets)
        self._whitenings = tuple(learnt.whitenings)
        self.calls = learnt.calls
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
        return np.stack(
            [
                _odds(net, net.told(rows, spellings), [(r.level, r.places[at]) for r in rules])
                for at, net in enumerate(self._nets)
            ]
        )

    def _rows(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        return self._senses.rows(texts, self._senses.embedded(texts), self._whitenings)

    def _read_rule(self, text: str, level: Level | None) -> CaseRule:
        rows = self._rows(rule_pieces(text))
        return CaseRule(level=level, places=tuple(net.rule(rows) for net in self._nets))


def learn_cases(embedders: Sequence[Embedder], cache: Path | None = None) -> CaseReader:
    """The reader of the packaged lessons; minutes the first time, a second afterwards.

    `cache` is a folder where what was learnt is kept from one start to the next.
    """
    trades, calls = packaged_trade_lessons(), taught_calls()
    senses = Senses(embedders, [text for lesson in trades for text in lesson.said])
    learnt_from = [RECIPE, *(embedder.name for embedder in embedders)]
    learnt_from += [*map(_line, trades), *map(repr, calls)]
    path = place(cache, learnt_from) if cache else None
    found = read(path) if path else None
    if found is None:
        found = learn(trades, calls, senses, SEEDS)
        if path:
            keep(path, found)
    return CaseReader(senses, found)


def learn(
    trades: Sequence[Lesson], calls: Sequence[Call], senses: Senses, seeds: Sequence[int]
) -> Learnt:
    """A network a seed, each without one part of the calls, which is read by it to learn how whole
    calls are weighed."""
    from copilot.drafting.situations.caselearning import learn as learn_net

    taught = [(call, lesson) for call in calls if (lesson := call_lesson(call))]
    told = [*trades, *in_another_tone(trades)]
    whitenings, texts = _texts([*told, *(lesson for _, lesson in taught)], senses)
    sources = sorted({call.source for call, _ in taught})
    parts = np.array([part(call.source, sources) for call, _ in taught], dtype=np.int64)
    nets: list[CaseNet] = []
    odds: dict[int, Scores] = {}
    for at, seed in enumerate(seeds):
        logger.info("urgency: network %d of %d is learnt", at + 1, len(seeds))
        left = np.flatnonzero(parts == at)
        rest = [taught[each][1] for each in np.flatnonzero(parts != at)]
        nets.append(learn_net([*told, *rest, *beside_others(rest, seed)], texts, seed=seed))
        for each in left:
            odds[int(each)] = _left_out(nets[-1], taught[each][1], texts)
    left_out = sorted(odds)
    reader = learn_call_reader(
        [taught[each][0] for each in left_out], [odds[each] for each in left_out], trades
    )
    return Learnt(whitenings=whitenings, nets=nets, calls=reader)


def _texts(lessons: Sequence[Lesson], senses: Senses) -> tuple[list[Whitening], Texts]:
    from copilot.drafting.situations.caselearning import Texts

    texts = list(
        dict.fromkeys(
            text
            for lesson in lessons
            for text in (*lesson.said, *(piece for rule in lesson.rules for piece in rule.pieces))
        )
    )
    embedded = senses.embedded(texts)
    whitenings = [Whitening.learn(vectors) for vectors in embedded]
    return whitenings, Texts(
        places={text: at for at, text in enumerate(texts)},
        rows=senses.rows(texts, embedded, whitenings),
        spellings=senses.spellings(texts),
    )


def _left_out(net: CaseNet, lesson: Lesson, texts: Texts) -> Scores:
    """Odds of each case in a lesson, shape (1, utterances, rules, 2)."""
    at = [texts.places[text] for text in lesson.said]
    rules = [
        (rule.level, net.rule(texts.rows[[texts.places[piece] for piece in rule.pieces]]))
        for rule in lesson.rules
    ]
    told = net.told(texts.rows[at], texts.spellings[at])
    return _odds(net, told, rules)[None]


def _odds(
    net: CaseNet, told: Told, rules: Sequence[tuple[Level | None, npt.NDArray[np.float32]]]
) -> Scores:
    """Odds of cases of rules, given by their levels and places; shape (texts, rules, 2)."""
    danger = 1 / (1 + np.exp(-told.danger.astype(np.float64)))
    shares = {
        None: np.stack([1 - danger, danger], axis=1),
        "urgent": np.array([1.0, 0.0]),
        "critique": np.array([0.0, 1.0]),
        "normal": np.zeros(2),
    }
    odds = [np.exp(net.odds(told, places).astype(np.float64)) for _, places in rules]
    found = [each[:, None] * shares[level] for each, (level, _) in zip(odds, rules, strict=True)]
    return np.stack(found, axis=1)


def _line(lesson: Lesson) -> str:
    return repr((lesson.rules, lesson.said, sorted(lesson.right)))
