"""Scores, calibrations and trends of a grid."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from copilot.quality.grid import (
    MARKS,
    BadGridError,
    Criterion,
    Grid,
    Mark,
    check_grid,
    check_marks,
    differences,
    score,
    trend,
)


@some.composite
def answered(draw: some.DrawFn) -> tuple[Grid, dict[str, Mark]]:
    criteria = tuple(
        Criterion(id=f"c{n}", text="?", weight=draw(some.integers(1, 100)),
                  critical=draw(some.booleans()))
        for n in range(draw(some.integers(1, 8)))
    )  # fmt: skip
    marks: dict[str, Mark] = {one.id: draw(some.sampled_from(MARKS)) for one in criteria}
    return Grid(id="g", version=1, name="g", criteria=criteria), marks


@given(answered())
def test_a_score_is_between_its_ends_and_critical_failures_cost_all(
    case: tuple[Grid, dict[str, Mark]],
) -> None:
    grid, marks = case
    check_grid(grid.criteria)
    check_marks(grid, marks)
    found = score(grid, marks)
    failed = any(one.critical and marks[one.id] == "no" for one in grid.criteria)
    applied = {mark for mark in marks.values() if mark != "na"}
    if failed:
        assert found == 0.0
    elif not applied:
        assert found is None
    else:
        assert found is not None and 0 <= found <= 100
        assert (found == 100) == (applied == {"yes"})


def test_weights_count_and_what_does_not_apply_is_left_out() -> None:
    criteria = (
        Criterion(id="a", text="accueil", weight=3),
        Criterion(id="b", text="écoute", weight=1),
        Criterion(id="c", text="transfert", weight=50),
    )
    grid = Grid(id="g", version=1, name="g", criteria=criteria)
    assert score(grid, {"a": "yes", "b": "no", "c": "na"}) == 75.0
    assert score(grid, {"a": "partly", "b": "yes", "c": "na"}) == 62.5


def test_differences_and_trend() -> None:
    criteria = (Criterion(id="a", text="accueil"), Criterion(id="b", text="écoute"))
    grid = Grid(id="g", version=1, name="g", criteria=criteria)
    (one,) = differences(grid, [{"a": "yes", "b": "no"}, {"a": "yes", "b": "partly"}])
    assert (one.criterion.id, one.marks) == ("b", ("no", "partly"))
    points = trend(
        [("2026-02", {"a": "yes"}), ("2026-02", {"a": "no"}), ("2026-03", {"a": "na", "b": "yes"})]
    )
    assert [(p.month, p.criterion_id, p.evaluated, p.met) for p in points] == [
        ("2026-02", "a", 2, 0.5), ("2026-03", "b", 1, 1.0),
    ]  # fmt: skip


@pytest.mark.parametrize("marks", [{}, {"a": "yes"}, {"a": "yes", "b": "no", "x": "no"}])
def test_half_answered_grids_are_refused(marks: dict[str, Mark]) -> None:
    criteria = (Criterion(id="a", text="accueil"), Criterion(id="b", text="écoute"))
    grid = Grid(id="g", version=1, name="g", criteria=criteria)
    with pytest.raises(BadGridError):
        check_marks(grid, marks)
    with pytest.raises(BadGridError):
        check_grid((criteria[0], criteria[0]))
    with pytest.raises(BadGridError):
        check_grid((Criterion(id="a", text="x", weight=101),))
