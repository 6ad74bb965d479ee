"""The layout of recognition on a machine: chosen, remembered, forgotten."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import ctranslate2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import hardware
from models.hardware import (
    FINAL_S,
    Candidate,
    Layout,
    Machine,
    Trial,
    candidates,
    cards,
    choose,
    layout_for,
    numbers_on,
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
    for each in candidates(cores, "auto", cards=0):
        assert 1 <= each.workers * each.threads <= cores
        assert (each.batch, each.device) == (1, "cpu")
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


def on_card(batch: int, final_s: float) -> Trial:
    return Trial(
        workers=1, threads=1, batch=batch, device="cuda",
        final_s=final_s, partial_s=final_s / 2, undisturbed=0.1,
    )  # fmt: skip


def test_a_card_is_tried_in_batches_where_there_is_one() -> None:
    devices = {each.device for each in candidates(8, "auto", cards=1)}
    assert devices == {"cpu", "cuda"}
    assert {each.device for each in candidates(8, "cpu", cards=1)} == {"cpu"}
    assert {each.device for each in candidates(8, "cuda", cards=1)} == {"cuda"}
    assert safe_layout(8, "auto").device == "cpu"
    assert safe_layout(8, "cuda").device == "cuda"


def test_a_card_is_taken_when_it_does_more_with_the_batch_that_pays() -> None:
    trials = [on_card(1, 0.1), on_card(4, 0.15), on_card(8, 0.29), on_card(16, 1.5)]
    layout = choose([*trials, trial(2, 1, 0.3)])
    assert (layout.device, layout.batch, layout.beam) == ("cuda", 4, 5)
    assert choose([on_card(1, 0.8), trial(4, 1, 0.3)]).device == "cpu"


def test_a_card_that_does_not_work_is_told_and_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def try_out(model: Path, compute_type: str, tried: Candidate) -> Trial:
        if tried.device == "cuda":
            raise RuntimeError("libcublas is not found")
        return trial(tried.workers, tried.threads, 0.3)

    monkeypatch.setattr(hardware, "try_out", try_out)
    monkeypatch.setattr(hardware, "cards", lambda: 1)
    outcome = self_test(tmp_path, "auto", tmp_path / "self-test.json", "auto")
    assert outcome.layout.device == "cpu"
    assert "libcublas" in outcome.refused
    with pytest.raises(RuntimeError, match="libcublas"):
        self_test(tmp_path, "auto", tmp_path / "self-test.json", "cuda")


def test_a_machine_without_cards_is_not_asked_for_them(tmp_path: Path) -> None:
    assert cards(tmp_path) == 0
    (tmp_path / "nvidia0").touch()
    assert cards(tmp_path) == ctranslate2.get_cuda_device_count()


def test_the_numbers_follow_the_device() -> None:
    assert numbers_on("cuda", "auto") == "float16"
    assert numbers_on("cpu", "auto") == "int8"
    assert numbers_on("cuda", "int8_float16") == "int8_float16"


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
