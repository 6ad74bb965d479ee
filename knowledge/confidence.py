"""How sure is it that an entry answers what was said: a calibrated probability.

Two additive models over named evidence, in `calibration.json`: a linear one ranks the entries, the
other turns the best one's lead and the kind of act the utterance is into a probability, each sign
by a curve of a few straight steps (docs/adr/0260). Both can be read, and refitted on a provider's
own data (`knowledge.fitting`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TypeAlias

import numpy as np

from knowledge.evidence import EVIDENCE, Evidence
from knowledge.postings import Scores
from knowledge.utterance import ACTS

Curve: TypeAlias = tuple[tuple[float, float], ...]
"""Log-odds by value, as points from left to right: straight between them, flat beyond. Without a
point, nothing."""

SIGNS = (
    "score",
    "lead",
    "chance",
    "agreement",
    "strongest_first",
    "strongest_second",
    "silence",
    "read_silence",
    "asking",
    "not_asking",
    "covered_question",
    "foreign",
    "offer_uncovered",
    "focus",
)
DECISION_FEATURES = (*SIGNS, *EVIDENCE, *ACTS)
AGAINST = frozenset(
    {
        "strongest_first",
        "strongest_second",
        "silence",
        "read_silence",
        "not_asking",
        "foreign",
        "offer_uncovered",
        "offering",
        "past",
        "spelling",
        "naming",
        "ending",
        "somebody",
        "digits",
        "brief",
        "asks_nothing",
        "empty",
    }
)
"""Features that can only speak for silence; all others can only speak for the entry.

A fit may not turn a feature round: on a few hundred utterances it would learn the habits of
whoever wrote them.
"""
_POINT = re.compile(r"\[\s+([^\s\[,]+),\s+([^\s\],]+)\s+\]")
_AGREEING = slice(0, 8)
_BRIEF_FOLLOWING = 0.2
_VERBATIM = 1.0
"""Log-odds for an entry whose very question was said: brief as it may be, it is no small talk."""
_TOGETHER = 0.75
"""Log-odds above the mean of two readings, of a former turn with what follows and of that alone:
either is sure only of what it says itself (docs/benchmarks/knowledge.md)."""
_RIVALS = 8
_RIVAL_BEHIND = 3.0
"""A client with fewer entries is given others, this far behind in score."""


class CalibrationError(Exception):
    """A calibration file does not fit this version. `code` is stable."""

    code = "calibration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Weights and curves by feature name, and where silence ends."""

    ranking: dict[str, float]
    decision: dict[str, Curve]
    intercept: float
    threshold: float
    """An entry is shown from this confidence up; a client may set its own."""
    fitted_on: str = ""

    def scores(self, evidence: Evidence) -> Scores:
        """Ranking score of every candidate."""
        weights = np.array([self.ranking[name] for name in EVIDENCE])
        return np.asarray(evidence.table @ weights)

    def confidences(self, features: Scores) -> Scores:
        """Probability (0 to 1) for rows of `decision_features`."""
        logits = np.full(len(features), self.intercept)
        for name, column in zip(DECISION_FEATURES, features.T, strict=True):
            if curve := self.decision[name]:
                logits += np.interp(column, *_drawn(curve))
        return np.asarray(1 / (1 + np.exp(-np.clip(logits, -30, 30))))

    def as_json(self) -> str:
        """The file's text, a point of a curve on each line."""
        text = json.dumps(
            {
                "ranking": {name: round(weight, 4) for name, weight in self.ranking.items()},
                "decision": {
                    name: [[round(value, 4), round(odds, 4)] for value, odds in curve]
                    for name, curve in self.decision.items()
                },
                "intercept": round(self.intercept, 4),
                "threshold": round(self.threshold, 4),
                "fitted_on": self.fitted_on,
            },
            indent=1,
        )
        return _POINT.sub(r"[\1, \2]", text)


def read_calibration(path: Path | None = None) -> Calibration:
    """The packaged calibration, or the one in a file. Raises CalibrationError."""
    name = str(path) if path else "calibration.json"
    try:
        source = path or files("knowledge").joinpath("calibration.json")
        held = json.loads(source.read_text(encoding="utf-8"))
        calibration = Calibration(**{**held, "decision": _curves(held["decision"])})
    except (OSError, ValueError, TypeError, KeyError) as problem:
        raise CalibrationError(
            f"{name} : calibration illisible ({problem}). Refaites le calage."
        ) from problem
    missing = ({*EVIDENCE} - {*calibration.ranking}) | (
        {*DECISION_FEATURES} - {*calibration.decision}
    )
    if missing:
        raise CalibrationError(
            f"{name} : poids manquants ({', '.join(sorted(missing))}). Refaites le calage."
        )
    return calibration


@lru_cache(maxsize=512)
def _drawn(curve: Curve) -> Scores:
    """Values, then odds."""
    return np.array(curve).T


def _curves(held: Mapping[str, Sequence[Sequence[float]]]) -> dict[str, Curve]:
    """Raises TypeError, ValueError."""
    curves = {
        name: tuple((float(value), float(odds)) for value, odds in points)
        for name, points in dict(held).items()
    }
    for name, curve in curves.items():
        values = [value for value, _ in curve]
        if values != sorted({*values}) or not np.isfinite(curve).all():
            raise ValueError(f"{name} : points sans ordre")
    return curves


def decision_features(evidence: Evidence, scores: Scores, acts: dict[str, float]) -> Scores:
    """One row for each candidate, shape (candidates, len(DECISION_FEATURES))."""
    table = evidence.table
    size = len(table)
    order = np.sort(scores)[::-1]
    runner_up = order[1] if size > 1 else order[0] - _RIVAL_BEHIND
    lead = np.where(scores >= order[0], scores - runner_up, scores - order[0])
    best = table[:, _AGREEING] >= table[:, _AGREEING].max(axis=0) - 1e-9
    agreement = (best & (table[:, _AGREEING] > 0)).mean(axis=1)
    strongest = table.max(axis=0)
    asks = 1.0 - acts["asks_nothing"]
    shared = (
        strongest[EVIDENCE.index("first_asked")],
        strongest[EVIDENCE.index("second_asked")],
        evidence.silence,
        evidence.read_silence,
        min(evidence.asking, 2.0),
        max(-evidence.asking, 0.0),
    )
    return np.column_stack(
        [
            scores,
            lead,
            _chances(scores),
            agreement,
            *(np.full(size, value) for value in shared),
            asks * table[:, EVIDENCE.index("question_cover")],
            np.full(size, evidence.foreign),
            acts["offering"] * (1.0 - table[:, EVIDENCE.index("kinship_anywhere")]),
            np.full(size, evidence.focus),
            table,
            *(np.full(size, acts[name]) for name in ACTS),
        ]
    )


def _chances(scores: Scores) -> Scores:
    """Log-odds of each candidate against all others, from the ranking's own probabilities."""
    shares = np.exp(scores - scores.max())
    # Of two or three entries the best is nearly always far ahead: that alone proves nothing.
    missing = max(_RIVALS - len(scores), 0)
    shares /= shares.sum() + missing * np.exp(-_RIVAL_BEHIND)
    shares = np.clip(shares, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(shares / (1 - shares)))


def judged(
    calibration: Calibration,
    found: Sequence[Evidence],
    acts: dict[str, float],
    *,
    follows: bool = False,
) -> Scores:
    """Log-odds that each candidate answers, shape (wordings, candidates).

    When the utterance `follows` a former turn, the first two wordings are that turn with it and
    the utterance alone: what both support wins, and its brevity is no sign of silence.
    """
    if follows:
        acts = {**acts, "brief": min(acts["brief"], _BRIEF_FOLLOWING), "asks_nothing": 0.0}
    odds = []
    for evidence in found:
        scores = calibration.scores(evidence)
        sure = calibration.confidences(decision_features(evidence, scores, acts))
        odds.append(np.log(sure / np.maximum(1 - sure, 1e-12)) + _VERBATIM * _verbatim(evidence))
    if follows and len(odds) > 1:
        together = (odds[0] + odds[1]) / 2 + _TOGETHER
        return np.stack([together, *odds[2:]])
    return np.stack(odds)


def _verbatim(evidence: Evidence) -> Scores:
    """1 for candidates whose question is what was said, word for word."""
    covers = (EVIDENCE.index("question_cover"), EVIDENCE.index("asked_cover"))
    return np.asarray((evidence.table[:, covers] > 1 - 1e-9).all(axis=1), dtype=np.float64)


def probability(odds: Scores) -> Scores:
    """Of log-odds, 0 to 1."""
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -30, 30))))
