"""Fitting on directories: what a fit counts is what a live call decides."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.confidence import read_calibration
from knowledge.evaluation import EvaluationError, read_sets
from knowledge.fitting import fit_with_report, observe, predict
from knowledge.search import ClientPrompter
from knowledge.semantics import Semantics
from tests.knowledge.conftest import SETS


def never() -> Semantics:
    raise AssertionError("the models were loaded for nothing")


@pytest.fixture
def one_company(tmp_path: Path) -> Path:
    folder = tmp_path / "clients"
    folder.mkdir()
    (folder / "a").symlink_to(next((SETS / "reported").iterdir()).resolve())
    return folder


def test_nothing_is_loaded_for_directories_that_cannot_be_fitted_on(
    tmp_path: Path, one_company: Path
) -> None:
    for folders, said in (
        ([tmp_path / "gone"], "ce n'est pas un dossier"),
        ([SETS / "reported", tmp_path / "gone"], "ce n'est pas un dossier"),
        ([one_company], "au moins 2 entreprises"),
    ):
        with pytest.raises(EvaluationError, match=said):
            fit_with_report(folders, never)


@pytest.mark.models
def test_what_a_fit_sees_is_what_a_call_decides(semantics: Semantics) -> None:
    calibration = read_calibration()
    client, *_ = read_sets(SETS / "reported")
    prompter = ClientPrompter(client.entries, semantics, calibration=calibration)
    for observation in observe([client], semantics):
        query = observation.query
        decided = prompter.decide(query.utterance, previous=query.previous)
        seen = predict(calibration, observation)
        if decided.ranked:
            best = decided.ranked[0]
            assert best.confidence == pytest.approx(seen.confidence, abs=1e-6), query.utterance
            assert (best.entry.entry_id in query.expected) == seen.right, query.utterance
        else:
            assert not seen.confidence, query.utterance


@pytest.mark.models
def test_a_report_counts_both_ways_of_hearing(semantics: Semantics) -> None:
    report = fit_with_report([SETS / "reported"], lambda: semantics)
    for figures in report.held_out.values():
        assert figures["queries"] == sum(len(one.queries) for one in read_sets(SETS / "reported"))
        assert figures["right_first"] is not None and figures["right_first"] > 0.4
    shown = [figures["shown_correct"] for figures in report.curve.values()]
    assert shown == sorted(shown, key=lambda share: -(share or 0))
