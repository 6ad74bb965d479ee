"""The segmenter, with made-up voice activity and time."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.segmenter import (
    Ended,
    Paused,
    Phrase,
    Resumed,
    Segment,
    Segmentation,
    Segmenter,
    Started,
)

WINDOW_S = 0.032


def run(
    segmenter: Segmenter, odds: Iterable[float], *, loudness: Iterable[float] | None = None
) -> list[Segment]:
    levels = iter(loudness) if loudness is not None else None
    found: list[Segment] = []
    for index, probability in enumerate(odds):
        found += segmenter.step(
            start_s=index * WINDOW_S,
            end_s=(index + 1) * WINDOW_S,
            probability=probability,
            loudness_db=next(levels) if levels else -30.0,
        )
    return found


def windows(seconds: float) -> int:
    return round(seconds / WINDOW_S)


def test_an_utterance_starts_before_its_first_window_and_ends_with_its_last() -> None:
    odds = [0.01] * 50 + [0.9] * 30 + [0.01] * 60
    started, paused, ended = run(Segmenter(), odds)
    assert isinstance(started, Started)
    assert started.start_s == pytest.approx(50 * WINDOW_S - 0.35, abs=0.04)
    assert isinstance(paused, Paused)
    assert paused.end_s == pytest.approx(80 * WINDOW_S)
    assert isinstance(ended, Ended)
    assert ended.end_s == pytest.approx(80 * WINDOW_S)
    assert ended.speech_s == pytest.approx(30 * WINDOW_S)


def test_pre_roll_does_not_go_before_the_beginning_nor_into_the_utterance_before() -> None:
    segmenter = Segmenter()
    odds = [0.9] * 10 + [0.0] * windows(0.75) + [0.9] * 10 + [0.0] * 60
    starts = [each.start_s for each in run(segmenter, odds) if isinstance(each, Started)]
    assert starts[0] == 0.0
    assert starts[1] >= 10 * WINDOW_S


def test_quiet_speech_that_never_reaches_the_threshold_is_heard() -> None:
    odds = [0.02] * 30 + [0.4] * 20 + [0.02] * 60
    kinds = [type(each) for each in run(Segmenter(), odds)]
    assert kinds == [Started, Paused, Ended]


def test_steady_doubt_is_not_speech() -> None:
    assert run(Segmenter(), [0.15] * 2000) == []


def test_resuming_after_a_pause_makes_the_guess_stale() -> None:
    odds = [0.9] * 20 + [0.0] * 10 + [0.9] * 20 + [0.0] * 60
    kinds = [type(each) for each in run(Segmenter(), odds)]
    assert kinds == [Started, Paused, Resumed, Paused, Ended]


@pytest.mark.parametrize(
    ("phrase", "patience_s"), [("complete", 0.4), ("unsure", 0.6), ("open", 1.0)]
)
def test_patience_follows_the_words(phrase: Phrase, patience_s: float) -> None:
    segmenter = Segmenter()
    run(segmenter, [0.9] * 20)
    segmenter.expect(phrase)
    silent = 0
    while not any(
        isinstance(each, Ended)
        for each in segmenter.step(
            start_s=(20 + silent) * WINDOW_S,
            end_s=(21 + silent) * WINDOW_S,
            probability=0.0,
            loudness_db=-60,
        )
    ):
        silent += 1
    assert (silent + 1) * WINDOW_S == pytest.approx(patience_s, abs=WINDOW_S)


def test_endless_speech_is_cut_at_its_quietest_point_and_goes_on_there() -> None:
    settings = Segmentation(most_s=10.0, cut_within_s=4.0)
    count = windows(15)
    quiet = windows(8.0)
    loudness = [-60.0 if abs(i - quiet) <= 1 else -20.0 for i in range(count)]
    found = run(Segmenter(settings), [0.9] * count, loudness=loudness)
    ended = next(each for each in found if isinstance(each, Ended))
    assert ended.cut
    assert ended.end_s == pytest.approx((quiet + 1) * WINDOW_S, abs=2 * WINDOW_S)
    second = [each for each in found if isinstance(each, Started)][1]
    assert second.start_s == ended.end_s


def test_finish_ends_what_is_under_way_once() -> None:
    segmenter = Segmenter()
    run(segmenter, [0.9] * 20)
    assert [type(each) for each in segmenter.finish()] == [Ended]
    assert segmenter.finish() == []


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(-100, 0)), min_size=1, max_size=2000))
def test_whatever_comes_utterances_are_whole_ordered_and_bounded(
    windows_heard: list[tuple[float, float]],
) -> None:
    settings = Segmentation(most_s=6.0, cut_within_s=2.0)
    segmenter = Segmenter(settings)
    found = run(
        segmenter, [odds for odds, _ in windows_heard], loudness=[db for _, db in windows_heard]
    )
    found += segmenter.finish()
    open_start: float | None = None
    last_end_s = 0.0
    paused = False
    for each in found:
        match each:
            case Started():
                assert open_start is None
                assert each.start_s >= last_end_s - 1e-9
                open_start, paused = each.start_s, False
            case Paused():
                assert open_start is not None and not paused
                paused = True
            case Resumed():
                assert paused
                paused = False
            case Ended():
                assert open_start == each.start_s
                assert each.start_s <= each.end_s
                assert each.end_s - each.start_s <= settings.most_s + 2 * WINDOW_S
                open_start, last_end_s = None, each.end_s
    assert open_start is None


@given(st.lists(st.floats(0, 1), max_size=600))
def test_every_sure_window_is_inside_an_utterance(odds: list[float]) -> None:
    segmenter = Segmenter(Segmentation(most_s=6.0, cut_within_s=2.0))
    found = run(segmenter, odds) + segmenter.finish()
    spans = [(each.start_s, each.end_s) for each in found if isinstance(each, Ended)]
    for index, probability in enumerate(odds):
        if probability >= 0.5:
            middle_s = (index + 0.5) * WINDOW_S
            assert any(start <= middle_s <= end for start, end in spans)
