"""The scheduler's policy, with a fake clock."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.scheduler import Errand, Pace, Schedule, Urgency


def errand(leg: str, urgency: Urgency, since_s: float, utterance: int = 1) -> Errand:
    return Errand(
        leg_id=leg,
        utterance_id=utterance,
        urgency=urgency,
        pcm=np.zeros(0, np.int16),
        rate_hz=8000,
        start_s=0.0,
        end_s=1.0,
        speech_s=1.0,
        peak=1.0,
        since_s=since_s,
    )


def test_finals_first_oldest_end_of_speech_first_then_guesses_then_partials() -> None:
    schedule = Schedule()
    partial, guess = errand("a", "partial", 1.0), errand("b", "guess", 0.5)
    late, early = errand("c", "final", 3.0), errand("d", "final", 2.0)
    for each in (partial, guess, late, early):
        schedule.add(each)
    taken = [schedule.take(3.1) for _ in range(5)]
    assert taken == [early, late, guess, partial, None]


def test_a_leg_has_one_partial_waiting_the_newest() -> None:
    schedule = Schedule()
    schedule.add(errand("a", "partial", 1.0))
    newest = errand("a", "partial", 2.0)
    schedule.add(newest)
    other = errand("b", "partial", 3.0)
    schedule.add(other)
    assert schedule.late_partials_dropped == 1
    assert [schedule.take(4.0), schedule.take(4.0), schedule.take(4.0)] == [newest, other, None]


def test_stale_guesses_are_not_done() -> None:
    schedule = Schedule()
    guess = errand("a", "guess", 1.0)
    schedule.add(guess)
    guess.stale = True
    assert schedule.take(2.0) is None


def test_a_confirmed_guess_waits_once_and_goes_as_a_final() -> None:
    schedule = Schedule()
    guess = errand("a", "guess", 1.0)
    schedule.add(guess)
    guess.urgency = "final"
    schedule.add(guess)
    assert len(schedule) == 1
    assert schedule.take(2.0) is guess


def test_partials_stop_while_finals_are_late_and_come_back() -> None:
    schedule = Schedule(pace=Pace(no_partials_behind_s=1.5))
    held = errand("a", "final", 0.0)
    held.not_before_s = 10.0
    schedule.add(held)
    schedule.add(errand("b", "partial", 1.0))
    assert schedule.take(2.0) is None
    assert schedule.behind_s(2.0) == 2.0
    assert schedule.take(10.0) is held
    assert schedule.take(10.0) is not None


def test_a_failed_final_waits_before_it_is_tried_again() -> None:
    schedule = Schedule()
    final = errand("a", "final", 0.0)
    final.not_before_s = 5.0
    schedule.add(final)
    assert schedule.take(4.9) is None
    assert schedule.take(5.0) is final


def test_what_waits_is_taken_together_finals_first_and_nothing_is_waited_for() -> None:
    schedule = Schedule()
    assert schedule.take_together(0.0, 4) == []
    late, later = errand("a", "final", 1.0), errand("b", "final", 2.0)
    guess, partial = errand("c", "guess", 0.0), errand("d", "partial", 0.0)
    for each in (partial, guess, later, late):
        schedule.add(each)
    assert schedule.take_together(2.5, 3) == [late, later, guess]
    assert schedule.take_together(2.5, 3) == [partial]


def test_no_partial_rides_while_a_late_final_is_left_behind() -> None:
    schedule = Schedule(pace=Pace(no_partials_behind_s=1.5))
    held = errand("a", "final", 0.0)
    held.not_before_s = 10.0
    schedule.add(held)
    schedule.add(errand("b", "partial", 1.0))
    assert schedule.take_together(2.0, 8) == []


def test_what_failed_before_goes_alone() -> None:
    schedule = Schedule()
    failed, other, third = (errand(leg, "final", at) for leg, at in (("a", 1), ("b", 0), ("c", 2)))
    failed.attempts = 1
    for each in (failed, other, third):
        schedule.add(each)
    assert schedule.take_together(3.0, 8) == [other, third]
    assert schedule.take_together(3.0, 8) == [failed]


def test_partials_come_less_often_as_more_legs_speak() -> None:
    schedule = Schedule(workers=2, pace=Pace(partial_every_s=0.6, partial_at_most_every_s=4.0))
    for _ in range(100):
        schedule.partial_done(0.2)
    spans = [schedule.partial_every_s(legs) for legs in (1, 4, 12, 24, 100)]
    assert spans == sorted(spans)
    assert spans[0] == 0.6
    assert spans[-1] == 4.0
    assert 2.0 < spans[2] < 3.0


def test_the_beam_narrows_as_finals_wait() -> None:
    schedule = Schedule(workers=2)
    beams = []
    for number in range(8):
        beams.append(schedule.beam())
        schedule.add(errand(f"leg-{number}", "final", float(number)))
    assert beams[0] == 5
    assert beams == sorted(beams, reverse=True)
    assert schedule.beam() == 1


URGENCIES: list[Urgency] = ["final", "guess", "partial"]


@given(
    st.lists(
        st.tuples(st.sampled_from(URGENCIES), st.integers(0, 5), st.floats(0, 60)),
        max_size=80,
    )
)
def test_no_final_is_ever_dropped(added: list[tuple[Urgency, int, float]]) -> None:
    schedule = Schedule()
    finals = []
    for urgency, leg, since_s in added:
        each = errand(f"leg-{leg}", urgency, since_s)
        schedule.add(each)
        finals += [each] if urgency == "final" else []
        schedule.drop_leg("leg-5")
    taken = []
    while (each_taken := schedule.take(61.0)) is not None:
        taken.append(each_taken)
    assert [each for each in taken if each.urgency == "final"] == sorted(
        finals, key=lambda each: each.since_s
    )


@given(
    st.lists(
        st.tuples(st.sampled_from(URGENCIES), st.integers(0, 9), st.floats(0, 100)), max_size=30
    ),
    st.integers(1, 8),
)
def test_batches_are_bounded_and_take_what_single_errands_would(
    added: list[tuple[Urgency, int, float]], most: int
) -> None:
    single, together = Schedule(), Schedule()
    for urgency, leg, at in added:
        for schedule in (single, together):
            schedule.add(errand(str(leg), urgency, at))
    batches = list(iter(lambda: together.take_together(101.0, most), []))
    alone = list(iter(lambda: single.take(101.0), None))
    assert all(len(batch) <= most for batch in batches)
    assert [(e.leg_id, e.urgency, e.since_s) for batch in batches for e in batch] == [
        (e.leg_id, e.urgency, e.since_s) for e in alone
    ]
