"""Numbers for a voice that has none: late, bursting, silent for a while, too fast."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from telephony.streamclock import AHEAD_TICKS, BEHIND_TICKS, StreamClock


def test_a_steady_voice_is_counted() -> None:
    clock = StreamClock()
    placed = [clock.place(160, n * 0.02 + (n % 3) * 0.004) for n in range(200)]
    assert placed == [(n, n * 160) for n in range(200)]


def test_what_a_stall_delivers_late_keeps_its_place() -> None:
    clock = StreamClock()
    at = [n * 0.02 if n < 50 else max(n * 0.02, 3.0) for n in range(300)]
    assert [clock.place(160, now) for now in at] == [(n, n * 160) for n in range(300)]


def test_a_voice_that_was_silent_for_a_while_goes_on_where_the_clock_is() -> None:
    clock = StreamClock()
    for n in range(50):
        clock.place(160, n * 0.02)
    last = None
    for n in range(100):
        last = clock.place(160, 4.0 + n * 0.02)
    assert last is not None
    assert abs(last[1] / 8000 - (4.0 + 99 * 0.02)) < BEHIND_TICKS / 8000
    assert last[0] == 149, "nothing looks lost"


def test_a_flood_is_refused_beyond_a_second() -> None:
    clock = StreamClock()
    taken = [clock.place(160, n * 0.001) for n in range(2000)]
    assert sum(p is not None for p in taken) <= (AHEAD_TICKS + 2 * 8000) // 160
    assert clock.refused_ticks > 1000 * 160


@given(st.lists(st.tuples(st.integers(1, 1000), st.integers(0, 3000)), max_size=60))
def test_time_never_goes_back_and_never_runs_far_ahead(moves: list[tuple[int, int]]) -> None:
    clock, now_s, end = StreamClock(), 0.0, 0
    for ticks, wait_ms in moves:
        now_s += wait_ms / 1000
        placed = clock.place(ticks, now_s)
        if placed is not None:
            assert placed[1] >= end
            end = placed[1] + ticks
            assert end <= now_s * 8000 + AHEAD_TICKS + 1
