"""The layout of recognition on a machine: chosen, remembered, forgotten."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import hardware
from models.hardware import (
    FINAL_S,
    Layout,
    Machine,
    Trial,
    candidates,
    choose,
    layout_for,
    remember,
    remembered,
    safe_layout,
    self_test,
    this_machine,
)
from models.store import find_model
from tests.sounds import ROOT

MACHINE = Machine(
    processor="Essai 3000", cores=4, model="whisper-base 1", compute_type="int8", library="x 1"
)


def trial(workers: int, threads: int, final_s: float, partial_s: float = 0.1) -> Trial:
    return Trial(
        workers=workers, threads=threads, final_s=final_s, partial_s=partial_s, undisturbed=1.0
    )


def test_single_threads_win_where_they_are_fast_enough() -> None:
    layout = choose([trial(4, 1, 0.4), trial(2, 2, 0.3)])
    assert (layout.workers, layout.threads, layout.beam, layout.tested) == (4, 1, 5, True)


def test_a_slow_machine_puts_threads_together_before_it_narrows_the_beam() -> None:
    assert choose([trial(4, 1, 1.3), trial(2, 2, 0.8)]).threads == 2
    slow = choose([trial(2, 1, 1.4, 0.3), trial(1, 2, 1.2, 0.3)])
    assert (slow.threads, slow.beam) == (2, 2)
    assert choose([trial(1, 1, 3.0, 1.0)]).beam == 1


def test_dear_partials_come_less_often() -> None:
    assert choose([trial(2, 1, 0.4, 0.1)]).partial_every_s == 0.6
    assert choose([trial(2, 1, 0.8, 0.5)]).partial_every_s == pytest.approx(1.2, abs=0.06)
    assert choose([trial(2, 1, 9.0, 9.0)]).partial_every_s == 2.0


@given(st.integers(1, 256))
def test_no_candidate_takes_more_cores_than_there_are(cores: int) -> None:
    for workers, threads in candidates(cores):
        assert 1 <= workers * threads <= cores
    assert safe_layout(cores).workers <= cores


@given(
    st.lists(
        st.builds(
            trial,
            st.integers(1, 16),
            st.integers(1, 4),
            st.floats(0.01, 30.0),
            st.floats(0.01, 30.0),
        ),
        min_size=1,
    )
)
def test_whatever_was_measured_something_runs(trials: list[Trial]) -> None:
    layout = choose(trials)
    assert layout.beam in (1, 2, 5)
    assert 0.6 <= layout.partial_every_s <= 2.0
    assert (layout.beam == 5) == any(each.final_s <= FINAL_S for each in trials)


@pytest.mark.parametrize(
    "change",
    [{"processor": "Essai 4000"}, {"cores": 8}, {"model": "whisper-small 2"}, {"library": "x 2"}],
)
def test_the_outcome_is_kept_until_something_changes(
    tmp_path: Path, change: dict[str, str | int]
) -> None:
    cache = tmp_path / "models" / "self-test.json"
    layout = choose([trial(4, 1, 0.4)])
    assert remembered(cache, MACHINE) is None
    remember(cache, MACHINE, layout, [trial(4, 1, 0.4)])
    assert remembered(cache, MACHINE) == layout
    assert remembered(cache, replace(MACHINE, **change)) is None  # type: ignore[arg-type]
    assert [path.name for path in cache.parent.iterdir()] == ["self-test.json"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"machine": 1}', '{"layout": {"workers": 0}}'])
def test_an_unreadable_outcome_is_as_none(tmp_path: Path, content: str) -> None:
    cache = tmp_path / "self-test.json"
    cache.write_text(content)
    assert layout_for(tmp_path / "nowhere", "int8", cache) == safe_layout()


def test_the_quota_of_a_container_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quota = tmp_path / "cpu.max"
    assert hardware._quota(quota) > 1000
    quota.write_text("max 100000\n")
    assert hardware._quota(quota) > 1000
    quota.write_text("150000 100000\n")
    assert hardware._quota(quota) == 1


@pytest.mark.models
def test_this_machine_is_tested(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware, "UNDISTURBED", 0.0)  # tests run beside other programs
    model = find_model("base", cache=ROOT.parent / "models")
    cache = tmp_path / "self-test.json"
    outcome = self_test(model, "int8", cache)
    assert layout_for(model, "int8", cache) == outcome.layout
    assert outcome.layout.tested
    assert layout_for(model, "float32", cache) == safe_layout()
    assert isinstance(this_machine(model, "int8"), Machine)
    assert isinstance(outcome.layout, Layout)
