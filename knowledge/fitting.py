"""Fit the calibration on labelled utterances: `souffleur knowledge fit DIR`.

Ranking is a conditional logit over a client's entries (McFadden 1974), the decision a logistic
regression over curves of a few straight steps, one for each sign (an additive model, Hastie and
Tibshirani 1990); both penalised, both to be read. The threshold is set on predictions for companies
left out of the fit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from knowledge.confidence import (
    AGAINST,
    DECISION_FEATURES,
    Calibration,
    Curve,
    decision_features,
    judged,
    probability,
)
from knowledge.evaluation import ClientSet, EvaluationError, Query, read_sets
from knowledge.evidence import EVIDENCE, Evidence
from knowledge.index import ClientIndex
from knowledge.mishearing import misheard
from knowledge.postings import Scores
from knowledge.search import carries, wordings_of
from knowledge.semantics import Semantics
from knowledge.utterance import read

if TYPE_CHECKING:
    from rich.table import Table

MINIMUM_COMPANIES = 2
FALSE_SUGGESTIONS = 0.05
"""Share of utterances deserving silence that the threshold may let through, companies left out."""
EVEN_ODDS = 0.5
"""No card is shown that is more likely wrong than right, however rarely silence is broken."""
CURVE = (0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.9)
"""Thresholds that a report counts at."""
_RANKING_PENALTY = 8.0
_DECISION_PENALTY = 6.0
_STEPS = 4
"""Straight steps of a feature's curve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One labelled utterance with all its evidence."""

    client: str
    query: Query
    expected: Scores
    """1 for the entries that answer it, shape (entries,)."""
    evidence: tuple[Evidence, ...]
    """One for each wording looked up, the whole first; empty when nothing is left to look up."""
    acts: dict[str, float]
    follows: bool = False
    """The first wording is the former question with the utterance, the second the latter alone."""


def observe(sets: Sequence[ClientSet], semantics: Semantics) -> list[Observation]:
    """Gather the evidence for every labelled utterance."""
    observations = []
    for client in sets:
        index = ClientIndex(client.entries, semantics)
        for query in client.queries:
            # One at a time, as in a call: embedded together, utterances move each other's
            # confidence by as much as 0.03.
            reading = read(query.utterance)
            wordings = wordings_of(reading, query.previous)
            evidence = index.compare([wording.text for wording in wordings]) if wordings else []
            expected = [entry.entry_id in query.expected for entry in client.entries]
            observations.append(
                Observation(
                    client=client.name,
                    query=query,
                    expected=np.array(expected, dtype=np.float64),
                    evidence=tuple(evidence),
                    acts=reading.acts,
                    follows=carries(wordings),
                )
            )
    return observations


def fit(observations: Sequence[Observation], *, fitted_on: str = "") -> Calibration:
    """Fit on observations of several companies; the threshold comes from leaving each out."""
    calibration = _fit_models(observations, fitted_on)
    return replace(calibration, threshold=choose_threshold(left_out(observations)))


@dataclass(frozen=True, slots=True, kw_only=True)
class FitReport:
    """A calibration and what to expect of it, each company left out of the fit in turn."""

    calibration: Calibration
    held_out: dict[str, dict[str, float | int | None]]
    """By `as_written` and `misheard`; keys as for `souffleur eval knowledge`."""
    curve: dict[float, dict[str, float | int | None]]
    """The same by threshold, as written and misheard together."""

    def as_json(self) -> dict[str, Any]:
        """The object printed with `--json`."""
        return {
            "threshold": round(self.calibration.threshold, 4),
            "fitted_on": self.calibration.fitted_on,
            "held_out": self.held_out,
            "curve": [{"threshold": at, **figures} for at, figures in self.curve.items()],
        }

    def table(self) -> Table:
        """For people."""
        from rich.table import Table

        table = Table(title=f"Calage, seuil {self.calibration.threshold:.2f}")
        names = list(next(iter(self.held_out.values())))
        for heading in ("laissées de côté", *names):
            table.add_column(heading)
        for heard, figures in self.held_out.items():
            table.add_row(heard, *(str(figures[name]) for name in names))
        table.add_section()
        for threshold, figures in self.curve.items():
            table.add_row(f"seuil {threshold:.2f}", *(str(figures[name]) for name in names))
        return table


def fit_with_report(
    directories: Sequence[Path],
    load: Callable[[], Semantics],
    *,
    silence: float = FALSE_SUGGESTIONS,
) -> FitReport:
    """Fit on directories laid out as for `souffleur eval knowledge`, two companies at least.

    `load` takes minutes the first time: nothing is loaded for directories that cannot be read.
    `silence` is the share of utterances deserving it that may be answered all the same.

    Raises EvaluationError.
    """
    sets = [client for folder in directories for client in read_sets(folder)]
    if len(sets) < MINIMUM_COMPANIES:
        raise EvaluationError(
            f"{directories[0]} : il faut au moins {MINIMUM_COMPANIES} entreprises, pour mesurer le"
            " calage sur celles qu'il n'a pas vues."
        )
    semantics = load()
    written, heard = observe(sets, semantics), observe(as_misheard(sets), semantics)
    names = ", ".join(client.name for client in sets)
    held = left_out([*written, *heard])
    calibration = replace(
        _fit_models([*written, *heard], names), threshold=choose_threshold(held, silence)
    )
    seen = {id(one) for one in written}
    return FitReport(
        calibration=calibration,
        held_out={
            "as_written": _figures(
                [p for p in held if id(p.observation) in seen], calibration.threshold
            ),
            "misheard": _figures(
                [p for p in held if id(p.observation) not in seen], calibration.threshold
            ),
        },
        curve={threshold: _figures(held, threshold) for threshold in CURVE},
    )


def _figures(predictions: Sequence[Prediction], threshold: float) -> dict[str, float | int | None]:
    answerable = [one for one in predictions if one.observation.query.expected]
    silent = [one for one in predictions if not one.observation.query.expected]
    shown = [one for one in answerable if one.confidence >= threshold]

    def share(part: int, of: Sequence[Prediction]) -> float | None:
        return round(part / len(of), 4) if of else None

    return {
        "queries": len(predictions),
        "right_first": share(sum(one.right for one in answerable), answerable),
        "shown_correct": share(sum(one.right for one in shown), answerable),
        "wrong_rate": share(sum(not one.right for one in shown), answerable),
        "false_suggestion_rate": share(sum(one.confidence >= threshold for one in silent), silent),
    }


def as_misheard(sets: Sequence[ClientSet]) -> list[ClientSet]:
    """The same clients, their utterances as a recogniser might give them."""
    return [
        replace(
            client,
            queries=tuple(replace(q, utterance=misheard(q.utterance)) for q in client.queries),
        )
        for client in sets
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """The best entry for an utterance of a company that the fit has not seen."""

    observation: Observation
    confidence: float
    right: bool


def left_out(observations: Sequence[Observation]) -> list[Prediction]:
    """Predictions for each company by models fitted on all the others."""
    predictions: list[Prediction] = []
    for client in sorted({observation.client for observation in observations}):
        others = [one for one in observations if one.client != client]
        calibration = _fit_models(others or observations, "")
        predictions.extend(
            predict(calibration, one) for one in observations if one.client == client
        )
    return predictions


def predict(calibration: Calibration, observation: Observation) -> Prediction:
    """What a calibration makes of an observation."""
    if not observation.evidence:
        return Prediction(observation=observation, confidence=0.0, right=False)
    odds = judged(calibration, observation.evidence, observation.acts, follows=observation.follows)
    sure = probability(odds).max(axis=0)
    best = int(sure.argmax())
    return Prediction(
        observation=observation,
        confidence=float(sure[best]),
        right=bool(observation.expected[observation.evidence[0].rows[best]]),
    )


def choose_threshold(
    predictions: Sequence[Prediction], silence: float = FALSE_SUGGESTIONS
) -> float:
    """The lowest confidence that breaks that share of silences and shows nothing below
    EVEN_ODDS."""
    silent = sorted(
        (p.confidence for p in predictions if not p.observation.query.expected), reverse=True
    )
    if not silent:
        return EVEN_ODDS
    allowed = int(silence * len(silent))
    return float(min(max(silent[min(allowed, len(silent) - 1)] + 1e-4, EVEN_ODDS), 0.95))


def _fit_models(observations: Sequence[Observation], fitted_on: str) -> Calibration:
    ranking = _fit_ranking(
        [
            (one.evidence[0].table, one.expected[one.evidence[0].rows])
            for one in observations
            if one.evidence and one.expected[one.evidence[0].rows].any()
        ]
    )
    draft = Calibration(ranking=ranking, decision={}, intercept=0.0, threshold=0.5)
    rows: list[Scores] = []
    labels: list[float] = []
    weights: list[float] = []
    for one in observations:
        for evidence in one.evidence[:1]:
            scores = draft.scores(evidence)
            features = decision_features(evidence, scores, one.acts)
            order = np.argsort(-scores)[:2]
            rows.extend(features[order])
            labels.extend(one.expected[evidence.rows[order]])
            weights.extend([1.0, 0.3][: len(order)])
    decision, intercept = _fit_decision(np.array(rows), np.array(labels), np.array(weights))
    return Calibration(
        ranking=ranking,
        decision=decision,
        intercept=intercept,
        threshold=0.5,
        fitted_on=fitted_on,
    )


def _fit_ranking(choices: Sequence[tuple[Scores, Scores]]) -> dict[str, float]:
    """Conditional logit: the log-probability that the choice falls on an expected entry."""
    from scipy.optimize import minimize

    scale = np.concatenate([table for table, _ in choices]).std(axis=0) + 1e-6

    def loss(weights: Scores) -> tuple[float, Scores]:
        total = 0.5 * _RANKING_PENALTY * float(weights @ weights)
        slope = _RANKING_PENALTY * weights
        for table, expected in choices:
            scaled = table / scale
            scores = scaled @ weights
            chances = np.exp(scores - scores.max())
            chances /= chances.sum()
            wanted = chances * expected
            wanted /= max(wanted.sum(), 1e-12)
            total -= float(np.log(max((chances * expected).sum(), 1e-12)))
            slope -= scaled.T @ (wanted - chances)
        return total, slope

    # A sign that grows with the likelihood of an answer never counts against one.
    found: Any = minimize(
        loss,
        np.full(len(EVIDENCE), 0.2),
        jac=True,
        method="L-BFGS-B",
        bounds=[(0.0, None)] * len(EVIDENCE),
    )
    return dict(zip(EVIDENCE, (found.x / scale).tolist(), strict=True))


def _fit_decision(rows: Scores, labels: Scores, weights: Scores) -> tuple[dict[str, Curve], float]:
    """Penalised logistic regression over each feature's steps, which all keep the sign that the
    feature has by nature."""
    from scipy.optimize import minimize

    bends = [_bends(column) for column in rows.T]
    steps = [(at, *step) for at, held in enumerate(bends) for step in pairwise(held)]
    risen = np.column_stack(
        [np.clip((rows[:, at] - begin) / (end - begin), 0, 1) for at, begin, end in steps]
    )

    def loss(point: Scores) -> tuple[float, Scores]:
        rises, intercept = point[:-1], point[-1]
        logits = risen @ rises + intercept
        chances = 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
        errors = weights * (chances - labels)
        surprise = np.logaddexp(0, logits) - labels * logits
        total = float(weights @ surprise + 0.5 * _DECISION_PENALTY * (rises @ rises))
        return total, np.append(risen.T @ errors + _DECISION_PENALTY * rises, errors.sum())

    against = [DECISION_FEATURES[at] in AGAINST for at, _, _ in steps]
    bounds = [(None, 0.0) if falls else (0.0, None) for falls in against]
    found: Any = minimize(
        loss, np.zeros(len(steps) + 1), jac=True, method="L-BFGS-B", bounds=[*bounds, (None, None)]
    )
    rises = iter(found.x[:-1].tolist())
    curves = {
        name: _curve(held, [next(rises) for _ in held[1:]])
        for name, held in zip(DECISION_FEATURES, bends, strict=True)
    }
    return curves, float(found.x[-1])


def _bends(values: Scores) -> list[float]:
    """Where a feature's curve may bend: as many of its values below each as above the one before.

    What is rarer than one in a hundred is not told from the hundredth.
    """
    # As fine as a calibration is written.
    told = np.unique(np.round(values, 4))
    if len(told) > _STEPS + 1:
        told = np.unique(np.round(np.quantile(values, np.linspace(0.01, 0.99, _STEPS + 1)), 4))
    return [float(value) for value in told]


def _curve(bends: Sequence[float], rises: Sequence[float]) -> Curve:
    """None where it is flat all along."""
    if not any(round(rise, 4) for rise in rises):
        return ()
    return tuple(zip(bends, accumulate(rises, initial=0.0), strict=True))
