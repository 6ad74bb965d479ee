"""The calibration: read, refused, fitted."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from knowledge.confidence import (
    AGAINST,
    DECISION_FEATURES,
    CalibrationError,
    Curve,
    decision_features,
    judged,
    read_calibration,
)
from knowledge.evaluation import Query
from knowledge.evidence import EVIDENCE, Evidence
from knowledge.fitting import (
    EVEN_ODDS,
    FALSE_SUGGESTIONS,
    Observation,
    Prediction,
    choose_threshold,
    fit,
    predict,
)
from knowledge.utterance import ACTS


def evidence(table: np.ndarray, *, asking: float = 1.0) -> Evidence:
    return Evidence(
        rows=np.arange(len(table)),
        table=table,
        silence=0.1,
        read_silence=0.1,
        asking=asking,
        foreign=0.0,
        focus=0.5,
    )


def test_the_packaged_calibration_fits_this_version() -> None:
    calibration = read_calibration()
    assert set(calibration.ranking) == set(EVIDENCE)
    assert set(calibration.decision) == set(DECISION_FEATURES)
    assert min(calibration.ranking.values()) >= 0
    assert 0.3 <= calibration.threshold <= 0.95
    assert calibration.fitted_on


def test_what_a_turn_and_its_follow_up_agree_on_is_surer_than_either() -> None:
    calibration = read_calibration()
    table = np.random.default_rng(3).uniform(0, 3, (4, len(EVIDENCE)))
    acts = dict.fromkeys(ACTS, 0.0)
    alone = judged(calibration, [evidence(table)], acts, follows=True)
    agreed = judged(calibration, [evidence(table), evidence(table)], acts, follows=True)
    assert alone.shape == agreed.shape == (1, 4)
    assert (agreed > alone).all()
    # What only one of them supports is not.
    other = judged(calibration, [evidence(table), evidence(np.zeros((4, len(EVIDENCE))))], acts)
    either = judged(
        calibration, [evidence(table), evidence(np.zeros((4, len(EVIDENCE))))], acts, follows=True
    )
    assert (either[0] < other.max(axis=0)).all()


def test_a_calibration_survives_its_file(tmp_path: Path) -> None:
    calibration = read_calibration()
    path = tmp_path / "own.json"
    path.write_text(calibration.as_json(), encoding="utf-8")
    assert read_calibration(path) == calibration


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"ranking": {}}', '{"ranking": {}, "decision": {"lead": 0.2}}']
)
def test_a_broken_calibration_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "own.json"
    path.write_text(content)
    with pytest.raises(CalibrationError, match=r"own\.json : calibration illisible"):
        read_calibration(path)


@pytest.mark.parametrize(
    "curve", [0.25, [[0.2, 0.1], [0.2, 0.3]], [[0.4, 0.1], [0.2, 0.3]], [[0.2, float("nan")]]]
)
def test_a_curve_that_is_none_is_refused_with_what_to_do(tmp_path: Path, curve: object) -> None:
    held = json.loads(read_calibration().as_json())
    path = tmp_path / "own.json"
    path.write_text(json.dumps({**held, "decision": {**held["decision"], "lead": curve}}))
    with pytest.raises(CalibrationError, match=r"illisible \(.+\)\. Refaites le calage\."):
        read_calibration(path)
    path.write_text(json.dumps({**held, "decision": []}))
    with pytest.raises(CalibrationError, match=r"Refaites le calage\."):
        read_calibration(path)


def test_a_calibration_of_another_version_names_what_it_lacks(tmp_path: Path) -> None:
    held = json.loads(read_calibration().as_json())
    del held["ranking"]["bm25"]
    path = tmp_path / "own.json"
    path.write_text(json.dumps(held))
    with pytest.raises(CalibrationError, match=r"poids manquants \(bm25\)"):
        read_calibration(path)


def test_features_follow_the_scores() -> None:
    table = np.zeros((3, len(EVIDENCE)))
    table[1] = 1.0
    scores = np.array([0.5, 3.0, 1.0])
    features = decision_features(evidence(table), scores, dict.fromkeys(ACTS, 0.0))
    assert features.shape == (3, len(DECISION_FEATURES))
    lead = features[:, DECISION_FEATURES.index("lead")]
    assert lead.tolist() == [-2.5, 2.0, -2.0]
    assert features[:, DECISION_FEATURES.index("agreement")].argmax() == 1


def test_a_sign_counts_by_its_curve_straight_between_points_and_flat_beyond() -> None:
    packaged = read_calibration()
    curves: dict[str, Curve] = dict.fromkeys(DECISION_FEATURES, ())
    curves["lead"] = ((0.0, 0.0), (1.0, 1.0), (3.0, 1.5))
    calibration = replace(packaged, decision=curves, intercept=-1.0)
    features = np.zeros((5, len(DECISION_FEATURES)))
    features[:, DECISION_FEATURES.index("lead")] = [-9.0, 0.5, 1.0, 2.0, 9.0]
    sure = calibration.confidences(features)
    assert np.log(sure / (1 - sure)) == pytest.approx([-1.0, -0.5, 0.0, 0.25, 0.5])


def test_no_sign_is_turned_round() -> None:
    for calibration in (read_calibration(), fit(observations())):
        for name, curve in calibration.decision.items():
            values, odds = [value for value, _ in curve], [odds for _, odds in curve]
            assert values == sorted(set(values))
            assert odds == sorted(odds, reverse=name in AGAINST), name


def observations() -> list[Observation]:
    """Three companies where the right entry stands out and small talk asks nothing."""
    chance = np.random.default_rng(7)
    made = []
    for client in ("a", "b", "c"):
        for number in range(40):
            table = chance.normal(0, 0.5, (6, len(EVIDENCE)))
            answerable = number % 3 != 0
            expected = np.zeros(6)
            if answerable:
                expected[number % 6] = 1
                table[number % 6] += 1.5
            query = Query(
                query_id=f"{client}{number}",
                utterance="",
                expected=frozenset({"x"} if answerable else ()),
                kind="made",
            )
            made.append(
                Observation(
                    client=client,
                    query=query,
                    expected=expected,
                    evidence=(evidence(table, asking=1.0 if answerable else -1.0),),
                    acts=dict.fromkeys(ACTS, 0.0),
                )
            )
    return made


def test_a_fit_learns_to_answer_and_to_be_silent() -> None:
    made = observations()
    calibration = fit(made, fitted_on="made up")
    predictions = [predict(calibration, one) for one in made]
    right = [p.right and p.confidence >= calibration.threshold
             for p in predictions if p.observation.query.expected]  # fmt: skip
    wrong = [p.confidence >= calibration.threshold
             for p in predictions if not p.observation.query.expected]  # fmt: skip
    assert np.mean(right) > 0.9
    assert np.mean(wrong) < 0.1
    assert json.loads(calibration.as_json())["fitted_on"] == "made up"


def test_the_threshold_lets_five_in_a_hundred_through_and_nothing_below_even_odds() -> None:
    silent = next(one for one in observations() if not one.query.expected)

    def chosen(confidences: list[float]) -> float:
        return choose_threshold(
            [Prediction(observation=silent, confidence=c, right=False) for c in confidences]
        )

    hard = [number / 200 + 0.4 for number in range(100)]
    let_through = sum(c >= chosen(hard) for c in hard)
    assert 0 < let_through <= FALSE_SUGGESTIONS * len(hard)
    assert chosen([0.1] * 100) == EVEN_ODDS
    assert chosen([]) == EVEN_ODDS
